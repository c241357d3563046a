//! A row of the version table, as it is read.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::postgres::batches::journal::Journal;
use crate::postgres::version_table::batches;
use crate::qualified::seen_from;

/// A row of the version table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppliedRevision {
    /// The id; that of another package has the package before it: `auth::20260801090000`.
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
    /// Whether the statement after those that are done has failed. Where it has not, it may have been cut off.
    pub statement_failed: bool,
    /// When it was applied, as the server prints it.
    pub applied_at: String,
    /// By which tool and role.
    pub applied_by: String,
    pub(crate) format: i32,
    /// The batches of its function, while that is unfinished.
    pub(crate) batches: Journal,
}

impl AppliedRevision {
    /// Whether every statement of it ran, and no downgrade of it has begun.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.statements_done == self.statements && self.down_statements_done.is_none()
    }

    /// Reads a row; what is of another package than `root` gets that before its name.
    pub(crate) fn read(root: &str, row: &PgRow) -> Result<Self, sqlx::Error> {
        let package: String = row.try_get("package")?;
        let name = |name: String| seen_from(root, &package, &name).into_owned();
        let names = |column: &str| -> Result<Vec<String>, sqlx::Error> {
            Ok(row.try_get::<Vec<String>, _>(column)?.into_iter().map(name).collect())
        };
        let count = |column: &str| row.try_get::<i32, _>(column).map(|n| usize::try_from(n).unwrap_or(0));
        Ok(Self {
            revision: name(row.try_get("revision")?),
            summary: row.try_get("summary")?,
            parents: names("parents")?,
            depends_on: names("depends_on")?,
            breaks_older: row.try_get("breaks_older")?,
            checksum: row.try_get("checksum")?,
            token_checksum: row.try_get("token_checksum")?,
            statements_done: count("statements_done")?,
            statements: count("statements")?,
            down_statements_done: row
                .try_get::<Option<i32>, _>("down_statements_done")?
                .map(|n| usize::try_from(n).unwrap_or(0)),
            down_checksum: row.try_get("down_checksum")?,
            statement_failed: row.try_get("statement_failed")?,
            applied_at: row.try_get("applied_at")?,
            applied_by: row.try_get("applied_by")?,
            format: row.try_get("format")?,
            batches: batches::read(row)?,
        })
    }
}
