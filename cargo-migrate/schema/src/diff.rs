//! The difference between two catalogs: decide what happens to each object, spread that to what depends on it, group what
//! one statement does, put the groups in order.

mod action;
mod counters;
pub(crate) mod decide;
mod edges;
mod fold;
mod hazards;
mod loss;
mod order;
mod partitions;
mod precedence;
mod priority;
mod propagate;
mod redistribution;

use crate::catalog::Catalog;
use crate::context::Context;
use crate::name::Kind;
use crate::op::{Action, Diff, Op};
use crate::rename::{self, Rename};
use crate::statement::Statement;
use std::collections::BTreeSet;

/// What counts as a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Compare who may do what.
    pub privileges: bool,
    /// Compare who owns what.
    pub owners: bool,
    /// What keeps its data and gets another name.
    pub renames: Vec<Rename>,
    /// Tables and columns end as late as can be, and not as early.
    pub drops_last: bool,
}

impl Options {
    /// Compares privileges too.
    #[must_use]
    pub fn with_privileges(mut self) -> Self {
        self.privileges = true;
        self
    }

    /// Says what gets another name; everything else that changes its name ends, and another begins.
    #[must_use]
    pub fn with_renames(mut self, renames: Vec<Rename>) -> Self {
        self.renames = renames;
        self
    }

    /// Puts what destroys data at the end, where it is seen and can be moved to a later revision.
    #[must_use]
    pub fn with_drops_last(mut self) -> Self {
        self.drops_last = true;
        self
    }

    /// Compares owners too.
    #[must_use]
    pub fn with_owners(mut self) -> Self {
        self.owners = true;
        self
    }
}

/// What turns the current schema into the desired one.
#[must_use]
pub fn diff(current: &Catalog, desired: &Catalog, options: &Options) -> Diff {
    let renamed = rename::apply(current, desired, options);
    let Some((current, renames)) = renamed else { return difference(current, desired, options) };
    let mut diff = difference(&current, desired, options);
    diff.ops.splice(..0, renames);
    diff
}

fn difference(current: &Catalog, desired: &Catalog, options: &Options) -> Diff {
    let nothing = BTreeSet::new();
    let context = Context { current, desired, made: &nothing, options };
    let mut fates = decide::decide(&context, options);
    if fates.map.is_empty() {
        return Diff { unsupported: fates.unsupported, ..Diff::default() };
    }
    propagate::propagate(&mut fates, &context);
    let made = fates.made();
    let context = Context { current, desired, made: &made, options };
    fates.add_privileges(&context, options);
    let edges = edges::Edges::of(current, desired, &fates);
    let actions = action::Actions::of(&fates);
    let plan = order::order(&actions, &edges, &fates, &context);
    let mut diff = Diff { unsupported: fates.unsupported.clone(), ..Diff::default() };
    diff.has_unchecked_bodies = plan.has_unchecked_bodies;
    for unit in &plan.units {
        let statements = fold::statements(unit, &actions, &fates, &context);
        let nodes = unit.nodes.iter().map(|node| actions.node(*node));
        let hazards = if statements.is_empty() { Vec::new() } else { hazards::of(nodes, &fates, &context) };
        for (index, node) in unit.nodes.iter().enumerate() {
            let (id, action) = actions.node(*node);
            let is_main = index == 0;
            let destroys = if is_main { loss::of(id, action, &fates, &context) } else { None };
            diff.ops.push(Op {
                id: id.clone(),
                action,
                statements: if is_main { statements.clone() } else { Vec::new() },
                destroys,
                hazards: if is_main { hazards.clone() } else { Vec::new() },
                needs_commit: false,
            });
        }
    }
    for (id, counter) in counters::counters(&context) {
        let statements = vec![counter];
        diff.ops.push(Op {
            id,
            action: Action::Alter,
            statements,
            destroys: None,
            hazards: Vec::new(),
            needs_commit: false,
        });
    }
    diff.ops.retain(|op| !op.statements.is_empty() || op.action != Action::Alter);
    mark_commits(&mut diff);
    diff
}

/// Marks each value added to an enum that a later op may use: one that says it anywhere, also inside a text, or turns a
/// column into that type, as its rows may hold it. What a function that is kept as a text says is used when it is called.
fn mark_commits(diff: &mut Diff) {
    let mut later = String::new();
    for op in diff.ops.iter_mut().rev() {
        let mut added = Vec::new();
        for sql in op.statements.iter().map(Statement::sql) {
            let value = sql.strip_prefix("ALTER TYPE ").and_then(|rest| rest.split_once(" ADD VALUE "));
            if let Some((ty, value)) = value {
                let label = value.split(" AFTER ").next().unwrap_or(value);
                let label = label.split(" BEFORE ").next().unwrap_or(label).trim_end_matches(';');
                added.push((ty.to_owned(), label.trim_matches('\'').to_owned()));
            } else if op.id.kind != Kind::Routine || is_parsed(&sql) {
                later += &sql;
            }
        }
        let is_used = |(ty, label): &(String, String)| later.contains(label) || later.contains(&format!(" TYPE {ty}"));
        op.needs_commit = added.iter().any(is_used);
    }
}

/// Whether the server reads the body of a function when that is made.
fn is_parsed(sql: &str) -> bool {
    sql.contains("BEGIN ATOMIC") || sql.lines().any(|line| line.trim_start().starts_with("RETURN "))
}
