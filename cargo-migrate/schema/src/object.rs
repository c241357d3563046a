//! One object of a catalog, of whichever kind.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::{
    aggregate, attachment, cast, collation, column, comment, composite, constraint, default_privileges, domain,
    enumeration, event_trigger, extension, foreign, index, operator, policy, privileges, publication, range, routine,
    rule, schema, sequence, statistics, table, table_marks, text_search, trigger, typed_table, view,
};
use crate::name::{Aspect, Id, Kind, Name};
use crate::statement::{Change, Statement};

/// Makes the enum, and hands each call on to the kind.
macro_rules! objects {
    ($($variant:ident($definition:ty)),* $(,)?) => {
        /// The definition of an object, or of one side of it.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each is documented where its definition is")]
        #[non_exhaustive]
        pub enum Object {
            $($variant($definition),)*
            /// Something that can be told and not changed.
            Other(String),
        }

        impl Object {
            pub(crate) fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
                match self {
                    $(Self::$variant(definition) => definition.create(id, context),)*
                    Self::Other(_) => Vec::new(),
                }
            }

            pub(crate) fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
                match self {
                    $(Self::$variant(definition) => definition.drop(id, context),)*
                    Self::Other(_) => Vec::new(),
                }
            }

            pub(crate) fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
                match (self, desired) {
                    $((Self::$variant(now), Self::$variant(then)) => now.change(then, id, context),)*
                    (Self::Other(now), Self::Other(then)) if now == then => Change::Keep,
                    (Self::Other(_), Self::Other(_)) => Change::Report("it differs".to_owned()),
                    _ => Change::Rebuild,
                }
            }
        }
    };
}

objects! {
    Schema(schema::Schema),
    Extension(extension::Extension),
    ForeignDataWrapper(foreign::ForeignDataWrapper),
    Server(foreign::Server),
    UserMapping(foreign::UserMapping),
    Collation(collation::Collation),
    Enum(enumeration::Enum),
    Domain(domain::Domain),
    DomainConstraint(domain::DomainConstraint),
    Composite(composite::Composite),
    Range(range::Range),
    Sequence(sequence::Sequence),
    OwnedBy(sequence::OwnedBy),
    Table(table::Table),
    Column(column::Column),
    Default(column::Default),
    Constraint(constraint::Constraint),
    Index(index::Index),
    Attachment(attachment::Attachment),
    OfType(typed_table::OfType),
    Cluster(table_marks::Cluster),
    ReplicaIdentity(table_marks::ReplicaIdentity),
    Statistics(statistics::Statistics),
    View(view::View),
    MaterializedView(view::MaterializedView),
    Rule(rule::Rule),
    Routine(routine::Routine),
    Aggregate(aggregate::Aggregate),
    Operator(operator::Operator),
    Cast(cast::Cast),
    TextSearchObject(text_search::TextSearchObject),
    TextSearchConfiguration(text_search::TextSearchConfiguration),
    Trigger(trigger::Trigger),
    Policy(policy::Policy),
    EventTrigger(event_trigger::EventTrigger),
    Publication(publication::Publication),
    PublicationTable(publication::PublicationTable),
    PublicationSchema(publication::PublicationSchema),
    DefaultPrivileges(default_privileges::DefaultPrivileges),
    Privileges(privileges::Privileges),
    Comment(comment::Comment),
    Owner(comment::Owner),
}

impl Object {
    /// What Postgres calls it in `CREATE`, `DROP` and `COMMENT ON`, where its name follows.
    pub(crate) fn keyword(&self) -> &'static str {
        match self {
            Self::Schema(_) => "SCHEMA",
            Self::Extension(_) => "EXTENSION",
            Self::ForeignDataWrapper(_) => "FOREIGN DATA WRAPPER",
            Self::Server(_) => "SERVER",
            Self::Collation(_) => "COLLATION",
            Self::Domain(_) => "DOMAIN",
            Self::Enum(_) | Self::Composite(_) | Self::Range(_) => "TYPE",
            Self::Sequence(_) => "SEQUENCE",
            Self::Table(table) if matches!(table.sort, table::Sort::Foreign { .. }) => "FOREIGN TABLE",
            Self::View(_) => "VIEW",
            Self::MaterializedView(_) => "MATERIALIZED VIEW",
            Self::Index(_) => "INDEX",
            Self::Statistics(_) => "STATISTICS",
            Self::Routine(routine) if routine.is_procedure => "PROCEDURE",
            Self::Routine(_) => "FUNCTION",
            Self::Aggregate(_) => "AGGREGATE",
            Self::EventTrigger(_) => "EVENT TRIGGER",
            Self::Publication(_) => "PUBLICATION",
            Self::TextSearchConfiguration(_) => "TEXT SEARCH CONFIGURATION",
            Self::TextSearchObject(object) => object.keyword(),
            _ => "TABLE",
        }
    }

    /// What it depends on by what it is, and whether it goes together with that.
    pub(crate) fn needs(&self, id: &Id) -> Vec<(Id, bool)> {
        match self {
            Self::Index(index) => vec![(Id::relation(&index.table), true)],
            Self::Statistics(statistics) => vec![(Id::relation(&statistics.table), true)],
            Self::Attachment(attachment) => vec![(Id::relation(&attachment.parent), false)],
            Self::OwnedBy(owned_by) => vec![(Id::column(&owned_by.table, owned_by.column.as_str()), false)],
            Self::OfType(of_type) => vec![(Id::new(Kind::Type, of_type.ty.clone()), false)],
            Self::PublicationTable(published) => vec![(Id::relation(&published.table), true)],
            Self::PublicationSchema(_) => vec![(Id::schema(id.part.clone()), true)],
            Self::Extension(extension) => vec![(Id::schema(extension.schema.as_str()), false)],
            Self::Server(server) => {
                vec![(Id::new(Kind::ForeignDataWrapper, Name::bare(server.wrapper.as_str())), false)]
            }
            Self::Cluster(cluster) => vec![(cluster.object.clone(), true)],
            Self::ReplicaIdentity(table_marks::ReplicaIdentity::Index { object, .. }) => vec![(object.clone(), true)],
            Self::Constraint(constraint) => {
                constraint.refers_to.iter().map(|table| (Id::relation(table), false)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether rows are lost with it.
    pub(crate) fn holds_data(&self) -> bool {
        match self {
            Self::Table(table) => matches!(table.sort, table::Sort::Ordinary | table::Sort::Partitioned(_)),
            Self::Column(column) => column.generated.is_none(),
            _ => false,
        }
    }

    /// The name that no other relation, index or type may have while it has it.
    pub(crate) fn claims(&self, id: &Id) -> Option<Name> {
        if id.aspect != Aspect::Itself {
            return None;
        }
        match self {
            Self::Constraint(constraint) if constraint.has_index() => {
                Some(Name::new(id.name.schema.clone(), id.part.clone()))
            }
            Self::Column(column) => column.identity.as_ref().map(|identity| identity.sequence.clone()),
            _ => match id.kind {
                Kind::Relation | Kind::Index | Kind::Type => Some(id.name.clone()),
                _ => None,
            },
        }
    }
}

/// What a rename elsewhere does to an object.
impl Object {
    /// Changes the names of other objects that it holds.
    pub(crate) fn rename(&mut self, name: &mut dyn FnMut(&Name) -> Name, id: &mut dyn FnMut(&Id) -> Id) {
        let mut set = |old: &mut Name| *old = name(old);
        match self {
            Self::Index(index) => {
                set(&mut index.table);
                index.attached_to.iter_mut().for_each(set);
            }
            Self::Constraint(constraint) => {
                constraint.refers_to.iter_mut().for_each(&mut set);
                constraint.attached_to.iter_mut().for_each(set);
                constraint.above.iter_mut().for_each(|above| *above = id(above));
            }
            Self::Attachment(attachment) => set(&mut attachment.parent),
            Self::OwnedBy(owned_by) => set(&mut owned_by.table),
            Self::OfType(of_type) => set(&mut of_type.ty),
            Self::PublicationTable(published) => set(&mut published.table),
            Self::Statistics(statistics) => set(&mut statistics.table),
            Self::Column(column) => column.identity.iter_mut().for_each(|identity| set(&mut identity.sequence)),
            Self::Cluster(cluster) => {
                set(&mut cluster.index);
                cluster.object = id(&cluster.object);
                cluster.index = index_name(&cluster.object, &cluster.index);
            }
            Self::ReplicaIdentity(table_marks::ReplicaIdentity::Index { index, object }) => {
                set(index);
                *object = id(object);
                *index = index_name(object, index);
            }
            _ => {}
        }
    }

    /// Changes the texts that Postgres prints anew after a rename.
    pub(crate) fn rewrite(&mut self, text: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Constraint(constraint) => text(&mut constraint.definition),
            Self::DomainConstraint(constraint) => text(&mut constraint.definition),
            Self::Index(index) => {
                text(&mut index.definition);
                index.condition.iter_mut().for_each(text);
            }
            Self::Default(default) => text(&mut default.expression),
            Self::Column(column) => {
                text(&mut column.ty);
                column.generated.iter_mut().for_each(|generated| text(&mut generated.expression));
            }
            Self::Table(table) => {
                if let table::Sort::Partitioned(key) = &mut table.sort {
                    text(key);
                }
            }
            Self::View(view) => {
                text(&mut view.query);
                view.columns.iter_mut().for_each(|column| text(&mut column.ty));
            }
            Self::MaterializedView(view) => text(&mut view.query),
            Self::Rule(rule) => text(&mut rule.definition),
            Self::Trigger(trigger) => text(&mut trigger.definition),
            Self::Policy(policy) => policy.using.iter_mut().chain(&mut policy.check).for_each(text),
            Self::Routine(routine) => {
                text(&mut routine.definition);
                text(&mut routine.signature);
            }
            Self::Domain(domain) => {
                text(&mut domain.base);
                domain.default.iter_mut().for_each(text);
            }
            Self::Composite(composite) => composite.attributes.iter_mut().for_each(|attribute| text(&mut attribute.ty)),
            Self::Statistics(statistics) => text(&mut statistics.definition),
            Self::PublicationTable(published) => {
                published.columns.iter_mut().chain(&mut published.filter).for_each(text)
            }
            _ => {}
        }
    }
}

/// The index that a constraint owns has its name.
fn index_name(object: &Id, index: &Name) -> Name {
    match object.kind {
        Kind::Constraint => Name::new(object.name.schema.clone(), object.part.clone()),
        Kind::Index => object.name.clone(),
        _ => index.clone(),
    }
}
