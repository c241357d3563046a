//! A difference as a script that reads as if a person had written it.

use crate::hazard::Hazard;
use crate::op::{Diff, Op};
use crate::statement::Statement;
use std::collections::BTreeSet;

impl Diff {
    /// The script: a statement after the other with an empty line between, with what it destroys, and whom it keeps
    /// waiting, above each.
    #[must_use]
    pub fn sql(&self) -> String {
        let mut blocks: Vec<String> = Vec::new();
        if self.has_unchecked_bodies {
            blocks.push("SET check_function_bodies = off;".to_owned());
        }
        let mut open = Open::default();
        for op in &self.ops {
            open.remark(op, &mut blocks);
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
    /// What it destroys.
    losses: Vec<String>,
    /// What it makes users wait for.
    hazards: Vec<Hazard>,
    /// What stands before its clauses.
    head: String,
    clauses: Vec<String>,
    text: String,
}

impl Open {
    /// Takes the remarks of an op; its statements come next.
    fn remark(&mut self, op: &Op, blocks: &mut Vec<String>) {
        if op.destroys.is_none() && op.hazards.is_empty() {
            return;
        }
        let joins = matches!(op.statements.first(), Some(Statement::Clause { head, .. }) if *head == self.head);
        if !joins {
            self.close(blocks);
        }
        self.losses.extend(op.destroys.clone());
        self.hazards.extend(op.hazards.iter().cloned());
    }

    fn add(&mut self, head: &str, clause: &str, blocks: &mut Vec<String>) {
        if self.head != head {
            // Without a clause the remarks are those of the statement that begins.
            if !self.clauses.is_empty() {
                self.close(blocks);
            }
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
            let remarks = self.remarks();
            blocks.push(format!("{remarks}{}", self.text));
            self.losses.clear();
            self.hazards.clear();
        }
        self.head.clear();
        self.clauses.clear();
        self.text.clear();
    }

    /// The lines above the statement, each once.
    fn remarks(&self) -> String {
        let mut remarks = String::new();
        for loss in &self.losses {
            remarks += &format!("-- destroys data: {}\n", loss.replace('\n', " "));
        }
        let told: BTreeSet<&Hazard> = self.hazards.iter().collect();
        for hazard in told.iter().filter(|hazard| !told.iter().any(|other| hazard.is_within(other))) {
            remarks += &format!("-- locks: {}\n", hazard.to_string().replace('\n', " "));
        }
        remarks
    }
}
