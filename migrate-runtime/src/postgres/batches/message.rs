//! The messages of a batch: what is its own transaction, and what is part of the revision's.

use crate::postgres::batches::journal::Journal;
use crate::postgres::frame::{Frame, Scope, set};
use crate::postgres::message::{Message, Part};
use crate::postgres::step::Task;
use crate::script::Transaction;

impl Frame<'_> {
    /// The beginning of a batch: where it has a transaction of its own, opens that and checks that the lock is held.
    pub(crate) fn begin_batch(&self, task: Task<'_>) -> Message {
        let message = match task.action.transaction() {
            Transaction::PerRevision => Message::default(),
            Transaction::None => self.checked(self.limited(task)),
        };
        // For a size that it does not know the planner assumes a tenth of the table, and might read all of it in each batch.
        let custom = set("plan_cache_mode", "force_custom_plan", Scope::Transaction);
        message.with(Part::Open, &format!("SELECT {custom}"))
    }

    /// The end of a batch: records it and commits both together.
    pub(crate) fn end_batch(&self, message: Message, task: Task<'_>, before: &Journal, after: &Journal) -> Message {
        match task.action.transaction() {
            Transaction::PerRevision => message,
            Transaction::None => {
                let table = &self.options.version_table;
                let record = table.batch(self.package, task.migration.id(), before, after);
                // A function may have set a role that need not be allowed to write the version table.
                message.with(Part::Open, &self.first_role()).with(Part::Record, &record).with(Part::Commit, "COMMIT")
            }
        }
    }

    /// The end of what prepares for batches.
    pub(crate) fn end_preparing(&self, message: Message, task: Task<'_>) -> Message {
        match task.action.transaction() {
            Transaction::PerRevision => message,
            Transaction::None => message.with(Part::Commit, "COMMIT"),
        }
    }
}
