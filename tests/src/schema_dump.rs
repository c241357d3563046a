//! What `pg_dump` says, in a form in which two databases of the same schema say the same.
//!
//! Its entries are sorted, since they come in the order in which objects were made; the columns of a table are sorted,
//! since a column can only be added at the end; what a session setting says of an entry is said in the entry.

use crate::database::Database;
use regex::Regex;
use std::sync::LazyLock;

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)--\n-- (?:Name|Data for Name): ([^\n]*?(?:\n[^\n]*?)*?); Type: ([^;]*); Schema: ([^;\n]*); Owner:[^\n]*\n--\n")
        .expect("the pattern is one")
});
static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^SET (default_tablespace|default_table_access_method) = (.*);\n").expect("the pattern is one")
});
static OWNER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^ALTER .* OWNER TO [^;]*;$").expect("the pattern is one"));
static TABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^(CREATE (?:UNLOGGED |FOREIGN )?TABLE (?:"(?:[^"]|"")*"|[^\s("])+ )\(\n"#)
        .expect("the pattern is one")
});

/// The session settings that belong to the entries after them.
#[derive(Clone, Debug)]
struct Session {
    tablespace: String,
    method: String,
}

impl Session {
    /// Takes the settings out of a text.
    fn eat(&mut self, text: &str) -> String {
        for setting in SETTING.captures_iter(text) {
            if &setting[1] == "default_tablespace" {
                self.tablespace = setting[2].trim().trim_matches('\'').to_owned();
            } else {
                self.method = setting[2].trim().to_owned();
            }
        }
        SETTING.replace_all(text, "").into_owned()
    }
}

/// What `pg_dump` says of a database, where there is one that knows the server.
#[must_use]
pub fn of(database: &Database<'_>) -> Vec<String> {
    database.dump().map_or(Vec::new(), |dump| normal(&dump))
}

/// Those entries that say more than who may do what.
#[must_use]
pub fn without_privileges(mut entries: Vec<String>) -> Vec<String> {
    entries.retain(|entry| !entry.starts_with("## ACL ") && !entry.starts_with("## DEFAULT ACL "));
    entries
}

/// The entries of a dump, sorted.
fn normal(dump: &str) -> Vec<String> {
    let mut text = String::with_capacity(dump.len());
    for line in dump.split_inclusive('\n') {
        if !line.starts_with(r"\restrict ") && !line.starts_with(r"\unrestrict ") {
            text.push_str(line);
        }
    }
    let heads: Vec<_> = HEAD.captures_iter(&text).map(|head| (head.get(0).expect("the whole"), head)).collect();
    let mut session = Session { tablespace: String::new(), method: "heap".to_owned() };
    session.eat(&text[..heads.first().map_or(text.len(), |(whole, _)| whole.start())]);
    let mut entries = Vec::new();
    for (index, (whole, head)) in heads.iter().enumerate() {
        let end = heads.get(index + 1).map_or(text.len(), |(next, _)| next.start());
        let body = text[whole.end()..end].split("--\n-- PostgreSQL database dump complete").next().unwrap_or_default();
        let its = session.clone();
        let body = session.eat(body);
        entries.push(entry(&head[1], &head[2], &head[3], &body, &its));
    }
    entries.sort();
    entries
}

fn entry(name: &str, kind: &str, schema: &str, body: &str, session: &Session) -> String {
    let mut lines: Vec<&str> = body.lines().filter(|line| !line.is_empty() && !OWNER.is_match(line)).collect();
    if kind.contains("ACL") {
        lines.sort_unstable();
    }
    let mut body = lines.join("\n");
    if kind == "TABLE" || kind == "FOREIGN TABLE" {
        // `flagInhAttrs` of `pg_dump` says of a column without a default that it has none, where the table above has one;
        // at a table further below it says so only if it looked at that above it before, which is a matter of age.
        body = sort_columns(&body.replace(" DEFAULT NULL", ""));
    }
    if matches!(kind, "TABLE" | "MATERIALIZED VIEW") && session.method != "heap" {
        body += &format!("\n-- access method {}", session.method);
    }
    if matches!(kind, "TABLE" | "MATERIALIZED VIEW" | "INDEX" | "CONSTRAINT") && !session.tablespace.is_empty() {
        body += &format!("\n-- tablespace {}", session.tablespace);
    }
    format!("## {kind} {schema}.{name}\n{}", body.trim())
}

fn sort_columns(body: &str) -> String {
    let Some(start) = TABLE.find(body) else { return body.to_owned() };
    let open = start.end() - 2;
    let Some(items) = items(&body[open..]) else { return body.to_owned() };
    let close = open + items.1;
    let mut items: Vec<&str> = items.0.iter().map(|item| item.trim_matches('\n')).collect();
    items.sort_unstable();
    format!("{}(\n{}\n{}", &body[..open], items.join(",\n"), &body[close..])
}

/// The items between the parenthesis with which the text begins and the one that closes it, and where that is.
fn items(text: &str) -> Option<(Vec<&str>, usize)> {
    let (mut depth, mut quote, mut start) = (0, None, 1);
    let mut items = Vec::new();
    for (index, char) in text.char_indices() {
        match char {
            '\'' | '"' if quote.is_none() => quote = Some(char),
            _ if quote == Some(char) => quote = None,
            _ if quote.is_some() => {}
            '(' | '[' => depth += 1,
            ')' | ']' => {
                depth -= 1;
                if depth == 0 {
                    items.push(&text[start..index]);
                    return Some((items, index));
                }
            }
            ',' if depth == 1 => {
                items.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    None
}

/// The lines that only one of two dumps has, unless there are none.
#[must_use]
pub fn difference(wanted: &[String], found: &[String]) -> Option<String> {
    if wanted == found {
        return None;
    }
    let mut lines = String::from("the dump differs\n");
    for (mark, these, those) in [('-', wanted, found), ('+', found, wanted)] {
        for entry in these.iter().filter(|entry| !those.contains(entry)) {
            for line in entry.lines() {
                lines += &format!("{mark} {line}\n");
            }
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::normal;

    const HEAD: &str = "--\n-- Name: t; Type: TABLE; Schema: public; Owner: -\n--\n\n";

    fn table(columns: &str) -> String {
        format!("{HEAD}CREATE TABLE public.t (\n{columns}\n);\n\n\n--\n-- PostgreSQL database dump complete\n--\n")
    }

    #[test]
    fn only_the_order_of_columns_does_not_count() {
        let one = normal(&table("    a integer DEFAULT f(1, 2),\n    b text DEFAULT 'x,y'::text"));
        assert_eq!(one, normal(&table("    b text DEFAULT 'x,y'::text,\n    a integer DEFAULT f(1, 2)")));
        assert_ne!(one, normal(&table("    b text DEFAULT 'x,z'::text,\n    a integer DEFAULT f(1, 2)")));
        assert_ne!(one, normal(&table("    a integer DEFAULT f(2, 1),\n    b text DEFAULT 'x,y'::text")));
    }

    #[test]
    fn a_setting_belongs_to_the_entries_after_it() {
        let dump = format!("SET default_tablespace = fast;\n\n{}", table("    a integer"));
        assert!(normal(&dump)[0].ends_with("-- tablespace fast"));
        assert_eq!(normal(&dump).len(), 1);
    }
}
