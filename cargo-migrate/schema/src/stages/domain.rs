//! Columns whose type decides whether they have a value (PostgreSQL manual, CREATE DOMAIN: "Notes").

use super::shape::is_filled;
use crate::context::Context;
use crate::kind::column::Column;
use crate::kind::domain::Domain;
use crate::name::Kind;
use crate::object::Object;
use crate::op::{Action, Op};
use crate::quote::identifier;
use crate::statement::Statement;
use std::collections::BTreeSet;

/// The domain that is the type of a column; what those below it say is in it.
pub(super) fn of(column: &Column, context: &Context<'_>) -> Option<Domain> {
    let mut found: Option<Domain> = None;
    let mut ty = column.ty.as_str();
    let mut seen = BTreeSet::new();
    while let Some(domain) = named(ty, context).filter(|_| seen.insert(ty)) {
        ty = &domain.base;
        match &mut found {
            None => found = Some(domain.clone()),
            Some(above) => {
                above.is_not_null |= domain.is_not_null;
                if above.default.is_none() {
                    above.default.clone_from(&domain.default);
                }
            }
        }
    }
    found
}

fn named<'c>(ty: &str, context: &Context<'c>) -> Option<&'c Domain> {
    context.desired.objects.iter().find_map(|(id, object)| match object {
        Object::Domain(domain) if id.kind == Kind::Type && context.name(&id.name) == ty => Some(domain),
        _ => None,
    })
}

/// Says above a column that is added what its author must do where its type refuses the null that rows would get, and
/// returns the column.
pub(super) fn refused(op: &mut Op, context: &Context<'_>) -> Option<String> {
    let Some(Object::Column(column)) = context.desired.get(&op.id) else { return None };
    if op.action != Action::Create || is_filled(&op.id, column, context) {
        return None;
    }
    let domain = of(column, context)?;
    if !domain.is_not_null || domain.default.is_some() {
        return None;
    }
    let first = op.statements.first_mut()?;
    let Statement::Clause { head, clause } = first else { return None };
    if !clause.starts_with("ADD COLUMN ") {
        return None;
    }
    let (name, ty) = (identifier(&op.id.part), &column.ty);
    *first = Statement::whole(format!(
        "-- backfill: {ty} refuses null even for a moment: if there are rows, add {name} with a default, as in\n\
         -- {head} ADD COLUMN {name} {ty} DEFAULT …;\n\
         -- {head} ALTER COLUMN {name} DROP DEFAULT;\n\
         {head} {clause}"
    ));
    Some(format!("{}.{name}", context.name(&op.id.name)))
}
