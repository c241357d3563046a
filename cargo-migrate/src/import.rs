//! Revisions made from another tool's files: what the tools have in common once their files are read.

pub(crate) mod sqlx;

use std::collections::BTreeSet;
use std::path::PathBuf;

use migrate_build::header::{Header, Style, render_down};
use migrate_build::name::{FolderName, variant};
use migrate_build::statements;
use migrate_runtime::table::Transaction;

use crate::report::{Failure, Kind};
use crate::slug::{slug, summary};

/// What stands in for the comment that a script without a statement must have.
const NOTHING: &str = "-- nothing to do\n";

/// Another tool's migration, in the order in which that tool applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Becomes the id.
    pub(crate) version: String,
    /// Becomes the summary and the slug.
    pub(crate) description: String,
    /// The way up.
    pub(crate) up: Script,
    /// The way down.
    pub(crate) down: Option<Script>,
}

/// One of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// The file as messages show it.
    pub(crate) shown: PathBuf,
    /// Its text, byte for byte.
    pub(crate) text: String,
    /// Whether that tool runs it inside a transaction.
    pub(crate) transaction: Transaction,
}

/// A revision's folder, not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The folder's name.
    pub(crate) name: FolderName,
    /// `up.sql` and, where there is one, `down.sql`.
    pub(crate) files: Vec<File>,
}

/// A file of that folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// `up.sql` or `down.sql`.
    pub(crate) name: &'static str,
    /// What is written above the text that was there.
    pub(crate) added: String,
    /// Where that text came from.
    pub(crate) from: Script,
}

impl File {
    /// The whole text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.added, self.from.text)
    }
}

/// The folders for a history in which each migration follows the one before it.
pub(crate) fn convert(history: Vec<Foreign>) -> Result<Vec<Folder>, Failure> {
    let mut variants = BTreeSet::new();
    let mut parent = None;
    let mut folders = Vec::with_capacity(history.len());
    for foreign in history {
        let summary = match summary(&foreign.description.replace('_', " ")) {
            summary if summary.is_empty() => format!("Migration {}", foreign.version),
            summary => summary,
        };
        let slug = unique_slug(&foreign.description, &mut variants);
        let name = FolderName::parse(&format!("{}_{slug}", foreign.version)).map_err(|reason| {
            Failure::new(Kind::Usage, format!("no revision can be named after this file: its name {reason}"))
                .in_file(&foreign.up.shown)
        })?;
        let mut header = Header::new(summary, parent.take());
        header.transaction = foreign.up.transaction;
        parent = Some(foreign.version);
        let mut files = vec![up(&header, foreign.up)];
        files.extend(foreign.down.map(down));
        folders.push(Folder { name, files });
    }
    Ok(folders)
}

fn up(header: &Header, from: Script) -> File {
    let nothing = if is_empty(&from.text) { NOTHING } else { "" };
    File { name: "up.sql", added: format!("{}\n{nothing}", header.render(Style::Sql)), from }
}

fn down(from: Script) -> File {
    let nothing = if is_empty(&from.text) { NOTHING } else { "" };
    File { name: "down.sql", added: format!("{}{nothing}", render_down(from.transaction)), from }
}

/// Whether a script has neither a statement nor a comment.
fn is_empty(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == ';') && statements::split(text).is_ok_and(|spans| spans.is_empty())
}

/// A slug whose enum variant no other revision has: a number is appended where it needs one.
fn unique_slug(description: &str, variants: &mut BTreeSet<String>) -> String {
    let slug = slug(description).unwrap_or_else(|| "migration".to_owned());
    let numbered = (2..).map(|n| format!("{slug}_{n}"));
    std::iter::once(slug.clone())
        .chain(numbered)
        .find(|slug| variants.insert(variant(slug)))
        .expect("there is always a number that is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str, transaction: Transaction) -> Script {
        Script { shown: "x.sql".into(), text: text.to_owned(), transaction }
    }

    fn foreign(version: &str, description: &str, up: &str, down: Option<&str>) -> Foreign {
        Foreign {
            version: version.to_owned(),
            description: description.to_owned(),
            up: script(up, Transaction::PerRevision),
            down: down.map(|down| script(down, Transaction::PerRevision)),
        }
    }

    fn texts(history: Vec<Foreign>) -> Vec<(String, Vec<String>)> {
        convert(history)
            .expect("converted")
            .iter()
            .map(|folder| (folder.name.to_string(), folder.files.iter().map(File::text).collect()))
            .collect()
    }

    #[test]
    fn each_revision_follows_the_one_before_it() {
        let history = vec![
            foreign("1", "create_users", "CREATE TABLE u ();\r\n", Some("DROP TABLE u;")),
            foreign("2", "Create-Users", " ", Some("")),
            foreign("10", "create users 2", "-- none", Some("-- none")),
            foreign("11", "", "SELECT 1", None),
            foreign("12", "", ";\n", None),
        ];
        let expected: [(&str, &[&str]); 5] = [
            ("1_create_users", &["--! create users\n--!\n--! parent: base\n\nCREATE TABLE u ();\r\n", "DROP TABLE u;"]),
            (
                "2_create_users_2",
                &["--! Create-Users\n--!\n--! parent: 1\n\n-- nothing to do\n ", "-- nothing to do\n"],
            ),
            ("10_create_users_2_2", &["--! create users 2\n--!\n--! parent: 2\n\n-- none", "-- none"]),
            ("11_migration", &["--! Migration 11\n--!\n--! parent: 10\n\nSELECT 1"]),
            ("12_migration_2", &["--! Migration 12\n--!\n--! parent: 11\n\n-- nothing to do\n;\n"]),
        ];
        let found = texts(history);
        assert_eq!(found.len(), expected.len());
        for ((name, files), (expected_name, expected_files)) in found.iter().zip(expected) {
            assert_eq!(
                (name.as_str(), files.as_slice()),
                (expected_name, &*expected_files.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
            );
        }
    }

    #[test]
    fn without_a_transaction_both_headers_say_so() {
        let mut one = foreign("1", "index", "-- no-transaction\nSELECT 1", Some("-- no-transaction\nSELECT 2"));
        one.up.transaction = Transaction::None;
        one.down.as_mut().expect("a way down").transaction = Transaction::None;
        assert_eq!(
            texts(vec![one])[0].1,
            [
                "--! index\n--!\n--! parent: base\n--! transaction: none\n\n-- no-transaction\nSELECT 1",
                "--! transaction: none\n-- no-transaction\nSELECT 2"
            ]
        );
    }
}
