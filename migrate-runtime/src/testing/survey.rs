//! What is on the server, and what of it nobody needs any more.

use std::collections::HashSet;

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::testing::name::{self, Token};

/// A template that another one has replaced is kept for so many seconds after its last use: branches come back, and
/// another checkout may be at that one.
const KEPT: i64 = 6 * 60 * 60;

/// How old the note of the last use may become, in seconds. Writing it waits for the copies under way, so it is rare.
const NOTED: i64 = 10 * 60;

/// The databases of this role that have a name of ours, then the locks, in this order: who is in the first list has its
/// lock already, so whose lock is not in the second has ended. Locks of all databases are seen from each, and so are
/// sessions (Postgres manual, 54.12). A database is left alone while a session is in it.
pub(crate) const SURVEY: &str = "SELECT d.datname::pg_catalog.text AS name, \
     pg_catalog.shobj_description(d.oid, 'pg_database') AS note, \
     EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid OPERATOR(pg_catalog.=) d.oid) AS in_use, \
     pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::pg_catalog.int8 AS now, NULL::pg_catalog.int8 AS key \
     FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) d.datdba \
     WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER AND pg_catalog.starts_with(d.datname::pg_catalog.text, 'migrate_te'); \
     SELECT NULL::pg_catalog.text AS name, NULL::pg_catalog.text AS note, NULL::pg_catalog.bool AS in_use, \
     NULL::pg_catalog.int8 AS now, ((l.classid::pg_catalog.int8 OPERATOR(pg_catalog.<<) 32) OPERATOR(pg_catalog.|) l.objid::pg_catalog.int8) AS key \
     FROM pg_catalog.pg_locks AS l WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted \
     AND l.objsubid OPERATOR(pg_catalog.=) 1";

/// The databases of ours on a server, and the processes that are alive.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    databases: Vec<Found>,
    alive: HashSet<Token>,
}

#[derive(Debug)]
struct Found {
    name: String,
    note: Option<String>,
    in_use: bool,
    now: i64,
}

/// How a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is not there.
    Missing,
    /// It is there, and was used a moment ago.
    Ready,
    /// It is there, and its note must be written again.
    Unnoted,
}

impl Survey {
    pub(crate) fn read(rows: &[PgRow]) -> Result<Self, sqlx::Error> {
        let mut survey = Self::default();
        for row in rows {
            if let Some(key) = row.try_get::<Option<i64>, _>("key")? {
                survey.alive.insert(Token(key.cast_unsigned()));
                continue;
            }
            let (name, note) = (row.try_get("name")?, row.try_get("note")?);
            survey.databases.push(Found { name, note, in_use: row.try_get("in_use")?, now: row.try_get("now")? });
        }
        Ok(survey)
    }

    pub(crate) fn template(&self, name: &str) -> Standing {
        match self.databases.iter().find(|found| found.name == name) {
            None => Standing::Missing,
            Some(found) if found.age().is_some_and(|age| age < NOTED) => Standing::Ready,
            Some(_) => Standing::Unnoted,
        }
    }

    /// What may be dropped: databases of processes that have ended, and templates of the package that were replaced.
    pub(crate) fn leftovers(&self, package: &str, template: &str) -> Vec<String> {
        let is_leftover = |found: &&Found| {
            if found.in_use {
                return false;
            }
            if let Some(owner) = name::owner(&found.name) {
                return !self.alive.contains(&owner);
            }
            let is_ours = name::is_template(&found.name) && found.name != template;
            is_ours && found.is_of(package) && found.age().is_some_and(|age| age > KEPT)
        };
        self.databases.iter().filter(is_leftover).map(|found| found.name.clone()).collect()
    }
}

impl Found {
    fn is_of(&self, package: &str) -> bool {
        self.note.as_deref().is_some_and(|note| note.starts_with(&beginning(package)))
    }

    /// Seconds since its last use; unknown where somebody has changed the note.
    fn age(&self) -> Option<i64> {
        let (_, used) = self.note.as_deref()?.rsplit_once(' ')?;
        self.now.checked_sub(used.parse().ok()?)
    }
}

/// The note on a template, which the server completes with the time, in seconds since 1970.
pub(crate) fn beginning(package: &str) -> String {
    // The catalog is shared by databases of all encodings.
    format!("cargo migrate: template for the tests of {}, last used at ", package.escape_default())
}

#[cfg(test)]
mod tests {
    use super::{Found, KEPT, NOTED, Standing, Survey, beginning};
    use crate::checksum::Checksum;
    use crate::testing::name::{Token, owned, template};

    const NOW: i64 = 1_800_000_000;

    fn found(name: String, note: Option<String>) -> Found {
        Found { name, note, in_use: false, now: NOW }
    }

    fn made(package: &str, digest: u8, age: i64) -> Found {
        let note = format!("{}{}", beginning(package), NOW - age);
        found(template(package, Checksum::new([digest; 32])), Some(note))
    }

    #[test]
    fn only_what_nobody_needs_is_dropped() {
        let (dead, alive) = (Token(1), Token(2));
        let mut busy = found(owned("shop", dead, 1), None);
        busy.in_use = true;
        let mut unnoted = made("shop", 5, KEPT + 1);
        unnoted.note = Some("mine".to_owned());
        let databases = vec![
            made("shop", 1, KEPT + 1),
            made("shop", 2, KEPT + 1),
            made("shop", 3, KEPT - 1),
            made("shop2", 4, KEPT + 1),
            unnoted,
            found(owned("shop", dead, 0), None),
            busy,
            found(owned("shop", alive, 0), None),
            found("migrate_tests".to_owned(), None),
        ];
        let current = databases[0].name.clone();
        let expected = [databases[1].name.clone(), databases[5].name.clone()];
        let survey = Survey { databases, alive: [alive].into() };
        assert_eq!(survey.leftovers("shop", &current), expected);
    }

    #[test]
    fn a_use_is_noted_now_and_then() {
        let databases = vec![made("shop", 1, NOTED - 1), made("shop", 2, NOTED + 1)];
        let names = [databases[0].name.clone(), databases[1].name.clone()];
        let survey = Survey { databases, ..Survey::default() };
        assert_eq!(survey.template(&names[0]), Standing::Ready);
        assert_eq!(survey.template(&names[1]), Standing::Unnoted);
        assert_eq!(survey.template("other"), Standing::Missing);
    }
}
