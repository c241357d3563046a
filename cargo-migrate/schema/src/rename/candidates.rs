//! What looks like a rename.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::rename::Rename;

/// Pairs that look like renames: a table that ends beside one that begins with the same columns, a column that ends
/// beside one of the same type that begins in the same table, a value of an enum in the place of another. They are for
/// asking, and never acted upon.
#[must_use]
pub fn rename_candidates(current: &Catalog, desired: &Catalog) -> Vec<Rename> {
    let mut candidates = Vec::new();
    let ended = only_in(current, desired);
    let begun = only_in(desired, current);
    for from in &ended {
        for to in begun.iter().filter(|to| to.kind == from.kind && to.name.schema == from.name.schema) {
            let is_like = match (current.get(from), desired.get(to)) {
                (Some(Object::Table(_)), Some(Object::Table(_))) => {
                    let columns = |catalog: &Catalog, table: &Name| -> BTreeSet<(Arc<str>, String)> {
                        let columns = catalog.columns(table).into_iter();
                        columns.map(|(id, column)| (id.part.clone(), column.ty.clone())).collect()
                    };
                    let (old, new) = (columns(current, &from.name), columns(desired, &to.name));
                    2 * old.intersection(&new).count() > old.len().max(new.len())
                }
                (Some(Object::Column(old)), Some(Object::Column(new))) => {
                    from.name == to.name && old.ty == new.ty && old.is_not_null == new.is_not_null
                }
                (Some(Object::Enum(old)), Some(Object::Enum(new))) => old == new,
                _ => false,
            };
            if is_like {
                let to = if from.kind == Kind::Column { to.part.clone() } else { to.name.name.clone() };
                candidates.push(Rename { from: (*from).clone(), to });
            }
        }
    }
    for (id, object) in &current.objects {
        if let (Object::Enum(old), Some(Object::Enum(new))) = (object, desired.get(id)) {
            // A value that stands where another one stood.
            let is_like = |(old_label, new_label): &(&String, &String)| {
                !new.labels.contains(old_label) && !old.labels.contains(new_label)
            };
            let pairs = old.labels.iter().zip(&new.labels).filter(|_| old.labels.len() == new.labels.len());
            let value = |label: &str| Id::part(Kind::Type, id.name.clone(), label);
            candidates
                .extend(pairs.filter(is_like).map(|(old, new)| Rename { from: value(old), to: new.as_str().into() }));
        }
    }
    candidates
}

fn only_in<'a>(catalog: &'a Catalog, other: &Catalog) -> Vec<&'a Id> {
    let ids = catalog.objects.keys().filter(|id| id.aspect == Aspect::Itself);
    ids.filter(|id| matches!(id.kind, Kind::Relation | Kind::Column | Kind::Type) && !other.contains(id))
        // The columns of a table that ends are no columns that end.
        .filter(|id| id.owner().is_none_or(|owner| other.contains(&owner)))
        .collect()
}
