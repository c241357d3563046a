//! Expressions that Postgres prints in a form that it does not read as the same expression.

use std::borrow::Cow;

/// What Postgres prints for `status IN ('a', 'b')` when the column is of type `varchar`:
///
/// ```text
/// ((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))
/// ```
///
/// Read again, the cast of the array moves to its elements, and the next comparison of catalogs would find a difference
/// (`transformTypeCast` in `parse_expr.c`). Written as a list it stays what it is; where there is no simple column before
/// it, a second cast keeps the first in its place.
pub(crate) fn stable(expression: &str) -> Cow<'_, str> {
    const OPEN: &str = "(ARRAY[";
    const CLOSE: &str = "])::text[]";
    if !expression.contains(OPEN) || !expression.contains(CLOSE) {
        return Cow::Borrowed(expression);
    }
    let mut text = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(open) = rest.find(OPEN) {
        let elements = elements(&rest[open + OPEN.len()..]);
        let Some((elements, len)) = elements.filter(|(_, len)| rest[open + OPEN.len() + len..].starts_with(CLOSE))
        else {
            let next = open + OPEN.len();
            text += &rest[..next];
            rest = &rest[next..];
            continue;
        };
        let end = open + OPEN.len() + len + CLOSE.len();
        text += &rest[..open];
        match column_before(&text).filter(|_| rest[end..].starts_with(')')) {
            Some((start, column, operator)) => {
                text.truncate(start);
                text += &format!("{column} {operator} ({})", elements.join(", "));
                rest = &rest[end + 1..];
            }
            None => {
                text += &format!("({}::character varying[])::text[]", &rest[open..end - "::text[]".len()]);
                rest = &rest[end..];
            }
        }
    }
    Cow::Owned(text + rest)
}

/// The literals of an array of `varchar`, and how long their text is up to the bracket.
fn elements(text: &str) -> Option<(Vec<&str>, usize)> {
    let mut elements = Vec::new();
    let mut at = 0;
    loop {
        let literal = literal(&text[at..])?;
        elements.push(&text[at..at + literal]);
        at += literal;
        at += text[at..].strip_prefix("::character varying").map(|rest| text[at..].len() - rest.len())?;
        if text[at..].starts_with(']') {
            return Some((elements, at));
        }
        text[at..].strip_prefix(", ")?;
        at += ", ".len();
    }
}

/// How long the literal is with which a text begins.
fn literal(text: &str) -> Option<usize> {
    let start = if text.starts_with("E'") { 2 } else { usize::from(text.starts_with('\'')) };
    if start == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if start == 2 => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The column that is compared with the array after it: where that begins, its name, and the operator for a list.
fn column_before(text: &str) -> Option<(usize, String, &'static str)> {
    let (before, operator) = match text.strip_suffix(" = ANY (") {
        Some(before) => (before, "IN"),
        None => (text.strip_suffix(" <> ALL (")?, "NOT IN"),
    };
    let before = before.strip_suffix(")::text")?;
    let start = before.rfind('(')?;
    let column = &before[start + 1..];
    let is_name = !column.is_empty()
        && column.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '.' | '"' | '$'));
    is_name.then(|| (start, column.to_owned(), operator))
}

#[cfg(test)]
mod tests {
    use super::stable;

    #[test]
    fn a_list_stays_a_list() {
        let printed =
            "(((t.status)::text = ANY ((ARRAY['a''b'::character varying, 'c'::character varying])::text[])) AND x)";
        assert_eq!(stable(printed), "((t.status IN ('a''b', 'c')) AND x)");
        let printed = "((status)::text <> ALL ((ARRAY['a'::character varying])::text[]))";
        assert_eq!(stable(printed), "(status NOT IN ('a'))");
    }

    #[test]
    fn the_cast_of_an_array_stays_where_it_is() {
        assert_eq!(
            stable("(lower((a)::text) = ANY ((ARRAY['x'::character varying])::text[]))"),
            "(lower((a)::text) = ANY (((ARRAY['x'::character varying])::character varying[])::text[]))"
        );
    }

    #[test]
    fn anything_else_is_left_alone() {
        for expression in
            ["(a > 0)", "(a = ANY ((ARRAY[1, 2])::text[]))", "(ARRAY['x'::character varying, ", "((ARRAY[])::text[])"]
        {
            assert_eq!(stable(expression), expression);
        }
    }
}
