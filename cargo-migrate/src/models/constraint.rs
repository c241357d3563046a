//! Constraints as attributes say them: keys, checks, foreign keys and exclusions, on a column or on the struct.

use crate::models::attribute::{Element, Entry, Value};
use crate::models::source::{Spot, Written};
use crate::models::sql_name::{Name, leading_list, leading_name, whole_list};
use crate::report::Failure;

/// Keys of `primary_key(…)`.
pub(super) const PRIMARY_KEY_KEYS: &[&str] =
    &["columns", "name", "include", "options", "deferrable", "initially_deferred", "comment"];

/// Keys of `unique(…)`.
pub(super) const UNIQUE_KEYS: &[&str] =
    &["columns", "name", "nulls_not_distinct", "include", "options", "deferrable", "initially_deferred", "comment"];

/// Keys of `check(…)`.
pub(super) const CHECK_KEYS: &[&str] = &["expression", "name", "no_inherit", "comment"];

/// Keys of `foreign_key(…)`.
pub(super) const FOREIGN_KEY_KEYS: &[&str] = &[
    "columns",
    "references",
    "name",
    "on_delete",
    "on_update",
    "match",
    "deferrable",
    "initially_deferred",
    "comment",
];

/// Keys of `exclude(…)`.
pub(super) const EXCLUDE_KEYS: &[&str] =
    &["elements", "using", "where", "name", "include", "options", "deferrable", "initially_deferred", "comment"];

const ACTIONS: &[&str] = &["no action", "restrict", "cascade", "set null", "set default"];
const MATCHES: &[&str] = &["full", "simple"];

/// What every constraint may have.
#[derive(Clone, Debug)]
pub(super) struct Constraint<T> {
    pub(super) spot: Spot,
    pub(super) name: Option<Written>,
    pub(super) comment: Option<Written>,
    pub(super) timing: Timing,
    pub(super) of: T,
}

/// When a constraint is checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Timing {
    pub(super) deferrable: Option<bool>,
    pub(super) initially_deferred: Option<bool>,
}

/// A primary key, or a unique constraint.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) columns: Vec<Written>,
    pub(super) include: Vec<Written>,
    pub(super) nulls_not_distinct: bool,
    pub(super) options: Option<Written>,
}

/// A check.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) expression: Written,
    pub(super) no_inherit: bool,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(super) struct ForeignKey {
    pub(super) columns: Vec<Written>,
    pub(super) target: Target,
    pub(super) on_delete: Option<&'static str>,
    pub(super) on_update: Option<&'static str>,
    pub(super) matching: Option<&'static str>,
}

/// What a foreign key leads to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) spot: Spot,
    pub(super) table: Name,
    /// Its columns; none is its primary key.
    pub(super) columns: Vec<String>,
    /// What is written after that.
    pub(super) rest: String,
}

/// An exclusion constraint.
#[derive(Clone, Debug)]
pub(super) struct Exclusion {
    pub(super) using: Option<Written>,
    pub(super) elements: Vec<Written>,
    pub(super) predicate: Option<Written>,
    pub(super) include: Vec<Written>,
    pub(super) options: Option<Written>,
}

/// The parts that are the same in all.
#[derive(Default)]
struct Common {
    name: Option<Written>,
    comment: Option<Written>,
    timing: Timing,
}

impl Common {
    /// Reads a key that it knows; whether it does is the answer.
    fn read(&mut self, entry: &Entry) -> Result<bool, Failure> {
        match entry.key.as_str() {
            "name" => entry.set(&mut self.name, entry.name()?)?,
            "comment" => entry.set(&mut self.comment, entry.text()?)?,
            "deferrable" => entry.set(&mut self.timing.deferrable, entry.flag()?)?,
            "initially_deferred" => entry.set(&mut self.timing.initially_deferred, entry.flag()?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn constraint<T>(self, entry: &Entry, of: T) -> Constraint<T> {
        Constraint { spot: entry.spot.clone(), name: self.name, comment: self.comment, timing: self.timing, of }
    }
}

/// A primary key or a unique constraint; none where `= false` says so.
pub(super) fn key(
    entry: &Entry,
    of_column: Option<&Written>,
    keys: &[&str],
) -> Result<Option<Constraint<Key>>, Failure> {
    let mut common = Common::default();
    let (mut columns, mut include, mut nulls_not_distinct, mut options) = (None, None, None, None);
    match &entry.value {
        Value::Text(text) if of_column.is_none() => columns = Some(columns_of_text(text)?),
        Value::List(_) => {
            for inner in entry.entries()? {
                match inner.key.as_str() {
                    _ if keys.contains(&inner.key.as_str()) && common.read(inner)? => {}
                    "columns" if of_column.is_none() => inner.set(&mut columns, inner.names()?)?,
                    "columns" => return Err(columns_on_column(inner)),
                    "include" => inner.set(&mut include, inner.names()?)?,
                    "options" => inner.set(&mut options, inner.text()?)?,
                    "nulls_not_distinct" if keys.contains(&"nulls_not_distinct") => {
                        inner.set(&mut nulls_not_distinct, inner.flag()?)?;
                    }
                    _ => return Err(inner.unknown(&format!("`{}`", entry.key), keys)),
                }
            }
        }
        _ if !entry.flag()? => return Ok(None),
        _ => {}
    }
    let key = Key {
        columns: columns_or(columns, of_column, entry)?,
        include: include.unwrap_or_default(),
        nulls_not_distinct: nulls_not_distinct.unwrap_or(false),
        options,
    };
    Ok(Some(common.constraint(entry, key)))
}

/// A check.
pub(super) fn check(entry: &Entry) -> Result<Constraint<Check>, Failure> {
    let mut common = Common::default();
    let (mut expression, mut no_inherit) = (None, None);
    match &entry.value {
        Value::List(_) => {
            for inner in entry.entries()? {
                match inner.key.as_str() {
                    "expression" => inner.set(&mut expression, inner.text()?)?,
                    "no_inherit" => inner.set(&mut no_inherit, inner.flag()?)?,
                    _ if CHECK_KEYS.contains(&inner.key.as_str()) && common.read(inner)? => {}
                    _ => return Err(inner.unknown("`check`", CHECK_KEYS)),
                }
            }
        }
        _ => expression = Some(entry.text()?),
    }
    let expression = expression.ok_or_else(|| missing(entry, "expression", "check(expression = \"price >= 0\")"))?;
    Ok(common.constraint(entry, Check { expression, no_inherit: no_inherit.unwrap_or(false) }))
}

/// A foreign key of the struct; `target` reads what it references.
pub(super) fn foreign_key(
    entry: &Entry,
    target: impl Fn(&Entry) -> Result<Target, Failure>,
) -> Result<Constraint<ForeignKey>, Failure> {
    let mut common = Common::default();
    let (mut columns, mut references, mut actions) = (None, None, Actions::default());
    for inner in entry.entries()? {
        match inner.key.as_str() {
            "columns" => inner.set(&mut columns, inner.names()?)?,
            "references" => inner.set(&mut references, target(inner)?)?,
            _ if common.read(inner)? || actions.read(inner)? => {}
            _ => return Err(inner.unknown("`foreign_key`", FOREIGN_KEY_KEYS)),
        }
    }
    let example = "foreign_key(columns(a, b), references = \"others (a, b)\")";
    let target = references.ok_or_else(|| missing(entry, "references", example))?;
    let columns = columns.ok_or_else(|| missing(entry, "columns", example))?;
    Ok(common.constraint(entry, actions.of(columns, target)))
}

/// What happens to the rows that refer to one that changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Actions {
    on_delete: Option<&'static str>,
    on_update: Option<&'static str>,
    matching: Option<&'static str>,
}

impl Actions {
    /// Reads a key that it knows; whether it does is the answer.
    pub(super) fn read(&mut self, entry: &Entry) -> Result<bool, Failure> {
        match entry.key.as_str() {
            "on_delete" => entry.set(&mut self.on_delete, entry.one_of(ACTIONS)?)?,
            "on_update" => entry.set(&mut self.on_update, entry.one_of(ACTIONS)?)?,
            "match" => entry.set(&mut self.matching, entry.one_of(MATCHES)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.on_delete.is_none() && self.on_update.is_none() && self.matching.is_none()
    }

    pub(super) fn of(self, columns: Vec<Written>, target: Target) -> ForeignKey {
        let Self { on_delete, on_update, matching } = self;
        ForeignKey { columns, target, on_delete, on_update, matching }
    }
}

impl Target {
    /// What is written after `REFERENCES`.
    pub(super) fn of_text(text: &Written) -> Result<Self, Failure> {
        let (table, rest) = leading_name(&text.value).ok_or_else(|| {
            text.spot
                .failure(format!("`{}` does not begin with the name of a table", text.value))
                .help("write what follows REFERENCES in SQL: `references = \"suppliers (id) on delete cascade\"`")
        })?;
        let (columns, rest) = match leading_list(rest) {
            Some((columns, rest)) => (columns, rest),
            None if rest.trim_start().starts_with('(') => {
                return Err(text
                    .spot
                    .failure(format!("the columns of `{}` cannot be read", text.value))
                    .help("write their names with commas between: `references = \"suppliers (id)\"`"));
            }
            None => (Vec::new(), rest),
        };
        Ok(Self { spot: text.spot.clone(), table, columns, rest: rest.trim().to_owned() })
    }
}

/// An exclusion constraint.
pub(super) fn exclude(entry: &Entry) -> Result<Constraint<Exclusion>, Failure> {
    let mut common = Common::default();
    let (mut using, mut elements, mut predicate, mut include, mut options) = (None, None, None, None, None);
    for inner in entry.entries()? {
        match inner.key.as_str() {
            "using" => inner.set(&mut using, inner.text()?)?,
            "elements" => inner.set(&mut elements, texts(inner)?)?,
            "where" => inner.set(&mut predicate, inner.text()?)?,
            "include" => inner.set(&mut include, inner.names()?)?,
            "options" => inner.set(&mut options, inner.text()?)?,
            _ if common.read(inner)? => {}
            _ => return Err(inner.unknown("`exclude`", EXCLUDE_KEYS)),
        }
    }
    let example = "exclude(using = \"gist\", elements(\"room with =\", \"during with &&\"))";
    let elements = elements.ok_or_else(|| missing(entry, "elements", example))?;
    let include = include.unwrap_or_default();
    Ok(common.constraint(entry, Exclusion { using, elements, predicate, include, options }))
}

/// A unique constraint or index of a column that names others.
pub(super) fn columns_on_column(entry: &Entry) -> Failure {
    entry
        .spot
        .failure("`columns` on a field: it is about its own column")
        .help("write it on the struct, in `#[table(…)]`")
}

/// The columns that are named, else the column that it is on.
pub(super) fn columns_or(
    columns: Option<Vec<Written>>,
    of_column: Option<&Written>,
    entry: &Entry,
) -> Result<Vec<Written>, Failure> {
    match (columns, of_column) {
        (Some(columns), _) => Ok(columns),
        (None, Some(column)) => Ok(vec![column.clone()]),
        (None, None) => Err(missing(entry, "columns", &format!("{}(columns(a, b))", entry.key))),
    }
}

/// The columns of a text such as `a, b`.
pub(super) fn columns_of_text(text: &Written) -> Result<Vec<Written>, Failure> {
    let names = whole_list(&text.value).ok_or_else(|| {
        text.spot
            .failure(format!("`{}` is no list of columns", text.value))
            .help("write their names with commas between")
    })?;
    Ok(names.into_iter().map(|value| Written { value, spot: text.spot.clone() }).collect())
}

/// The texts of a list that has nothing else.
fn texts(entry: &Entry) -> Result<Vec<Written>, Failure> {
    let texts = entry.list()?.iter().map(|element| match element {
        Element::Text(text) => Ok(text.clone()),
        Element::Entry(_) => Err(entry.wrong_value("texts in quotes", &format!("{}(\"…\")", entry.key))),
    });
    let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
    if texts.is_empty() { Err(missing(entry, "element", "elements(\"room with =\")")) } else { Ok(texts) }
}

fn missing(entry: &Entry, what: &str, example: &str) -> Failure {
    entry.spot.failure(format!("`{}` without `{what}`", entry.key)).help(format!("write `{example}`"))
}
