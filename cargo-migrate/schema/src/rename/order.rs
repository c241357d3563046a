//! The order in which renames can be done: whoever frees a name goes before whoever takes it.

use super::Rename;
use crate::catalog::Catalog;
use crate::name::{Id, Kind, Name};
use std::collections::BTreeSet;

/// Those of the renames that can be done together: the old name is there, and the new one is free or becomes so.
#[must_use]
pub fn possible_renames(renames: &[Rename], current: &Catalog) -> Vec<Rename> {
    let mut possible: Vec<Rename> = Vec::new();
    for rename in renames {
        let is_first = possible.iter().all(|other| other.from != rename.from && other.target() != rename.target());
        if is_first && rename.is_of(current) && rename.from != rename.target() {
            possible.push(rename.clone());
        }
    }
    // Each round takes out those whose new name stays with another.
    loop {
        let leaving: BTreeSet<Id> = possible.iter().map(|rename| rename.from.clone()).collect();
        let before = possible.len();
        possible.retain(|rename| rename.is_open(current) || leaving.contains(&rename.target()));
        if possible.len() == before {
            return possible;
        }
    }
}

/// Those of the renames that can be done one after the other, in that order; what would have to trade its name with another
/// cannot.
#[must_use]
pub fn successive_renames(renames: &[Rename], current: &Catalog) -> Vec<Rename> {
    let mut pending = possible_renames(renames, current);
    let mut done: Vec<Rename> = Vec::new();
    while let Some(index) = pending
        .iter()
        .position(|rename| rename.is_open(current) || done.iter().any(|done| done.from == rename.target()))
    {
        done.push(pending.remove(index));
    }
    done
}

/// A rename, and the name that the object had before all of them.
pub(super) struct Step {
    pub(super) rename: Rename,
    /// What the object was called, where this gives it the name that it is to have.
    pub(super) was: Option<Id>,
}

/// The steps that do the renames, each of which finds its new name free; a circle of them goes over a name that nothing has.
pub(super) fn steps(renames: &[Rename], current: &Catalog) -> Vec<Step> {
    let mut pending: Vec<(Rename, Id)> =
        possible_renames(renames, current).into_iter().map(|rename| (rename.clone(), rename.from)).collect();
    let mut steps = Vec::new();
    let mut freed: BTreeSet<Id> = BTreeSet::new();
    while !pending.is_empty() {
        let next = pending.iter().position(|(rename, _)| {
            let target = rename.target();
            freed.contains(&target) || !super::has(current, &target)
        });
        if let Some(index) = next {
            let (rename, was) = pending.remove(index);
            freed.insert(rename.from.clone());
            steps.push(Step { rename, was: Some(was) });
        } else {
            // Only circles are left.
            let (rename, _) = &mut pending[0];
            let aside = Rename { from: rename.from.clone(), to: free_name(rename, current).into() };
            freed.insert(rename.from.clone());
            rename.from = aside.target();
            steps.push(Step { rename: aside, was: None });
        }
    }
    steps
}

/// A name that nothing has: the old one, and a word behind it.
fn free_name(rename: &Rename, current: &Catalog) -> String {
    let old = if rename.is_of_part() || rename.from.kind == Kind::Constraint {
        &rename.from.part
    } else {
        &rename.from.name.name
    };
    // Postgres cuts names at 63 bytes.
    let mut stem = old.to_string();
    while stem.len() > 55 {
        stem.pop();
    }
    let is_taken = |name: &String| {
        let target = Rename { from: rename.from.clone(), to: name.as_str().into() }.target();
        let claimed = Name::new(rename.from.name.schema.clone(), name.as_str());
        super::has(current, &target)
            || [Kind::Relation, Kind::Type, Kind::Index]
                .iter()
                .any(|kind| current.contains(&Id::new(*kind, claimed.clone())))
    };
    let mut number = 0;
    loop {
        let name = if number == 0 { format!("{stem}_old") } else { format!("{stem}_old{number}") };
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::sequence::{Sequence, SequenceOptions};
    use crate::object::Object;

    fn catalog(names: &[&str]) -> Catalog {
        let mut catalog = Catalog::fresh(150_000);
        let options = SequenceOptions::new("bigint", 1, 1, i64::MAX, 1, 1, false);
        let sequence = Object::Sequence(Sequence { options, is_unlogged: false });
        catalog.objects.extend(names.iter().map(|name| (Id::relation(&Name::new("public", *name)), sequence.clone())));
        catalog
    }

    fn renames(told: &[(&str, &str)]) -> Vec<Rename> {
        let rename =
            |(from, to): &(&str, &str)| Rename { from: Id::relation(&Name::new("public", *from)), to: (*to).into() };
        told.iter().map(rename).collect()
    }

    fn done(told: &[(&str, &str)], names: &[&str]) -> Vec<String> {
        let steps = steps(&renames(told), &catalog(names));
        steps.iter().map(|step| format!("{}={}", step.rename.from.name.name, step.rename.to)).collect()
    }

    #[test]
    fn who_frees_a_name_goes_first() {
        for told in [[("a", "b"), ("b", "c"), ("c", "d")], [("b", "c"), ("c", "d"), ("a", "b")]] {
            assert_eq!(done(&told, &["a", "b", "c"]), ["c=d", "b=c", "a=b"]);
            assert_eq!(successive_renames(&renames(&told), &catalog(&["a", "b", "c"])).len(), 3);
        }
    }

    #[test]
    fn a_circle_goes_over_a_name_that_nothing_has() {
        let told = [("a", "b"), ("b", "a")];
        assert_eq!(done(&told, &["a", "b", "a_old"]), ["a=a_old1", "b=a", "a_old1=b"]);
        assert!(successive_renames(&renames(&told), &catalog(&["a", "b"])).is_empty());
    }

    #[test]
    fn what_finds_its_name_taken_is_not_done_nor_what_waits_for_it() {
        let told = [("a", "b"), ("b", "c"), ("x", "y"), ("z", "y"), ("u", "u")];
        let possible = possible_renames(&renames(&told), &catalog(&["a", "b", "c", "x", "z", "u"]));
        assert_eq!(possible, renames(&[("x", "y")]));
    }
}
