//! A difference as a script that reads as if a person had written it.

use crate::op::Diff;
use crate::statement::Statement;

impl Diff {
    /// The script: a statement after the other with an empty line between, with what it destroys above each.
    #[must_use]
    pub fn sql(&self) -> String {
        let mut blocks: Vec<String> = Vec::new();
        if self.has_unchecked_bodies {
            blocks.push("SET check_function_bodies = off;".to_owned());
        }
        let mut open = Open::default();
        for op in &self.ops {
            if let Some(loss) = &op.destroys {
                open.warn(loss, &op.statements, &mut blocks);
            }
            for statement in &op.statements {
                match statement {
                    Statement::Whole(text) => {
                        open.close(&mut blocks);
                        open.text.push_str(text);
                        open.close(&mut blocks);
                    }
                    Statement::Clause { head, clause } => open.add(head, clause, &mut blocks),
                }
            }
            if op.needs_commit {
                open.close(&mut blocks);
                blocks.push("-- The value can be used when this is committed.".to_owned());
            }
        }
        open.close(&mut blocks);
        if self.has_unchecked_bodies {
            blocks.push("RESET check_function_bodies;".to_owned());
        }
        let mut script = blocks.join("\n\n");
        if !script.is_empty() {
            script.push('\n');
        }
        script
    }
}

/// The statement that may get more clauses.
#[derive(Debug, Default)]
struct Open {
    /// Remarks above it.
    remarks: String,
    /// What stands before its clauses.
    head: String,
    clauses: Vec<String>,
    text: String,
}

impl Open {
    fn warn(&mut self, loss: &str, statements: &[Statement], blocks: &mut Vec<String>) {
        let joins = matches!(statements.first(), Some(Statement::Clause { head, .. }) if *head == self.head);
        if !joins {
            self.close(blocks);
        }
        self.remarks += &format!("-- destroys data: {}\n", loss.replace('\n', " "));
    }

    fn add(&mut self, head: &str, clause: &str, blocks: &mut Vec<String>) {
        if self.head != head {
            let remarks = if self.clauses.is_empty() { std::mem::take(&mut self.remarks) } else { String::new() };
            self.close(blocks);
            self.remarks = remarks;
            head.clone_into(&mut self.head);
        }
        self.clauses.push(clause.to_owned());
    }

    fn close(&mut self, blocks: &mut Vec<String>) {
        if !self.clauses.is_empty() {
            let joined = match &self.clauses[..] {
                [only] => format!("{} {only};", self.head),
                clauses => format!("{}\n    {};", self.head, clauses.join(",\n    ")),
            };
            self.text.push_str(&joined);
        }
        if !self.text.is_empty() {
            blocks.push(format!("{}{}", self.remarks, self.text));
            self.remarks.clear();
        }
        self.head.clear();
        self.clauses.clear();
        self.text.clear();
    }
}
