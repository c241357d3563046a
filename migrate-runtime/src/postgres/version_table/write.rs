//! Every statement that writes the version table; `root` is the package whose run it is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::migration::{Action, Migration};
use crate::postgres::message::guard;
use crate::postgres::quote::{bytes, literal, text_array};
use crate::postgres::version_table::batches::{FORGOTTEN, KEPT_BY_DOWNGRADE, as_recorded};
use crate::postgres::version_table::naming::{among, is_after, key, of_packages};
use crate::postgres::version_table::{AppliedRevision, VersionTable};
use crate::qualified::{Qualified, seen_from};
use crate::script::{Script, Transaction};

/// True when the row was written by the transaction that is running now. A script that ended the transaction on its own
/// is found so: its row belongs to the transaction that is gone.
const IS_OURS: &str = "xmin OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.xid";

/// Whether a row is written before the work or instead of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No statement is done yet.
    Begun,
    /// All are.
    Whole,
}

/// What the row says of the revision itself: columns and values.
struct Columns(Vec<(&'static str, String)>);

impl Columns {
    fn of(root: &str, migration: &Migration) -> Self {
        let package = Qualified::of(migration.id()).package_in(root);
        // A row names what is of its own package without it.
        let names = |names: &[&str]| {
            let names: Vec<Cow<'_, str>> = names.iter().map(|name| seen_from(package, root, name)).collect();
            text_array(&names.iter().map(|name| &**name).collect::<Vec<_>>())
        };
        let [sql, spans, in_transaction] = match migration.down_action() {
            Some(Action::Sql(script)) => [
                literal(script.text()),
                numbers(script.statements().iter().flat_map(|span| [span.start(), span.end()])),
                (script.runs_in() == Transaction::PerRevision).to_string(),
            ],
            _ => ["NULL", "NULL", "NULL"].map(str::to_owned),
        };
        Self(vec![
            ("summary", literal(migration.summary_text())),
            ("parents", names(migration.parent_ids())),
            ("depends_on", names(migration.dependency_ids())),
            ("breaks_older", migration.is_breaking().to_string()),
            ("checksum", bytes(migration.checksum().as_bytes())),
            ("token_checksum", bytes(migration.token_checksum().as_bytes())),
            ("down_sql", sql),
            ("down_spans", spans),
            ("down_in_transaction", in_transaction),
            ("statements", n_statements(migration).to_string()),
        ])
    }
}

/// A revision without statements is done as soon as its row is there, so one is always counted.
fn n_statements(migration: &Migration) -> usize {
    migration.up_action().n_statements().max(1)
}

fn numbers(numbers: impl IntoIterator<Item = usize>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|n| n.to_string()).collect();
    format!("'{{{}}}'::pg_catalog.int4[]", numbers.join(","))
}

impl VersionTable {
    /// Writes the row of a revision that begins, or of one that is applied without having been run. Its primary key stops
    /// whoever else would apply it.
    pub(crate) fn insert(&self, root: &str, migration: &Migration, progress: Progress) -> String {
        let (columns, key) = (Columns::of(root, migration), Qualified::of(migration.id()));
        let (names, values): (Vec<&str>, Vec<String>) = columns.0.into_iter().unzip();
        let statements_done = match progress {
            Progress::Begun => 0,
            Progress::Whole => n_statements(migration),
        };
        format!(
            "INSERT INTO {} (package, revision, {}, statements_done, applied_at, execution_time, applied_by) VALUES \
             ({}, {}, {}, {statements_done}, pg_catalog.clock_timestamp(), '0'::pg_catalog.interval, \
             {} OPERATOR(pg_catalog.||) current_user::pg_catalog.text)",
            self.quoted(),
            names.join(", "),
            literal(key.package_in(root)),
            literal(key.id),
            values.join(", "),
            literal(concat!("migrate-runtime ", env!("CARGO_PKG_VERSION"), ", ")),
        )
    }

    /// Takes the file of a wholly applied revision for what was applied; raises when the row is not as this run saw it.
    pub(crate) fn accept(&self, root: &str, migration: &Migration, seen: &AppliedRevision) -> String {
        let columns = Columns::of(root, migration).0.into_iter().map(|(name, value)| format!("{name} = {value}"));
        self.changed_one(&format!(
            "UPDATE {} SET {}, statements_done = {} WHERE {} AND checksum OPERATOR(pg_catalog.=) {} AND statements_done \
             OPERATOR(pg_catalog.=) statements AND down_statements_done IS NULL",
            self.quoted(),
            columns.collect::<Vec<_>>().join(", "),
            n_statements(migration),
            key(root, migration.id()),
            bytes(&seen.checksum)
        ))
    }

    /// Raises unless the rows of these packages, of which `root` is one, are as this run saw them.
    pub(crate) fn unchanged(&self, root: &str, packages: &BTreeSet<&str>, seen: &[AppliedRevision]) -> String {
        let row = |row: &AppliedRevision| {
            let name = Qualified::of(&row.revision);
            let down = row.down_statements_done.map(|n_done| n_done.to_string()).unwrap_or_default();
            let counts = format!("{} {} {down}", row.statements_done, row.statements);
            (name.package_in(root).to_owned(), name.id.to_owned(), counts)
        };
        let mut rows: Vec<(String, String, String)> = seen.iter().map(row).collect();
        rows.sort_unstable();
        let rows: Vec<String> =
            rows.into_iter().map(|(package, id, counts)| format!("{package} {id} {counts}")).collect();
        guard(
            &format!(
                "ARRAY(SELECT pg_catalog.format('%s %s %s %s %s', package, revision, statements_done, statements, \
                 down_statements_done) FROM {} WHERE {} ORDER BY package COLLATE pg_catalog.\"C\", revision COLLATE \
                 pg_catalog.\"C\") OPERATOR(pg_catalog.=) {}",
                self.quoted(),
                of_packages(packages),
                text_array(&rows.iter().map(String::as_str).collect::<Vec<_>>())
            ),
            "migrate: the rows have changed",
        )
    }

    /// Raises unless these revisions are applied, all of them wholly.
    pub(crate) fn has(&self, root: &str, revisions: &[&str]) -> String {
        guard(&self.all_applied(root, revisions), "migrate: the database is not where this text begins")
    }

    /// True when these revisions are applied, all of them wholly.
    fn all_applied(&self, root: &str, revisions: &[&str]) -> String {
        format!(
            "(SELECT pg_catalog.count(*) FROM {} WHERE {} AND statements_done OPERATOR(pg_catalog.=) statements AND \
             down_statements_done IS NULL) OPERATOR(pg_catalog.=) {}",
            self.quoted(),
            among(root, revisions),
            revisions.len()
        )
    }

    /// Forgets revisions without undoing anything.
    pub(crate) fn forget(&self, root: &str, revisions: &[&str]) -> String {
        format!("DELETE FROM {} WHERE {}", self.quoted(), among(root, revisions))
    }

    /// Raises unless every parent and dependency is wholly applied.
    pub(crate) fn parents_applied(&self, root: &str, migration: &Migration) -> Option<String> {
        let mut before = [migration.parent_ids(), migration.dependency_ids()].concat();
        before.sort_unstable();
        before.dedup();
        (!before.is_empty()).then(|| guard(&self.all_applied(root, &before), "migrate: a parent is not applied"))
    }

    /// Takes the row of an unfinished revision; raises unless it stands where this run saw it.
    pub(crate) fn resume(&self, root: &str, row: &AppliedRevision) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = statements_done WHERE {} AND statements_done OPERATOR(pg_catalog.=) {} \
             AND statements_done OPERATOR(pg_catalog.<) statements AND down_statements_done IS NULL AND {}",
            self.quoted(),
            key(root, &row.revision),
            row.statements_done,
            as_recorded(&row.batches)
        ))
    }

    /// Marks a revision as wholly applied; raises when the row is not this transaction's.
    pub(crate) fn finish(&self, root: &str, revision: &str) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = statements, execution_time = pg_catalog.clock_timestamp() \
             OPERATOR(pg_catalog.-) applied_at, applied_at = pg_catalog.clock_timestamp() WHERE {} AND {IS_OURS}",
            self.quoted(),
            key(root, revision)
        ))
    }

    /// Records that the first `n_done` statements of a script without a transaction are done, and their digest. The last
    /// one is recorded by [`finish_without_transaction`](Self::finish_without_transaction): a row whose counts are equal
    /// is always a finished one.
    pub(crate) fn progress(&self, root: &str, revision: &str, n_done: usize, script: &Script) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statement_failed = false, statements_done = {n_done}, statements = {}, checksum = {} WHERE {}",
            self.quoted(),
            script.statements().len(),
            bytes(script.prefix_checksum(n_done).as_bytes()),
            key(root, revision)
        ))
    }

    /// Notes that a statement has failed; the next record forgets it.
    pub(crate) fn statement_failed(&self, root: &str, revision: &str) -> String {
        self.changed_one(&format!("UPDATE {} SET statement_failed = true WHERE {}", self.quoted(), key(root, revision)))
    }

    /// Marks a revision without a transaction as wholly applied.
    pub(crate) fn finish_without_transaction(&self, root: &str, migration: &Migration) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statement_failed = false, statements_done = {n}, statements = {n}, checksum = {}, token_checksum = {}, execution_time = \
             pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) applied_at, applied_at = pg_catalog.clock_timestamp(), \
             {FORGOTTEN} WHERE {}",
            self.quoted(),
            bytes(migration.checksum().as_bytes()),
            bytes(migration.token_checksum().as_bytes()),
            key(root, migration.id()),
            n = n_statements(migration),
        ))
    }

    /// Notes that a downgrade begins: raises unless the revision is applied, nothing that follows it is, and its downgrade
    /// stands where `row` says. The row becomes this transaction's, and unfinished, so that a script that ends the transaction
    /// leaves no row that claims to be whole.
    pub(crate) fn begin_down(&self, root: &str, revision: &str, row: Option<&AppliedRevision>) -> String {
        let table = self.quoted();
        let n_done = row.and_then(|row| row.down_statements_done);
        let stands_at = match row.zip(n_done) {
            None => "IS NULL".to_owned(),
            Some((row, n_done)) => {
                format!("OPERATOR(pg_catalog.=) {n_done} AND {}", as_recorded(&row.batches))
            }
        };
        self.changed_one(&format!(
            "UPDATE {table} SET statement_failed = statement_failed AND down_statements_done IS NOT NULL, down_statements_done = {}, {KEPT_BY_DOWNGRADE} WHERE {} AND down_statements_done {stands_at} AND \
             NOT EXISTS (SELECT FROM {table} AS later WHERE {})",
            n_done.unwrap_or(0),
            key(root, revision),
            is_after(root, revision)
        ))
    }

    /// Records that the first `n_done` statements of a downgrade without a transaction are done, and their digest.
    pub(crate) fn down_progress(&self, root: &str, revision: &str, n_done: usize, script: &Script) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statement_failed = false, down_statements_done = {n_done}, down_checksum = {} WHERE {}",
            self.quoted(),
            bytes(script.prefix_checksum(n_done).as_bytes()),
            key(root, revision)
        ))
    }

    /// Forgets a revision; inside a transaction, raises when the row is not this transaction's.
    pub(crate) fn delete(&self, root: &str, revision: &str, in_transaction: bool) -> String {
        let ours = if in_transaction { format!(" AND {IS_OURS}") } else { String::new() };
        self.changed_one(&format!("DELETE FROM {} WHERE {}{ours}", self.quoted(), key(root, revision)))
    }

    pub(super) fn changed_one(&self, statement: &str) -> String {
        let guard = guard("(SELECT pg_catalog.count(*) FROM changed) OPERATOR(pg_catalog.=) 1", "migrate: no such row");
        format!("WITH changed AS ({statement} RETURNING 1) {guard}")
    }
}
