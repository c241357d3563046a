//! The executor's table, made at run time from files.

use std::time::Duration;

use migrate_runtime::Migrations;
use migrate_runtime::table::{Action, Executes, Migration, Script, Uncompiled};

use crate::crates::Crates;
use crate::revision::{Language, RevisionFiles, SourceFile};

pub(crate) fn of(revisions: &[RevisionFiles], package: &str, crates: &Crates) -> Migrations {
    crates.included_by(text(package), list(revisions, migration))
}

fn migration(revision: &RevisionFiles) -> Migration {
    let header = revision.header();
    let names = |names: &[String]| list(names, |name| text(name));
    let mut migration =
        Migration::new(text(revision.id()), text(revision.slug()), revision.checksums(), action(revision.up()))
            .summary(text(&header.summary))
            .parents(names(&header.parents))
            .depends_on(names(revision.dependencies()))
            .labels(names(&header.branch_labels));
    if header.breaks_older {
        migration = migration.breaks_older();
    }
    if let Some(limit) = header.lock_timeout {
        migration = migration.lock_timeout(Duration::from_millis(limit));
    }
    if let Some(limit) = header.statement_timeout {
        migration = migration.statement_timeout(Duration::from_millis(limit));
    }
    match revision.down() {
        Some(down) => migration.down(action(down)),
        None => migration,
    }
}

fn action(file: &SourceFile) -> Action {
    match file.language() {
        Language::Rust => {
            let executes = match file.executes() {
                Ok(texts) => Executes::Texts(list(texts, |sql| text(sql))),
                Err((position, why)) => Executes::Unknown { line: position.line, why },
            };
            Action::Uncompiled(Uncompiled::new(text(file.shown()), executes).transaction(file.transaction()))
        }
        Language::Sql => {
            let script = Script::new(text(file.shown()), text(file.text()), list(file.statements(), |span| *span));
            Action::Sql(script.transaction(file.transaction()))
        }
    }
}

// The table holds static data only, so that the compiled one costs nothing; this one is built once a process.
fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn list<T, U>(items: &[T], item: impl Fn(&T) -> U) -> &'static [U] {
    items.iter().map(item).collect::<Vec<U>>().leak()
}
