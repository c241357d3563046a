//! Where what numbers the rows goes on counting, when it is made for rows that have numbers.

use crate::context::Context;
use crate::kind::column::Column;
use crate::kind::sequence::SequenceOptions;
use crate::kind::table::{Sort, Table};
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::{identifier, literal};
use crate::statement::Statement;

/// What moves each counter that is made for a column which is there to the last number that a row has.
pub(super) fn counters(context: &Context<'_>) -> Vec<(Id, Statement)> {
    let mut counters = Vec::new();
    for id in context.made.iter().filter(|id| id.kind == Kind::Relation && context.current.contains(id)) {
        // The identities of partitioned tables that are made anew.
        if let Some(Object::Table(Table { sort: Sort::Partitioned(_), .. })) = context.current.get(id) {
            let columns = context.desired.columns(&id.name).into_iter();
            let columns = columns.filter(|(id, _)| context.current.contains(id));
            counters.extend(columns.filter_map(|(id, column)| identity(id, column, context)));
        }
    }
    for (id, object) in &context.desired.objects {
        match object {
            Object::Column(then) if lasts(id, context) && !then.is_inherited => {
                if let Some(Object::Column(Column { identity: None, .. })) = context.current.get(id) {
                    counters.extend(identity(id, then, context));
                }
            }
            Object::OwnedBy(owned_by) => {
                let column = Id::column(&owned_by.table, owned_by.column.as_str());
                counters.extend(serial(&id.aspect(Aspect::Itself), &column, context));
            }
            _ => {}
        }
    }
    counters
}

/// The counter of an identity.
fn identity(id: &Id, column: &Column, context: &Context<'_>) -> Option<(Id, Statement)> {
    let identity = column.identity.as_ref()?;
    Some((id.clone(), counter(&identity.sequence, &identity.options, id, context)))
}

/// The counter of a sequence that is made to be the default of a column.
fn serial(sequence: &Id, column: &Id, context: &Context<'_>) -> Option<(Id, Statement)> {
    let (Some(Object::Sequence(object)), Some(Object::Default(default)), Some(Object::Column(numbered))) = (
        context.desired.get(sequence),
        context.desired.get(&column.aspect(Aspect::Default)),
        context.desired.get(column),
    ) else {
        return None;
    };
    let is_number = matches!(numbered.ty.as_str(), "smallint" | "integer" | "bigint");
    let is_its = default.expression.starts_with(&format!("nextval({}", literal(&context.name(&sequence.name))));
    let is_new = !context.current.contains(sequence) && lasts(column, context);
    (is_number && is_its && is_new)
        .then(|| (sequence.clone(), counter(&sequence.name, &object.options, column, context)))
}

/// Whether a column is there now and keeps its values.
fn lasts(column: &Id, context: &Context<'_>) -> bool {
    context.current.contains(column) && !context.is_made(column) && !context.is_made(&Id::relation(&column.name))
}

/// `setval` to the last number; a table without one is left alone, and the counter at its start.
fn counter(sequence: &Name, options: &SequenceOptions, column: &Id, context: &Context<'_>) -> Statement {
    let last = if options.increment < 0 { "min" } else { "max" };
    let (sequence, table) = (literal(&context.name(sequence)), context.name(&column.name));
    let last = format!("{last}({})", identifier(&column.part));
    let reaches = options.reaches(&last);
    Statement::whole(format!("SELECT setval({sequence}, {last})\n  FROM {table}\nHAVING {reaches}"))
}
