//! A script without a transaction of its own: each statement is a commit, recorded, and taken up again where it stopped.

use sqlx::Row as _;

use crate::plan::Direction;
use crate::postgres::alone::Alone;
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::message::{Message, Part};
use crate::postgres::session::Session;
use crate::postgres::step::{Stop, Task};
use crate::script::Script;

/// What a statement says that a transaction does not allow.
const ACTIVE_TRANSACTION: &str = "25001";
/// What a procedure says that ends a transaction which is not its own.
const INVALID_TERMINATION: &str = "2D000";
/// Where a statement stands.
#[derive(Clone, Copy, Debug)]
struct Place<'t> {
    task: Task<'t>,
    script: &'static Script,
    n: usize,
}

/// What looking has told of a statement that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Done,
    ToDo,
}

impl Session<'_> {
    /// Takes the statements from the first that is not recorded. The last is recorded with the step itself.
    pub(crate) async fn statements(&mut self, task: Task<'_>, script: &'static Script) -> Result<(), Stop> {
        let (of, n_done) = (script.statements().len(), task.n_done());
        // What earlier statements have set went with the session that was cut off.
        for n in (0..n_done).filter(|n| is_setting(script.statement(*n))) {
            self.say(task, Message::default().with(Part::Statement(n), script.statement(n))).await?;
        }
        for n in n_done..of {
            let place = Place { task, script, n };
            // On the way down there is always a row, and it is a resumed downgrade's when it says so.
            let resumed = task.row.filter(|row| task.direction == Direction::Up || row.down_statements_done.is_some());
            let cut_off = resumed.filter(|_| n == n_done);
            self.statement(place, cut_off.is_some(), cut_off.is_some_and(|row| !row.statement_failed)).await?;
            self.frame.options.tell(&Event::StatementDone { revision: task.migration.id().to_owned(), n: n + 1, of });
        }
        if of == n_done {
            self.say(task, self.frame.finish(task)).await?;
        }
        Ok(())
    }

    /// Runs and records one statement: in one transaction where it may be in one, so that there is never a doubt about it.
    async fn statement(&mut self, place: Place<'_>, again: bool, in_doubt: bool) -> Result<(), Stop> {
        let statement = place.script.statement(place.n);
        let alone = match Alone::of(statement) {
            Some(alone) => alone,
            None => match self.send(self.frame.statement(place.task, place.script, place.n)).await {
                Ok(()) => return Ok(()),
                Err(failed) if failed.part == Part::Statement(place.n) && is_refusal(failed.code()) => {
                    self.say(place.task, self.frame.after_refusal()).await?;
                    Alone::Other
                }
                Err(failed) => return Err(self.stop(place.task, failed).await),
            },
        };
        if again && self.look(place, &alone, in_doubt).await? == Found::Done {
            return self.say(place.task, self.frame.record(place.task, place.script, place.n)).await;
        }
        let sent = self.send(Message::default().with(Part::Statement(place.n), statement)).await;
        match sent {
            Ok(()) => {}
            Err(failed) if in_doubt && failed.code().is_some_and(|code| alone.was_done(code)) => {}
            Err(failed) => {
                if failed.code().is_some() {
                    // It is known now what became of it. Where this cannot be noted, looking decides.
                    let _ = self.send(self.frame.failed(place.task)).await;
                }
                return Err(self.stop(place.task, failed).await);
            }
        }
        self.check_index(place, &alone).await?;
        self.say(place.task, self.frame.record(place.task, place.script, place.n)).await
    }

    /// Looks at what a statement that was run before has left: it may have done its work, or be in its own way.
    async fn look(&mut self, place: Place<'_>, alone: &Alone, in_doubt: bool) -> Result<Found, Stop> {
        let Some(look) = alone.look() else { return Ok(Found::ToDo) };
        let rows = match self.ask(&look).await {
            Ok(rows) => rows,
            Err(failed) => return Err(self.stop(place.task, failed).await),
        };
        let found = rows.iter().filter_map(|row| Some((row.try_get("verdict").ok()?, row.try_get("name").ok()?)));
        let found: Vec<(String, String)> = found.collect();
        for (verdict, name) in found {
            match (verdict.as_str(), alone.completion()) {
                ("leftover", _) => {
                    let revision = place.task.migration.id().to_owned();
                    self.frame.options.tell(&Event::Leftover { revision, index: name.clone() });
                    let drop = format!("DROP INDEX CONCURRENTLY {name}");
                    self.say(place.task, Message::default().with(Part::Statement(place.n), &drop)).await?;
                }
                ("pending", Some(completion)) => {
                    self.say(place.task, Message::default().with(Part::Statement(place.n), &completion)).await?;
                    return Ok(Found::Done);
                }
                // After an error nothing was done: what is there was there before.
                ("done", _) if in_doubt => return Ok(Found::Done),
                _ => {}
            }
        }
        Ok(Found::ToDo)
    }

    /// Refuses to record an index that something else has left behind invalid.
    async fn check_index(&mut self, place: Place<'_>, alone: &Alone) -> Result<(), Stop> {
        let Some(invalid) = alone.invalid() else { return Ok(()) };
        let rows = match self.ask(&invalid).await {
            Ok(rows) => rows,
            Err(failed) => return Err(self.stop(place.task, failed).await),
        };
        match rows.first().and_then(|row| row.try_get("name").ok()) {
            None => Ok(()),
            Some(index) => {
                let revision = place.task.migration.id().to_owned();
                Err(Error::InvalidIndex { revision, file: place.task.action.file().to_owned(), index }.into())
            }
        }
    }
}

fn is_refusal(code: Option<&str>) -> bool {
    matches!(code, Some(ACTIVE_TRANSACTION | INVALID_TERMINATION))
}

/// Whether a statement sets something for the session that the statements after it may rely on.
fn is_setting(statement: &str) -> bool {
    let mut words = statement.split_whitespace().map(str::to_ascii_uppercase);
    match words.next().as_deref() {
        Some("SET") => words.next().as_deref() != Some("LOCAL"),
        Some("RESET") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_setting;

    #[test]
    fn settings_of_the_session_are_told_from_other_statements() {
        for (statement, expected) in [
            ("SET search_path = s", true),
            ("set\n\trole r", true),
            ("RESET ALL", true),
            ("SET LOCAL x = 1", false),
            ("CREATE INDEX i ON t (a)", false),
            ("SETTING", false),
        ] {
            assert_eq!(is_setting(statement), expected, "{statement}");
        }
    }
}
