//! That the columns of a table are those of a composite type.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Aspect, Id, Name};
use crate::object::Object;
use crate::statement::Statement;

/// The composite type of whose attributes the columns of a table are: they come and go with these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfType {
    /// The type.
    pub ty: Name,
}

impl Definition for OfType {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        // What else is done to the table is checked against what it was before the statement.
        vec![Statement::whole(format!("{} OF {}", context.alter(&id.name), context.name(&self.ty)))]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(format!("{} NOT OF", context.alter(&id.name)))]
    }
}

/// Whether the columns of a table that exists can get into the order of the type: Postgres compares them one by one, and
/// puts a new column at the end (`ATExecAddOf`).
pub(crate) fn can_become(table: &Name, context: &Context<'_>) -> bool {
    let (now, then) = (context.current.columns(table), context.desired.columns(table));
    let stays = |id: &Id| context.current.contains(id) && !context.is_made(id);
    let kept = now.iter().map(|(id, _)| *id).filter(|id| stays(id) && context.desired.contains(id));
    let added = then.iter().map(|(id, _)| *id).filter(|id| !stays(id));
    kept.chain(added).eq(then.iter().map(|(id, _)| *id))
}

/// The type of a table, where it is that before, after and in between.
pub(crate) fn lasting_type<'catalog>(table: &Name, context: &Context<'catalog>) -> Option<&'catalog Name> {
    let id = Id::relation(table).aspect(Aspect::OfType);
    match (context.current.get(&id)?, context.desired.get(&id)?) {
        (Object::OfType(now), Object::OfType(then)) if now == then && !context.is_made(&id) => Some(&now.ty),
        _ => None,
    }
}
