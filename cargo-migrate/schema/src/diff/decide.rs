//! What happens to each object, looked at by itself.

use crate::context::Context;
use crate::kind::privileges::{is_born_otherwise, is_grantable};
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::statement::{Change, Statement};
use std::collections::{BTreeMap, BTreeSet};

use super::Options;

/// What happens to one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    Create,
    Drop,
    Alter(Vec<Statement>),
    /// It is dropped and made again.
    Rebuild,
    /// As `Rebuild`, but columns hold values of it: both are there for a while.
    Replace,
}

impl Fate {
    /// Whether the object as it is ends.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, Self::Drop | Self::Rebuild | Self::Replace)
    }

    /// Whether an object is made.
    pub(crate) fn begins(&self) -> bool {
        matches!(self, Self::Create | Self::Rebuild | Self::Replace)
    }
}

/// What happens to all objects; what is kept is not in the map.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fates {
    pub(crate) map: BTreeMap<Id, Fate>,
    /// Columns whose type changes, whether by a statement of their own or by one for the table above.
    pub(crate) retyped: BTreeSet<Id>,
    /// Columns that get the type or the collation which replaces that of the same name, and which of both it is.
    pub(crate) recast: BTreeMap<Id, Kind>,
    pub(crate) unsupported: Vec<(Id, String)>,
}

impl Fates {
    pub(crate) fn made(&self) -> BTreeSet<Id> {
        self.map.iter().filter(|(_, fate)| fate.begins()).map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn get(&self, id: &Id) -> Option<&Fate> {
        self.map.get(id)
    }

    /// Takes away what default privileges give to new objects, where nothing else says what they shall have.
    pub(crate) fn add_privileges(&mut self, context: &Context<'_>, options: &Options) {
        if !options.privileges || !context.current.objects.keys().any(|id| id.kind == Kind::DefaultPrivileges) {
            return;
        }
        for id in context.made {
            let privileges = id.aspect(Aspect::Privileges);
            let is_plain = id.aspect == Aspect::Itself && context.desired.get(id).is_some_and(is_grantable);
            if is_plain && !context.desired.contains(&privileges) && is_born_otherwise(id, context) {
                self.map.insert(privileges, Fate::Create);
            }
        }
    }
}

/// Compares each object with the one of the same identity.
pub(crate) fn decide(context: &Context<'_>, options: &Options) -> Fates {
    let mut fates = Fates::default();
    let (mut now, mut then) = (context.current.objects.iter().peekable(), context.desired.objects.iter().peekable());
    // Both are in the same order: walking them together finds the pairs.
    loop {
        let order = match (now.peek(), then.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        match order {
            std::cmp::Ordering::Less => {
                if let Some((id, object)) = now.next() {
                    fates.add(id, object, Fate::Drop, options);
                }
            }
            std::cmp::Ordering::Greater => {
                if let Some((id, object)) = then.next() {
                    fates.add(id, object, Fate::Create, options);
                }
            }
            std::cmp::Ordering::Equal => {
                if let (Some((id, current)), Some((_, desired))) = (now.next(), then.next()) {
                    fates.compare(id, current, desired, context, options);
                }
            }
        }
    }
    fates
}

impl Fates {
    fn add(&mut self, id: &Id, object: &Object, fate: Fate, options: &Options) {
        if !is_compared(id, options) {
            return;
        }
        if let Object::Other(what) = object {
            let verb = if fate == Fate::Drop { "is to be dropped" } else { "is to be made" };
            self.unsupported.push((id.clone(), format!("{what} {verb}")));
            return;
        }
        self.map.insert(id.clone(), fate);
    }

    fn compare(&mut self, id: &Id, current: &Object, desired: &Object, context: &Context<'_>, options: &Options) {
        if !is_compared(id, options) || current == desired {
            return;
        }
        if let (Object::Column(now), Object::Column(then)) = (current, desired)
            && now.retypes(then)
        {
            self.retyped.insert(id.clone());
        }
        let fate = match current.change(desired, id, context) {
            Change::Keep => return,
            Change::Alter(statements) => Fate::Alter(statements),
            Change::Rebuild => Fate::Rebuild,
            Change::Report(what) => {
                self.unsupported.push((id.clone(), what));
                return;
            }
        };
        self.map.insert(id.clone(), fate);
    }
}

fn is_compared(id: &Id, options: &Options) -> bool {
    match (id.aspect, id.kind) {
        (Aspect::Owner, _) => options.owners,
        (Aspect::Privileges, _) | (_, Kind::DefaultPrivileges) => options.privileges,
        (aspect, Kind::Other) => aspect == Aspect::Itself,
        _ => true,
    }
}
