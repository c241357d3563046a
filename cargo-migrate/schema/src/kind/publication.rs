//! Publications, and what is published.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::quote::{identifier, identifiers, literal};
use crate::statement::{Change, Statement};

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Whether all tables are published.
    pub is_for_all_tables: bool,
    /// The operations that are published.
    pub operations: Vec<String>,
    /// Whether changes of a partition are published as those of the table above.
    pub is_via_root: bool,
}

/// A table that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationTable {
    /// The table.
    pub table: Name,
    /// The columns; empty for all.
    pub columns: Vec<String>,
    /// Which rows.
    pub filter: Option<String>,
}

/// A schema all of whose tables are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationSchema;

impl Publication {
    fn options(&self) -> [String; 2] {
        [
            format!("publish = {}", literal(&self.operations.join(", "))),
            format!("publish_via_partition_root = {}", self.is_via_root),
        ]
    }
}

impl Definition for Publication {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE PUBLICATION {}", context.name(&id.name));
        if self.is_for_all_tables {
            text += " FOR ALL TABLES";
        }
        let usual = Self {
            is_for_all_tables: false,
            operations: ["insert", "update", "delete", "truncate"].map(str::to_owned).into(),
            is_via_root: false,
        };
        let options: Vec<_> = usual
            .options()
            .into_iter()
            .zip(self.options())
            .filter(|(usual, option)| usual != option)
            .map(|(_, option)| option)
            .collect();
        if !options.is_empty() {
            text += &format!("\n    WITH ({})", options.join(", "));
        }
        vec![Statement::whole(text)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.is_for_all_tables != desired.is_for_all_tables {
            return Change::Rebuild;
        }
        let changed: Vec<_> = self
            .options()
            .into_iter()
            .zip(desired.options())
            .filter(|(now, then)| now != then)
            .map(|(_, then)| then)
            .collect();
        if changed.is_empty() {
            return Change::Keep;
        }
        let text = format!("ALTER PUBLICATION {} SET ({})", context.name(&id.name), changed.join(", "));
        Change::Alter(vec![Statement::whole(text)])
    }
}

impl Definition for PublicationTable {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (publication, table) = (context.name(&id.name), context.name(&self.table));
        let mut text = format!("ALTER PUBLICATION {publication} ADD TABLE ONLY {table}");
        if !self.columns.is_empty() {
            text += &format!(" ({})", identifiers(self.columns.iter().map(String::as_str)));
        }
        if let Some(filter) = &self.filter {
            text += &format!(" WHERE ({filter})");
        }
        vec![Statement::whole(text)]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (publication, table) = (context.name(&id.name), context.name(&self.table));
        vec![Statement::whole(format!("ALTER PUBLICATION {publication} DROP TABLE ONLY {table}"))]
    }
}

impl Definition for PublicationSchema {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (publication, schema) = (context.name(&id.name), identifier(&id.part));
        vec![Statement::whole(format!("ALTER PUBLICATION {publication} ADD TABLES IN SCHEMA {schema}"))]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (publication, schema) = (context.name(&id.name), identifier(&id.part));
        vec![Statement::whole(format!("ALTER PUBLICATION {publication} DROP TABLES IN SCHEMA {schema}"))]
    }
}
