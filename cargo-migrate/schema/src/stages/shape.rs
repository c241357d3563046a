//! Changes of tables that may have rows and are in use, in a shape that neither fails on the rows nor keeps others out while
//! they are looked at (PostgreSQL manual, ALTER TABLE: "Notes", `NOT VALID`).

use super::{Purpose, Stage};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::diff::Options;
use crate::hazard::Work;
use crate::kind::column::Column;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::table::Sort;
use crate::name::{Id, Kind};
use crate::object::Object;
use crate::op::{Action, Diff, Op};
use crate::quote::identifier;
use crate::statement::Statement;
use std::collections::BTreeSet;

/// A name has no more bytes than this (`NAMEDATALEN`).
const LONGEST_NAME: usize = 63;

/// Where what looks at the rows is done.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// In the same script, right after what announces it; the columns that need values are noted here.
    Here(&'a mut Vec<String>),
    /// In a revision of its own.
    Later(&'a mut Late),
}

/// What is done in a revision of its own.
#[derive(Debug, Default)]
pub(super) struct Late {
    ops: Vec<Op>,
    backfills: Vec<String>,
}

impl Late {
    /// Puts it before what is done online anyway; makes the stage where there is none.
    pub(super) fn into_stages(self, stages: &mut Vec<Stage>) {
        if self.ops.is_empty() {
            return;
        }
        if let Some(online) = stages.last_mut().filter(|stage| stage.purpose == Purpose::Online) {
            online.up.ops.splice(..0, self.ops);
            online.backfills = self.backfills;
            return;
        }
        let up = Diff { ops: self.ops, ..Diff::default() };
        stages.push(Stage {
            purpose: Purpose::Online,
            up,
            down: Diff::default(),
            down_is_transactional: true,
            backfills: self.backfills,
        });
    }
}

/// Puts what would look at each row under a lock into the shape that does not.
pub(super) fn soften(diff: &mut Diff, current: &Catalog, desired: &Catalog, options: &Options, place: &mut Place<'_>) {
    let nothing = BTreeSet::new();
    let context = Context { current, desired, made: &nothing, options };
    let mut ops = Vec::with_capacity(diff.ops.len());
    // Renames come first: from then on their tables have the names that they have in the desired schema.
    let renamed: BTreeSet<Id> =
        diff.ops.iter().filter(|op| op.action == Action::Rename).map(|op| op.id.clone()).collect();
    for mut op in diff.ops.drain(..) {
        let relation = Id::relation(&op.id.name);
        let is_there = is_table(current.get(&relation)) || renamed.contains(&relation);
        let after = if is_there { later(&mut op, &context) } else { None };
        let Some(Softened { op: mut after, backfill }) = after else {
            ops.push(op);
            continue;
        };
        let (checks, others) = op.hazards.drain(..).partition(|hazard| hazard.work == Work::Check);
        op.hazards = others;
        ops.push(op);
        match place {
            Place::Here(backfills) => {
                // In one transaction the lock that announced the check is held until its end.
                after.hazards = checks;
                ops.push(after);
                backfills.extend(backfill);
            }
            Place::Later(late) => {
                late.ops.push(after);
                late.backfills.extend(backfill);
            }
        }
    }
    diff.ops = ops;
}

/// What an op leaves for later, and the column that its author must fill.
struct Softened {
    op: Op,
    backfill: Option<String>,
}

fn is_table(object: Option<&Object>) -> bool {
    matches!(object, Some(Object::Table(table)) if !matches!(table.sort, Sort::Foreign { .. }))
}

/// Takes out of an op what looks at each row.
fn later(op: &mut Op, context: &Context<'_>) -> Option<Softened> {
    let statements = match context.desired.get(&op.id)? {
        Object::Column(column) if op.id.kind == Kind::Column => return required(op, column, context),
        Object::Constraint(constraint) if op.action == Action::Create => unchecked(op, constraint, context)?,
        _ => return None,
    };
    Some(Softened { op: follow(op, statements), backfill: None })
}

fn follow(op: &Op, statements: Vec<Statement>) -> Op {
    let id = op.id.clone();
    Op { id, action: Action::Alter, statements, destroys: None, hazards: Vec::new(), needs_commit: false }
}

/// A constraint is added for rows to come; those that are there are checked under a lock that lets others write.
fn unchecked(op: &mut Op, constraint: &Constraint, context: &Context<'_>) -> Option<Vec<Statement>> {
    let is_checked = match constraint.sort {
        // PostgreSQL 18 is the first that takes it for a partitioned table.
        ConstraintSort::ForeignKey => !is_partitioned(&op.id, context) || context.current.server_version >= 180_000,
        ConstraintSort::Check => true,
        _ => false,
    };
    if !is_checked || !constraint.is_validated {
        return None;
    }
    let [Statement::Clause { clause, .. }] = op.statements.as_mut_slice() else { return None };
    if !clause.starts_with("ADD CONSTRAINT ") {
        return None;
    }
    clause.push_str(" NOT VALID");
    let validate = format!("{} VALIDATE CONSTRAINT {}", context.alter(&op.id.name), identifier(&op.id.part));
    Some(vec![Statement::whole(validate)])
}

fn is_partitioned(id: &Id, context: &Context<'_>) -> bool {
    let table = context.desired.get(&Id::relation(&id.name));
    matches!(table, Some(Object::Table(table)) if matches!(table.sort, Sort::Partitioned(_)))
}

/// A column that refuses null, of rows that may have none: added without that, filled, checked, and then set.
fn required(op: &mut Op, column: &Column, context: &Context<'_>) -> Option<Softened> {
    let id = op.id.clone();
    let name = identifier(&id.part).into_owned();
    let set = format!("ALTER COLUMN {name} SET NOT NULL");
    let is_found = match op.action {
        Action::Create => {
            let ending = " NOT NULL";
            // A default, a number and an expression fill the rows that are there.
            let is_filled = column.identity.is_some()
                || column.generated.is_some()
                || context.desired.contains(&id.aspect(crate::name::Aspect::Default));
            match op.statements.first_mut() {
                Some(Statement::Clause { clause, .. }) if column.is_not_null && !is_filled => {
                    let bare = clause.strip_suffix(ending).map(str::to_owned);
                    bare.map(|bare| *clause = bare).is_some()
                }
                _ => false,
            }
        }
        Action::Alter => {
            let n_before = op.statements.len();
            op.statements.retain(|statement| !matches!(statement, Statement::Clause { clause, .. } if *clause == set));
            op.statements.len() < n_before
        }
        _ => false,
    };
    if !is_found {
        return None;
    }
    let table = context.name(&id.name);
    let head = context.alter(&id.name);
    let check = identifier(&check_name(&id, context)).into_owned();
    let statements = vec![
        Statement::whole(format!("{head} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID")),
        // The values come after what is done for good where this runs in no transaction: what failed for want of them goes
        // on from here, and no row without one comes meanwhile.
        Statement::whole(format!(
            "-- backfill: give each row that has none a value for {name} here, as in\n\
             -- UPDATE {table} SET {name} = … WHERE {name} IS NULL;\n\
             {head} VALIDATE CONSTRAINT {check}"
        )),
        Statement::whole(format!("{head} {set}")),
        Statement::whole(format!("{head} DROP CONSTRAINT {check}")),
    ];
    Some(Softened { op: follow(op, statements), backfill: Some(format!("{table}.{name}")) })
}

/// A name that no constraint of the table has. It lasts for a moment.
fn check_name(id: &Id, context: &Context<'_>) -> String {
    let wanted = format!("{}_{}_is_set", id.name.name, id.part);
    let mut n = 0_u32;
    loop {
        let ending = if n == 0 { String::new() } else { n.to_string() };
        let mut name = wanted.clone();
        while name.len() + ending.len() > LONGEST_NAME {
            name.pop();
        }
        name.push_str(&ending);
        let taken = Id::part(Kind::Constraint, id.name.clone(), name.as_str());
        if context.either(&taken).is_none() {
            return name;
        }
        n += 1;
    }
}
