//! What is recorded of the batches of a revision: each call, how far it came, and where the last one goes on.

use crate::postgres::batches::error::Kind;

/// The calls of a revision's function, in their order. All but the last have ended, and that may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    calls: Vec<Call>,
    /// Whether the last call has ended: what comes after it in the function may have taken away what its statement needs.
    ended: bool,
    /// How many rows the last call has to do, as it was counted when it began.
    pub(crate) total: Option<u64>,
    /// The last key that the last call has done; none where its statement limits itself.
    pub(crate) cursor: Vec<String>,
    /// The rows of each call as the version table has them: a call is in there with the next batch that is done.
    recorded: Vec<u64>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The digest of what it was asked for.
    pub(crate) digest: String,
    /// How many rows it has done.
    pub(crate) rows: u64,
}

/// How a call begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It has ended already, after so many rows.
    Ended(u64),
    /// It has its work to do, from the first row or from where it was cut off.
    Open,
}

impl Journal {
    pub(crate) fn new(calls: Vec<Call>, ended: bool, total: Option<u64>, cursor: Vec<String>) -> Self {
        let recorded = calls.iter().map(|call| call.rows).collect();
        Self { calls, ended, total, cursor, recorded }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// How many rows each call has done, as the version table has it.
    pub(crate) fn recorded(&self) -> &[u64] {
        &self.recorded
    }

    /// How many rows the last call has done.
    pub(crate) fn rows(&self) -> u64 {
        self.calls.last().map_or(0, |call| call.rows)
    }

    /// Begins call `n`, from 0. A function that was cut off must make the same calls again: by their numbers they are known.
    pub(crate) fn enter(&mut self, n: usize, digest: String) -> Result<Entry, Kind> {
        match self.calls.get(n) {
            None => {
                self.calls.push(Call { digest, rows: 0 });
                (self.ended, self.total, self.cursor) = (false, None, Vec::new());
                Ok(Entry::Open)
            }
            Some(call) if call.digest != digest => Err(Kind::Changed { n: n + 1, rows: call.rows }),
            Some(_) if n + 1 == self.calls.len() && !self.ended => Ok(Entry::Open),
            Some(call) => Ok(Entry::Ended(call.rows)),
        }
    }

    /// Refuses a function that has ended without the calls which it had made when it was cut off.
    pub(crate) fn leave(&self, n_calls: usize) -> Result<(), Kind> {
        match self.calls.len() > n_calls {
            true => Err(Kind::Missing { n_calls, n_recorded: self.calls.len() }),
            false => Ok(()),
        }
    }

    /// The journal after one batch more, as it will be recorded.
    pub(crate) fn after(&self, rows: u64, cursor: Vec<String>) -> Self {
        let mut calls = self.calls.clone();
        if let Some(call) = calls.last_mut() {
            call.rows += rows;
        }
        Self::new(calls, false, self.total, cursor)
    }

    /// The same, and no batch of the call comes after it.
    pub(crate) fn ended(self) -> Self {
        Self { ended: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Journal};
    use crate::postgres::batches::error::Kind;

    fn cut_off_in_the_second() -> Journal {
        let mut journal = Journal::default();
        assert_eq!(journal.enter(0, "a".to_owned()).unwrap(), Entry::Open);
        journal = journal.after(10, vec!["10".to_owned()]).ended();
        assert_eq!(journal.enter(1, "b".to_owned()).unwrap(), Entry::Open);
        journal.after(5, vec!["7".to_owned()]).after(5, vec!["9".to_owned()])
    }

    #[test]
    fn the_last_call_goes_on_and_those_before_it_have_ended() {
        let mut journal = cut_off_in_the_second();
        assert_eq!(journal.enter(0, "a".to_owned()).unwrap(), Entry::Ended(10));
        assert_eq!(journal.enter(1, "b".to_owned()).unwrap(), Entry::Open);
        assert_eq!((journal.rows(), journal.cursor.as_slice()), (10, &["9".to_owned()][..]));
        assert_eq!(journal.enter(2, "a".to_owned()).unwrap(), Entry::Open);
        assert_eq!((journal.rows(), journal.cursor.len()), (0, 0), "a new call begins at the first row");
    }

    #[test]
    fn a_call_that_has_ended_is_not_begun_again() {
        let mut journal = cut_off_in_the_second().ended();
        assert_eq!(journal.enter(1, "b".to_owned()).unwrap(), Entry::Ended(10));
        assert_eq!(journal.enter(2, "b".to_owned()).unwrap(), Entry::Open);
        assert!(!journal.has_ended());
        assert_eq!(
            (journal.calls().len(), journal.recorded()),
            (3, &[10, 10][..]),
            "a call is recorded with its first batch"
        );
    }

    #[test]
    fn other_calls_than_before_are_refused() {
        let mut journal = cut_off_in_the_second();
        assert!(matches!(journal.enter(0, "b".to_owned()), Err(Kind::Changed { n: 1, rows: 10 })));
        assert!(matches!(journal.enter(1, "c".to_owned()), Err(Kind::Changed { n: 2, rows: 10 })));
        assert!(matches!(journal.leave(1), Err(Kind::Missing { n_calls: 1, n_recorded: 2 })));
        assert!(journal.leave(2).is_ok());
    }
}
