//! What an object's end, or a column's new type, means for what depends on it.

use crate::context::Context;
use crate::kind::constraint::ConstraintSort;
use crate::kind::conversion;
use crate::kind::typed_table::can_become;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use std::collections::{BTreeSet, HashMap};

use super::decide::{Fate, Fates};
use super::edges::Dependents;
use super::{partitions, redistribution};

/// Spreads what happens until nothing more follows from it.
pub(crate) fn propagate(fates: &mut Fates, context: &Context<'_>) {
    for id in partitions::untimely(fates, context) {
        fates.map.insert(id, Fate::Rebuild);
    }
    if fates.retyped.is_empty() && fates.map.values().all(|fate| *fate == Fate::Create) {
        return;
    }
    let dependents = Dependents::of(context.current);
    let parts = index_parts(context);
    withhold(fates, &dependents, context);
    // An attribute cannot get another type while columns hold values of the whole.
    let stiff = fates
        .map
        .keys()
        .filter(|id| retypes_attributes(id, context) && has_values(id, &dependents, context, &mut BTreeSet::new()));
    for id in stiff.cloned().collect::<Vec<_>>() {
        fates.map.insert(id, Fate::Rebuild);
    }
    // Nor one for which values need a cast that is written, while a table is of the type.
    for (id, object) in &context.current.objects {
        if let Object::OfType(of_type) = object
            && context.desired.get(id) == Some(object)
            && needs_casts(&Id::new(Kind::Type, of_type.ty.clone()), context)
        {
            fates.map.insert(id.clone(), Fate::Rebuild);
        }
    }
    let mut work: Vec<Id> = fates.map.iter().filter(|(_, fate)| fate.ends()).map(|(id, _)| id.clone()).collect();
    work.extend(fates.retyped.iter().cloned());
    while let Some(id) = work.pop() {
        if fates.get(&id) == Some(&Fate::Rebuild)
            && matches!(id.kind, Kind::Type | Kind::Collation)
            && has_values(&id, &dependents, context, &mut BTreeSet::new())
        {
            fates.map.insert(id.clone(), Fate::Replace);
            if let Some(what) = obstacle(&id, context) {
                fates.map.remove(&id);
                fates.unsupported.push((id.clone(), what.to_owned()));
                continue;
            }
        }
        let table = redistribution::redistributed(&id, context).filter(|_| fates.retyped.contains(&id));
        if let Some(table) = table.filter(|table| !fates.get(table).is_some_and(Fate::ends)) {
            fates.map.insert(table.clone(), Fate::Rebuild);
            work.push(table);
        }
        // The parts of an index go with it, and it has to go for one of them to go.
        let whole = context.index_above(&id);
        for other in parts.get(&id).into_iter().flatten().cloned().chain(whole) {
            let ends = fates.get(&id).is_some_and(Fate::ends);
            let stays = context.desired.contains(&other) && !fates.get(&other).is_some_and(Fate::ends);
            if ends && stays {
                fates.map.insert(other.clone(), Fate::Rebuild);
                work.push(other);
            }
        }
        for dependent in &dependents.on(&id) {
            let stays = match context.wanted(dependent) {
                // A side that is not compared is there as long as its object is.
                Some(_) => {
                    context.desired.contains(dependent) || context.desired.contains(&dependent.aspect(Aspect::Itself))
                }
                None => false,
            };
            if !context.current.contains(dependent) || !stays {
                continue;
            }
            work.extend(spread(&id, dependent, fates, context));
        }
    }
    // What comes to a column from elsewhere has its place in the order too.
    for id in fates.retyped.clone() {
        fates.map.entry(id).or_insert(Fate::Alter(Vec::new()));
    }
    let made = fates.made();
    let context = Context { made: &made, ..*context };
    redistribution::alter_detached(fates, &context);
    tell_of_order(fates, &context);
}

/// Tells of columns whose type Postgres does not change, and leaves them as they are.
fn withhold(fates: &mut Fates, dependents: &Dependents<'_>, context: &Context<'_>) {
    for id in fates.retyped.clone() {
        let table = Id::relation(&id.name);
        let holds_rows = |other: &Id| {
            other.kind == Kind::Column
                && other.aspect == Aspect::Itself
                && other.name != id.name
                && context.desired.contains(other)
        };
        let column = |name: &Name| Id::column(name, id.part.clone());
        let above = context.lasting_parents(&id.name).into_iter().map(column);
        let above: Vec<Id> = above.filter(|above| fates.retyped.contains(above)).collect();
        let what = if dependents.on(&table).iter().any(holds_rows) {
            "columns of other tables hold rows of this one; drop those columns, or give them another type, before"
        } else if above.len() > 1 {
            "it comes from several tables, and can be changed from none; end the inheritance, change each, and begin it again"
        } else {
            continue;
        };
        for column in above.iter().chain([&id]) {
            fates.retyped.remove(column);
            fates.map.remove(column);
        }
        fates.unsupported.push((id, what.to_owned()));
    }
}

/// Tells of tables that cannot become tables of a type as they are.
fn tell_of_order(fates: &mut Fates, context: &Context<'_>) {
    let types = context.made.iter().filter(|id| id.aspect == Aspect::OfType);
    for id in types.filter(|id| !context.is_made(&Id::relation(&id.name)) && !can_become(&id.name, context)) {
        fates.map.insert(id.clone(), Fate::Drop);
        if !context.current.contains(id) {
            fates.map.remove(id);
        }
        let what = "its columns are not in the order of the type, and no column can be moved; make a table of the type \
                    and copy the rows";
        fates.unsupported.push((Id::relation(&id.name), what.to_owned()));
    }
}

/// The parts, on partitions, of each index of a partitioned table.
fn index_parts(context: &Context<'_>) -> HashMap<Id, Vec<Id>> {
    let mut parts: HashMap<Id, Vec<Id>> = HashMap::new();
    for id in context.current.objects.keys().filter(|id| id.aspect == Aspect::Itself) {
        if let Some(above) = context.index_above(id) {
            parts.entry(above).or_default().push(id.clone());
        }
    }
    parts
}

/// Whether attributes of a composite type get other types.
fn retypes_attributes(id: &Id, context: &Context<'_>) -> bool {
    match (context.current.get(id), context.desired.get(id)) {
        (Some(Object::Composite(now)), Some(Object::Composite(then))) => now.retypes(then),
        _ => false,
    }
}

fn needs_casts(id: &Id, context: &Context<'_>) -> bool {
    match (context.current.get(id), context.desired.get(id)) {
        (Some(Object::Composite(now)), Some(Object::Composite(then))) => now.needs_casts(then),
        _ => false,
    }
}

/// Why values of a type cannot become values of the one that replaces it.
fn obstacle(id: &Id, context: &Context<'_>) -> Option<&'static str> {
    match (context.current.get(id)?, context.desired.get(id)?) {
        (Object::Composite(now), Object::Composite(then)) if !now.has_places_of(then) => Some(
            "columns hold values of it, and its attributes change their places; give it a new name, and convert the \
             columns to that",
        ),
        // Its functions and its multirange keep their names when it gets another.
        (Object::Range(_), _) => Some(
            "columns hold values of it, and a range cannot make room for another of its name; give it a new name, and \
             convert the columns to that",
        ),
        _ => None,
    }
}

/// Whether columns hold values of the type that are to be kept.
fn has_values(id: &Id, dependents: &Dependents<'_>, context: &Context<'_>, seen: &mut BTreeSet<Id>) -> bool {
    if !seen.insert(id.clone()) {
        return false;
    }
    dependents.on(id).iter().any(|dependent| match dependent.kind {
        Kind::Column => {
            dependent.aspect == Aspect::Itself
                && context.desired.contains(dependent)
                && context.current.contains(dependent)
        }
        Kind::Type => context.desired.contains(dependent) && has_values(dependent, dependents, context, seen),
        _ => false,
    })
}

/// What happens to a dependent; it is returned when that has consequences of its own.
fn spread(id: &Id, dependent: &Id, fates: &mut Fates, context: &Context<'_>) -> Option<Id> {
    let ended = fates.get(id).filter(|fate| fate.ends()).cloned();
    let must_go = match &ended {
        Some(end) => match goes_with(id, end, dependent, fates, context) {
            Consequence::Nothing => false,
            Consequence::Rebuilt => true,
            Consequence::Recast => return recast(dependent, id.kind, fates, context),
        },
        None => fates.retyped.contains(id) && is_bound_to_type(id, dependent, fates, context),
    };
    let is_rebuilt = must_go && !matches!(fates.get(dependent), Some(Fate::Rebuild | Fate::Replace));
    if !is_rebuilt {
        return None;
    }
    fates.map.insert(dependent.clone(), Fate::Rebuild);
    Some(dependent.clone())
}

enum Consequence {
    Nothing,
    Rebuilt,
    /// A column stays and its values are cast to the type of the same name.
    Recast,
}

/// What the end of an object means for a dependent that is there on both sides.
fn goes_with(id: &Id, end: &Fate, dependent: &Id, fates: &Fates, context: &Context<'_>) -> Consequence {
    // What was changed so that it does not need a dropped object any more.
    if *end == Fate::Drop && matches!(fates.get(dependent), Some(Fate::Alter(_))) {
        return Consequence::Nothing;
    }
    let is_own_relation = id.kind == Kind::Relation && id.name == dependent.name;
    match context.current.get(dependent) {
        Some(Object::Column(column)) if !is_own_relation => match id.kind {
            Kind::Type | Kind::Collation => Consequence::Recast,
            _ if column.generated.is_some() => Consequence::Rebuilt,
            // An inherited column stays where only its table leaves the table above.
            _ => Consequence::Nothing,
        },
        // Rows are not given up for the sake of what a table stands on.
        Some(Object::Table(_) | Object::Sequence(_) | Object::Schema(_)) => Consequence::Nothing,
        _ if *end == Fate::Drop && fates.get(dependent).is_none() && is_unbound(dependent) => Consequence::Nothing,
        _ => Consequence::Rebuilt,
    }
}

/// What says nothing of the object it depends on, so that it can lose it without a statement.
fn is_unbound(dependent: &Id) -> bool {
    matches!(dependent.kind, Kind::Extension)
}

fn recast(dependent: &Id, kind: Kind, fates: &mut Fates, context: &Context<'_>) -> Option<Id> {
    if fates.retyped.contains(dependent) || fates.recast.insert(dependent.clone(), kind).is_some() {
        return None;
    }
    let Some(Object::Column(column)) = context.desired.get(dependent) else { return None };
    let is_above = column.is_inherited && !context.lasting_parents(&dependent.name).is_empty();
    if !is_above {
        let mut statements = vec![column.remade(dependent, kind, context)];
        if let Some(Fate::Alter(others)) = fates.get(dependent) {
            statements.extend(others.iter().cloned());
        }
        if !matches!(fates.get(dependent), Some(Fate::Rebuild)) {
            fates.map.insert(dependent.clone(), Fate::Alter(statements));
        }
    }
    fates.retyped.insert(dependent.clone());
    Some(dependent.clone())
}

/// Whether values of the old type can be compared with values of the new one.
fn keeps_operators(id: &Id, context: &Context<'_>) -> bool {
    match (context.current.get(id), context.desired.get(id)) {
        (Some(Object::Column(now)), Some(Object::Column(then))) => conversion::are_comparable(&now.ty, &then.ty),
        _ => false,
    }
}

/// Whether a dependent of a column stands in the way of a new type (`ATExecAlterColumnType`), or does not survive it.
fn is_bound_to_type(id: &Id, dependent: &Id, fates: &Fates, context: &Context<'_>) -> bool {
    let is_same_name = fates.recast.get(id) == Some(&Kind::Type);
    let is_foreign_cast = is_same_name
        || match (context.current.get(id), context.desired.get(id)) {
            (Some(Object::Column(now)), Some(Object::Column(then))) => {
                conversion::using(&now.ty, &then.ty, "").is_some()
            }
            _ => false,
        };
    match context.current.get(dependent) {
        Some(Object::View(_) | Object::MaterializedView(_) | Object::Rule(_) | Object::Policy(_)) => true,
        Some(Object::Trigger(_) | Object::Routine(_) | Object::PublicationTable(_)) => {
            dependent.aspect == Aspect::Itself
        }
        Some(Object::Column(column)) => column.generated.is_some() && dependent.name == id.name,
        Some(Object::Default(_)) => is_foreign_cast && dependent.part == id.part && dependent.name == id.name,
        Some(Object::Constraint(constraint)) => match constraint.sort {
            ConstraintSort::ForeignKey => is_same_name || !keeps_operators(id, context),
            ConstraintSort::Check => is_foreign_cast,
            _ => false,
        },
        Some(Object::Index(index)) => {
            is_foreign_cast && !is_same_name && (index.condition.is_some() || index.definition.contains("(("))
        }
        _ => false,
    }
}
