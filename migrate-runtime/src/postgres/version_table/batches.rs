//! The columns that batches are recorded in.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::postgres::batches::journal::{Call, Journal};
use crate::postgres::quote::text_array;
use crate::postgres::version_table::VersionTable;
use crate::postgres::version_table::naming::key;

/// Forgets all batches, in an `UPDATE`: they are kept only while a function is under way.
pub(super) const FORGOTTEN: &str =
    "batch_statements = NULL, batch_rows = NULL, batch_total = NULL, batch_cursor = NULL, batch_ended = NULL";

/// Forgets those of the upgrade where a downgrade begins, in an `UPDATE`.
pub(super) const KEPT_BY_DOWNGRADE: &str = "batch_statements = CASE WHEN down_statements_done IS NOT NULL THEN \
     batch_statements END, batch_rows = CASE WHEN down_statements_done IS NOT NULL THEN batch_rows END, batch_total = CASE \
     WHEN down_statements_done IS NOT NULL THEN batch_total END, batch_cursor = CASE WHEN down_statements_done IS NOT NULL \
     THEN batch_cursor END, batch_ended = CASE WHEN down_statements_done IS NOT NULL THEN batch_ended END";

impl VersionTable {
    /// Records a batch of a revision without a transaction; raises when the row is not as the batch before it left it, so
    /// that none is done twice whatever has become of the lock.
    pub(crate) fn batch(&self, root: &str, revision: &str, before: &Journal, after: &Journal) -> String {
        let digests: Vec<&str> = after.calls().iter().map(|call| call.digest.as_str()).collect();
        let cursor: Vec<&str> = after.cursor.iter().map(String::as_str).collect();
        self.changed_one(&format!(
            "UPDATE {} SET batch_statements = {}, batch_rows = {}, batch_total = {}, batch_cursor = {}, batch_ended = {} \
             WHERE {} AND {}",
            self.quoted(),
            text_array(&digests),
            numbers(after.calls().iter().map(|call| call.rows)),
            after.total.map_or("NULL".to_owned(), |total| total.to_string()),
            text_array(&cursor),
            after.has_ended(),
            key(root, revision),
            as_recorded(before),
        ))
    }
}

/// Whether the batches in a row are those that were read of it.
pub(super) fn as_recorded(journal: &Journal) -> String {
    format!("COALESCE(batch_rows, '{{}}') OPERATOR(pg_catalog.=) {}", numbers(journal.recorded().iter().copied()))
}

fn numbers(rows: impl IntoIterator<Item = u64>) -> String {
    let rows: Vec<String> = rows.into_iter().map(|n| n.to_string()).collect();
    format!("'{{{}}}'::pg_catalog.int8[]", rows.join(","))
}

pub(super) fn read(row: &PgRow) -> Result<Journal, sqlx::Error> {
    let digests: Option<Vec<String>> = row.try_get("batch_statements")?;
    let rows: Option<Vec<i64>> = row.try_get("batch_rows")?;
    let total: Option<i64> = row.try_get("batch_total")?;
    let cursor: Option<Vec<String>> = row.try_get("batch_cursor")?;
    let ended: Option<bool> = row.try_get("batch_ended")?;
    let calls = digests.into_iter().flatten().zip(rows.into_iter().flatten());
    let calls = calls.map(|(digest, rows)| Call { digest, rows: rows.unsigned_abs() });
    Ok(Journal::new(calls.collect(), ended == Some(true), total.map(i64::unsigned_abs), cursor.unwrap_or_default()))
}
