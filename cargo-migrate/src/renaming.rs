//! Renames, as they are typed and as they are advised: nothing in two schemas tells them from an end and a beginning.

use migrate_schema::{Catalog, Id, Kind, Name, Rename, rename_candidates};

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

/// The same renames on the way back.
pub(crate) fn reversed(renames: &[Rename]) -> Vec<Rename> {
    let renamed = |table: &Name| renames.iter().find(|rename| rename.from == Id::relation(table)).map(to_name);
    let reverse = |rename: &Rename| {
        let from = &rename.from;
        if from.part.is_empty() {
            return Rename { from: Id { name: to_name(rename), ..from.clone() }, to: from.name.name.clone() };
        }
        // A part is told by the name that its table has on this side.
        let name = renamed(&from.name).unwrap_or_else(|| from.name.clone());
        Rename { from: Id { name, part: rename.to.clone(), ..from.clone() }, to: from.part.clone() }
    };
    renames.iter().map(reverse).collect()
}

fn to_name(rename: &Rename) -> Name {
    Name::new(rename.from.name.schema.clone(), rename.to.clone())
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

#[cfg(test)]
mod tests {
    use super::{Id, Name, Rename, reversed};

    #[test]
    fn the_way_back_of_the_way_back_is_the_way() {
        let (users, accounts) = (Name::new("public", "users"), Name::new("public", "accounts"));
        let there = vec![
            Rename { from: Id::relation(&users), to: "accounts".into() },
            Rename { from: Id::column(&users, "name"), to: "full_name".into() },
        ];
        let back = vec![
            Rename { from: Id::relation(&accounts), to: "users".into() },
            Rename { from: Id::column(&accounts, "full_name"), to: "name".into() },
        ];
        assert_eq!(reversed(&there), back);
        assert_eq!(reversed(&back), there);
    }
}
