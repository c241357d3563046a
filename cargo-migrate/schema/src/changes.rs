//! What differs between two schemas, one line an object, in the words of a person who looks at both: what follows from a
//! change, as a view that is made again around it, is none of these.

mod words;

use crate::catalog::Catalog;
use crate::context::Context;
use crate::diff::Options;
use crate::diff::decide::{self, Fate};
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::rename;
use std::collections::BTreeSet;
use std::fmt;

/// One object that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What happens to it.
    pub sort: ChangeSort,
    /// The object, as it is called in the desired schema; where it ends, in the current one.
    pub id: Id,
    /// What it is: `table`, `column`, `unique constraint`.
    pub noun: &'static str,
    /// Its name as it would be typed: `users`, `users.name`, `sales.orders`.
    pub name: String,
    /// What about it is different; nothing where it is added or removed.
    pub detail: String,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeSort {
    /// It keeps what it holds and gets another name.
    Renamed,
    /// Only the desired schema has it.
    Added,
    /// Both have it, and differ.
    Changed,
    /// Only the current schema has it.
    Removed,
    /// Both have it and differ in something for which there is no statement.
    Unsupported,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { noun, name, detail, .. } = self;
        match self.sort {
            ChangeSort::Added => write!(formatter, "added {noun} '{name}'"),
            ChangeSort::Removed => write!(formatter, "removed {noun} '{name}'"),
            ChangeSort::Renamed => write!(formatter, "renamed {noun} '{name}' {detail}"),
            ChangeSort::Changed => write!(formatter, "changed {noun} '{name}': {detail}"),
            ChangeSort::Unsupported => write!(formatter, "{noun} '{name}', which needs a statement of yours: {detail}"),
        }
    }
}

/// What differs, in the order of kinds and names; parts of a table that is made or ends are told with it.
///
/// ```
/// use migrate_schema::{Catalog, Options, changes};
///
/// let (current, desired) = (Catalog::fresh(150_000), Catalog::fresh(150_000));
/// assert!(changes(&current, &desired, &Options::default()).is_empty());
/// ```
#[must_use]
pub fn changes(current: &Catalog, desired: &Catalog, options: &Options) -> Vec<Change> {
    let renamed = rename::applied(current, desired, options);
    let (current, renames) = match &renamed {
        Some(renamed) => (&renamed.catalog, &*renamed.told),
        None => (current, &[][..]),
    };
    let nothing = BTreeSet::new();
    let context = Context { current, desired, made: &nothing, options };
    let fates = decide::decide(&context, options);
    let mut changes: Vec<Change> = renames
        .iter()
        .map(|(id, old)| {
            let detail = old.as_ref().map_or("(only its name differs)".to_owned(), |old| format!("(it was '{old}')"));
            words::change(ChangeSort::Renamed, id, detail, &context)
        })
        .collect();
    for (id, fate) in &fates.map {
        let whole = id.owner().and_then(|owner| fates.get(&owner)).or_else(|| table_of(id, &context, &fates));
        let goes_with_it = match whole {
            Some(whole) => (whole.begins() && fate.begins()) || (whole.ends() && fate.ends()),
            None => false,
        };
        if goes_with_it || is_part_of_column(id, &fates, &context) {
            continue;
        }
        match fate {
            Fate::Create if id.aspect == Aspect::Itself => {
                changes.push(words::change(ChangeSort::Added, id, String::new(), &context));
            }
            Fate::Drop if id.aspect == Aspect::Itself => {
                changes.push(words::change(ChangeSort::Removed, id, String::new(), &context));
            }
            _ => {
                let detail = words::detail(id, &context);
                changes.push(words::change(ChangeSort::Changed, id, detail, &context));
            }
        }
    }
    let unsupported = fates.unsupported.iter();
    changes
        .extend(unsupported.map(|(id, detail)| words::change(ChangeSort::Unsupported, id, detail.clone(), &context)));
    changes
}

/// What happens to the table that an index or a statistics object belongs to.
fn table_of<'f>(id: &Id, context: &Context<'_>, fates: &'f decide::Fates) -> Option<&'f Fate> {
    let table = match context.either(&id.aspect(Aspect::Itself))? {
        Object::Index(index) => &index.table,
        Object::Statistics(statistics) => &statistics.table,
        _ => return None,
    };
    fates.get(&Id::relation(table))
}

/// A sequence that comes and goes with the column that it numbers, and what is a part of a column of a table that does.
fn is_part_of_column(id: &Id, fates: &decide::Fates, context: &Context<'_>) -> bool {
    let comes_along = |owner: Option<&Fate>, own: &Fate| {
        owner.is_some_and(|owner| (owner.begins() && own.begins()) || (owner.ends() && own.ends()))
    };
    let Some(own) = fates.get(id) else { return false };
    if id.kind == Kind::Column && id.aspect != Aspect::Itself {
        return comes_along(fates.get(&Id::relation(&id.name)), own);
    }
    let owned_by = context.either(&id.aspect(Aspect::OwnedBy));
    match owned_by {
        Some(Object::OwnedBy(owned_by)) => {
            let column = Id::column(&owned_by.table, owned_by.column.as_str());
            comes_along(fates.get(&column), own) || comes_along(fates.get(&Id::relation(&owned_by.table)), own)
        }
        _ => false,
    }
}
