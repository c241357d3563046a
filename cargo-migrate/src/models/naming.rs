//! The names that Postgres gives to what has none, so that it can be found in the source by them.
//!
//! What has no name in a model has none in its SQL either: the server decides, and this foretells. The rules are those of
//! `makeObjectName`, `ChooseRelationName` and `ChooseConstraintName` (`src/backend/commands/indexcmds.c`).

use std::collections::HashSet;

use crate::models::sql_name::mentioned;

/// The bytes of a name.
const LIMIT: usize = 63;

/// The names that a schema has so far: tables and indexes are in one space, and each constraint's name is avoided by those
/// that come after it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    names: HashSet<String>,
}

impl Taken {
    /// Takes a name that was chosen by a person.
    pub(super) fn take(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Chooses `table_columns_label`, with a number where that is taken.
    pub(super) fn choose(&mut self, table: &str, columns: &[&str], label: &str) -> String {
        let joined = joined(columns);
        let mut label_with_number = label.to_owned();
        for number in 1.. {
            let name = object_name(table, (!columns.is_empty()).then_some(&joined), &label_with_number);
            if self.names.insert(name.clone()) {
                return name;
            }
            label_with_number = format!("{label}{number}");
        }
        unreachable!("there are more numbers than names")
    }
}

/// The column that a check is named after: the only one that it mentions.
pub(super) fn column_of_check<'c>(expression: &str, columns: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let names = mentioned(expression);
    let mut of_table = columns.into_iter().filter(|column| names.iter().any(|name| name == column));
    of_table.next().filter(|_| of_table.next().is_none())
}

/// What an element of an index counts as in the index's name: its function, else `expr`.
pub(super) fn element_of_index(expression: &str) -> String {
    let inside = expression.trim_start().trim_start_matches('(').trim_start();
    let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
    let function = &inside[..end];
    if !function.is_empty() && inside[end..].trim_start().starts_with('(') {
        function.to_ascii_lowercase()
    } else {
        "expr".to_owned()
    }
}

fn joined(columns: &[&str]) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
        if joined.len() > LIMIT {
            break;
        }
    }
    joined
}

/// Cuts the longer of the two names until all fits.
fn object_name(table: &str, columns: Option<&String>, label: &str) -> String {
    let columns = columns.map_or("", |columns| columns);
    let separators = 1 + usize::from(!columns.is_empty());
    let room = LIMIT - label.len() - separators;
    let (mut n_table, mut n_columns) = (table.len(), columns.len());
    while n_table + n_columns > room {
        if n_table > n_columns {
            n_table -= 1;
        } else {
            n_columns -= 1;
        }
    }
    let table = &table[..table.floor_char_boundary(n_table)];
    let columns = &columns[..columns.floor_char_boundary(n_columns)];
    if separators == 2 { format!("{table}_{columns}_{label}") } else { format!("{table}_{label}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_and_cut_as_postgres_does() {
        let mut taken = Taken::default();
        assert_eq!(taken.choose("products", &[], "pkey"), "products_pkey");
        assert_eq!(taken.choose("products", &["name"], "key"), "products_name_key");
        assert_eq!(taken.choose("products", &["name"], "key"), "products_name_key1");
        assert_eq!(taken.choose("products", &["name"], "key"), "products_name_key2");
        let (table, column) = ("t".repeat(40), "c".repeat(40));
        let expected = format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28));
        assert_eq!(taken.choose(&table, &[&column], "fkey"), expected);
        // A character is cut off as a whole.
        assert_eq!(taken.choose(&"ä".repeat(31), &[], "pkey"), format!("{}_pkey", "ä".repeat(29)));
    }

    #[test]
    fn a_check_is_named_after_its_only_column() {
        let columns = ["price", "name", "length"];
        assert_eq!(column_of_check("price >= 0", columns), Some("price"));
        assert_eq!(column_of_check("length(name) > 0 AND name <> 'price'", columns), Some("name"));
        assert_eq!(column_of_check("price > length", columns), None);
        assert_eq!(column_of_check("false", columns), None);
    }

    #[test]
    fn an_element_is_named_after_its_function() {
        for (element, expected) in [("lower(name) desc", "lower"), ("((a || b))", "expr"), ("(Upper(a))", "upper")] {
            assert_eq!(element_of_index(element), expected);
        }
    }
}
