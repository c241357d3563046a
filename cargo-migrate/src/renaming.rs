//! Renames, as they are typed and as they are advised: nothing in two schemas tells them from an end and a beginning.

use migrate_schema::{Catalog, Id, Kind, Rename, rename_candidates};

use crate::report::{self, Failure};

/// The default schema, which need not be typed.
const DEFAULT: &str = "public";

/// Reads what was typed, each as `OLD=NEW`.
///
/// # Errors
///
/// When one reads otherwise, or nothing in the schema is called that.
pub(crate) fn parse(typed: &[String], current: &Catalog) -> Result<Vec<Rename>, Failure> {
    let renames = typed.iter().map(|text| Rename::parse(text, current));
    renames.collect::<Result<_, _>>().map_err(|error| {
        Failure::new(report::Kind::Usage, error.to_string())
            .help("OLD is what the schema of `--from` has: `users=accounts`, `users.name=full_name`")
    })
}

/// What looks like a rename and was not told as one, as it would be typed.
pub(crate) fn advised(current: &Catalog, desired: &Catalog, told: &[Rename]) -> Vec<String> {
    let candidates = rename_candidates(current, desired).into_iter();
    let is_new =
        |candidate: &Rename| told.iter().all(|rename| rename.from != candidate.from && rename.to != candidate.to);
    candidates.filter(is_new).map(|candidate| format!("{}={}", spelled(&candidate.from), candidate.to)).collect()
}

fn spelled(id: &Id) -> String {
    let schema = if &*id.name.schema == DEFAULT { String::new() } else { format!("{}.", id.name.schema) };
    let part = if id.kind == Kind::Column { format!(".{}", id.part) } else { String::new() };
    format!("{schema}{}{part}", id.name.name)
}
