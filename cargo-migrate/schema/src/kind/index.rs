//! Indexes that no constraint owns.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::kind::storage::Parameters;
use crate::name::{Id, Kind, Name};
use crate::object::Object;
use crate::quote::identifier;
use crate::statement::{Change, Statement};
use std::collections::BTreeMap;

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The table.
    pub table: Name,
    /// Whether it is unique.
    pub is_unique: bool,
    /// The definition from `USING` on, without storage parameters and tablespace.
    pub definition: String,
    /// The condition of a partial index.
    pub condition: Option<String>,
    /// Storage parameters.
    pub parameters: Parameters,
    /// The tablespace, where it is not the database's.
    pub tablespace: Option<String>,
    /// Statistics targets of its columns, by their number.
    pub statistics: BTreeMap<i32, i32>,
    /// Whether it can be used. One of a partitioned table cannot before every partition has its part.
    pub is_valid: bool,
    /// Whether its table is partitioned.
    pub is_partitioned: bool,
    /// The index of the partitioned table that this is a part of.
    pub attached_to: Option<Name>,
}

impl Definition for Index {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let unique = if self.is_unique { "UNIQUE " } else { "" };
        let only = if self.is_partitioned && !self.is_valid { "ONLY " } else { "" };
        let (name, table) = (identifier(&id.name.name), context.name(&self.table));
        // The usual method needs no word.
        let definition = self.definition.strip_prefix("USING btree ").unwrap_or(&self.definition);
        let mut text = format!("CREATE {unique}INDEX {name} ON {only}{table} {}", stable(definition));
        if !self.parameters.is_empty() {
            text += &format!("\n    WITH ({})", self.parameters.list());
        }
        if let Some(tablespace) = &self.tablespace {
            text += &format!("\n    TABLESPACE {}", identifier(tablespace));
        }
        if let Some(condition) = &self.condition {
            text += &format!("\n    WHERE {}", stable(condition));
        }
        let mut statements = vec![Statement::whole(text)];
        statements.extend(statistics(&BTreeMap::new(), &self.statistics, id, context));
        statements.extend(self.attached_to.as_ref().and_then(|above| attach(above, &id.name, &self.table, context)));
        if !only.is_empty() {
            // Those partitions that do have their part.
            let parts = context.desired.objects.iter().filter_map(|(part, object)| match object {
                Object::Index(index) if index.attached_to.as_ref() == Some(&id.name) => Some(part.name.clone()),
                Object::Constraint(constraint) if constraint.attached_to.as_ref() == Some(&id.name) => {
                    Some(Name::new(part.name.schema.clone(), part.part.clone()))
                }
                _ => None,
            });
            let above = context.name(&id.name);
            statements.extend(
                parts.map(|part| {
                    Statement::whole(format!("ALTER INDEX {above} ATTACH PARTITION {}", context.name(&part)))
                }),
            );
        }
        statements
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        // A key of a partition can be a part of an index that is no key: Postgres then wants to be told.
        let has_keys = self.is_partitioned
            && context.current.objects.values().any(|object| {
                matches!(object, Object::Constraint(constraint) if constraint.attached_to.as_ref() == Some(&id.name))
            });
        let cascade = if has_keys { " CASCADE" } else { "" };
        vec![Statement::whole(format!("DROP INDEX {}{cascade}", context.name(&id.name)))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let is_same = self.table == desired.table
            && self.is_unique == desired.is_unique
            && self.definition == desired.definition
            && self.condition == desired.condition
            && self.is_partitioned == desired.is_partitioned
            && (self.is_valid == desired.is_valid || (self.is_partitioned && desired.is_valid));
        let stays_attached = self.attached_to.is_none() || self.attached_to == desired.attached_to;
        if !is_same || !stays_attached {
            return Change::Rebuild;
        }
        let name = context.name(&id.name);
        let mut statements = Vec::new();
        for change in self.parameters.changes(&desired.parameters) {
            statements.push(Statement::whole(format!("ALTER INDEX {name} {change}")));
        }
        if self.tablespace != desired.tablespace {
            let tablespace = desired.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(Statement::whole(format!("ALTER INDEX {name} SET TABLESPACE {}", identifier(tablespace))));
        }
        statements.extend(statistics(&self.statistics, &desired.statistics, id, context));
        if self.attached_to.is_none() {
            statements
                .extend(desired.attached_to.as_ref().and_then(|above| attach(above, &id.name, &self.table, context)));
        }
        Change::of(statements)
    }
}

fn statistics(now: &BTreeMap<i32, i32>, then: &BTreeMap<i32, i32>, id: &Id, context: &Context<'_>) -> Vec<Statement> {
    let name = context.name(&id.name);
    let columns: std::collections::BTreeSet<_> = now.keys().chain(then.keys()).collect();
    columns
        .into_iter()
        .filter(|column| now.get(column) != then.get(column))
        .map(|column| {
            let target = then.get(column).copied().unwrap_or(-1);
            Statement::whole(format!("ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"))
        })
        .collect()
}

/// Makes an index a part of the one above, where both tables and that index are there already: whatever is made or
/// attached later finds its parts by itself.
pub(crate) fn attach(above: &Name, index: &Name, table: &Name, context: &Context<'_>) -> Option<Statement> {
    let is_there = context.lasting_parents(table).into_iter().any(|parent| {
        let owners =
            [Id::new(Kind::Index, above.clone()), Id::part(Kind::Constraint, parent.clone(), above.name.clone())];
        owners.iter().any(|id| context.current.contains(id) && context.desired.contains(id) && !context.is_made(id))
    });
    is_there.then(|| {
        let (above, index) = (context.name(above), context.name(index));
        Statement::whole(format!("ALTER INDEX {above} ATTACH PARTITION {index}"))
    })
}
