//! Sequences that number the rows of a column are called after it, and go on counting under the name that it gives them.

use super::Rename;
use crate::catalog::Catalog;
use crate::name::{Aspect, Id};
use crate::object::Object;
use std::collections::{BTreeMap, BTreeSet};

/// The sequences that the same columns own under other names: one that was dropped and made would begin anew, at numbers that
/// rows have.
pub(super) fn of_columns(current: &Catalog, desired: &Catalog) -> Vec<Rename> {
    let (now, then) = (owned(current), owned(desired));
    let pairs = now.iter().filter_map(|(column, from)| Some((*from.as_ref()?, then.get(column)?.as_ref()?)));
    let pairs = pairs.filter(|(from, to)| from != *to && from.name.schema == to.name.schema);
    let mut renames: Vec<Rename> =
        pairs.map(|(from, to)| Rename { from: from.clone(), to: to.name.name.clone() }).collect();
    let claimed: BTreeSet<_> = current.objects.iter().filter_map(|(id, object)| object.claims(id)).collect();
    // Each round takes out those that would leave or take a name which another keeps.
    loop {
        let leaving: BTreeSet<Id> = renames.iter().map(|rename| rename.from.clone()).collect();
        let taken: BTreeSet<Id> = renames.iter().map(Rename::target).collect();
        let before = renames.len();
        renames.retain(|rename| {
            let target = rename.target();
            (!desired.contains(&rename.from) || taken.contains(&rename.from))
                && (!claimed.contains(&target.name) || leaving.contains(&target))
        });
        if renames.len() == before {
            return renames;
        }
    }
}

/// The sequence of each column that owns one; nothing where it owns several.
fn owned(catalog: &Catalog) -> BTreeMap<Id, Option<&Id>> {
    let mut owned = BTreeMap::new();
    for (id, object) in catalog.objects.iter().filter(|(id, _)| id.aspect == Aspect::OwnedBy) {
        let Object::OwnedBy(owned_by) = object else { continue };
        let itself = catalog.objects.get_key_value(&id.aspect(Aspect::Itself)).map(|(id, _)| id);
        let column = Id::column(&owned_by.table, owned_by.column.as_str());
        owned.entry(column).and_modify(|sequence| *sequence = None).or_insert(itself);
    }
    owned
}
