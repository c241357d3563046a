//! What goes through the rows of a table for the sake of a column.

use crate::context::Context;
use crate::hazard::{Lock, Work};
use crate::kind::column::{Column, Default};
use crate::kind::constraint::ConstraintSort;
use crate::kind::conversion;
use crate::kind::domain::Domain;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::identifier;

use super::super::decide::Fates;
use super::{Wait, stays};

/// A new column is written into each row unless one value, found once, stands for all of them.
pub(super) fn added(id: &Id, column: &Column, context: &Context<'_>) -> Vec<Wait> {
    let is_computed = column.generated.as_ref().is_some_and(|generated| !generated.is_virtual);
    let has_volatile_default = match context.desired.get(&id.aspect(Aspect::Default)) {
        Some(Object::Default(Default { expression })) => is_volatile(expression, context),
        _ => false,
    };
    // Nothing is checked of a domain unless each row gets a value.
    let is_rewritten =
        is_computed || has_volatile_default || column.identity.is_some() || is_checked_domain(&column.ty, context);
    if is_rewritten { vec![Wait::new(&id.name, Lock::ReadsAndWrites, Work::Rewrite)] } else { Vec::new() }
}

pub(super) fn altered(id: &Id, now: &Column, then: &Column, fates: &Fates, context: &Context<'_>) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut wait = |work| waits.push(Wait::new(&id.name, Lock::ReadsAndWrites, work));
    let is_recomputed = then.generated.is_some() && now.generated != then.generated;
    let is_recast = fates.recast.get(id) == Some(&Kind::Type);
    if is_recomputed || is_recast || (now.ty != then.ty && is_rewritten(&now.ty, &then.ty, context)) {
        wait(Work::Rewrite);
    } else if now.retypes(then) || fates.recast.contains_key(id) {
        // The rows stay as they are; what was found out about them is found out again.
        let dependents = || context.current.edges.iter().filter(|edge| edge.to == *id).map(|edge| &edge.from);
        let is_sorted_anew = now.collation != then.collation || fates.recast.contains_key(id);
        if is_sorted_anew && dependents().any(|dependent| has_index(dependent, context)) {
            wait(Work::Index);
        }
        if dependents().any(|dependent| is_check(dependent, context) && stays(dependent, fates, context)) {
            wait(Work::Check);
        }
    }
    if !now.is_not_null && then.is_not_null && !is_known_not_null(id, fates, context) {
        wait(Work::Check);
    }
    waits
}

/// Whether a type change writes each row anew; a domain is stored as what is below it.
fn is_rewritten(now: &str, then: &str, context: &Context<'_>) -> bool {
    let base = |ty: &str, object: Option<&Object>| match object {
        Some(Object::Domain(domain)) => domain.base.clone(),
        _ => ty.to_owned(),
    };
    let (from, to) = (type_named(now, context), type_named(then, context));
    let now = base(now, from.as_ref().and_then(|id| context.current.get(id)));
    let into = base(then, to.as_ref().and_then(|id| context.desired.get(id)));
    // A value of a domain has lost what its base says of its length.
    let is_measured = from.is_some() && into.contains('(');
    is_checked_domain(then, context) || is_measured || (now != into && conversion::rewrites(&now, &into))
}

fn is_checked_domain(ty: &str, context: &Context<'_>) -> bool {
    let Some(id) = type_named(ty, context) else { return false };
    match context.desired.get(&id) {
        Some(Object::Domain(Domain { is_not_null: true, .. })) => true,
        Some(Object::Domain(_)) => {
            let first = Id::part(Kind::DomainConstraint, id.name.clone(), "");
            context
                .desired
                .objects
                .range(first..)
                .next()
                .is_some_and(|(constraint, _)| constraint.kind == Kind::DomainConstraint && constraint.name == id.name)
        }
        _ => false,
    }
}

/// The type that is written like this.
fn type_named(ty: &str, context: &Context<'_>) -> Option<Id> {
    let (schema, name) = ty.rsplit_once('.').unwrap_or((crate::quote::DEFAULT_SCHEMA, ty));
    let id = Id::new(Kind::Type, Name::new(schema.trim_matches('"'), name.trim_matches('"')));
    context.either(&id).map(|_| id)
}

fn has_index(dependent: &Id, context: &Context<'_>) -> bool {
    match context.current.get(dependent) {
        Some(Object::Index(_)) => true,
        Some(Object::Constraint(constraint)) => constraint.has_index(),
        _ => false,
    }
}

fn is_check(dependent: &Id, context: &Context<'_>) -> bool {
    matches!(context.current.get(dependent), Some(Object::Constraint(constraint)) if constraint.sort == ConstraintSort::Check)
}

/// Whether a constraint that stays says already that there are no nulls: then the rows are not read
/// (`NotNullImpliedByRelConstraints`).
fn is_known_not_null(id: &Id, fates: &Fates, context: &Context<'_>) -> bool {
    let definition = format!("CHECK (({} IS NOT NULL))", identifier(&id.part));
    let first = Id::part(Kind::Constraint, id.name.clone(), "");
    let constraints = context.current.objects.range(first..);
    let mut constraints = constraints.take_while(|(other, _)| other.kind == Kind::Constraint && other.name == id.name);
    constraints.any(|(other, object)| {
        matches!(object, Object::Constraint(constraint) if constraint.is_validated && constraint.definition == definition)
            && stays(other, fates, context)
    })
}

/// Functions of Postgres and of common extensions that have another value for each row.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "lastval",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Whether an expression calls what has another value for each row: a function that does not say otherwise.
fn is_volatile(expression: &str, context: &Context<'_>) -> bool {
    calls(expression).into_iter().any(|function| {
        let mut own = context
            .desired
            .objects
            .iter()
            .filter(|(id, _)| id.kind == Kind::Routine && *id.name.name == *function)
            .filter_map(|(_, object)| match object {
                Object::Routine(routine) => Some(&routine.definition),
                _ => None,
            });
        VOLATILE.contains(&function) || own.any(|definition| !says_not_volatile(definition))
    })
}

/// `pg_get_functiondef` has a line for it, before the body.
fn says_not_volatile(definition: &str) -> bool {
    let head = definition.split("\nAS ").next().unwrap_or(definition);
    head.lines().any(|line| line.split_whitespace().any(|word| matches!(word, "IMMUTABLE" | "STABLE")))
}

/// The names before parentheses, outside of literals.
fn calls(expression: &str) -> Vec<&str> {
    let mut calls = Vec::new();
    for (index, part) in expression.split('\'').enumerate() {
        if index % 2 == 1 {
            continue;
        }
        for (open, _) in part.match_indices('(') {
            let word = part[..open].rsplit(|char: char| !(char.is_alphanumeric() || char == '_')).next();
            calls.extend(word.filter(|word| !word.is_empty()));
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::{calls, says_not_volatile};

    #[test]
    fn calls_are_found_outside_of_literals() {
        assert_eq!(calls("lower(app.pick('f(x)', 2)) || 'random('"), ["lower", "pick"]);
        assert!(calls("'a'::character varying").is_empty());
    }

    #[test]
    fn a_function_is_volatile_unless_it_says_otherwise() {
        assert!(says_not_volatile("()\n RETURNS integer\n LANGUAGE sql\n STABLE\nAS $$ SELECT 1 $$"));
        assert!(!says_not_volatile("()\n RETURNS integer\n LANGUAGE sql\nAS $$\n STABLE\n$$"));
    }
}
