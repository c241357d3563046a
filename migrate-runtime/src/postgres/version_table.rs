//! The version table: its name, its columns, and every statement that reads it.

mod batches;
mod naming;
mod row;
mod write;

use std::collections::BTreeSet;

pub use self::row::AppliedRevision;
pub(crate) use self::write::Progress;
use crate::migration::Migration;
use crate::postgres::quote::{bytes, identifier, literal, text_array};
use crate::postgres::version_table::naming::{among, of_packages};
use crate::qualified::Qualified;

/// The layout that this release reads and writes.
pub(crate) const FORMAT: i32 = 1;

/// Where the applied revisions are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionTable {
    schema: String,
    name: String,
}

impl Default for VersionTable {
    fn default() -> Self {
        Self { schema: "public".to_owned(), name: "migrate_revisions".to_owned() }
    }
}

/// A name that Postgres would cut short or refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot name a version table: a name has 1 to 63 bytes and no NUL (Postgres manual, 4.1.1)")]
pub struct InvalidName {
    name: String,
}

impl VersionTable {
    /// The table `name` in `schema`.
    ///
    /// # Errors
    ///
    /// A name that is empty, longer than 63 bytes (Postgres would cut it, and two tables could become one), or has a NUL.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Result<Self, InvalidName> {
        let (schema, name) = (schema.into(), name.into());
        for name in [&schema, &name] {
            if name.is_empty() || name.len() > 63 || name.contains('\0') {
                return Err(InvalidName { name: name.clone() });
            }
        }
        Ok(Self { schema, name })
    }

    /// The schema and the name, neither quoted.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.schema, &self.name)
    }

    pub(crate) fn quoted(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// Reads the rows of some packages, and nothing else: one query, no parameter, no lock, no DDL.
    pub(crate) fn select(&self, packages: &BTreeSet<&str>) -> String {
        format!(
            "SELECT package, revision, summary, parents, depends_on, breaks_older, checksum, token_checksum, statements_done, \
             statements, down_statements_done, down_checksum, statement_failed, batch_statements, \
             batch_rows, batch_total, batch_cursor, batch_ended, applied_at::pg_catalog.text AS applied_at, applied_by, format \
             FROM {} WHERE {} ORDER BY package, revision",
            self.quoted(),
            of_packages(packages)
        )
    }

    /// Reads the newest format among the rows of all packages, where the columns are not those of this release.
    pub(crate) fn newest_format(&self) -> String {
        format!("SELECT pg_catalog.max(format) AS format FROM {}", self.quoted())
    }

    /// Names another package under which this very revision, with the same text, is applied.
    pub(crate) fn namesake(&self, root: &str, migration: &Migration) -> String {
        let name = Qualified::of(migration.id());
        format!(
            "SELECT package FROM {} WHERE package OPERATOR(pg_catalog.<>) {} AND revision OPERATOR(pg_catalog.=) {} AND \
             checksum OPERATOR(pg_catalog.=) {} ORDER BY package LIMIT 1",
            self.quoted(),
            literal(name.package_in(root)),
            literal(name.id),
            bytes(migration.checksum().as_bytes())
        )
    }

    /// Names the revisions of packages other than these that depend on some of theirs, which are given by `elsewhere` as
    /// other packages call them.
    pub(crate) fn dependents(&self, packages: &BTreeSet<&str>, elsewhere: &[&str]) -> String {
        format!(
            "SELECT package, revision, needed FROM {}, LATERAL pg_catalog.unnest(depends_on) AS needed WHERE NOT {} AND \
             needed OPERATOR(pg_catalog.=) ANY ({}) ORDER BY 1, 2",
            self.quoted(),
            of_packages(packages),
            text_array(elsewhere)
        )
    }

    /// Reads what undoes the rows whose files are gone.
    pub(crate) fn stored_downs(&self, root: &str, revisions: &[&str]) -> String {
        format!(
            "SELECT package, revision, down_sql, down_spans, down_in_transaction FROM {} WHERE {} AND down_sql IS NOT NULL",
            self.quoted(),
            among(root, revisions)
        )
    }

    /// Makes the table. Only ever sent under the lock: `IF NOT EXISTS` alone races.
    pub(crate) fn create(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
    package pg_catalog.text NOT NULL,
    revision pg_catalog.text NOT NULL,
    summary pg_catalog.text NOT NULL,
    parents pg_catalog.text[] NOT NULL,
    depends_on pg_catalog.text[] NOT NULL,
    breaks_older boolean NOT NULL,
    checksum pg_catalog.bytea NOT NULL,
    token_checksum pg_catalog.bytea NOT NULL,
    down_sql pg_catalog.text,
    down_spans integer[],
    down_in_transaction boolean,
    statements_done integer NOT NULL,
    statements integer NOT NULL,
    down_statements_done integer,
    down_checksum pg_catalog.bytea,
    statement_failed boolean NOT NULL DEFAULT false,
    batch_statements pg_catalog.text[],
    batch_rows pg_catalog.int8[],
    batch_total pg_catalog.int8,
    batch_cursor pg_catalog.text[],
    batch_ended boolean,
    applied_at timestamp with time zone NOT NULL,
    execution_time interval NOT NULL,
    applied_by pg_catalog.text NOT NULL,
    format integer NOT NULL DEFAULT {FORMAT},
    PRIMARY KEY (package, revision)
)",
            self.quoted()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::VersionTable;

    #[test]
    fn a_name_that_postgres_would_cut_is_refused() {
        let error = VersionTable::new("public", "x".repeat(64)).unwrap_err().to_string();
        assert!(error.contains("1 to 63 bytes"), "{error}");
        assert_eq!(VersionTable::new("a\"b", "t").unwrap().quoted(), "\"a\"\"b\".\"t\"");
    }
}
