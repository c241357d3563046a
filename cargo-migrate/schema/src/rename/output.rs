//! What a query gives keeps its name when the column it comes from gets another: Postgres then prints the old one as an
//! alias, and no alias where both have become the same.

/// Rewrites each line of a query, as Postgres prints it, that gives the renamed column and nothing else; the names are
/// quoted where they must be.
pub(super) fn named_as_before(text: &str, old: &str, new: &str) -> String {
    if !text.contains("SELECT ") {
        return text.to_owned();
    }
    text.split('\n').map(|line| line_named_as_before(line, old, new)).collect::<Vec<_>>().join("\n")
}

fn line_named_as_before(line: &str, old: &str, new: &str) -> String {
    let start = match line.rfind("SELECT ") {
        Some(place) => {
            let place = place + "SELECT ".len();
            let is_distinct = line[place..].starts_with("DISTINCT ");
            place
                + if is_distinct {
                    line[place..].rfind(' ').map_or(0, |space| last_item(&line[place..], space))
                } else {
                    0
                }
        }
        None => line.len() - line.trim_start().len(),
    };
    let end = line.trim_end_matches([',', ';']).len().max(start);
    let (head, item, tail) = (&line[..start], &line[start..end], &line[end..]);
    if gives(item, new) {
        return format!("{head}{item} AS {old}{tail}");
    }
    match item.split_once(" AS ") {
        Some((column, alias)) if alias == new && gives(column, new) => format!("{head}{column}{tail}"),
        _ => line.to_owned(),
    }
}

/// Where the item behind `DISTINCT` or `DISTINCT ON (…)` begins, by the place of the last space before it or its alias.
fn last_item(text: &str, space: usize) -> usize {
    match text[..space].strip_suffix(" AS") {
        Some(column) => column.rfind(' ').map_or(0, |space| space + 1),
        None => space + 1,
    }
}

/// Whether an item is just the column, with or without its table.
fn gives(item: &str, column: &str) -> bool {
    let Some(table) = item.strip_suffix(column) else { return false };
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '"' | '.');
    table.is_empty() || (table.ends_with('.') && table.chars().all(is_part))
}

#[cfg(test)]
mod tests {
    use super::named_as_before;

    fn named(text: &str) -> String {
        named_as_before(text, "name", "full_name")
    }

    #[test]
    fn a_column_that_a_query_gives_is_called_as_before() {
        assert_eq!(
            named(" SELECT users.id,\n    users.full_name,\n    lower(users.full_name) AS low\n   FROM users"),
            " SELECT users.id,\n    users.full_name AS name,\n    lower(users.full_name) AS low\n   FROM users"
        );
        assert_eq!(named(" SELECT DISTINCT full_name\n   FROM u"), " SELECT DISTINCT full_name AS name\n   FROM u");
        assert_eq!(
            named(" SELECT DISTINCT ON (a, u.full_name) u.full_name\n   FROM u"),
            " SELECT DISTINCT ON (a, u.full_name) u.full_name AS name\n   FROM u"
        );
        let inner = "  WHERE (a IN ( SELECT u.full_name\n           FROM u))\n  GROUP BY u.full_name";
        assert_eq!(
            named(&format!(" SELECT a\n{inner}")),
            format!(" SELECT a\n{}", inner.replacen("full_name", "full_name AS name", 1))
        );
    }

    #[test]
    fn an_alias_that_says_the_same_as_the_column_goes() {
        assert_eq!(
            named(" SELECT u.full_name AS full_name,\n    u.full_name AS n"),
            " SELECT u.full_name,\n    u.full_name AS n"
        );
        assert_eq!(named(" SELECT DISTINCT u.full_name AS full_name"), " SELECT DISTINCT u.full_name");
    }

    #[test]
    fn what_is_no_query_is_left_alone() {
        assert_eq!(named("full_name"), "full_name");
    }
}
