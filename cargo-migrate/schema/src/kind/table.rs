//! Tables, of all sorts; their columns and constraints are objects of their own.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::storage::{Parameters, moves};
use crate::kind::typed_table::OfType;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What sort of table it is.
    pub sort: Sort,
    /// Whether it is lost in a crash.
    pub is_unlogged: bool,
    /// Storage parameters.
    pub parameters: Parameters,
    /// The access method, where it is not `heap`.
    pub access_method: Option<String>,
    /// The tablespace, where it is not the database's.
    pub tablespace: Option<String>,
    /// Whether policies hold for it.
    pub row_security: bool,
    /// Whether they hold for its owner too.
    pub forces_row_security: bool,
}

/// The sorts of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// With rows of its own.
    Ordinary,
    /// With its rows in partitions, by this key (`RANGE (day)`).
    Partitioned(String),
    /// On another server.
    Foreign {
        /// The server.
        server: String,
        /// The options.
        options: Parameters,
    },
}

impl Definition for Table {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        self.statements(id, &[], context)
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let head = context.alter(&id.name);
        let mut clauses = Vec::new();
        match (&self.sort, &desired.sort) {
            (Sort::Foreign { server, options }, Sort::Foreign { server: other, options: then }) if server == other => {
                clauses.extend(options.foreign_changes(then));
            }
            (now, then) if now == then => {}
            _ => return Change::Rebuild,
        }
        if self.is_unlogged != desired.is_unlogged {
            clauses.push(if desired.is_unlogged { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
        }
        clauses.extend(moves([&self.access_method, &desired.access_method], [&self.tablespace, &desired.tablespace]));
        clauses.extend(self.parameters.changes(&desired.parameters));
        if self.row_security != desired.row_security {
            clauses.push(row_security(desired.row_security).to_owned());
        }
        if self.forces_row_security != desired.forces_row_security {
            clauses.push(forced_row_security(desired.forces_row_security).to_owned());
        }
        Change::of(clauses.into_iter().map(|clause| Statement::clause(&head, clause)).collect())
    }
}

impl Table {
    /// Whether the rows are distributed by this column: Postgres does not let such a column be altered.
    pub(crate) fn is_partitioned_by(&self, column: &str) -> bool {
        match &self.sort {
            Sort::Partitioned(key) => has_column(key, &identifier(column)),
            _ => false,
        }
    }

    /// The statements that make the table with these of its parts.
    pub(crate) fn statements(&self, id: &Id, parts: &[&Id], context: &Context<'_>) -> Vec<Statement> {
        let mut statements = vec![Statement::whole(self.text(id, parts, context))];
        let head = context.alter(&id.name);
        let mut clause = |clause: &str| statements.push(Statement::clause(&head, clause));
        if self.row_security {
            clause(row_security(true));
        }
        if self.forces_row_security {
            clause(forced_row_security(true));
        }
        for (column_id, column) in context.desired.columns(&id.name) {
            statements.extend(column.settings(column_id, context));
        }
        statements
    }

    fn text(&self, id: &Id, parts: &[&Id], context: &Context<'_>) -> String {
        let keyword = match self.sort {
            Sort::Foreign { .. } => "FOREIGN TABLE",
            _ if self.is_unlogged => "UNLOGGED TABLE",
            _ => "TABLE",
        };
        let mut text = format!("CREATE {keyword} {}", context.name(&id.name));
        let of_type = of_type(id, context);
        if let Some(of_type) = of_type {
            text += &format!(" OF {}", context.name(&of_type.ty));
        }
        let lines = self.lines(id, parts, context);
        if !lines.is_empty() {
            text += &format!(" (\n    {}\n)", lines.join(",\n    "));
        } else if of_type.is_none() {
            text += " ()";
        }
        let is_attached = |parent: &&&Name| parts.iter().any(|part| is_attachment_to(context, part, parent));
        let parents = context.desired.parents(&id.name);
        let parents: Vec<_> = parents.iter().filter(is_attached).map(|parent| context.name(parent)).collect();
        if !parents.is_empty() {
            text += &format!("\nINHERITS ({})", parents.join(", "));
        }
        match &self.sort {
            Sort::Ordinary => {}
            Sort::Partitioned(key) => text += &format!("\nPARTITION BY {key}"),
            Sort::Foreign { server, options } => {
                text += &format!("\nSERVER {}{}", identifier(server), options.foreign().replacen(' ', "\n", 1));
            }
        }
        if let Some(method) = &self.access_method {
            text += &format!("\nUSING {}", identifier(method));
        }
        if !self.parameters.is_empty() {
            text += &format!("\nWITH ({})", self.parameters.list());
        }
        if let Some(tablespace) = &self.tablespace {
            text += &format!("\nTABLESPACE {}", identifier(tablespace));
        }
        text
    }

    /// What stands between the parentheses: the columns, then the constraints.
    fn lines(&self, id: &Id, parts: &[&Id], context: &Context<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        for (column_id, column) in context.desired.columns(&id.name) {
            if column.is_only_inherited() && !is_partition(context, &id.name) {
                continue;
            }
            let has_default = parts.contains(&&column_id.aspect(Aspect::Default));
            let default = if has_default { context.desired.get(&column_id.aspect(Aspect::Default)) } else { None };
            if of_type(id, context).is_some() {
                lines.extend(column.typed_line(column_id, default));
            } else {
                let is_serial = parts
                    .iter()
                    .any(|part| part.aspect == Aspect::OwnedBy && column.is_serial(column_id, part, context));
                lines.push(column.line(column_id, default, is_serial, context));
            }
        }
        let mut constraints: Vec<_> = parts
            .iter()
            .filter(|part| part.kind == Kind::Constraint && part.aspect == Aspect::Itself)
            .filter_map(|part| match context.desired.get(part) {
                Some(Object::Constraint(constraint))
                    if !constraint.is_only_inherited() || is_partition(context, &id.name) =>
                {
                    Some((constraint.rank(), *part, constraint))
                }
                _ => None,
            })
            .collect();
        constraints.sort_by_key(|(rank, part, _)| (*rank, *part));
        lines.extend(constraints.iter().map(|(_, part, constraint)| constraint.line(part)));
        lines
    }
}

fn of_type<'catalog>(id: &Id, context: &Context<'catalog>) -> Option<&'catalog OfType> {
    match context.desired.get(&id.aspect(Aspect::OfType)) {
        Some(Object::OfType(of_type)) => Some(of_type),
        _ => None,
    }
}

/// Whether a partition key has this word, other than as the name of a function.
fn has_column(key: &str, column: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '"');
    key.match_indices(column).any(|(start, _)| {
        let (before, after) = (&key[..start], &key[start + column.len()..]);
        !before.ends_with(is_word) && !after.starts_with(|char| is_word(char) || char == '(')
    })
}

pub(crate) fn is_partition(context: &Context<'_>, table: &Name) -> bool {
    let first = Id::part(Kind::Attachment, table.clone(), "");
    let next = context.desired.objects.range(first..).next();
    matches!(next, Some((id, Object::Attachment(attachment))) if id.name == *table && attachment.bound.is_some())
}

fn is_attachment_to(context: &Context<'_>, part: &Id, parent: &Name) -> bool {
    matches!(context.desired.get(part), Some(Object::Attachment(attachment)) if attachment.parent == *parent)
}

fn row_security(is_on: bool) -> &'static str {
    if is_on { "ENABLE ROW LEVEL SECURITY" } else { "DISABLE ROW LEVEL SECURITY" }
}

fn forced_row_security(is_on: bool) -> &'static str {
    if is_on { "FORCE ROW LEVEL SECURITY" } else { "NO FORCE ROW LEVEL SECURITY" }
}

#[cfg(test)]
mod tests {
    use super::has_column;

    #[test]
    fn a_key_has_the_columns_that_it_names() {
        for (key, column) in [
            ("RANGE (day)", "day"),
            ("LIST (lower(name))", "name"),
            ("RANGE (a, \"b c\")", "\"b c\""),
            ("RANGE (((x + 1)) int4_ops)", "x"),
        ] {
            assert!(has_column(key, column), "{key} {column}");
        }
        for (key, column) in [("RANGE (day)", "da"), ("LIST (lower(name))", "lower"), ("RANGE (days)", "day")] {
            assert!(!has_column(key, column), "{key} {column}");
        }
    }
}
