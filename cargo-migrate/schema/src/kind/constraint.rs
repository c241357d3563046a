//! Constraints of tables, and the indexes that some of them own.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::kind::storage::Parameters;
use crate::name::{Id, Kind, Name};
use crate::object::Object;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A constraint that the table has of its own: what it only inherits is its parent's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// What it is.
    pub sort: ConstraintSort,
    /// The definition as Postgres prints it.
    pub definition: String,
    /// Whether the rows were checked.
    pub is_validated: bool,
    /// Whether the table has it of its own.
    pub is_local: bool,
    /// Whether the table has it from another.
    pub is_inherited: bool,
    /// The table that a foreign key refers to.
    pub refers_to: Option<Name>,
    /// The options of its index.
    pub parameters: Parameters,
    /// The tablespace of its index.
    pub tablespace: Option<String>,
    /// The index of the partitioned table of which its index is a part.
    pub attached_to: Option<Name>,
    /// Whether its index can be used: that of a partitioned table cannot before every partition has its part.
    pub is_index_valid: bool,
    /// The constraint of the table above from which a foreign key comes, which may have another name.
    pub above: Option<Id>,
}

/// The sorts of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what Postgres calls it")]
pub enum ConstraintSort {
    PrimaryKey,
    Unique,
    Check,
    Exclusion,
    ForeignKey,
    Trigger,
}

impl Definition for Constraint {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut head = context.alter(&id.name);
        if self.is_only_validated_here(id, context) {
            return vec![Statement::clause(head, format!("VALIDATE CONSTRAINT {}", identifier(&id.part)))];
        }
        if !self.is_index_valid {
            head = head.replacen("TABLE ", "TABLE ONLY ", 1);
        }
        let add = format!("ADD {}", self.line(id));
        // In one statement Postgres makes one index of two keys of the same columns (`transformIndexConstraints`).
        let mut statements = if self.has_twin(id, context) {
            vec![Statement::whole(format!("{head} {add}"))]
        } else {
            vec![Statement::clause(head, add)]
        };
        statements.extend(self.attach(id, context));
        statements
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::clause(context.alter(&id.name), format!("DROP CONSTRAINT {}", identifier(&id.part)))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let head = context.alter(&id.name);
        let name = identifier(&id.part);
        let mut statements = Vec::new();
        if self.definition != desired.definition {
            if !self.is_validated && self.definition.trim_end_matches(" NOT VALID") == desired.definition {
                statements.push(Statement::clause(&head, format!("VALIDATE CONSTRAINT {name}")));
            } else if self.sort == ConstraintSort::ForeignKey
                && desired.sort == self.sort
                && without_deferral(&self.definition) == without_deferral(&desired.definition)
            {
                let deferral = desired.definition[without_deferral(&desired.definition).len()..].trim();
                let deferral = if deferral.is_empty() { "NOT DEFERRABLE" } else { deferral };
                statements.push(Statement::clause(&head, format!("ALTER CONSTRAINT {name} {deferral}")));
            } else {
                return Change::Rebuild;
            }
        }
        if self.attached_to.is_some() && desired.attached_to != self.attached_to {
            return Change::Rebuild;
        }
        let index = context.name(&Name::new(id.name.schema.clone(), id.part.clone()));
        for change in self.parameters.changes(&desired.parameters) {
            statements.push(Statement::whole(format!("ALTER INDEX {index} {change}")));
        }
        if self.tablespace != desired.tablespace {
            let tablespace = desired.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(Statement::whole(format!("ALTER INDEX {index} SET TABLESPACE {}", identifier(tablespace))));
        }
        if self.attached_to.is_none() {
            statements.extend(desired.attach(id, context));
        }
        Change::of(statements)
    }
}

impl Constraint {
    /// `CONSTRAINT name …`, as it stands in `CREATE TABLE` and after `ADD`.
    pub(crate) fn line(&self, id: &Id) -> String {
        let base = without_deferral(&self.definition);
        let deferral = &self.definition[base.len()..];
        let mut text = format!("CONSTRAINT {} {}", identifier(&id.part), stable(base));
        if !self.parameters.is_empty() {
            text += &format!(" WITH ({})", self.parameters.list());
        }
        if let Some(tablespace) = &self.tablespace {
            text += &format!(" USING INDEX TABLESPACE {}", identifier(tablespace));
        }
        text + deferral
    }

    /// The place in `CREATE TABLE`: keys first, references last.
    pub(crate) fn rank(&self) -> ConstraintSort {
        self.sort
    }

    /// Whether the table has it only because the one above has it.
    pub(crate) fn is_only_inherited(&self) -> bool {
        self.is_inherited && !self.is_local && !self.has_index()
    }

    /// Whether it comes from the table above, where the rows are not checked, and the rows of this table are.
    pub(crate) fn is_only_validated_here(&self, id: &Id, context: &Context<'_>) -> bool {
        self.is_only_inherited()
            && self.is_validated
            && context.lasting_parents(&id.name).into_iter().any(|parent| {
                let above = Id::part(Kind::Constraint, parent.clone(), id.part.clone());
                context.is_made(&above)
                    && matches!(context.desired.get(&above), Some(Object::Constraint(above)) if !above.is_validated)
            })
    }

    /// Whether its name is that of an index too.
    pub(crate) fn has_index(&self) -> bool {
        matches!(self.sort, ConstraintSort::PrimaryKey | ConstraintSort::Unique | ConstraintSort::Exclusion)
    }

    /// Whether the table has another key of the same columns, of which this is the second.
    pub(crate) fn has_twin(&self, id: &Id, context: &Context<'_>) -> bool {
        let key = |constraint: &Self| constraint.definition.split_once('(').map(|(_, columns)| columns.to_owned());
        let first = Id::part(Kind::Constraint, id.name.clone(), "");
        let siblings = context.desired.objects.range(first..);
        let mut siblings = siblings.take_while(|(other, _)| other.kind == Kind::Constraint && other.name == id.name);
        let is_key = |sort| matches!(sort, ConstraintSort::PrimaryKey | ConstraintSort::Unique);
        is_key(self.sort)
            && siblings.any(|(other_id, other)| match other {
                Object::Constraint(other) => {
                    let is_earlier = (other.sort, &other_id.part) < (self.sort, &id.part);
                    is_key(other.sort) && is_earlier && key(other) == key(self)
                }
                _ => false,
            })
    }

    /// Whether `CREATE TABLE` can have it: there are no rows that need no check.
    pub(crate) fn fits_into_create(&self) -> bool {
        self.is_validated && self.is_index_valid
    }

    /// Makes its index a part of the index above, where the server does not do that by itself.
    fn attach(&self, id: &Id, context: &Context<'_>) -> Option<Statement> {
        let above = self.attached_to.as_ref()?;
        let index = Name::new(id.name.schema.clone(), id.part.clone());
        super::index::attach(above, &index, &id.name, context)
    }
}

/// The definition up to `DEFERRABLE`.
fn without_deferral(definition: &str) -> &str {
    let mut base = definition;
    for ending in [" INITIALLY DEFERRED", " DEFERRABLE"] {
        base = base.strip_suffix(ending).unwrap_or(base);
    }
    base
}
