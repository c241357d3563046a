//! What a run cannot yet take up again by itself: these points are tried, and counted apart.
//!
//! With `MIGRATE_FAULTS_STRICT` set they must be survived as all others.

use super::moment::Moment;

/// Statements of scripts without a transaction that may be done, or half done, without being recorded as done, and cannot
/// be run a second time.
const NOT_YET: &[(&[&str], &str)] = &[
    (
        &["CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY"],
        "a concurrent build that is done, or left invalid, is neither looked for nor built again",
    ),
    (&["DROP INDEX CONCURRENTLY items_"], "that an index is dropped already is not looked for"),
    (
        &["INSERT INTO", "CREATE TABLE archive", "ALTER TYPE mood", "ALTER TABLE events", "DROP TABLE archive"],
        "an ordinary statement without a transaction is not recorded in one with it",
    ),
];

/// A statement that may be done without being recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    pub(super) reason: &'static str,
}

pub(super) fn is_strict() -> bool {
    std::env::var_os("MIGRATE_FAULTS_STRICT").is_some()
}

/// The statement that is in doubt when the run ends at this moment.
pub(super) fn doubt(texts: &[String], moment: &Moment) -> Option<Doubt> {
    // Messages that may have been carried out, and those of them that were for certain.
    let (begun, done) = match moment {
        Moment::Before(n) => (n - 1, n - 1),
        Moment::Sent(n) | Moment::Inside(n, _) => (*n, n - 1),
        Moment::After(n) => (*n, *n),
    };
    let is_record = |text: &String| text.starts_with("BEGIN");
    let last = texts[..begun].iter().rposition(|text| reason(text).is_some())?;
    let recorded = texts[last + 1..done.max(last + 1)].iter().any(is_record);
    reason(&texts[last]).filter(|_| !recorded).map(|reason| Doubt { reason })
}

fn reason(text: &str) -> Option<&'static str> {
    let listed = |statements: &&[&str]| statements.iter().any(|statement| text.trim_start().starts_with(statement));
    NOT_YET.iter().find(|(statements, _)| listed(statements)).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::Moment::{After, Before, Sent};
    use super::doubt;

    #[test]
    fn a_statement_is_in_doubt_from_its_sending_to_its_record() {
        let texts = ["BEGIN; x", "INSERT INTO t", "BEGIN; record", "VACUUM"].map(String::from);
        let in_doubt = |moment| doubt(&texts, &moment).is_some();
        assert_eq!([Before(1), After(1), Before(2)].map(in_doubt), [false; 3]);
        assert_eq!([Sent(2), After(2), Before(3), Sent(3)].map(in_doubt), [true; 4]);
        assert_eq!([After(3), Before(4), After(4)].map(in_doubt), [false; 3]);
    }
}
