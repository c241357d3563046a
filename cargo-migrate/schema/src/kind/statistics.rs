//! Extended statistics.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::statement::{Change, Statement};

/// A statistics object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The table.
    pub table: Name,
    /// The whole statement as Postgres prints it.
    pub definition: String,
    /// The statistics target, where it is not the default.
    pub target: Option<i32>,
}

impl Definition for Statistics {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut statements = vec![Statement::whole(self.definition.clone())];
        if self.target.is_some() {
            statements.push(self.aim(id, context));
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if parts(&self.definition) != parts(&desired.definition) || self.table != desired.table {
            Change::Rebuild
        } else if self.target != desired.target {
            Change::Alter(vec![desired.aim(id, context)])
        } else {
            Change::Keep
        }
    }
}

/// The statement, with its columns in the order of their names: Postgres prints them in the order of the table, which is
/// no difference.
fn parts(definition: &str) -> (&str, Vec<&str>, &str) {
    let Some((head, rest)) = definition.split_once(" ON ") else { return (definition, Vec::new(), "") };
    let Some((columns, table)) = rest.rsplit_once(" FROM ") else { return (definition, Vec::new(), "") };
    let mut columns: Vec<&str> = columns.split(", ").collect();
    columns.sort_unstable();
    (head, columns, table)
}

impl Statistics {
    fn aim(&self, id: &Id, context: &Context<'_>) -> Statement {
        let target = self.target.unwrap_or(-1);
        Statement::whole(format!("ALTER STATISTICS {} SET STATISTICS {target}", context.name(&id.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_order_of_columns_is_no_difference() {
        let one = "CREATE STATISTICS s (mcv) ON a, b, lower(c) FROM t";
        assert_eq!(parts(one), parts("CREATE STATISTICS s (mcv) ON b, a, lower(c) FROM t"));
        assert_ne!(parts(one), parts("CREATE STATISTICS s (mcv) ON a, b FROM t"));
        assert_ne!(parts(one), parts("CREATE STATISTICS s ON a, b, lower(c) FROM t"));
    }
}
