//! Columns of tables.

mod default;
mod identity;

pub use self::default::Default;
pub use self::identity::Identity;
use self::identity::serial_name;
use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::kind::conversion;
use crate::kind::storage::Parameters;
use crate::kind::typed_table::lasting_type;
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::quote::{identifier, literal};
use crate::statement::{Change, Statement};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its place in the table, which cannot be changed and is no difference.
    pub position: i32,
    /// Its type, as SQL.
    pub ty: String,
    /// Its collation, as SQL, where it is not the type's.
    pub collation: Option<String>,
    /// Whether null is excluded.
    pub is_not_null: bool,
    /// Whether it numbers the rows.
    pub identity: Option<Identity>,
    /// The expression it is computed from.
    pub generated: Option<Generated>,
    /// `PLAIN`, `EXTERNAL`, `EXTENDED` or `MAIN`, where it is not the type's.
    pub storage: Option<String>,
    /// `pglz` or `lz4`, where it is said.
    pub compression: Option<String>,
    /// The statistics target, where it is not the default.
    pub statistics: Option<i32>,
    /// Planner options (`n_distinct`).
    pub parameters: Parameters,
    /// Options of a foreign table's column.
    pub foreign: Parameters,
    /// Whether the table has it of its own.
    pub is_local: bool,
    /// Whether the table has it from another.
    pub is_inherited: bool,
}

/// What a generated column is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The expression.
    pub expression: String,
    /// Whether it is computed when it is read (PostgreSQL 18).
    pub is_virtual: bool,
}

impl Definition for Column {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        self.add(id, None, false, context)
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::clause(context.alter(&id.name), format!("DROP COLUMN {}", identifier(&id.part)))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.is_rebuilt(desired, context) {
            return Change::Rebuild;
        }
        let parent = self.same_change_above(desired, id, context);
        let mut clauses = Vec::new();
        if self.generated.is_some() && desired.generated.is_none() {
            clauses.push("DROP EXPRESSION".to_owned());
        } else if let (Some(now), Some(then)) = (&self.generated, &desired.generated)
            && now != then
        {
            clauses.push(format!("SET EXPRESSION AS ({})", then.expression));
        }
        if self.identity.is_some() && desired.identity.is_none() {
            clauses.push("DROP IDENTITY".to_owned());
        }
        if self.retypes(desired) && !parent.retypes {
            clauses.push(self.type_clause(desired, id));
        }
        if self.is_not_null != desired.is_not_null && !parent.is_not_null {
            clauses.push(if desired.is_not_null { "SET NOT NULL" } else { "DROP NOT NULL" }.to_owned());
        }
        match (&self.identity, &desired.identity) {
            (None, Some(then)) => clauses.push(format!("ADD {}", then.clause(id, context))),
            (Some(now), Some(then)) => clauses.extend(now.always_clause(then)),
            _ => {}
        }
        let head = context.alter(&id.name);
        let name = identifier(&id.part);
        let mut statements: Vec<_> = clauses
            .into_iter()
            .map(|clause| Statement::clause(&head, format!("ALTER COLUMN {name} {clause}")))
            .collect();
        if let (Some(now), Some(then)) = (&self.identity, &desired.identity) {
            // A statement of its own: the options are checked against the type that the column had before.
            let options = now.option_clause(then);
            let options = options.map(|options| Statement::whole(format!("{head} ALTER COLUMN {name} {options}")));
            let place = if conversion::narrows(&self.ty, &desired.ty) { 0 } else { statements.len() };
            statements.splice(place..place, options);
            statements.extend(now.sequence_changes(then, context));
        }
        statements.extend(self.setting_changes(desired, id, context));
        Change::of(statements)
    }
}

/// Which changes of a column come to it from its parent, because that is changed in the same way.
#[derive(Debug, Default)]
struct FromAbove {
    retypes: bool,
    is_not_null: bool,
}

impl Column {
    /// Whether the table has the column from another table alone.
    pub(crate) fn is_only_inherited(&self) -> bool {
        self.is_inherited && !self.is_local
    }

    /// Whether the type changes, or what belongs to it.
    pub(crate) fn retypes(&self, desired: &Self) -> bool {
        self.ty != desired.ty || self.collation != desired.collation
    }

    /// Whether nothing turns the column into the other: a generated one has no data to keep.
    fn is_rebuilt(&self, desired: &Self, context: &Context<'_>) -> bool {
        match (&self.generated, &desired.generated) {
            (None, Some(_)) => true,
            (Some(now), Some(then)) => {
                let alters = context.current.server_version >= 170_000 && now.is_virtual == then.is_virtual;
                now != then && !alters
            }
            (Some(now), None) => now.is_virtual,
            (None, None) => false,
        }
    }

    fn same_change_above(&self, desired: &Self, id: &Id, context: &Context<'_>) -> FromAbove {
        let mut found = FromAbove::default();
        if let Some(ty) = lasting_type(&id.name, context) {
            let ty = Id::new(Kind::Type, ty.clone());
            let has = |object: Option<&Object>, column: &Self| match object {
                Some(Object::Composite(composite)) => composite.has(&id.part, &column.ty, column.collation.as_ref()),
                _ => false,
            };
            found.retypes = has(context.current.get(&ty), self) && has(context.desired.get(&ty), desired);
        }
        if !self.is_inherited || !desired.is_inherited {
            return found;
        }
        for parent in context.lasting_parents(&id.name) {
            let above = Id::column(parent, id.part.clone());
            if let (Some(Object::Column(now)), Some(Object::Column(then))) =
                (context.current.get(&above), context.desired.get(&above))
            {
                found.retypes |= now.retypes(then) && then.ty == desired.ty && then.collation == desired.collation;
                found.is_not_null |= now.is_not_null != then.is_not_null && then.is_not_null == desired.is_not_null;
            }
        }
        found
    }

    /// The column as one line of `CREATE TABLE`, or after `ADD COLUMN`.
    pub(crate) fn line(&self, id: &Id, default: Option<&Object>, is_serial: bool, context: &Context<'_>) -> String {
        let serial = match self.ty.as_str() {
            "smallint" => "smallserial",
            "integer" => "serial",
            _ => "bigserial",
        };
        let mut text = format!("{} {}", identifier(&id.part), if is_serial { serial } else { &self.ty });
        if let Some(collation) = &self.collation {
            text += &format!(" COLLATE {collation}");
        }
        if let Some(compression) = &self.compression {
            text += &format!(" COMPRESSION {compression}");
        }
        text += &self.foreign.foreign();
        if let Some(Generated { expression, is_virtual }) = &self.generated {
            let kind = if *is_virtual { "VIRTUAL" } else { "STORED" };
            text += &format!(" GENERATED ALWAYS AS ({}) {kind}", stable(expression));
        }
        if let Some(Object::Default(Default { expression })) = default
            && !is_serial
        {
            text += &format!(" DEFAULT {expression}");
        }
        if let Some(identity) = &self.identity {
            text += &format!(" {}", identity.clause(id, context));
        } else if self.is_not_null && !is_serial {
            text += " NOT NULL";
        }
        text
    }

    /// What a table of a composite type says about a column, where it says anything.
    pub(crate) fn typed_line(&self, id: &Id, default: Option<&Object>) -> Option<String> {
        let mut text = String::new();
        if let Some(Object::Default(Default { expression })) = default {
            text += &format!(" DEFAULT {expression}");
        }
        if self.is_not_null {
            text += " NOT NULL";
        }
        (!text.is_empty()).then(|| format!("{} WITH OPTIONS{text}", identifier(&id.part)))
    }

    /// The statements that add it to a table that exists.
    pub(crate) fn add(
        &self,
        id: &Id,
        default: Option<&Object>,
        is_serial: bool,
        context: &Context<'_>,
    ) -> Vec<Statement> {
        if self.identity.is_some() && context.current.has_children(&id.name) {
            return self.add_numbered_later(id, context);
        }
        let line = self.line(id, default, is_serial, context);
        let mut statements = vec![Statement::clause(context.alter(&id.name), format!("ADD COLUMN {line}"))];
        statements.extend(self.settings(id, context));
        statements
    }

    /// A column comes to the tables below too, and there it must not be an identity.
    fn add_numbered_later(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let plain = Self { identity: None, is_not_null: true, ..self.clone() };
        let mut statements = plain.add(id, None, false, context);
        if let Some(identity) = &self.identity {
            let clause = format!("ALTER COLUMN {} ADD {}", identifier(&id.part), identity.clause(id, context));
            statements.push(Statement::whole(format!("{} {clause}", context.alter(&id.name))));
        }
        statements
    }

    /// What cannot be said where the column is made.
    pub(crate) fn settings(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let above = context.desired.parents(&id.name).into_iter().find_map(|parent| {
            match context.desired.get(&Id::column(parent, id.part.clone())) {
                Some(Object::Column(column)) if self.is_only_inherited() => Some(column),
                _ => None,
            }
        });
        let plain = Self {
            storage: above.and_then(|column| column.storage.clone()),
            statistics: None,
            parameters: Parameters::default(),
            ..self.clone()
        };
        let mut statements = Vec::new();
        if let Some(identity) = &self.identity {
            // The sequence is made as its table is.
            let table = context.desired.get(&Id::relation(&id.name));
            let is_unlogged = matches!(table, Some(Object::Table(table)) if table.is_unlogged);
            let born =
                Identity { is_unlogged: is_unlogged && context.desired.server_version >= 150_000, ..identity.clone() };
            statements.extend(born.sequence_changes(identity, context));
        }
        if above.is_some_and(|column| !column.is_not_null && self.is_not_null)
            && !crate::kind::table::is_partition(context, &id.name)
        {
            let clause = format!("ALTER COLUMN {} SET NOT NULL", identifier(&id.part));
            statements.push(Statement::clause(context.alter(&id.name), clause));
        }
        statements.extend(plain.setting_changes(self, id, context));
        statements
    }

    fn setting_changes(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut clauses = Vec::new();
        if self.storage != desired.storage {
            match desired.storage.as_deref().or_else(|| conversion::usual_storage(&desired.ty)) {
                Some(storage) => clauses.push(format!("SET STORAGE {storage}")),
                None => clauses.push("SET STORAGE DEFAULT".to_owned()),
            }
        }
        if self.compression != desired.compression {
            clauses.push(format!("SET COMPRESSION {}", desired.compression.as_deref().unwrap_or("DEFAULT")));
        }
        if self.statistics != desired.statistics {
            clauses.push(format!("SET STATISTICS {}", desired.statistics.unwrap_or(-1)));
        }
        clauses.extend(self.parameters.changes(&desired.parameters));
        clauses.extend(self.foreign.foreign_changes(&desired.foreign));
        let head = context.alter(&id.name);
        let name = identifier(&id.part);
        clauses.into_iter().map(|clause| Statement::clause(&head, format!("ALTER COLUMN {name} {clause}"))).collect()
    }

    /// `TYPE …`, with the cast that Postgres does not find by itself.
    pub(crate) fn type_clause(&self, desired: &Self, id: &Id) -> String {
        let collation = desired.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
        let using = conversion::using(&self.ty, &desired.ty, &identifier(&id.part));
        let using = using.map_or(String::new(), |expression| format!(" USING {expression}"));
        format!("TYPE {}{collation}{using}", desired.ty)
    }

    /// `ALTER COLUMN … TYPE …` to the type or collation of this name that has just been made in place of the old one.
    pub(crate) fn remade(&self, id: &Id, kind: Kind, context: &Context<'_>) -> Statement {
        let (name, ty) = (identifier(&id.part), &self.ty);
        let mut clause = format!("ALTER COLUMN {name} TYPE {ty}");
        if let Some(collation) = &self.collation {
            clause += &format!(" COLLATE {collation}");
        }
        if kind == Kind::Type {
            clause += &format!(" USING {}", conversion::through_text(ty, &name));
        }
        Statement::clause(context.alter(&id.name), clause)
    }

    /// Whether `serial` makes this column, this sequence, and all that is between them.
    pub(crate) fn is_serial(&self, id: &Id, sequence: &Id, context: &Context<'_>) -> bool {
        let catalog = context.desired;
        let sequence = sequence.aspect(Aspect::Itself);
        let (Some(Object::Sequence(object)), Some(Object::OwnedBy(owned_by)), Some(Object::Default(default))) = (
            catalog.get(&sequence),
            catalog.get(&sequence.aspect(Aspect::OwnedBy)),
            catalog.get(&id.aspect(Aspect::Default)),
        ) else {
            return false;
        };
        let is_integer = matches!(self.ty.as_str(), "smallint" | "integer" | "bigint");
        let is_unlogged =
            matches!(catalog.get(&Id::relation(&id.name)), Some(Object::Table(table)) if table.is_unlogged);
        is_integer
            && self.is_not_null
            && self.identity.is_none()
            && owned_by.table == id.name
            && owned_by.column == *id.part
            && sequence.name == serial_name(&id.name, &id.part)
            && object.options.clauses(&self.ty).is_empty()
            && object.is_unlogged == (is_unlogged && catalog.server_version >= 150_000)
            && default.expression == format!("nextval({}::regclass)", literal(&context.name(&sequence.name)))
    }
}
