//! Sequences, and the options that identity columns have in common with them.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::quote::{identifier, literal};
use crate::statement::{Change, Statement};

/// A sequence of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// How it counts.
    pub options: SequenceOptions,
    /// Whether it is lost in a crash.
    pub is_unlogged: bool,
}

/// How a sequence counts; what is nothing is the default of its type and direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOptions {
    /// `smallint`, `integer` or `bigint`.
    pub ty: String,
    /// The step.
    pub increment: i64,
    /// The first value.
    pub start: Option<i64>,
    /// The lowest value.
    pub min: Option<i64>,
    /// The highest value.
    pub max: Option<i64>,
    /// How many values a session takes at once.
    pub cache: i64,
    /// Whether it begins anew at its end.
    pub cycles: bool,
}

/// The column that a sequence is dropped with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedBy {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
}

impl SequenceOptions {
    /// The options as `pg_sequence` has them.
    #[must_use]
    pub fn new(ty: &str, start: i64, increment: i64, max: i64, min: i64, cache: i64, cycles: bool) -> Self {
        let mut options = Self { ty: ty.to_owned(), increment, start: None, min: None, max: None, cache, cycles };
        let (default_min, default_max) = options.bounds();
        options.min = (min != default_min).then_some(min);
        options.max = (max != default_max).then_some(max);
        options.start = (start != options.first()).then_some(start);
        options
    }

    /// The condition under which a value is one that the sequence may have come to.
    pub(crate) fn reaches(&self, value: &str) -> String {
        match (self.increment > 0, self.min, self.max) {
            (true, _, None) => format!("{value} >= {}", self.lowest()),
            (false, None, _) => format!("{value} <= {}", self.highest()),
            _ => format!("{value} BETWEEN {} AND {}", self.lowest(), self.highest()),
        }
    }

    fn bounds(&self) -> (i64, i64) {
        let (lowest, highest) = match self.ty.as_str() {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        if self.increment > 0 { (1, highest) } else { (lowest, -1) }
    }

    fn lowest(&self) -> i64 {
        self.min.unwrap_or(self.bounds().0)
    }

    fn highest(&self) -> i64 {
        self.max.unwrap_or(self.bounds().1)
    }

    fn first(&self) -> i64 {
        self.start.unwrap_or(if self.increment > 0 { self.lowest() } else { self.highest() })
    }

    /// The clauses that are not what a new sequence has; the type is said where it is not this one.
    pub(crate) fn clauses(&self, usual_type: &str) -> Vec<String> {
        let mut clauses = Vec::new();
        if self.ty != usual_type {
            clauses.push(format!("AS {}", self.ty));
        }
        if self.increment != 1 {
            clauses.push(format!("INCREMENT BY {}", self.increment));
        }
        clauses.extend(self.min.map(|min| format!("MINVALUE {min}")));
        clauses.extend(self.max.map(|max| format!("MAXVALUE {max}")));
        clauses.extend(self.start.map(|start| format!("START WITH {start}")));
        if self.cache != 1 {
            clauses.push(format!("CACHE {}", self.cache));
        }
        if self.cycles {
            clauses.push("CYCLE".to_owned());
        }
        clauses
    }

    /// The clauses that turn this into that.
    pub(crate) fn changes(&self, desired: &Self) -> Vec<String> {
        let mut clauses = Vec::new();
        if self.ty != desired.ty {
            clauses.push(format!("AS {}", desired.ty));
        }
        if self.increment != desired.increment {
            clauses.push(format!("INCREMENT BY {}", desired.increment));
        }
        let turns = (self.increment > 0) != (desired.increment > 0);
        if self.min != desired.min || turns {
            clauses.push(desired.min.map_or("NO MINVALUE".to_owned(), |min| format!("MINVALUE {min}")));
        }
        if self.max != desired.max || turns {
            clauses.push(desired.max.map_or("NO MAXVALUE".to_owned(), |max| format!("MAXVALUE {max}")));
        }
        if self.first() != desired.first() {
            clauses.push(format!("START WITH {}", desired.first()));
        }
        if self.cache != desired.cache {
            clauses.push(format!("CACHE {}", desired.cache));
        }
        if self.cycles != desired.cycles {
            clauses.push(if desired.cycles { "CYCLE" } else { "NO CYCLE" }.to_owned());
        }
        clauses
    }

    /// Whether where the sequence is now may lie outside of what is desired: then it has to be moved first.
    fn leaves(&self, desired: &Self) -> bool {
        desired.lowest() > self.lowest() || desired.highest() < self.highest()
    }

    fn holds(&self, value: i64) -> bool {
        (self.lowest()..=self.highest()).contains(&value)
    }
}

impl Definition for Sequence {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let unlogged = if self.is_unlogged { "UNLOGGED " } else { "" };
        let mut text = format!("CREATE {unlogged}SEQUENCE {}", context.name(&id.name));
        for clause in self.options.clauses("bigint") {
            text += &format!("\n    {clause}");
        }
        vec![Statement::whole(text)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let name = context.name(&id.name);
        let mut statements = Vec::new();
        let (now, then) = (&self.options, &desired.options);
        let mut clauses = now.changes(then);
        if now.leaves(then) && !then.holds(now.first()) {
            let (low, high, first) = (then.lowest(), then.highest(), then.first());
            if now.holds(first) {
                // Only a position that the desired bounds exclude is given up.
                statements.push(Statement::whole(format!(
                    "SELECT setval({}, {first}, false)\n  FROM {name}\n WHERE last_value NOT BETWEEN {low} AND {high}",
                    literal(&name)
                )));
            } else {
                clauses.push(format!("RESTART WITH {first}"));
            }
        }
        if !clauses.is_empty() {
            statements.push(Statement::whole(format!("ALTER SEQUENCE {name}\n    {}", clauses.join("\n    "))));
        }
        if self.is_unlogged != desired.is_unlogged {
            let logged = if desired.is_unlogged { "UNLOGGED" } else { "LOGGED" };
            statements.push(Statement::whole(format!("ALTER SEQUENCE {name} SET {logged}")));
        }
        Change::of(statements)
    }
}

impl Definition for OwnedBy {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (name, table) = (context.name(&id.name), context.name(&self.table));
        vec![Statement::whole(format!("ALTER SEQUENCE {name} OWNED BY {table}.{}", identifier(&self.column)))]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(format!("ALTER SEQUENCE {} OWNED BY NONE", context.name(&id.name)))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Alter(desired.create(id, context)) }
    }
}

#[cfg(test)]
mod tests {
    use super::SequenceOptions;

    fn options(start: i64, increment: i64, max: i64, min: i64) -> SequenceOptions {
        SequenceOptions::new("integer", start, increment, max, min, 1, false)
    }

    #[test]
    fn what_the_type_says_is_not_said_again() {
        assert!(options(1, 1, i64::from(i32::MAX), 1).clauses("integer").is_empty());
        assert!(options(-1, -1, -1, i64::from(i32::MIN)).clauses("integer")[..] == ["INCREMENT BY -1"]);
        let clauses = options(5, 1, 10, 2).clauses("bigint");
        assert_eq!(clauses, ["AS integer", "MINVALUE 2", "MAXVALUE 10", "START WITH 5"]);
    }

    #[test]
    fn a_start_that_followed_the_minimum_is_moved_with_it() {
        let clauses = options(1, 1, 100, 1).changes(&options(10, 1, 100, 10));
        assert_eq!(clauses, ["MINVALUE 10", "START WITH 10"]);
    }
}
