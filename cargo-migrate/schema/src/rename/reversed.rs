//! Renames on the way back.

use crate::name::{Id, Kind, Name};
use crate::rename::Rename;

/// The same renames on the way back.
#[must_use]
pub fn reversed(renames: &[Rename]) -> Vec<Rename> {
    let new_name = |rename: &Rename| Name::new(rename.from.name.schema.clone(), rename.to.clone());
    let is_whole = |rename: &&Rename| rename.from.part.is_empty();
    let reverse = |rename: &Rename| {
        let from = &rename.from;
        if from.part.is_empty() {
            return Rename { from: Id { name: new_name(rename), ..from.clone() }, to: from.name.name.clone() };
        }
        // A part is told by the name that its table or type has on this side.
        let whole = Id {
            part: "".into(),
            kind: if from.kind == Kind::Type { from.kind } else { Kind::Relation },
            ..from.clone()
        };
        let name = renames.iter().filter(is_whole).find(|rename| rename.from == whole).map(new_name);
        Rename {
            from: Id { name: name.unwrap_or_else(|| from.name.clone()), part: rename.to.clone(), ..from.clone() },
            to: from.part.clone(),
        }
    };
    renames.iter().map(reverse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_of_the_way_back_is_the_way() {
        let (users, accounts) = (Name::new("public", "users"), Name::new("public", "accounts"));
        let there = vec![
            Rename { from: Id::relation(&users), to: "accounts".into() },
            Rename { from: Id::column(&users, "name"), to: "full_name".into() },
            Rename { from: Id::new(Kind::Type, Name::new("public", "mood")), to: "temper".into() },
            Rename { from: Id::part(Kind::Type, Name::new("public", "mood"), "sad"), to: "low".into() },
        ];
        let back = vec![
            Rename { from: Id::relation(&accounts), to: "users".into() },
            Rename { from: Id::column(&accounts, "full_name"), to: "name".into() },
            Rename { from: Id::new(Kind::Type, Name::new("public", "temper")), to: "mood".into() },
            Rename { from: Id::part(Kind::Type, Name::new("public", "temper"), "low"), to: "sad".into() },
        ];
        assert_eq!(reversed(&there), back);
        assert_eq!(reversed(&back), there);
    }
}
