//! The order where nothing else decides: drops first, then what others stand on; a table with what belongs to it.

use crate::context::Context;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::Action;

/// Where an action would stand if it were alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Priority {
    stage: u8,
    rank: u8,
    group: Name,
    part: u8,
    position: i32,
    id: Id,
}

impl Priority {
    pub(crate) fn of(id: &Id, action: Action, context: &Context<'_>) -> Self {
        let side = if action == Action::Drop { context.current } else { context.desired };
        let object = side.get(&id.aspect(Aspect::Itself));
        let group = match object {
            Some(Object::Index(index)) => &index.table,
            Some(Object::Statistics(statistics)) => &statistics.table,
            _ => &id.name,
        };
        let rank = rank(id.kind, object);
        let position = match object {
            Some(Object::Column(column)) => column.position,
            _ => 0,
        };
        Self {
            stage: match action {
                // What is made now is born with those that the database has at present.
                _ if id.kind == Kind::DefaultPrivileges => 3,
                Action::Drop if context.options.drops_last && object.is_some_and(Object::holds_data) => 5,
                Action::Drop => 0,
                Action::DropAside => 2,
                // It would see what comes after it.
                _ if id.kind == Kind::EventTrigger => 4,
                _ => 1,
            },
            // Views end before the tables that they read.
            rank: if action == Action::Drop { u8::MAX - rank } else { rank },
            group: group.clone(),
            part: part(id.kind),
            position,
            id: id.clone(),
        }
    }
}

fn rank(kind: Kind, object: Option<&Object>) -> u8 {
    match kind {
        Kind::Schema => 0,
        Kind::Language | Kind::Extension => 1,
        Kind::ForeignDataWrapper | Kind::Server | Kind::UserMapping => 2,
        Kind::Collation => 3,
        Kind::Type | Kind::DomainConstraint => 4,
        Kind::Relation => match object {
            Some(Object::Sequence(_)) => 5,
            Some(Object::View(_)) => 8,
            Some(Object::MaterializedView(_)) => 9,
            _ => 6,
        },
        Kind::Column
        | Kind::Constraint
        | Kind::Index
        | Kind::Attachment
        | Kind::Statistics
        | Kind::Trigger
        | Kind::Policy
        | Kind::Rule => 6,
        Kind::Routine | Kind::Operator | Kind::OperatorFamily | Kind::OperatorClass | Kind::Cast => 7,
        Kind::EventTrigger => u8::MAX,
        _ => 10,
    }
}

fn part(kind: Kind) -> u8 {
    match kind {
        Kind::Relation => 0,
        Kind::Column => 1,
        Kind::Constraint => 2,
        Kind::Index => 3,
        Kind::Attachment => 4,
        Kind::Statistics => 5,
        Kind::Rule => 6,
        Kind::Trigger => 7,
        Kind::Policy => 8,
        _ => 0,
    }
}
