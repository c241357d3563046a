//! Privileges: who may do what with an object.

use crate::catalog::Catalog;
use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::quote::identifier;
use crate::statement::{Change, Statement};
use std::collections::BTreeMap;

/// The privileges on an object that are not those with which it was born.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// What each grantee may do.
    pub grants: BTreeMap<Grantee, Grants>,
}

/// What one grantee may do, and whether it may pass that on.
pub type Grants = BTreeMap<String, bool>;

/// Who may do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// The owner, whoever that is.
    Owner,
    /// Everybody.
    Public,
    /// A role.
    Role(String),
}

/// The sorts of objects that have privileges of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Table,
    Column,
    Sequence,
    Routine,
    Type,
    Schema,
    Language,
    Wrapper,
    Server,
}

impl Privileges {
    /// What `initdb` grants on the schema `public`: to everybody, from 15 on without the right to make something there.
    pub(crate) fn of_public_schema(server_version: u32) -> Self {
        let grants = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), false)).collect::<Grants>();
        let all = &["CREATE", "USAGE"];
        let public = if server_version >= 150_000 { &all[1..] } else { all };
        Self { grants: [(Grantee::Owner, grants(all)), (Grantee::Public, grants(public))].into() }
    }

    /// Whether these are the privileges with which Postgres makes an object.
    #[must_use]
    pub fn are_usual(&self, id: &Id, catalog: &Catalog) -> bool {
        *self == Class::of_object(id, catalog.get(&id.aspect(Aspect::Itself))).born_with(catalog.server_version)
    }
}

impl Privileges {
    /// These privileges after the object got another owner: what that was granted before is the owner's then, as the old
    /// owner's is (`aclnewowner`).
    fn handed_over(&self, id: &Id, context: &Context<'_>) -> Self {
        let mut privileges = self.clone();
        let owner = owner_of(id).aspect(Aspect::Owner);
        let is_kept = context.current.get(&owner) == context.desired.get(&owner);
        if let Some(Object::Owner(new)) = context.desired.get(&owner)
            && context.options.owners
            && !is_kept
            && let Some(grants) = privileges.grants.remove(&Grantee::Role(new.0.clone()))
        {
            let all = privileges.grants.entry(Grantee::Owner).or_default();
            for (privilege, is_grantable) in grants {
                *all.entry(privilege).or_default() |= is_grantable;
            }
        }
        privileges
    }
}

/// What has an owner: a column has that of its table.
pub(crate) fn owner_of(id: &Id) -> Id {
    if id.kind == Kind::Column { Id::relation(&id.name) } else { id.aspect(Aspect::Itself) }
}

impl Class {
    fn of(id: &Id, context: &Context<'_>) -> Self {
        Self::of_object(id, context.either(&id.aspect(Aspect::Itself)))
    }

    fn of_object(id: &Id, object: Option<&Object>) -> Self {
        match id.kind {
            Kind::Column => Self::Column,
            Kind::Relation if matches!(object, Some(Object::Sequence(_))) => Self::Sequence,
            Kind::Routine => Self::Routine,
            Kind::Type => Self::Type,
            Kind::Schema => Self::Schema,
            Kind::Language => Self::Language,
            Kind::ForeignDataWrapper => Self::Wrapper,
            Kind::Server => Self::Server,
            _ => Self::Table,
        }
    }

    /// Everything that can be granted, as `acldefault` of Postgres has it.
    pub(crate) fn all(self, server_version: u32) -> &'static [&'static str] {
        match self {
            Self::Table if server_version >= 170_000 => {
                &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"]
            }
            Self::Table => &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
            Self::Column => &["SELECT", "INSERT", "UPDATE", "REFERENCES"],
            Self::Sequence => &["USAGE", "SELECT", "UPDATE"],
            Self::Routine => &["EXECUTE"],
            Self::Schema => &["USAGE", "CREATE"],
            Self::Type | Self::Language | Self::Wrapper | Self::Server => &["USAGE"],
        }
    }

    /// What an object is born with where nobody altered the default privileges.
    pub(crate) fn born_with(self, server_version: u32) -> Privileges {
        let grants =
            |privileges: &[&str]| privileges.iter().map(|name| ((*name).to_owned(), false)).collect::<Grants>();
        let mut born = Privileges::default();
        if self != Self::Column {
            born.grants.insert(Grantee::Owner, grants(self.all(server_version)));
        }
        if matches!(self, Self::Routine | Self::Type | Self::Language) {
            born.grants.insert(Grantee::Public, grants(self.all(server_version)));
        }
        born
    }

    /// How `ALTER DEFAULT PRIVILEGES` calls it, in the letters of `pg_default_acl`.
    fn default_letter(self) -> Option<&'static str> {
        match self {
            Self::Table => Some("r"),
            Self::Sequence => Some("S"),
            Self::Routine => Some("f"),
            Self::Type => Some("T"),
            Self::Schema => Some("n"),
            _ => None,
        }
    }
}

impl Definition for Privileges {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let is_new = context.is_made(&id.aspect(Aspect::Itself));
        let class = Class::of(id, context);
        let version = context.current.server_version.max(context.desired.server_version);
        let born = if is_new { born_now(class, id, context) } else { class.born_with(version) };
        Target::of(id, class, context).changes(&born, self)
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let class = Class::of(id, context);
        let version = context.current.server_version.max(context.desired.server_version);
        Target::of(id, class, context).changes(&self.handed_over(id, context), &class.born_with(version))
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        Change::of(Target::of(id, Class::of(id, context), context).changes(&self.handed_over(id, context), desired))
    }
}

/// What an object gets that is made now, under the default privileges that the database has at present.
fn born_now(class: Class, id: &Id, context: &Context<'_>) -> Privileges {
    let catalog = context.current;
    let usual = class.born_with(catalog.server_version);
    let Some(letter) = class.default_letter() else { return usual };
    let default = |schema: &str| {
        let name = crate::name::Name::new(schema, catalog.role.as_str());
        match catalog.get(&Id::part(Kind::DefaultPrivileges, name, letter)) {
            Some(Object::DefaultPrivileges(default)) => Some(default.privileges.clone()),
            _ => None,
        }
    };
    // Those for the whole database replace the built-in ones, and those for a schema are added (aclchk.c).
    let mut born = default("").unwrap_or(usual);
    if !id.name.schema.is_empty()
        && let Some(added) = default(&id.name.schema)
    {
        for (grantee, grants) in added.grants {
            let all = born.grants.entry(grantee).or_default();
            for (privilege, is_grantable) in grants {
                *all.entry(privilege).or_default() |= is_grantable;
            }
        }
    }
    born
}

/// Whether default privileges make objects of this sort differ from what Postgres gives them.
pub(crate) fn is_born_otherwise(id: &Id, context: &Context<'_>) -> bool {
    let class = Class::of(id, context);
    let version = context.current.server_version;
    class != Class::Column && born_now(class, id, context) != class.born_with(version)
}

/// The privileges of an object that has those with which Postgres makes its sort.
pub(crate) fn usual(id: &Id, context: &Context<'_>) -> Privileges {
    Class::of(id, context).born_with(context.current.server_version.max(context.desired.server_version))
}

/// Whether privileges can be granted on this object.
pub(crate) fn is_grantable(object: &Object) -> bool {
    matches!(
        object,
        Object::Schema(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::MaterializedView(_)
            | Object::Sequence(_)
            | Object::Routine(_)
            | Object::Aggregate(_)
            | Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Range(_)
    )
}

/// Where the words of `GRANT` and `REVOKE` come from.
#[derive(Debug)]
pub(crate) struct Target {
    /// Before `GRANT`, as for default privileges.
    pub(crate) head: String,
    /// After `ON`.
    pub(crate) phrase: String,
    /// The columns, for privileges on one.
    pub(crate) columns: String,
    /// Who the owner is.
    pub(crate) owner: String,
    /// All privileges there are.
    pub(crate) all: &'static [&'static str],
}

impl Target {
    fn of(id: &Id, class: Class, context: &Context<'_>) -> Self {
        let object = id.aspect(Aspect::Itself);
        let owned = if context.options.owners { context.desired } else { context.current };
        let owner = match owned.get(&owner_of(&object).aspect(Aspect::Owner)) {
            Some(Object::Owner(owner)) => identifier(&owner.0).into_owned(),
            _ if context.current.role.is_empty() => "CURRENT_USER".to_owned(),
            _ => identifier(&context.current.role).into_owned(),
        };
        let name = context.name(&id.name);
        let phrase = match class {
            Class::Table | Class::Column => format!("TABLE {name}"),
            Class::Sequence => format!("SEQUENCE {name}"),
            Class::Type => format!("TYPE {name}"),
            Class::Schema => format!("SCHEMA {name}"),
            Class::Language => format!("LANGUAGE {name}"),
            Class::Wrapper => format!("FOREIGN DATA WRAPPER {name}"),
            Class::Server => format!("FOREIGN SERVER {name}"),
            Class::Routine => match context.either(&object) {
                // Here an aggregate is a function of all its arguments.
                Some(Object::Aggregate(_)) => {
                    let arguments = id.part.replace(" ORDER BY ", ", ").replace("ORDER BY ", "");
                    format!("FUNCTION {name}({})", arguments.trim_start_matches('*'))
                }
                _ => context.phrase(&object, context.either(&object)),
            },
        };
        let columns = if class == Class::Column { format!(" ({})", identifier(&id.part)) } else { String::new() };
        let version = context.current.server_version.max(context.desired.server_version);
        Self { head: String::new(), phrase, columns, owner, all: class.all(version) }
    }

    /// The statements that turn the first privileges into the second.
    pub(crate) fn changes(&self, from: &Privileges, to: &Privileges) -> Vec<Statement> {
        let none = Grants::new();
        let grantees: std::collections::BTreeSet<_> = from.grants.keys().chain(to.grants.keys()).collect();
        let mut statements = Vec::new();
        for grantee in grantees {
            let (now, then) = (from.grants.get(grantee).unwrap_or(&none), to.grants.get(grantee).unwrap_or(&none));
            let pick = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
                self.all.iter().copied().filter(|privilege| wanted(privilege)).collect()
            };
            let revoked = pick(&|name| now.contains_key(name) && !then.contains_key(name));
            let option_lost = pick(&|name| now.get(name) == Some(&true) && then.get(name) == Some(&false));
            let granted = pick(&|name| then.get(name) == Some(&false) && !now.contains_key(name));
            let with_option = pick(&|name| then.get(name) == Some(&true) && now.get(name) != Some(&true));
            let who = self.grantee(grantee);
            statements.extend(self.statement("REVOKE", &revoked, &format!("FROM {who}")));
            statements.extend(self.statement("REVOKE GRANT OPTION FOR", &option_lost, &format!("FROM {who}")));
            statements.extend(self.statement("GRANT", &granted, &format!("TO {who}")));
            statements.extend(self.statement("GRANT", &with_option, &format!("TO {who} WITH GRANT OPTION")));
        }
        statements
    }

    fn statement(&self, verb: &str, privileges: &[&str], end: &str) -> Option<Statement> {
        if privileges.is_empty() {
            return None;
        }
        let list = if privileges.len() == self.all.len() { "ALL".to_owned() } else { self.list(privileges) };
        let list = if privileges.len() == self.all.len() { list + &self.columns } else { list };
        let Self { head, phrase, .. } = self;
        Some(Statement::whole(format!("{head}{verb} {list} ON {phrase} {end}")))
    }

    fn list(&self, privileges: &[&str]) -> String {
        privileges.iter().map(|name| format!("{name}{}", self.columns)).collect::<Vec<_>>().join(", ")
    }

    fn grantee(&self, grantee: &Grantee) -> String {
        match grantee {
            Grantee::Owner => self.owner.clone(),
            Grantee::Public => "PUBLIC".to_owned(),
            Grantee::Role(role) => identifier(role).into_owned(),
        }
    }
}

/// Takes from a new object what default privileges gave it.
pub(crate) fn restored(id: &Id, context: &Context<'_>) -> Vec<Statement> {
    usual(id, context).create(id, context)
}
