//! The crates whose revisions a package includes: what code calls them, and their tables where files are read for those.

use migrate_runtime::Migrations;
use migrate_runtime::graph::{Qualified, nearest};
use migrate_runtime::table::{Composition, Migration, compose};

use crate::lineage::crate_of;
use crate::problem::Problem;
use crate::revision::Draft;

/// The included crates of a package.
#[derive(Clone, Debug, Default)]
pub struct Crates {
    crates: Vec<(String, Option<Migrations>)>,
    /// The revisions of all of them, as they are called seen from the package.
    together: Vec<Migration>,
}

impl Crates {
    /// No crate.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Crates of which only the names are known: the compiler knows the rest.
    pub(crate) fn named(names: impl IntoIterator<Item = String>) -> Self {
        Self { crates: names.into_iter().map(|name| (name, None)).collect(), together: Vec::new() }
    }

    /// Crates with their tables, included by `package`, whose code calls them by these names.
    #[must_use]
    pub fn of(package: &str, crates: Vec<(String, Migrations)>) -> Self {
        let together = compose(package, &[], crates.iter().map(|(name, table)| (name.as_str(), *table)));
        Self { crates: crates.into_iter().map(|(name, table)| (name, Some(table))).collect(), together }
    }

    /// The revisions of all crates, as they are called seen from the package.
    #[must_use]
    pub fn together(&self) -> &[Migration] {
        &self.together
    }

    /// The table of the crate that code calls `name`.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Migrations> {
        self.crates.iter().find(|(other, _)| other == name).and_then(|(_, table)| table.as_ref())
    }

    /// The crate of this name, which may be its package's: what code calls it, and its table.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&str, &Migrations)> {
        let plain = |name: &str| name.replace('-', "_");
        let mut crates = self.crates.iter().filter_map(|(other, table)| Some((other.as_str(), table.as_ref()?)));
        let named = crates.clone().find(|(other, _)| *other == plain(name));
        named.or_else(|| crates.find(|(_, table)| plain(table.package()) == plain(name)))
    }

    /// The table of a package with these revisions of its own and those of the crates, as generated code has it.
    #[must_use]
    pub fn included_by(&self, package: &'static str, own: &'static [Migration]) -> Migrations {
        // Static as a binary has it; it is made a few times a process at most.
        let tables = self.crates.iter().filter_map(|(name, table)| {
            let (name, table): (&'static str, &'static Migrations) =
                (name.clone().leak(), Box::leak(Box::new((*table)?)));
            Some((name, table))
        });
        let tables: Vec<_> = tables.collect();
        match tables.is_empty() {
            true => Migrations::new(package, own),
            false => Migrations::new(package, own).including(Box::leak(Box::new(Composition::new(tables.leak())))),
        }
    }

    /// The revision of a crate that a header depends on, as it is called seen from the package.
    pub(crate) fn revision(&self, dependency: &str) -> Option<&'static str> {
        let (name, id) = dependency.split_once("::")?;
        let package = self.table(name)?.package();
        let is_meant = |revision: &&Migration| Qualified::of(revision.id()) == Qualified { package: Some(package), id };
        self.together.iter().find(is_meant).map(Migration::id)
    }

    /// Reports every dependency on a crate that is not included, and on a revision that the crate is known not to have.
    pub(crate) fn check(&self, drafts: &[Draft], problems: &mut Vec<Problem>) {
        for draft in drafts {
            let parsed = &draft.header.parsed;
            let named = parsed.header.depends_on.iter().zip(&parsed.depends_on);
            let faults = named.filter_map(|(dependency, place)| {
                let (message, help) = self.fault(dependency)?;
                Some(Problem::new(&draft.shown, message).at(*place).help(help))
            });
            problems.extend(faults);
        }
    }

    /// What is wrong with what a header depends on, and what to do.
    fn fault(&self, dependency: &str) -> Option<(String, String)> {
        let (name, (_, id)) = (crate_of(dependency)?, dependency.split_once("::")?);
        if !self.crates.iter().any(|(other, _)| other == name) {
            let message = format!("`{dependency}`: the crate `{name}` is not included");
            let include = format!("include it in build.rs: `migrate_build::Config::new().include_crate(\"{name}\")`");
            return Some((
                message,
                match nearest(name, self.crates.iter().map(|(other, _)| other.as_str())) {
                    Some(near) => format!("did you mean `{near}`? Otherwise {include}"),
                    None => include,
                },
            ));
        }
        let table = self.table(name).filter(|table| table.migration(id).is_none())?;
        let ids = || table.list().iter().map(Migration::id).filter(|id| Qualified::of(id).package.is_none());
        let help = match (nearest(id, ids()), ids().next_back()) {
            (Some(near), _) => format!("did you mean `{name}::{near}`?"),
            (None, Some(newest)) => {
                format!("its newest is `{name}::{newest}`; a newer version of the crate may have more")
            }
            (None, None) => "it has none; a newer version of the crate may have some".to_owned(),
        };
        Some((format!("the crate `{name}` has no revision `{id}`"), help))
    }
}
