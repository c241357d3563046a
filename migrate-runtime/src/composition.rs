//! Revisions of several packages that are one history of a database.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use crate::checksum::Checksum;
use crate::migration::Migration;
use crate::migrations::Migrations;
use crate::qualified::{Qualified, seen_from};

/// The tables of other crates that a package's table includes, as the generated code has them: one for each table.
#[derive(Debug)]
pub struct Composition {
    /// Each with the name that the including crate has for it in code.
    crates: &'static [(&'static str, &'static Migrations)],
    /// Everything together, made when it is first asked for.
    together: OnceLock<Vec<Migration>>,
}

impl Composition {
    /// These tables, each with what the crate that includes it calls it in code.
    #[must_use]
    pub const fn new(crates: &'static [(&'static str, &'static Migrations)]) -> Self {
        Self { crates, together: OnceLock::new() }
    }

    /// The packages of these tables and of those that they include.
    pub(crate) fn packages(&'static self) -> BTreeSet<&'static str> {
        self.crates.iter().flat_map(|(_, table)| table.packages()).collect()
    }

    /// The included revisions and then `own`, which are those of `package`.
    pub(crate) fn together(&'static self, package: &str, own: &'static [Migration]) -> &'static [Migration] {
        self.together.get_or_init(|| {
            let crates = self.crates.iter().map(|(name, table)| (*name, **table));
            compose(package, own, crates)
        })
    }
}

/// The revisions of several packages, seen from `root`: those of `crates`, each given with the name that `own` has for it in
/// `depends-on`, and then `own`. What several of them include is there once.
#[must_use]
pub fn compose<'n>(
    root: &str,
    own: &[Migration],
    crates: impl IntoIterator<Item = (&'n str, Migrations)>,
) -> Vec<Migration> {
    let mut list: Vec<Migration> = Vec::new();
    let mut there: HashSet<(&str, Checksum)> = HashSet::new();
    let mut names: Vec<(&str, &str)> = Vec::new();
    for (name, table) in crates {
        names.push((name, table.package()));
        for migration in table.list() {
            let migration = seen(migration, root, table.package());
            // One package twice that has other SQL under the same id is left to the graph, which refuses it.
            if there.insert((migration.id(), migration.checksum())) {
                list.push(migration);
            }
        }
    }
    let recorded = |dependency: &'static str| match Qualified::of(dependency) {
        Qualified { package: Some(typed), id } => match names.iter().find(|(name, _)| *name == typed) {
            Some((_, package)) if *package != typed => {
                text(Cow::Owned(Qualified { package: Some(package), id }.to_string()))
            }
            _ => dependency,
        },
        _ => dependency,
    };
    list.extend(own.iter().map(|migration| migration.depends_on(texts(migration.dependency_ids(), recorded))));
    list
}

/// A revision as it is called seen from another package.
fn seen(migration: &Migration, root: &str, package: &str) -> Migration {
    let name = |name: &'static str| text(seen_from(root, package, name));
    migration
        .renamed(name(migration.id()), name(migration.slug()))
        .parents(texts(migration.parent_ids(), name))
        .depends_on(texts(migration.dependency_ids(), name))
        .labels(texts(migration.branch_labels(), name))
}

fn texts(names: &'static [&'static str], name: impl Fn(&'static str) -> &'static str) -> &'static [&'static str] {
    let named: Vec<&str> = names.iter().map(|text| name(text)).collect();
    if named == names { names } else { named.leak() }
}

/// A table holds static data, and what is made here is made once for a table: it stays in memory as long as the process.
fn text(name: Cow<'static, str>) -> &'static str {
    match name {
        Cow::Borrowed(name) => name,
        Cow::Owned(name) => name.leak(),
    }
}
