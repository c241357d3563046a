//! What an action destroys for good.

use crate::context::Context;
use crate::kind::conversion;
use crate::kind::table::{Sort, Table};
use crate::name::{Aspect, Id};
use crate::object::Object;
use crate::op::Action;
use crate::quote::{identifier, literal};

use super::decide::{Fate, Fates};

/// What is lost, in words, when anything is.
pub(crate) fn of(id: &Id, action: Action, fates: &Fates, context: &Context<'_>) -> Option<String> {
    let current = context.current.get(id)?;
    let name = context.name(&id.name);
    match (action, current) {
        // The rows are in the partitions, which are detached from it before.
        (Action::Drop, Object::Table(Table { sort: Sort::Partitioned(_), .. }))
            if fates.get(id) != Some(&Fate::Drop) =>
        {
            None
        }
        (Action::Drop, Object::Table(_)) if current.holds_data() => Some(format!("the rows of {name}")),
        (Action::Drop, Object::Column(_)) if current.holds_data() => {
            Some(format!("the values of {name}.{}", identifier(&id.part)))
        }
        // What a column owns counts from its values; of a sequence of its own nothing else tells how far it came.
        (Action::Drop, Object::Sequence(_)) if !context.current.contains(&id.aspect(Aspect::OwnedBy)) => {
            Some(format!("the counter of {name}"))
        }
        (Action::SetAside, Object::Enum(now)) => match context.desired.get(id) {
            Some(Object::Enum(then)) => {
                let removed: Vec<_> = now.without(then).into_iter().map(literal).collect();
                (!removed.is_empty())
                    .then(|| format!("the value {} of {name}, which no row may hold", removed.join(", ")))
            }
            _ => None,
        },
        (Action::Alter, Object::Composite(now)) => {
            let Some(Object::Composite(then)) = context.desired.get(id) else { return None };
            let kept = |name: &str| then.attributes.iter().any(|attribute| attribute.name == name);
            let dropped: Vec<_> =
                now.attributes.iter().filter(|attribute| !kept(&attribute.name)).map(|a| identifier(&a.name)).collect();
            (!dropped.is_empty()).then(|| format!("the attribute {} of values of {name}", dropped.join(", ")))
        }
        (Action::Alter, Object::Column(now)) => {
            let Some(Object::Column(then)) = context.desired.get(id) else { return None };
            let is_rewritten = matches!(fates.get(id), Some(Fate::Alter(_))) && now.ty != then.ty;
            (is_rewritten && conversion::narrows(&now.ty, &then.ty))
                .then(|| format!("what does not fit {} in {name}.{}", then.ty, identifier(&id.part)))
        }
        _ => None,
    }
}
