//! Patterns of names, as in `tmp_*`, `audit.*` and `view:report_*`.

use migrate_schema::{Id, Kind, Name, Object};

/// The kinds that can stand before a pattern.
const KINDS: [&str; 17] = [
    "column",
    "constraint",
    "domain",
    "enum",
    "extension",
    "function",
    "index",
    "matview",
    "policy",
    "publication",
    "rule",
    "schema",
    "sequence",
    "table",
    "trigger",
    "type",
    "view",
];

/// A pattern, and the kind that it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern<'p> {
    kind: Option<&'p str>,
    text: &'p str,
}

/// A name by which an object can be meant: its own, or that of what it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'s> {
    pub(super) kind: Kind,
    pub(super) name: &'s Name,
    /// The kinds that it answers to.
    words: &'static [&'static str],
    /// The name within its table.
    part: Option<&'s str>,
}

impl<'p> Pattern<'p> {
    pub(super) fn of(text: &'p str) -> Self {
        match text.split_once(':') {
            Some((kind, text)) => Self { kind: Some(kind), text },
            None => Self { kind: None, text },
        }
    }

    pub(super) fn matches(&self, subject: &Subject<'_>) -> bool {
        match (self.kind, subject.part) {
            (Some(kind), _) if !subject.words.contains(&kind) => return false,
            // Without a kind, a pattern is about what has a name of its own in the schema.
            (None, Some(_)) => return false,
            _ => {}
        }
        if subject.kind == Kind::Schema {
            // `audit.*` is all of a schema, and the schema.
            let schema = self.text.strip_suffix(".*").unwrap_or(self.text);
            return glob(schema.as_bytes(), subject.name.name.as_bytes());
        }
        let (whole, name) = match subject.part {
            Some(part) => (&subject.name.name, part),
            None => (&subject.name.schema, &*subject.name.name),
        };
        if self.text.contains('.') {
            glob(self.text.as_bytes(), format!("{whole}.{name}").as_bytes())
        } else {
            glob(self.text.as_bytes(), name.as_bytes())
        }
    }
}

/// Refuses a pattern that is about a kind which nothing is of.
///
/// # Errors
///
/// What is wrong with it, and which kinds there are.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    match Pattern::of(pattern) {
        Pattern { kind: Some(kind), .. } if !KINDS.contains(&kind) => {
            Err(format!("`{pattern}`: there is no kind `{kind}`; the kinds are {}", KINDS.join(", ")))
        }
        Pattern { text: "", .. } => Err(format!("`{pattern}` is no pattern of a name; for example `tmp_*`")),
        _ => Ok(()),
    }
}

/// The names by which an object can be meant.
pub(super) fn subjects<'s>(id: &'s Id, object: Option<&'s Object>) -> Vec<Subject<'s>> {
    let table = match object {
        Some(Object::Index(index)) => Some(&index.table),
        Some(Object::Statistics(statistics)) => Some(&statistics.table),
        Some(Object::PublicationTable(published)) => Some(&published.table),
        Some(Object::OwnedBy(owned_by)) => Some(&owned_by.table),
        _ => None,
    };
    let is_part = matches!(
        id.kind,
        Kind::Column | Kind::Constraint | Kind::Trigger | Kind::Policy | Kind::Rule | Kind::Attachment
    );
    let of_table = |name: &'s Name| Subject { kind: Kind::Relation, name, words: &["table"], part: None };
    let own = Subject { kind: id.kind, name: &id.name, words: words(id, object), part: is_part.then_some(&*id.part) };
    let mut subjects = vec![own];
    subjects.extend(is_part.then(|| of_table(&id.name)));
    subjects.extend(table.map(of_table));
    subjects
}

fn words(id: &Id, object: Option<&Object>) -> &'static [&'static str] {
    match (id.kind, object) {
        (_, Some(Object::View(_))) => &["view"],
        (_, Some(Object::MaterializedView(_))) => &["matview", "view"],
        (_, Some(Object::Sequence(_))) => &["sequence"],
        (_, Some(Object::Enum(_))) => &["enum", "type"],
        (_, Some(Object::Domain(_))) => &["domain", "type"],
        (Kind::Relation, _) => &["table"],
        (Kind::Type, _) => &["type"],
        (Kind::Column, _) => &["column"],
        (Kind::Constraint | Kind::DomainConstraint, _) => &["constraint"],
        (Kind::Index, _) => &["index"],
        (Kind::Trigger, _) => &["trigger"],
        (Kind::Policy, _) => &["policy"],
        (Kind::Rule, _) => &["rule"],
        (Kind::Routine, _) => &["function"],
        (Kind::Extension, _) => &["extension"],
        (Kind::Schema, _) => &["schema"],
        (Kind::Publication | Kind::PublicationTable | Kind::PublicationSchema, _) => &["publication"],
        _ => &[],
    }
}

/// Whether a pattern with `*` and `?` matches all of a text.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // The last star, and how much of the text it covers so far.
    let mut star = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, covered)) = star {
            star = Some((at, covered + 1));
            p = at + 1;
            t = covered + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{check_pattern, glob};

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text) in [("a*", "abc"), ("*c", "abc"), ("a?c", "abc"), ("*", ""), ("a*b*c", "aXbXbYc")] {
            assert!(glob(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("?", ""), ("*b", "abc"), ("a*b*c", "acb")] {
            assert!(!glob(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn a_kind_that_is_none_is_refused() {
        assert!(check_pattern("view:report_*").is_ok());
        let refusal = check_pattern("views:report_*").expect_err("refused");
        assert!(refusal.starts_with("`views:report_*`: there is no kind `views`; the kinds are column"), "{refusal}");
        assert!(check_pattern("table:").is_err());
    }
}
