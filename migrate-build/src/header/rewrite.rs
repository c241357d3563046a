//! Rewrites what a header says of its parents, and no other byte of the file.

use super::{HeaderError, Style, parse};

/// The text of an `up.sql` or a `migration.rs` with other parents; without any, `base`.
///
/// Everything else stays as it is: a byte order mark, the ends of lines, the space around the value, and the script.
///
/// # Errors
///
/// What is wrong with the header.
pub fn with_parents(text: &str, style: Style, parents: &[&str]) -> Result<String, Vec<HeaderError>> {
    const MARK: &str = "\u{feff}";
    let (mark, rest) = if text.starts_with(MARK) { text.split_at(MARK.len()) } else { ("", text) };
    let value = parse(rest, style)?.parent_value;
    let parents = if parents.is_empty() { "base".to_owned() } else { parents.join(", ") };
    Ok([mark, &rest[..value.start], &parents, &rest[value.end..]].concat())
}
