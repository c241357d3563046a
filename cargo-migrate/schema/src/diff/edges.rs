//! Who depends on whom, recorded by the server or by what an object is.
//!
//! A catalog has many more edges than a change touches: they are looked up from the side that is needed.

use crate::catalog::Catalog;
use crate::name::{Id, Kind, Name};
use std::collections::HashMap;

use super::decide::Fates;

/// What the objects to which something happens depend on.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    /// In the current catalog, and whether an object goes with what it depends on.
    pub(crate) current: HashMap<Id, Vec<(Id, bool)>>,
    /// In the desired catalog.
    pub(crate) desired: HashMap<Id, Vec<(Id, bool)>>,
}

impl Edges {
    pub(crate) fn of(current: &Catalog, desired: &Catalog, fates: &Fates) -> Self {
        Self { current: collect(current, fates), desired: collect(desired, fates) }
    }
}

fn collect(catalog: &Catalog, fates: &Fates) -> HashMap<Id, Vec<(Id, bool)>> {
    let mut edges: HashMap<Id, Vec<(Id, bool)>> = HashMap::new();
    for edge in catalog.edges.iter().filter(|edge| edge.from != edge.to && fates.map.contains_key(&edge.from)) {
        edges.entry(edge.from.clone()).or_default().push((edge.to.clone(), edge.is_auto));
    }
    for id in fates.map.keys().filter(|id| catalog.contains(id)) {
        for edge in catalog.inherent(id) {
            edges.entry(edge.from).or_default().push((edge.to, edge.is_auto));
        }
    }
    edges
}

/// What depends on an object of the current catalog.
#[derive(Debug)]
pub(crate) struct Dependents<'catalog> {
    catalog: &'catalog Catalog,
    recorded: HashMap<&'catalog Id, Vec<&'catalog Id>>,
    /// Objects by each name on which they may depend by what they are.
    by_name: HashMap<Name, Vec<&'catalog Id>>,
}

impl<'catalog> Dependents<'catalog> {
    pub(crate) fn of(catalog: &'catalog Catalog) -> Self {
        let mut recorded: HashMap<&Id, Vec<&Id>> = HashMap::new();
        for edge in catalog.edges.iter().filter(|edge| edge.from != edge.to) {
            recorded.entry(&edge.to).or_default().push(&edge.from);
        }
        let mut by_name: HashMap<Name, Vec<&Id>> = HashMap::new();
        for (id, object) in &catalog.objects {
            by_name.entry(id.name.clone()).or_default().push(id);
            for (needed, _) in object.needs(id) {
                if needed.name != id.name {
                    by_name.entry(needed.name).or_default().push(id);
                }
            }
        }
        Self { catalog, recorded, by_name }
    }

    /// The dependents of an object, in the order of their identities.
    pub(crate) fn on(&self, id: &Id) -> Vec<Id> {
        let recorded = self.recorded.get(id).into_iter().flatten().copied();
        let inherent = |other: &&Id| self.catalog.inherent(other).iter().any(|edge| edge.to == *id);
        let by_name = self.by_name.get(&id.name).into_iter().flatten().copied().filter(inherent);
        let mut dependents: Vec<Id> = recorded.chain(by_name).cloned().collect();
        if id.kind == Kind::Schema {
            let inside = self.catalog.objects.keys().filter(|other| other.name.schema == id.name.name);
            dependents.extend(inside.filter(inherent).cloned());
        }
        dependents.sort();
        dependents.dedup();
        dependents
    }
}
