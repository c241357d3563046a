//! Renames, as they are typed and as they are advised: nothing in two schemas tells them from an end and a beginning.

use migrate_schema::{Catalog, Id, Kind, Rename, possible_renames, rename_candidates, reversed};

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
            .help("OLD is what the schema has now, as in `users=accounts` or `users.name=full_name`")
    })
}

/// Refuses what was typed where it would come to nothing: the new name is taken and is not freed by another of all the
/// renames that are told, or it is not what is wanted.
///
/// `describes` tells what the desired schema is a description of.
pub(crate) fn check(
    typed: &[Rename],
    told: &[Rename],
    current: &Catalog,
    desired: &Catalog,
    describes: impl Fn(&Id) -> bool,
) -> Result<(), Failure> {
    let possible = possible_renames(told, current);
    let landed = reversed(typed);
    for (rename, back) in typed.iter().zip(&landed) {
        let (old, new) = (spelled(&rename.from), spelled(&back.from));
        let failure = |why: String| Failure::new(report::Kind::Usage, format!("`{old}={}`: {why}", rename.to));
        if !possible.contains(rename) {
            let twice = |other: &&Rename| other != &rename && (other.from == rename.from || other.lands_on(rename));
            return Err(match told.iter().find(twice) {
                Some(other) if rename.is_open(current) => {
                    failure(format!("`{}={}` is told too", spelled(&other.from), other.to)).help("tell one of the two")
                }
                _ => failure(format!("there is `{new}` already")).help("choose another name, or drop that one first"),
            });
        }
        if describes(&rename.from) && !back.is_of(desired) {
            return Err(failure(format!("there is to be no `{new}`"))
                .help("NEW is the name that the models or the SQL files have, without its table"));
        }
    }
    Ok(())
}

/// What looks like a rename and was not told as one, as it would be typed.
pub(crate) fn advised(current: &Catalog, desired: &Catalog, told: &[Rename]) -> Vec<String> {
    let candidates = rename_candidates(current, desired).into_iter();
    let is_new =
        |candidate: &Rename| told.iter().all(|rename| rename.from != candidate.from && rename.to != candidate.to);
    candidates.filter(is_new).map(|candidate| format!("{}={}", spelled(&candidate.from), candidate.to)).collect()
}

/// An object as it would be typed.
pub(crate) fn spelled(id: &Id) -> String {
    let schema = if &*id.name.schema == DEFAULT { String::new() } else { format!("{}.", id.name.schema) };
    let is_part = matches!(id.kind, Kind::Column | Kind::Type) && !id.part.is_empty();
    let part = if is_part { format!(".{}", id.part) } else { String::new() };
    format!("{schema}{}{part}", id.name.name)
}
