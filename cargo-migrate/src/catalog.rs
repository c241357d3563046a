//! Reads the schema of a database: one batch of set-based queries in one transaction, joined by oid here.

mod batch;
mod columns;
mod constraints;
mod extras;
mod filter;
mod identities;
mod programs;
mod relations;
mod rights;
mod row;
pub mod script;
mod types;

use migrate_schema::{Catalog, Edge, Id};
use sqlx::PgConnection;

use self::batch::{Batch, Query};
pub use self::filter::{Filter, check_pattern};
use self::identities::Identities;

/// The schema could not be read.
#[derive(Debug)]
pub struct ReadError {
    /// What the driver said.
    pub source: sqlx::Error,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the schema of the database could not be read")
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Reads the schema of the connected database, as it is at one moment.
///
/// # Errors
///
/// What the server or the connection says.
pub async fn read(connection: &mut PgConnection, filter: &Filter) -> Result<Catalog, ReadError> {
    let batch = Batch::fetch(connection).await.map_err(|source| ReadError { source })?;
    Ok(assemble(&batch, filter))
}

/// What is built up while the answers are gone through.
#[derive(Debug, Default)]
struct Reading {
    catalog: Catalog,
    identities: Identities,
    /// The comments with which extensions are born.
    usual_comments: Vec<(Id, Option<String>)>,
}

fn assemble(batch: &Batch, filter: &Filter) -> Catalog {
    let mut reading = Reading::default();
    reading.catalog.server_version = batch.server_version;
    reading.catalog.role.clone_from(&batch.role);
    reading.schemas(batch);
    reading.relations(batch);
    reading.types(batch);
    reading.columns(batch);
    reading.constraints_and_indexes(batch);
    reading.programs(batch);
    reading.extras(batch);
    reading.comments(batch);
    reading.privileges(batch);
    reading.dependencies(batch);
    filter.apply(&mut reading.catalog);
    reading.catalog
}

impl Reading {
    fn dependencies(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Dependencies) {
            let from = self.identities.find(row.oid(), row.oid(), row.number());
            let to = self.identities.find(row.oid(), row.oid(), row.number());
            let is_auto = row.flag();
            if let (Some(from), Some(to)) = (from, to)
                && from != to
                && !self.is_told_otherwise(&from, &to)
            {
                // A generated column is dropped by name before the column that it is computed from.
                let is_auto = is_auto && !(from.kind == to.kind && from.name == to.name);
                self.catalog.edges.push(Edge { from, to, is_auto });
            }
        }
        self.catalog.edges.sort();
        self.catalog.edges.dedup();
    }
}
