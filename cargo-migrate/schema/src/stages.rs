//! The difference as it is written into revisions: in the order and the shape in which a table that has rows, and is in use,
//! bears it.
//!
//! Three things make one difference several revisions. A value added to an enum cannot be used before it is committed
//! (PostgreSQL manual, ALTER TYPE). An index is made beside those who write only by `CREATE INDEX CONCURRENTLY`, which runs
//! in no transaction. And rows are checked beside them only when the lock that announced the check was given back, which is
//! at a commit.

mod domain;
mod online;
mod shape;
mod swap;
mod temporary;

use crate::catalog::Catalog;
use crate::diff::{Options, diff};
use crate::name::Kind;
use crate::op::Diff;
use crate::rename;
use crate::stages::shape::Place;

/// A part of the way from one schema to another that is a revision of its own.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stage {
    /// Why it is one of its own.
    pub purpose: Purpose,
    /// What it does.
    pub up: Diff,
    /// What undoes it; empty where there is nothing to undo.
    pub down: Diff,
    /// Whether what undoes it runs in a transaction.
    pub down_is_transactional: bool,
    /// Columns whose rows need values that only the author knows: `users.email`.
    pub backfills: Vec<String>,
}

/// Why a part of the way is a revision of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Values of enums, which must be committed before they are used.
    Values,
    /// The change of the schema.
    Schema,
    /// What takes long and lets others write meanwhile: it runs in no transaction.
    Online,
}

/// The way from the current schema to the desired one; no stages where there is no difference.
#[must_use]
pub fn stages(current: &Catalog, desired: &Catalog, options: &Options, is_online: bool) -> Vec<Stage> {
    let options = options.clone().with_drops_last();
    let without_renames = options.clone().with_renames(Vec::new());
    // What is renamed is renamed with the rest, unless it is an enum that gets values first.
    let renames_types = options.renames.iter().any(|rename| rename.from.kind == Kind::Type);
    let renamed = rename::apply(current, desired, &options).map(|(catalog, _)| catalog);
    let renamed = renamed.as_ref().unwrap_or(current);
    let values = with_values(renamed, if renames_types { renamed } else { current }, desired, &without_renames);
    let late = if is_online { online::without_late(renamed, desired) } else { None };
    let renames_at = usize::from(values.is_some() && !renames_types);

    let mut way = vec![(Purpose::Schema, desired)];
    if let Some(late) = &late {
        way = vec![(Purpose::Schema, late), (Purpose::Online, desired)];
    }
    if let Some(values) = &values {
        way.insert(0, (Purpose::Values, values));
    }
    let mut stages: Vec<Stage> = Vec::new();
    let mut put_off = shape::Late::default();
    let mut before = current;
    for (index, (purpose, after)) in way.into_iter().enumerate() {
        let options = if index == renames_at { &options } else { &without_renames };
        let back = options.clone().with_renames(rename::reversed(&options.renames));
        let mut up = diff(before, after, options);
        let mut down = diff(after, before, &back);
        let mut backfills = Vec::new();
        shape::soften(&mut down, after, before, &back, &mut Place::Here(&mut Vec::new()));
        match purpose {
            Purpose::Online => {
                online::concurrently(&mut up, before, after);
                online::concurrently(&mut down, after, before);
                online::however_far(&mut down, after, before);
            }
            Purpose::Schema if is_online => {
                shape::soften(&mut up, before, after, options, &mut Place::Later(&mut put_off, &mut backfills));
            }
            _ => shape::soften(&mut up, before, after, options, &mut Place::Here(&mut backfills)),
        }
        // The way back is one script: where it uses a value that it adds, each statement is a commit.
        let uses_added = down.ops.iter().any(|op| op.needs_commit);
        let down_is_transactional = !uses_added && (purpose != Purpose::Online || down.ops.is_empty());
        stages.push(Stage { purpose, up, down, down_is_transactional, backfills });
        before = after;
    }
    put_off.into_stages(&mut stages);
    stages.retain(|stage| !stage.up.is_empty());
    stages
}

/// A schema with those values of enums that something else needs committed, where there are any.
fn with_values(renamed: &Catalog, current: &Catalog, desired: &Catalog, options: &Options) -> Option<Catalog> {
    let up = diff(renamed, desired, options);
    let mut added = up.ops.iter().filter(|op| op.needs_commit).peekable();
    added.peek()?;
    let mut catalog = current.clone();
    for op in added {
        catalog.objects.insert(op.id.clone(), desired.get(&op.id)?.clone());
    }
    Some(catalog)
}
