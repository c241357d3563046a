//! The version table: its name, its columns, and every statement that reads or writes it.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::migration::{Action, Migration};
use crate::postgres::message::guard;
use crate::postgres::quote::{bytes, identifier, literal, text_array};
use crate::script::Script;

/// The layout that this release reads and writes.
pub(crate) const FORMAT: i32 = 1;

/// True when the row was written by the transaction that is running now. A script that ended the transaction on its own
/// is found so: its row belongs to the transaction that is gone.
const IS_OURS: &str = "xmin OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.xid";

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

    /// Reads the rows of a package, and nothing else: one query, no parameter, no lock, no DDL.
    pub(crate) fn select(&self, package: &str) -> String {
        format!(
            "SELECT revision, summary, parents, depends_on, breaks_older, checksum, token_checksum, statements_done, \
             statements, down_statements_done, down_checksum, down_sql, applied_at::pg_catalog.text AS applied_at, applied_by, format \
             FROM {} WHERE package OPERATOR(pg_catalog.=) {} ORDER BY revision",
            self.quoted(),
            literal(package)
        )
    }

    /// Reads the newest format among the rows of all packages, where the columns are not those of this release.
    pub(crate) fn newest_format(&self) -> String {
        format!("SELECT pg_catalog.max(format) AS format FROM {}", self.quoted())
    }

    /// Names another package under which this very revision, with the same text, is applied.
    pub(crate) fn namesake(&self, package: &str, migration: &Migration) -> String {
        format!(
            "SELECT package FROM {} WHERE package OPERATOR(pg_catalog.<>) {} AND revision OPERATOR(pg_catalog.=) {} AND \
             checksum OPERATOR(pg_catalog.=) {} ORDER BY package LIMIT 1",
            self.quoted(),
            literal(package),
            literal(migration.id()),
            bytes(migration.checksum().as_bytes())
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
    statements_done integer NOT NULL,
    statements integer NOT NULL,
    down_statements_done integer,
    down_checksum pg_catalog.bytea,
    applied_at timestamp with time zone NOT NULL,
    execution_time interval NOT NULL,
    applied_by pg_catalog.text NOT NULL,
    format integer NOT NULL DEFAULT {FORMAT},
    PRIMARY KEY (package, revision)
)",
            self.quoted()
        )
    }

    /// Notes that a revision begins. Its primary key stops whoever else would apply it.
    pub(crate) fn insert(&self, package: &str, migration: &Migration) -> String {
        let down = match migration.down_action() {
            Some(Action::Sql(script)) => literal(script.text()),
            _ => "NULL".to_owned(),
        };
        // A revision without statements is done as soon as its row is there, so one is always counted.
        let statements = migration.up_action().n_statements().max(1);
        format!(
            "INSERT INTO {} (package, revision, summary, parents, depends_on, breaks_older, checksum, token_checksum, \
             down_sql, statements_done, statements, applied_at, execution_time, applied_by) VALUES ({}, {}, {}, {}, {}, \
             {}, {}, {}, {down}, 0, {statements}, pg_catalog.clock_timestamp(), '0'::pg_catalog.interval, {} OPERATOR(pg_catalog.||) current_user::pg_catalog.text)",
            self.quoted(),
            literal(package),
            literal(migration.id()),
            literal(migration.summary_text()),
            text_array(migration.parent_ids()),
            text_array(migration.dependency_ids()),
            migration.is_breaking(),
            bytes(migration.checksum().as_bytes()),
            bytes(migration.token_checksum().as_bytes()),
            literal(concat!("migrate-runtime ", env!("CARGO_PKG_VERSION"), ", ")),
        )
    }

    /// Raises unless every parent and dependency is wholly applied.
    pub(crate) fn parents_applied(&self, package: &str, migration: &Migration) -> Option<String> {
        let mut before = [migration.parent_ids(), migration.dependency_ids()].concat();
        before.sort_unstable();
        before.dedup();
        (!before.is_empty()).then(|| {
            guard(
                &format!(
                    "(SELECT pg_catalog.count(*) FROM {} WHERE package OPERATOR(pg_catalog.=) {} AND revision OPERATOR(pg_catalog.=) ANY ({}) AND \
                     statements_done OPERATOR(pg_catalog.=) statements AND down_statements_done IS NULL) \
                     OPERATOR(pg_catalog.=) {}",
                    self.quoted(),
                    literal(package),
                    text_array(&before),
                    before.len()
                ),
                "migrate: a parent is not applied",
            )
        })
    }

    /// Takes the row of an unfinished revision; raises unless it stands where this run saw it.
    pub(crate) fn resume(&self, package: &str, revision: &str, n_done: usize) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = statements_done WHERE {} AND statements_done OPERATOR(pg_catalog.=) {n_done} \
             AND statements_done OPERATOR(pg_catalog.<) statements AND down_statements_done IS NULL",
            self.quoted(),
            key(package, revision)
        ))
    }

    /// Marks a revision as wholly applied; raises when the row is not this transaction's.
    pub(crate) fn finish(&self, package: &str, revision: &str) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = statements, execution_time = pg_catalog.clock_timestamp() \
             OPERATOR(pg_catalog.-) applied_at, applied_at = pg_catalog.clock_timestamp() WHERE {} AND {IS_OURS}",
            self.quoted(),
            key(package, revision)
        ))
    }

    /// Records that the first `n_done` statements of a script without a transaction are done, and their digest. The last
    /// one is recorded by [`finish_without_transaction`](Self::finish_without_transaction): a row whose counts are equal
    /// is always a finished one.
    pub(crate) fn progress(&self, package: &str, revision: &str, n_done: usize, script: &Script) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = {n_done}, statements = {}, checksum = {} WHERE {}",
            self.quoted(),
            script.statements().len(),
            bytes(script.prefix_checksum(n_done).as_bytes()),
            key(package, revision)
        ))
    }

    /// Marks a revision without a transaction as wholly applied.
    pub(crate) fn finish_without_transaction(&self, package: &str, migration: &Migration) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET statements_done = {n}, statements = {n}, checksum = {}, token_checksum = {}, execution_time = \
             pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) applied_at, applied_at = pg_catalog.clock_timestamp() \
             WHERE {}",
            self.quoted(),
            bytes(migration.checksum().as_bytes()),
            bytes(migration.token_checksum().as_bytes()),
            key(package, migration.id()),
            n = migration.up_action().n_statements().max(1),
        ))
    }

    /// Notes that a downgrade begins: raises unless the revision is applied, nothing that follows it is, and its downgrade
    /// stands at `n_done`. The row becomes this transaction's, and unfinished, so that a script that ends the transaction
    /// leaves no row that claims to be whole.
    pub(crate) fn begin_down(&self, package: &str, revision: &str, n_done: Option<usize>) -> String {
        let (table, package_literal, revision_literal) = (self.quoted(), literal(package), literal(revision));
        let stands_at = n_done.map_or("IS NULL".to_owned(), |n_done| format!("OPERATOR(pg_catalog.=) {n_done}"));
        self.changed_one(&format!(
            "UPDATE {table} SET down_statements_done = {} WHERE {} AND down_statements_done {stands_at} AND \
             NOT EXISTS (SELECT FROM {table} AS later WHERE later.package OPERATOR(pg_catalog.=) {package_literal} AND \
             {revision_literal} OPERATOR(pg_catalog.=) ANY (later.parents OPERATOR(pg_catalog.||) later.depends_on))",
            n_done.unwrap_or(0),
            key(package, revision)
        ))
    }

    /// Records that the first `n_done` statements of a downgrade without a transaction are done, and their digest.
    pub(crate) fn down_progress(&self, package: &str, revision: &str, n_done: usize, script: &Script) -> String {
        self.changed_one(&format!(
            "UPDATE {} SET down_statements_done = {n_done}, down_checksum = {} WHERE {}",
            self.quoted(),
            bytes(script.prefix_checksum(n_done).as_bytes()),
            key(package, revision)
        ))
    }

    /// Forgets a revision; inside a transaction, raises when the row is not this transaction's.
    pub(crate) fn delete(&self, package: &str, revision: &str, in_transaction: bool) -> String {
        let ours = if in_transaction { format!(" AND {IS_OURS}") } else { String::new() };
        self.changed_one(&format!("DELETE FROM {} WHERE {}{ours}", self.quoted(), key(package, revision)))
    }

    fn changed_one(&self, statement: &str) -> String {
        let guard = guard("(SELECT pg_catalog.count(*) FROM changed) OPERATOR(pg_catalog.=) 1", "migrate: no such row");
        format!("WITH changed AS ({statement} RETURNING 1) {guard}")
    }
}

fn key(package: &str, revision: &str) -> String {
    format!(
        "package OPERATOR(pg_catalog.=) {} AND revision OPERATOR(pg_catalog.=) {}",
        literal(package),
        literal(revision)
    )
}

/// A row of the version table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppliedRevision {
    /// The id.
    pub revision: String,
    /// One sentence on what it does.
    pub summary: String,
    /// The ids of its parents.
    pub parents: Vec<String>,
    /// The ids it depends on without being their child.
    pub depends_on: Vec<String>,
    /// Whether a binary that does not know it must not run.
    pub breaks_older: bool,
    /// The digest of what was applied; while the revision is unfinished, of the statements that are done.
    pub checksum: Vec<u8>,
    /// The digest of the tokens of what was applied.
    pub token_checksum: Vec<u8>,
    /// How many statements are done.
    pub statements_done: usize,
    /// How many there are.
    pub statements: usize,
    /// How many statements of its downgrade are done, when one has begun.
    pub down_statements_done: Option<usize>,
    /// The digest of those statements.
    pub down_checksum: Option<Vec<u8>>,
    /// What undoes it.
    pub down_sql: Option<String>,
    /// When it was applied, as the server prints it.
    pub applied_at: String,
    /// By which tool and role.
    pub applied_by: String,
    pub(crate) format: i32,
}

impl AppliedRevision {
    /// Whether every statement of it ran, and no downgrade of it has begun.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.statements_done == self.statements && self.down_statements_done.is_none()
    }

    pub(crate) fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let count = |column: &str| row.try_get::<i32, _>(column).map(|n| usize::try_from(n).unwrap_or(0));
        Ok(Self {
            revision: row.try_get("revision")?,
            summary: row.try_get("summary")?,
            parents: row.try_get("parents")?,
            depends_on: row.try_get("depends_on")?,
            breaks_older: row.try_get("breaks_older")?,
            checksum: row.try_get("checksum")?,
            token_checksum: row.try_get("token_checksum")?,
            statements_done: count("statements_done")?,
            statements: count("statements")?,
            down_statements_done: row
                .try_get::<Option<i32>, _>("down_statements_done")?
                .map(|n| usize::try_from(n).unwrap_or(0)),
            down_checksum: row.try_get("down_checksum")?,
            down_sql: row.try_get("down_sql")?,
            applied_at: row.try_get("applied_at")?,
            applied_by: row.try_get("applied_by")?,
            format: row.try_get("format")?,
        })
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
