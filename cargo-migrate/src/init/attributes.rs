//! `.gitattributes`: SQL files have the same bytes on every machine, or their checksums would differ.

const LINE: &str = "*.sql text eol=lf";

/// The text with our line in it; none where line ends of SQL files are settled already.
pub(crate) fn add(text: Option<&str>) -> Option<String> {
    let text = text.unwrap_or_default();
    if text.lines().any(settles_line_ends) {
        return None;
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    Some(format!("{text}{gap}{LINE}\n"))
}

fn settles_line_ends(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let for_sql = words.next().is_some_and(|pattern| pattern == "*.sql" || pattern == "*");
    for_sql && words.any(|attribute| ["eol=lf", "-text", "binary"].contains(&attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_added_once() {
        for (before, after) in [
            (None, Some("*.sql text eol=lf\n")),
            (Some(""), Some("*.sql text eol=lf\n")),
            (Some("*.png binary"), Some("*.png binary\n*.sql text eol=lf\n")),
            (Some("*.sql linguist-detectable\n"), Some("*.sql linguist-detectable\n*.sql text eol=lf\n")),
            (Some("# *.sql text eol=lf\n"), Some("# *.sql text eol=lf\n*.sql text eol=lf\n")),
            (Some("*.sql text eol=lf\n"), None),
            (Some("* text=auto eol=lf\n"), None),
            (Some("*.sql  -text\r\n"), None),
        ] {
            assert_eq!(add(before).as_deref(), after, "{before:?}");
        }
    }
}
