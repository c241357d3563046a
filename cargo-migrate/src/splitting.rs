//! A schema as many files: one for each table, view, type or routine, with all that belongs to it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use migrate_schema::{Aspect, Catalog, Diff, Id, Kind, Name, Object, Op};

use crate::report::{self, Failure};
use crate::source::files_below;

/// The first line of each file, by which the next run knows that it may replace it.
const MARK: &str = "-- Written by `cargo migrate dump --split`.\n";

/// The default schema, which is not part of a file's name.
const DEFAULT: &str = "public";

/// The files of a schema that is made from nothing, by their paths.
pub(crate) fn files(diff: &Diff, schema: &Catalog) -> BTreeMap<PathBuf, String> {
    let mut parts: BTreeMap<PathBuf, Vec<Op>> = BTreeMap::new();
    for op in &diff.ops {
        parts.entry(file_of(&op.id, schema)).or_default().push(op.clone());
    }
    let is_unchecked = diff.sql().starts_with("SET check_function_bodies");
    let text = |ops: Vec<Op>| {
        let has_routine = ops.iter().any(|op| op.id.kind == Kind::Routine);
        let mut part = Diff::default();
        part.ops = ops;
        let set = if is_unchecked && has_routine { "SET check_function_bodies = off;\n\n" } else { "" };
        format!("{MARK}\n{set}{}", part.sql())
    };
    // What another statement brings about has none of its own.
    let parts = parts.into_iter().filter(|(_, ops)| ops.iter().any(|op| !op.statements.is_empty()));
    parts.map(|(path, ops)| (path, text(ops))).collect()
}

/// Writes the files, and removes those that an earlier run has written and this one does not.
pub(crate) fn write(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<(), Failure> {
    let before = match files_below(folder) {
        Ok(before) => before,
        Err(_) if !folder.exists() => Vec::new(),
        Err(failure) => return Err(failure),
    };
    for path in &before {
        let text = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
        if !text.starts_with(MARK) {
            return Err(Failure::new(
                report::Kind::Usage,
                format!("`{}` was not written by `dump --split`, and would be loaded with what is", path.display()),
            )
            .help("name another folder, or move the file away"));
        }
    }
    for (path, text) in files {
        let path = folder.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(|error| Failure::io("write", &path, &error))?;
    }
    for path in before {
        if path.strip_prefix(folder).is_ok_and(|inside| !files.contains_key(inside)) {
            remove(&path).map_err(|error| Failure::io("remove", &path, &error))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    if let Some(folder) = path.parent() {
        // Others may have something in it.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// The file of an object: that of the table where it belongs to one.
fn file_of(id: &Id, schema: &Catalog) -> PathBuf {
    let id = id.aspect(Aspect::Itself);
    let table = match schema.get(&id) {
        Some(Object::Index(index)) => Some(&index.table),
        Some(Object::Statistics(statistics)) => Some(&statistics.table),
        _ => None,
    };
    if let Some(table) = table {
        return file_of(&Id::relation(table), schema);
    }
    if let Some(owner) = id.owner() {
        return file_of(&owner, schema);
    }
    let folder = match (id.kind, schema.get(&id)) {
        (Kind::Schema, _) => "schemas",
        (Kind::Extension, _) => "extensions",
        (Kind::Type, _) => "types",
        (Kind::Relation, Some(Object::View(_) | Object::MaterializedView(_))) => "views",
        (Kind::Relation, Some(Object::Sequence(_))) => "sequences",
        (Kind::Relation, _) => "tables",
        (Kind::Routine, _) => "routines",
        _ => return PathBuf::from("others.sql"),
    };
    PathBuf::from(folder).join(format!("{}.sql", file_name(&id.name)))
}

/// A name as a file's, also where upper and lower case are one.
fn file_name(name: &Name) -> String {
    let plain = |text: &str| {
        let keeps = |c: char| c.is_lowercase() || c.is_numeric() || c == '_' || c == '-';
        let one = |c: char| if keeps(c) { c.to_string() } else { format!("%{:X}", u32::from(c)) };
        text.chars().map(one).collect::<String>()
    };
    if name.schema.is_empty() || &*name.schema == DEFAULT {
        plain(&name.name)
    } else {
        format!("{}.{}", plain(&name.schema), plain(&name.name))
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, file_name};

    #[test]
    fn names_that_differ_have_files_that_differ() {
        for (name, expected) in [
            (Name::new("public", "users"), "users"),
            (Name::new("app", "users"), "app.users"),
            (Name::new("public", "Users"), "%55sers"),
            (Name::new("public", "a.b/c"), "a%2Eb%2Fc"),
            (Name::bare("pg_trgm"), "pg_trgm"),
        ] {
            assert_eq!(file_name(&name), expected);
        }
    }
}
