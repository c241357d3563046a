//! What must be done to turn one schema into another.

use crate::hazard::Hazard;
use crate::name::Id;
use crate::statement::Statement;

/// The difference between two catalogs: what to do, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// What to do.
    pub ops: Vec<Op>,
    /// What differs, and for which nothing could be generated: the object, and what about it.
    pub unsupported: Vec<(Id, String)>,
    /// Whether functions are made before something that their bodies name, so that the bodies cannot be checked.
    pub(crate) has_unchecked_bodies: bool,
}

/// One change of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// The object.
    pub id: Id,
    /// What happens to it.
    pub action: Action,
    /// The statements; none where another op brings this one about.
    pub statements: Vec<Statement>,
    /// What is lost for good: the op that undoes this one brings back the object, and not its data.
    pub destroys: Option<String>,
    /// What the users of tables that exist wait for while the statements run.
    pub hazards: Vec<Hazard>,
    /// Whether what comes after it needs it committed: a new value of an enum cannot be used where it was added.
    pub needs_commit: bool,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// It gets another name.
    Rename,
    /// It ends.
    Drop,
    /// It makes room for another of its name, and ends when nothing uses it any more.
    SetAside,
    /// It is changed where it is.
    Alter,
    /// It is made.
    Create,
    /// What was set aside ends.
    DropAside,
}

impl Diff {
    /// Whether there is nothing to do and nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty() && self.unsupported.is_empty()
    }

    /// What the users of tables that exist wait for, in order.
    pub fn hazards(&self) -> impl Iterator<Item = &Hazard> {
        self.ops.iter().flat_map(|op| &op.hazards)
    }

    /// What is lost for good, in order.
    pub fn losses(&self) -> impl Iterator<Item = &str> {
        self.ops.iter().filter_map(|op| op.destroys.as_deref())
    }
}
