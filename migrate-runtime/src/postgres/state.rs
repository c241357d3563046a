//! The files and the rows side by side: pure, and the same for `verify`, an upgrade and the command line.

use std::collections::{BTreeSet, HashMap};

use crate::migration::Migration;
use crate::migrations::Migrations;
use crate::postgres::error::Error;
pub use crate::postgres::version_table::AppliedRevision;
use crate::qualified::Qualified;

/// How a database stands to the revisions of this binary.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Every revision is applied, and none of a newer release or another branch.
    UpToDate,
    /// Some revisions are not applied, or not wholly.
    Pending {
        /// Their ids, parents first.
        revisions: Vec<String>,
    },
    /// Every revision is applied, and some that this binary does not know: a newer release was here.
    Ahead {
        /// The ids of the unknown ones.
        unknown: Vec<String>,
    },
    /// Some revisions are not applied, and some of the same package are applied that this binary does not know: two
    /// histories.
    Diverged {
        /// The ids of the unknown ones.
        unknown: Vec<String>,
        /// The ids of those that are not applied, parents first.
        pending: Vec<String>,
    },
}

/// How an applied revision's file differs from what was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// In comments or white space alone.
    Cosmetic,
    /// In its tokens.
    Real,
}

/// The rows of a package in the version table, beside the revisions of this binary.
#[derive(Clone, Debug)]
pub struct State {
    migrations: Migrations,
    known: HashMap<&'static str, &'static Migration>,
    rows: Vec<AppliedRevision>,
    /// The places of the rows by id.
    places: HashMap<String, usize>,
    /// Whether the version table is there.
    pub(crate) table_exists: bool,
    /// The process id of the session that read it.
    pub(crate) backend_pid: Option<i32>,
    /// Since when its server runs.
    pub(crate) server_started: Option<String>,
}

impl State {
    pub(crate) fn new(migrations: Migrations, rows: Option<Vec<AppliedRevision>>) -> Self {
        let known = migrations.list().iter().map(|migration| (migration.id(), migration)).collect();
        let (table_exists, rows) = (rows.is_some(), rows.unwrap_or_default());
        let places = rows.iter().enumerate().map(|(at, row)| (row.revision.clone(), at)).collect();
        Self { migrations, known, rows, places, table_exists, backend_pid: None, server_started: None }
    }

    pub(crate) fn read_by(self, backend_pid: Option<i32>, server_started: Option<String>) -> Self {
        Self { backend_pid, server_started, ..self }
    }

    /// The rows, in order of id.
    #[must_use]
    pub fn rows(&self) -> &[AppliedRevision] {
        &self.rows
    }

    /// The row of a revision.
    #[must_use]
    pub fn row(&self, revision: &str) -> Option<&AppliedRevision> {
        self.places.get(revision).map(|at| &self.rows[*at])
    }

    /// Whether this binary has the revision.
    #[must_use]
    pub fn knows(&self, revision: &str) -> bool {
        self.known.contains_key(revision)
    }

    /// The ids of the revisions that are wholly applied.
    #[must_use]
    pub fn applied(&self) -> BTreeSet<&str> {
        self.rows.iter().filter(|row| row.is_whole()).map(|row| row.revision.as_str()).collect()
    }

    /// The ids of all revisions that have a row, unfinished ones too.
    #[must_use]
    pub fn recorded(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|row| row.revision.as_str()).collect()
    }

    /// The rows that were begun and not finished.
    pub fn unfinished(&self) -> impl Iterator<Item = &AppliedRevision> {
        self.rows.iter().filter(|row| !row.is_whole())
    }

    /// Whether the rows are those of this binary's revisions, each of them whole and as it was applied, and no others.
    pub(crate) fn is_current(&self) -> bool {
        self.rows.len() == self.migrations.list().len()
            && self.rows.iter().all(|row| {
                let migration = self.known.get(row.revision.as_str());
                row.is_whole() && migration.is_some_and(|known| known.checksum().as_bytes().as_slice() == row.checksum)
            })
    }

    /// The rows that this binary has no revision for.
    pub fn unknown(&self) -> impl Iterator<Item = &AppliedRevision> {
        self.rows.iter().filter(|row| !self.knows(&row.revision))
    }

    /// The rows that this binary has no revision for, and on which a revision of its own was built: their files are gone.
    /// A database that is made now does not get what they did.
    pub fn lost(&self) -> impl Iterator<Item = &AppliedRevision> {
        let mut below = BTreeSet::new();
        let mut todo: Vec<&AppliedRevision> = self.rows.iter().filter(|row| self.knows(&row.revision)).collect();
        while let Some(row) = todo.pop() {
            let needed = row.parents.iter().chain(&row.depends_on);
            todo.extend(needed.filter(|id| below.insert(id.as_str())).filter_map(|id| self.row(id)));
        }
        self.unknown().filter(move |row| below.contains(row.revision.as_str()))
    }

    /// The rows that this binary has no revision for, and that nothing of its own was built on: those of a newer release, or
    /// of another branch.
    pub fn foreign(&self) -> impl Iterator<Item = &AppliedRevision> {
        let lost: BTreeSet<&str> = self.lost().map(|row| row.revision.as_str()).collect();
        self.unknown().filter(move |row| !lost.contains(row.revision.as_str()))
    }

    /// The applied revisions whose file is not what was applied.
    pub fn edited(&self) -> impl Iterator<Item = (&'static Migration, &AppliedRevision, Edit)> {
        self.rows.iter().filter(|row| row.is_whole()).filter_map(|row| {
            let migration = *self.known.get(row.revision.as_str())?;
            if migration.checksum().as_bytes().as_slice() == row.checksum {
                None
            } else if migration.token_checksum().as_bytes().as_slice() == row.token_checksum {
                Some((migration, row, Edit::Cosmetic))
            } else {
                Some((migration, row, Edit::Real))
            }
        })
    }

    /// Refuses when an applied revision's file has other SQL than what was applied.
    pub(crate) fn refuse_edits(&self) -> Result<(), Error> {
        match self.edited().find(|(_, _, edit)| *edit == Edit::Real) {
            None => Ok(()),
            Some((migration, row, _)) => Err(Error::Edited {
                revision: migration.id().to_owned(),
                file: migration.up_action().file().to_owned(),
                recorded: row.checksum.iter().take(6).map(|byte| format!("{byte:02x}")).collect(),
                current: format!("{:.12}", migration.checksum()),
            }),
        }
    }

    /// The current heads: the applied revisions, known or not, that no applied revision has as parent or dependency.
    #[must_use]
    pub fn heads(&self) -> Vec<&AppliedRevision> {
        let whole = || self.rows.iter().filter(|row| row.is_whole());
        let covered: BTreeSet<&str> =
            whole().flat_map(|row| row.parents.iter().chain(&row.depends_on)).map(String::as_str).collect();
        whole().filter(|row| !covered.contains(row.revision.as_str())).collect()
    }

    /// The ids of the revisions that are not applied, or not wholly, parents first.
    pub fn pending(&self) -> impl Iterator<Item = &'static str> {
        let applied = self.applied();
        let ids = self.migrations.list().iter().map(Migration::id);
        ids.filter(|id| !applied.contains(id)).collect::<Vec<_>>().into_iter()
    }

    /// How the database stands to this binary. What it has [lost](Self::lost) takes no part in that.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let unknown: Vec<String> = self.foreign().map(|row| row.revision.clone()).collect();
        let pending: Vec<String> = self.pending().map(str::to_owned).collect();
        match (unknown.is_empty(), pending.is_empty()) {
            (true, true) => Verdict::UpToDate,
            (true, false) => Verdict::Pending { revisions: pending },
            (false, true) => Verdict::Ahead { unknown },
            (false, false) if self.diverged().is_empty() => Verdict::Pending { revisions: pending },
            (false, false) => Verdict::Diverged { unknown, pending },
        }
    }

    /// The packages of which the database has revisions that this binary does not know, and lacks some that it does. That
    /// one package is ahead and another behind is no such thing: two applications may include one library.
    fn diverged(&self) -> BTreeSet<Option<&str>> {
        let pending: BTreeSet<Option<&str>> = self.pending().map(|id| Qualified::of(id).package).collect();
        let unknown = self.foreign().map(|row| Qualified::of(&row.revision).package);
        unknown.filter(|package| pending.contains(package)).collect()
    }

    /// The ids of the rows that a switch undoes: what only another branch has, of the package itself and of the crates whose
    /// histories have parted. A crate that is only ahead may be so for another application.
    pub(crate) fn of_other_branches(&self) -> Vec<String> {
        let diverged = self.diverged();
        let is_undone = |row: &&AppliedRevision| match Qualified::of(&row.revision).package {
            None => true,
            package => diverged.contains(&package),
        };
        self.foreign().filter(is_undone).map(|row| row.revision.clone()).collect()
    }
}
