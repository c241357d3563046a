//! Renames: what keeps its rows and gets another name. They are told, or the name of a constraint or index is all that
//! differs; nothing is guessed.

mod candidates;
mod effect;
mod numbering;
mod order;
mod output;
mod reversed;

pub use self::candidates::rename_candidates;
use self::effect::Renaming;
pub use self::order::{possible_renames, successive_renames};
pub use self::reversed::reversed;
use crate::catalog::{Catalog, Edge};
use crate::context::Context;
use crate::diff::Options;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::{Action, Op};
use crate::quote::{identifier, literal};
use crate::statement::Statement;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An object gets another name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The object as it is called now.
    pub from: Id,
    /// What it is to be called, in the same schema and table.
    pub to: Arc<str>,
}

/// What `OLD=NEW` names is not there, or it cannot be renamed to that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenameError {
    /// It has no `=`, or nothing on one side of it.
    Syntax(String),
    /// Nothing is called that now.
    Unknown(String),
}

impl std::fmt::Display for RenameError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(text) => {
                write!(formatter, "`{text}` is no rename; write `table=new_name` or `table.column=new_name`")
            }
            Self::Unknown(text) => {
                write!(formatter, "there is no table, column, type, sequence or view `{text}` to rename")
            }
        }
    }
}

impl std::error::Error for RenameError {}

impl Rename {
    /// Reads `table=new_name`, `table.column=new_name`, either with a schema before it.
    ///
    /// # Errors
    ///
    /// When it reads otherwise, or the current schema has nothing of that name.
    pub fn parse(text: &str, current: &Catalog) -> Result<Self, RenameError> {
        let syntax = || RenameError::Syntax(text.to_owned());
        let (old, new) = text.split_once('=').ok_or_else(syntax)?;
        let new = new.rsplit('.').next().unwrap_or(new).trim_matches('"');
        let parts: Vec<&str> = old.split('.').map(|part| part.trim_matches('"')).collect();
        if new.is_empty() || parts.iter().any(|part| part.is_empty()) {
            return Err(syntax());
        }
        let public = crate::quote::DEFAULT_SCHEMA;
        let candidates = match parts[..] {
            [name] => named(&Name::new(public, name)),
            [first, second] => {
                let mut ids = vec![Id::column(&Name::new(public, first), second)];
                ids.push(Id::part(Kind::Type, Name::new(public, first), second));
                ids.extend(named(&Name::new(first, second)));
                ids
            }
            [schema, name, part] => {
                let name = Name::new(schema, name);
                vec![Id::column(&name, part), Id::part(Kind::Type, name, part)]
            }
            _ => return Err(syntax()),
        };
        let from = candidates.into_iter().find(|id| has(current, id));
        let from = from.ok_or_else(|| RenameError::Unknown(old.to_owned()))?;
        Ok(Self { from, to: new.into() })
    }

    /// Whether the schema has what it renames, and nothing yet of the new name.
    #[must_use]
    pub fn is_open(&self, current: &Catalog) -> bool {
        self.is_of(current) && !has(current, &self.target())
    }

    /// Whether the schema has what it renames.
    #[must_use]
    pub fn is_of(&self, catalog: &Catalog) -> bool {
        has(catalog, &self.from)
    }

    /// Whether both would give the same name to two objects that exclude each other.
    #[must_use]
    pub fn lands_on(&self, other: &Self) -> bool {
        self.target() == other.target()
    }

    pub(crate) fn target(&self) -> Id {
        match self.from.kind {
            Kind::Column | Kind::Constraint => Id { part: self.to.clone(), ..self.from.clone() },
            Kind::Type if self.is_value() => Id { part: self.to.clone(), ..self.from.clone() },
            _ => Id { name: Name::new(self.from.name.schema.clone(), self.to.clone()), ..self.from.clone() },
        }
    }

    /// Whether it is a value of an enum that gets another name.
    fn is_value(&self) -> bool {
        self.from.kind == Kind::Type && !self.from.part.is_empty()
    }

    /// Whether it is a column, or a value of an enum.
    fn is_of_part(&self) -> bool {
        self.from.kind == Kind::Column || self.is_value()
    }

    fn statement(&self, context: &Context<'_>) -> Statement {
        let new = identifier(&self.to);
        let old = identifier(&self.from.part);
        match self.from.kind {
            Kind::Type if self.is_value() => {
                let (name, old, new) = (context.name(&self.from.name), literal(&self.from.part), literal(&self.to));
                Statement::whole(format!("ALTER TYPE {name} RENAME VALUE {old} TO {new}"))
            }
            Kind::Column => {
                Statement::whole(format!("{} RENAME COLUMN {old} TO {new}", context.alter(&self.from.name)))
            }
            Kind::Constraint => {
                Statement::whole(format!("{} RENAME CONSTRAINT {old} TO {new}", context.alter(&self.from.name)))
            }
            _ => {
                let phrase = context.phrase(&self.from, context.current.get(&self.from));
                Statement::whole(format!("ALTER {phrase} RENAME TO {new}"))
            }
        }
    }
}

/// Whether a schema has an object, or a value of an enum.
fn has(catalog: &Catalog, id: &Id) -> bool {
    let is_value = || match catalog.get(&Id::new(id.kind, id.name.clone())) {
        Some(Object::Enum(object)) => object.labels.iter().any(|label| **label == *id.part),
        _ => false,
    };
    catalog.contains(id) || (id.kind == Kind::Type && is_value())
}

fn named(name: &Name) -> Vec<Id> {
    vec![Id::relation(name), Id::new(Kind::Type, name.clone()), Id::new(Kind::Index, name.clone())]
}

/// What the renames make of a catalog.
pub(crate) struct Renamed {
    /// The catalog as it is then.
    pub(crate) catalog: Catalog,
    /// What does them.
    pub(crate) ops: Vec<Op>,
    /// What has another name in the end, and what it was called where that was told.
    pub(crate) told: Vec<(Id, Option<Arc<str>>)>,
}

/// The current catalog as it is after the renames, and the ops that do them; nothing when there are none.
pub(crate) fn apply(current: &Catalog, desired: &Catalog, options: &Options) -> Option<(Catalog, Vec<Op>)> {
    applied(current, desired, options).map(|renamed| (renamed.catalog, renamed.ops))
}

/// The renames, and what is told of them; nothing when there are none.
pub(crate) fn applied(current: &Catalog, desired: &Catalog, options: &Options) -> Option<Renamed> {
    let mut renamed = None;
    // Tables and types first: then what is told by the old name of its table or type is known by the new one.
    let (mut parts, wholes): (Vec<Rename>, Vec<Rename>) = options.renames.iter().cloned().partition(Rename::is_of_part);
    let wholes = possible_renames(&wholes, current);
    take(&mut renamed, &wholes, true, [current, desired], options);
    for part in &mut parts {
        let is_whole = |whole: &&Rename| {
            let kind = if part.from.kind == Kind::Type { Kind::Type } else { Kind::Relation };
            whole.from == Id::new(kind, part.from.name.clone())
        };
        if let Some(whole) = wholes.iter().find(is_whole) {
            part.from.name = whole.target().name;
        }
    }
    take(&mut renamed, &parts, true, [current, desired], options);
    let sequences = numbering::of_columns(catalog(&renamed, current), desired);
    take(&mut renamed, &sequences, false, [current, desired], options);
    let names = names_alone(catalog(&renamed, current), desired);
    take(&mut renamed, &names, false, [current, desired], options);
    renamed
}

/// The catalog as far as it is renamed.
fn catalog<'c>(renamed: &'c Option<Renamed>, current: &'c Catalog) -> &'c Catalog {
    renamed.as_ref().map_or(current, |renamed| &renamed.catalog)
}

/// Does some more renames, which are told or not.
fn take(
    renamed: &mut Option<Renamed>,
    renames: &[Rename],
    is_told: bool,
    [current, desired]: [&Catalog; 2],
    options: &Options,
) {
    if renames.is_empty() {
        return;
    }
    for order::Step { rename, was } in order::steps(renames, catalog(renamed, current)) {
        let (after, op) = step(catalog(renamed, current), desired, &rename, options);
        let was = was
            .map(|was| (op.id.clone(), is_told.then_some(if was.part.is_empty() { was.name.name } else { was.part })));
        let (mut ops, mut told) = renamed.take().map_or_else(Default::default, |before| (before.ops, before.told));
        ops.push(op);
        told.extend(was);
        *renamed = Some(Renamed { catalog: after, ops, told });
    }
}

/// Constraints and indexes of which nothing but the name differs.
fn names_alone(current: &Catalog, desired: &Catalog) -> Vec<Rename> {
    let unmatched = |catalog: &Catalog, other: &Catalog| -> Vec<(Id, Object)> {
        let objects = catalog.objects.iter().filter(|(id, _)| id.aspect == Aspect::Itself && !other.contains(id));
        let objects = objects.filter(|(_, object)| match object {
            Object::Constraint(constraint) => !constraint.is_only_inherited() && constraint.attached_to.is_none(),
            Object::Index(index) => index.attached_to.is_none(),
            _ => false,
        });
        objects.map(|(id, object)| (id.clone(), object.clone())).collect()
    };
    let (ended, begun) = (unmatched(current, desired), unmatched(desired, current));
    let taken: BTreeSet<Name> = if ended.is_empty() || begun.is_empty() {
        return Vec::new();
    } else {
        current.objects.iter().filter_map(|(id, object)| object.claims(id)).collect()
    };
    let is_same = |(from, old): &(Id, Object), (to, new): &(Id, Object)| match (old, new) {
        (Object::Constraint(a), Object::Constraint(b)) => from.name == to.name && a == b,
        (Object::Index(a), Object::Index(b)) => from.name.schema == to.name.schema && a == b,
        _ => false,
    };
    let mut renames = Vec::new();
    for from in &ended {
        let mut like = begun.iter().filter(|to| is_same(from, to));
        let only = like.next().filter(|_| like.next().is_none());
        let Some(to) = only.filter(|to| ended.iter().filter(|from| is_same(from, to)).count() == 1) else { continue };
        let new = if from.0.kind == Kind::Constraint { to.0.part.clone() } else { to.0.name.name.clone() };
        let is_free = !to.1.claims(&to.0).is_some_and(|name| taken.contains(&name));
        if is_free {
            renames.push(Rename { from: from.0.clone(), to: new });
        }
    }
    renames
}

/// One rename, done on the catalog and as an op.
fn step(catalog: &Catalog, desired: &Catalog, rename: &Rename, options: &Options) -> (Catalog, Op) {
    let nothing = BTreeSet::new();
    let context = Context { current: catalog, desired, made: &nothing, options };
    let op = Op {
        id: rename.target(),
        action: Action::Rename,
        statements: vec![rename.statement(&context)],
        destroys: None,
        hazards: Vec::new(),
        needs_commit: false,
    };
    let renaming = Renaming::of(rename, catalog, &context);
    let mut after = Catalog { objects: BTreeMap::new(), edges: Vec::new(), ..catalog.clone() };
    for (id, object) in &catalog.objects {
        let mut object = object.clone();
        object.rename(&mut |name| renaming.name(name), &mut |id| renaming.id(id));
        if renaming.touched.contains(id) {
            object.rewrite(&mut |text| renaming.text(text));
        }
        if let (Object::OwnedBy(owned_by), Kind::Column) = (&mut object, rename.from.kind)
            && owned_by.table == rename.from.name
            && owned_by.column == *rename.from.part
        {
            owned_by.column = rename.to.to_string();
        }
        if let Object::Enum(object) = &mut object
            && rename.is_value()
            && id.name == rename.from.name
        {
            object.labels.iter_mut().filter(|label| **label == *rename.from.part).for_each(|label| {
                *label = rename.to.to_string();
            });
        }
        after.objects.insert(renaming.id(id), object);
    }
    let edges = catalog.edges.iter();
    after.edges = edges
        .map(|edge| Edge { from: renaming.id(&edge.from), to: renaming.id(&edge.to), is_auto: edge.is_auto })
        .collect();
    (after, op)
}
