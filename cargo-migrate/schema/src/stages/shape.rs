//! Changes of tables that may have rows and are in use, in a shape that neither fails on the rows nor keeps others out while
//! they are looked at (PostgreSQL manual, ALTER TABLE: "Notes", `NOT VALID`).

use super::{Purpose, Stage, domain, temporary};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::diff::Options;
use crate::hazard::Work;
use crate::kind::column::Column;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::table::Sort;
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::op::{Action, Diff, Op};
use crate::quote::identifier;
use crate::statement::Statement;
use std::collections::BTreeSet;

/// Where what looks at the rows is done.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// In the same script, right after what announces it; the columns that need values are noted here.
    Here(&'a mut Vec<String>),
    /// In a revision of its own, but for what something in this one needs: columns that then need values are noted here.
    Later(&'a mut Late, &'a mut Vec<String>),
}

impl Place<'_> {
    /// The columns that need values in the same script.
    fn here(&mut self) -> &mut Vec<String> {
        match self {
            Self::Here(backfills) | Self::Later(_, backfills) => backfills,
        }
    }
}

/// What is done in a revision of its own.
#[derive(Debug, Default)]
pub(super) struct Late {
    ops: Vec<Op>,
    /// What undoes them, however far they came.
    undo: Vec<Op>,
    backfills: Vec<String>,
}

impl Late {
    /// Puts it before what is done online anyway; makes the stage where there is none. A stage that has nothing left to do
    /// is no stage: what undoes it goes to where it is done.
    pub(super) fn into_stages(mut self, stages: &mut Vec<Stage>) {
        if self.ops.is_empty() {
            return;
        }
        let undone: Vec<&Statement> = self.undo.iter().flat_map(|op| &op.statements).collect();
        for stage in stages.iter_mut() {
            for op in &mut stage.down.ops {
                op.statements.retain(|statement| !undone.contains(&statement));
            }
            stage.down.ops.retain(|op| op.action != Action::Alter || !op.statements.is_empty());
        }
        let is_emptied =
            |stage: &Stage| stage.purpose == Purpose::Schema && stage.up.ops.iter().all(|op| op.statements.is_empty());
        let emptied =
            stages.iter().position(is_emptied).map(|index| stages.remove(index)).unwrap_or_else(Stage::online);
        if !stages.last().is_some_and(|stage| stage.purpose == Purpose::Online) {
            stages.push(Stage::online());
        }
        let Some(online) = stages.last_mut() else { return };
        self.ops.extend(emptied.up.ops);
        online.up.ops.splice(..0, self.ops);
        online.up.unsupported.extend(emptied.up.unsupported);
        online.down.ops.extend(self.undo);
        online.down.ops.extend(emptied.down.ops);
        online.down.unsupported.extend(emptied.down.unsupported);
        online.backfills = self.backfills;
    }
}

impl Stage {
    /// One that does nothing yet.
    fn online() -> Self {
        Self {
            purpose: Purpose::Online,
            up: Diff::default(),
            down: Diff::default(),
            down_is_transactional: true,
            backfills: Vec::new(),
        }
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
    let keyed = keyed(diff, desired);
    for mut op in diff.ops.drain(..) {
        let relation = Id::relation(&op.id.name);
        let is_there = is_table(current.get(&relation)) || renamed.contains(&relation);
        let softened = if is_there { later(&mut op, &context) } else { None };
        let Some(Softened { op: mut other, backfill, undo, is_first }) = softened else {
            if is_there {
                let column = domain::refused(&mut op, &context);
                place.here().extend(column);
            }
            ops.push(op);
            continue;
        };
        let (checks, others) = op.hazards.drain(..).partition(|hazard| hazard.work == Work::Check);
        op.hazards = others;
        if let Place::Later(late, _) = place
            && !is_first
            && !keyed.contains(&op.id)
        {
            late.ops.push(other);
            late.undo.extend(undo);
            late.backfills.extend(backfill);
            if op.action != Action::Alter || !op.statements.is_empty() {
                ops.push(op);
            }
            continue;
        }
        // In one transaction the lock that announced the check is held until its end.
        other.hazards = checks;
        place.here().extend(backfill);
        ops.extend(if is_first { [other, op] } else { [op, other] });
    }
    diff.ops = ops;
}

/// The columns of the keys that are made: a primary key is not made of a column without values, and no index of one
/// identifies rows.
fn keyed(diff: &Diff, desired: &Catalog) -> BTreeSet<Id> {
    let is_key = |id: &Id| match desired.get(id) {
        Some(Object::Constraint(constraint)) => {
            matches!(constraint.sort, ConstraintSort::PrimaryKey | ConstraintSort::Unique)
        }
        Some(Object::Index(index)) => index.is_unique,
        _ => false,
    };
    let made: BTreeSet<&Id> =
        diff.ops.iter().filter(|op| op.action == Action::Create && is_key(&op.id)).map(|op| &op.id).collect();
    let columns = desired.edges.iter().filter(|edge| edge.to.kind == Kind::Column && made.contains(&edge.from));
    columns.map(|edge| edge.to.clone()).collect()
}

/// What an op leaves to another, and the column that its author must fill.
struct Softened {
    op: Op,
    backfill: Option<String>,
    /// What undoes the other, however far it came.
    undo: Option<Op>,
    /// Whether the op needs what the other does.
    is_first: bool,
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
    Some(Softened { op: follow(op, statements), backfill: None, undo: None, is_first: false })
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
            // No shape helps where it is the type that refuses null.
            let is_of_type =
                domain::of(column, context).is_some_and(|domain| domain.default.is_some() || domain.is_not_null);
            let is_filled = is_of_type || is_filled(&id, column, context);
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
    let undo = vec![
        Statement::clause(&head, format!("DROP CONSTRAINT IF EXISTS {check}")),
        Statement::clause(&head, format!("ALTER COLUMN {name} DROP NOT NULL")),
    ];
    // Only a column that refuses null numbers rows.
    let numbers = format!("ALTER COLUMN {name} ADD GENERATED ");
    let is_first = op.action == Action::Alter && op.statements.iter().any(|statement| is_clause(statement, &numbers));
    Some(Softened {
        op: follow(op, statements),
        backfill: Some(format!("{table}.{name}")),
        undo: Some(follow(op, undo)),
        is_first,
    })
}

fn is_clause(statement: &Statement, start: &str) -> bool {
    matches!(statement, Statement::Clause { clause, .. } if clause.starts_with(start))
}

/// Whether a default, a number or an expression fills the rows that are there.
pub(super) fn is_filled(id: &Id, column: &Column, context: &Context<'_>) -> bool {
    column.identity.is_some() || column.generated.is_some() || context.desired.contains(&id.aspect(Aspect::Default))
}

/// A name that no constraint of the table has. It lasts for a moment.
fn check_name(id: &Id, context: &Context<'_>) -> String {
    temporary::name(&format!("{}_{}_is_set", id.name.name, id.part), |name| {
        context.either(&Id::part(Kind::Constraint, id.name.clone(), name)).is_some()
    })
}
