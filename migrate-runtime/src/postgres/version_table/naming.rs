//! Conditions on rows by what their revisions are called: a name has its package before it where that is not the package
//! `root`, whose run it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::postgres::quote::{literal, text_array};
use crate::qualified::Qualified;

/// The row of a revision.
pub(super) fn key(root: &str, revision: &str) -> String {
    let name = Qualified::of(revision);
    format!(
        "package OPERATOR(pg_catalog.=) {} AND revision OPERATOR(pg_catalog.=) {}",
        literal(name.package_in(root)),
        literal(name.id)
    )
}

/// The rows of these revisions.
pub(super) fn among(root: &str, revisions: &[&str]) -> String {
    let mut by_package: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in revisions.iter().map(|revision| Qualified::of(revision)) {
        by_package.entry(name.package_in(root)).or_default().push(name.id);
    }
    if by_package.is_empty() {
        by_package.insert(root, Vec::new());
    }
    let rows = by_package.into_iter().map(|(package, ids)| {
        format!(
            "package OPERATOR(pg_catalog.=) {} AND revision OPERATOR(pg_catalog.=) ANY ({})",
            literal(package),
            text_array(&ids)
        )
    });
    any_of(rows.collect())
}

/// The rows of these packages.
pub(super) fn of_packages(packages: &BTreeSet<&str>) -> String {
    any_of(packages.iter().map(|package| format!("package OPERATOR(pg_catalog.=) {}", literal(package))).collect())
}

/// The rows, called `later`, of what follows a revision or depends on it, whatever package that is of.
pub(super) fn is_after(root: &str, revision: &str) -> String {
    let name = Qualified::of(revision);
    let package = name.package_in(root);
    let elsewhere = Qualified { package: Some(package), id: name.id }.to_string();
    format!(
        "(later.package OPERATOR(pg_catalog.=) {} AND {} OPERATOR(pg_catalog.=) ANY (later.parents OPERATOR(pg_catalog.||) \
         later.depends_on) OR {} OPERATOR(pg_catalog.=) ANY (later.depends_on))",
        literal(package),
        literal(name.id),
        literal(&elsewhere)
    )
}

fn any_of(mut conditions: Vec<String>) -> String {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => format!("({})", conditions.join(" OR ")),
    }
}
