//! The values of one row, one after the other, in the text form in which the server sent them.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// A row, read from the left.
#[derive(Debug)]
pub(super) struct Row<'row> {
    row: &'row PgRow,
    next: usize,
}

impl<'row> Row<'row> {
    pub(super) fn new(row: &'row PgRow) -> Self {
        Self { row, next: 0 }
    }

    /// The next value, unless it is null.
    pub(super) fn optional(&mut self) -> Option<&'row str> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_raw(index).ok().filter(|value| !sqlx::ValueRef::is_null(value))?.as_str().ok()
    }

    pub(super) fn optional_text(&mut self) -> Option<String> {
        self.optional().map(str::to_owned)
    }

    pub(super) fn str(&mut self) -> &'row str {
        self.optional().unwrap_or_default()
    }

    pub(super) fn text(&mut self) -> String {
        self.str().to_owned()
    }

    /// An oid; nothing is none.
    pub(super) fn oid(&mut self) -> u32 {
        self.str().parse().unwrap_or_default()
    }

    pub(super) fn number(&mut self) -> i32 {
        self.str().parse().unwrap_or_default()
    }

    pub(super) fn optional_number(&mut self) -> Option<i32> {
        self.optional()?.parse().ok()
    }

    pub(super) fn long(&mut self) -> i64 {
        self.str().parse().unwrap_or_default()
    }

    pub(super) fn flag(&mut self) -> bool {
        self.str() == "t"
    }

    /// An array of texts; its nulls are left out.
    pub(super) fn list(&mut self) -> Vec<String> {
        self.optional().map(array).unwrap_or_default()
    }
}

/// The elements of an array in its text form (<https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>).
fn array(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let mut elements = Vec::new();
    let mut chars = inner.chars().peekable();
    while chars.peek().is_some() {
        let mut element = String::new();
        let is_quoted = chars.next_if_eq(&'"').is_some();
        while let Some(char) = chars.next() {
            match char {
                '\\' => element.extend(chars.next()),
                '"' if is_quoted => {
                    chars.next_if_eq(&',');
                    break;
                }
                ',' if !is_quoted => break,
                _ => element.push(char),
            }
        }
        if is_quoted || element != "NULL" {
            elements.push(element);
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::array;

    #[test]
    fn arrays_are_read_with_what_is_quoted_in_them() {
        assert_eq!(array("{}"), [""; 0]);
        assert_eq!(array("{a,b}"), ["a", "b"]);
        assert_eq!(array(r#"{"a,b","c\"d\\e",NULL,"NULL",""}"#), ["a,b", r#"c"d\e"#, "NULL", ""]);
    }
}
