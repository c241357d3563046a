//! A table's keys in order, a batch at a time.

use crate::postgres::quote::literal;

/// A table and the keys that it is walked by.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    table: String,
    keys: Vec<String>,
}

impl Walk {
    pub(crate) fn new(table: &str, key: &str) -> Self {
        Self { table: table.to_owned(), keys: parts(key) }
    }

    /// How many columns the key has.
    pub(crate) fn n_keys(&self) -> usize {
        self.keys.len()
    }

    /// What tells this walk from another.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.table.as_str()).chain(self.keys.iter().map(String::as_str))
    }

    /// Reads how many keys the next batch has, the first of them and the last. The operators are those of the caller's key,
    /// whose type may be from anywhere, so they are not qualified: this is the caller's query as much as the statement is.
    pub(crate) fn next(&self, after: &[String], size: u64) -> String {
        let numbers = 1..=self.keys.len();
        let list = |part: &dyn Fn(usize) -> String| numbers.clone().map(part).collect::<Vec<_>>().join(", ");
        let columns = list(&|n| format!("({}) AS key_{n}", self.keys[n - 1]));
        let texts = list(&|n| format!("key_{n}::pg_catalog.text"));
        let mut conditions: Vec<String> = self.keys.iter().map(|key| format!("({key}) IS NOT NULL")).collect();
        if !after.is_empty() {
            let after: Vec<String> = after.iter().map(|key| literal(key)).collect();
            conditions.push(format!("({}) > ({})", self.keys.join(", "), after.join(", ")));
        }
        format!(
            "WITH batch AS MATERIALIZED (SELECT {columns} FROM {} WHERE {} ORDER BY {} LIMIT {size}) SELECT (SELECT \
             pg_catalog.count(*) FROM batch) AS n, (SELECT ARRAY[{texts}] FROM batch ORDER BY {} LIMIT 1) AS first, \
             (SELECT ARRAY[{texts}] FROM batch ORDER BY {} LIMIT 1) AS last",
            self.table,
            conditions.join(" AND "),
            list(&|n| n.to_string()),
            list(&|n| format!("key_{n}")),
            list(&|n| format!("key_{n} DESC")),
        )
    }
}

/// The columns or expressions between the commas that are in no parentheses and no quotes.
fn parts(key: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_usize, None);
    for c in key.chars() {
        match (quote, c) {
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Walk, parts};

    #[test]
    fn a_key_is_split_where_its_columns_end() {
        assert_eq!(parts("id"), ["id"]);
        assert_eq!(parts(" tenant , \"a,b\", coalesce(c, ',')"), ["tenant", "\"a,b\"", "coalesce(c, ',')"]);
    }

    #[test]
    fn a_walk_goes_on_after_the_last_key() {
        let walk = Walk::new("app.users", "tenant, id");
        assert!(
            walk.next(&[], 5)
                .contains("FROM app.users WHERE (tenant) IS NOT NULL AND (id) IS NOT NULL ORDER BY 1, 2 LIMIT 5")
        );
        let next = walk.next(&["a'b".to_owned(), "7".to_owned()], 5);
        assert!(next.contains("AND (tenant, id) > (E'a''b', E'7') ORDER BY"), "{next}");
    }
}
