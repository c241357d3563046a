//! What things are called: every object of a catalog has an [`Id`] that survives a change of its definition.

use std::fmt;
use std::sync::Arc;

/// The name of an object, and the schema it is in; the schema is empty for what belongs to the whole database.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The schema, or nothing.
    pub schema: Arc<str>,
    /// The name itself, not quoted.
    pub name: Arc<str>,
}

impl Name {
    /// The name in this schema.
    pub fn new(schema: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// The name of something that is in no schema.
    pub fn bare(name: impl Into<Arc<str>>) -> Self {
        Self::new("", name)
    }
}

/// The namespaces of Postgres: two objects of one kind and one name exclude each other.
///
/// The order is that in which a person would create them where nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is what Postgres calls it")]
#[non_exhaustive]
pub enum Kind {
    Schema,
    Language,
    Extension,
    ForeignDataWrapper,
    Server,
    UserMapping,
    Collation,
    /// Enums, domains, composite types and ranges.
    Type,
    DomainConstraint,
    /// Tables, foreign tables, views, materialized views and sequences.
    Relation,
    Column,
    Constraint,
    /// An index that no constraint owns.
    Index,
    /// A table that is a partition of another, or inherits from it.
    Attachment,
    Statistics,
    Rule,
    /// Functions, procedures and aggregates.
    Routine,
    Operator,
    OperatorFamily,
    OperatorClass,
    Cast,
    TextSearchParser,
    TextSearchTemplate,
    TextSearchDictionary,
    TextSearchConfiguration,
    Trigger,
    Policy,
    EventTrigger,
    Publication,
    PublicationTable,
    PublicationSchema,
    Subscription,
    DefaultPrivileges,
    /// What is read so that it can be told, and no more.
    Other,
}

/// A side of an object that Postgres sets with a statement of its own, and that may depend on other objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// The object, and all that has no aspect of its own.
    Itself,
    /// The default of a column.
    Default,
    /// The column with which a sequence is dropped.
    OwnedBy,
    /// The composite type of whose attributes the columns of a table are.
    OfType,
    /// The index by which a table was clustered.
    Cluster,
    /// What identifies a row of a table to replicas.
    ReplicaIdentity,
    /// Who owns it.
    Owner,
    /// The comment on it.
    Comment,
    /// Who may do what with it.
    Privileges,
}

/// The identity of an object: its kind, its name, the name within that, and which side of it is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The namespace of the name.
    pub kind: Kind,
    /// The name; for a part of a table, that of the table.
    pub name: Name,
    /// The name of a part of a table, the argument types of a routine; else nothing.
    pub part: Arc<str>,
    /// The side of the object.
    pub aspect: Aspect,
}

impl Id {
    /// The object of this kind and name.
    #[must_use]
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name, part: "".into(), aspect: Aspect::Itself }
    }

    /// A part of the object of this name.
    #[must_use]
    pub fn part(kind: Kind, name: Name, part: impl Into<Arc<str>>) -> Self {
        Self { kind, name, part: part.into(), aspect: Aspect::Itself }
    }

    /// The schema of this name.
    #[must_use]
    pub fn schema(name: impl Into<Arc<str>>) -> Self {
        Self::new(Kind::Schema, Name::bare(name))
    }

    /// The table, view or sequence of this name.
    #[must_use]
    pub fn relation(name: &Name) -> Self {
        Self::new(Kind::Relation, name.clone())
    }

    /// A column of the table or view of this name.
    #[must_use]
    pub fn column(name: &Name, column: impl Into<Arc<str>>) -> Self {
        Self::part(Kind::Column, name.clone(), column)
    }

    /// That the first table is a partition of the second, or inherits from it.
    pub(crate) fn attachment(table: &Name, parent: &Name) -> Self {
        Self::part(Kind::Attachment, table.clone(), format!("{}.{}", parent.schema, parent.name))
    }

    /// This side of the same object.
    #[must_use]
    pub fn aspect(&self, aspect: Aspect) -> Self {
        Self { aspect, ..self.clone() }
    }

    /// The object that this is a side or a part of, as far as the name alone tells.
    #[must_use]
    pub fn owner(&self) -> Option<Self> {
        if self.aspect != Aspect::Itself {
            return Some(self.aspect(Aspect::Itself));
        }
        let kind = match self.kind {
            Kind::Column | Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy | Kind::Attachment => {
                Kind::Relation
            }
            Kind::DomainConstraint => Kind::Type,
            Kind::PublicationTable | Kind::PublicationSchema => Kind::Publication,
            Kind::UserMapping => Kind::Server,
            _ => return None,
        };
        Some(Self::new(kind, self.name.clone()))
    }
}

/// As it is told: what it is, and its name with its schema.
impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = (format!("{:?}", self.kind).to_lowercase(), &self.name.name);
        write!(formatter, "{kind} ")?;
        if !self.name.schema.is_empty() {
            write!(formatter, "{}.", self.name.schema)?;
        }
        write!(formatter, "{name}")?;
        // What is only told says in its own words what it is.
        if self.part.is_empty() || self.kind == Kind::Other { Ok(()) } else { write!(formatter, " {}", self.part) }
    }
}
