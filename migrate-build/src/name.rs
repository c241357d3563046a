//! Names of revision folders, `<id>_<slug>`, and of the enum variants made of them.

use std::fmt;

/// The most bytes that a folder's name may have: file systems stop at 255, and tools append to names.
const LONGEST: usize = 200;

/// The most characters that an id may have.
const LONGEST_ID: usize = 64;

/// The name of a revision's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderName {
    id: String,
    slug: String,
}

impl FolderName {
    /// Reads `<id>_<slug>`.
    ///
    /// # Errors
    ///
    /// What is wrong with the name, for the end of a sentence that begins with it.
    pub fn parse(name: &str) -> Result<Self, String> {
        let Some((id, slug)) = name.split_once('_') else {
            return Err("is not `<id>_<slug>`, as in `20260131120000_create_users`".to_owned());
        };
        if let Some(reason) = id_fault(id) {
            return Err(format!("has the id `{id}`, which {reason}"));
        }
        let lower = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        if slug.split('_').any(|part| part.is_empty() || !part.bytes().all(lower)) {
            return Err(format!(
                "has the slug `{slug}`, which is not words of lower-case letters and digits with single `_` between them"
            ));
        }
        if name.len() > LONGEST {
            return Err(format!("has {} bytes, more than {LONGEST}", name.len()));
        }
        Ok(Self { id: id.to_owned(), slug: slug.to_owned() })
    }

    /// What is before the first underscore.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is after it.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.id, self.slug)
    }
}

/// Why this cannot be an id, if it cannot.
pub(crate) fn id_fault(id: &str) -> Option<&'static str> {
    match id {
        "" => Some("is empty"),
        _ if is_reserved(id) => Some("is a reserved word"),
        _ if id.len() > LONGEST_ID => Some("is longer than 64 characters"),
        _ if id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) => None,
        _ => Some("is not made of lower-case letters and digits alone"),
    }
}

/// Whether a word means something else as a target.
pub(crate) fn is_reserved(word: &str) -> bool {
    ["base", "head", "heads", "current"].contains(&word)
}

/// The enum variant of a slug, in upper camel case.
///
/// A leading digit gets `R` before it. An underscore stays between digits, where dropping it would make one name of
/// `v1_2` and `v12`.
#[must_use]
pub fn variant(slug: &str) -> String {
    let mut variant = String::with_capacity(slug.len() + 1);
    for part in slug.split('_') {
        let mut characters = part.chars();
        let Some(first) = characters.next() else { continue };
        if first.is_ascii_digit() {
            match variant.chars().last() {
                None => variant.push('R'),
                Some(last) if last.is_ascii_digit() => variant.push('_'),
                Some(_) => {}
            }
        }
        variant.push(first.to_ascii_uppercase());
        variant.extend(characters);
    }
    // The one keyword that begins with a capital.
    if variant == "Self" { "Self_".to_owned() } else { variant }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names() {
        for (name, id, slug) in [
            ("20260131120000_create_users", "20260131120000", "create_users"),
            ("1_a", "1", "a"),
            ("ae1027a6acf_2fa_for_9", "ae1027a6acf", "2fa_for_9"),
        ] {
            let parsed = FolderName::parse(name).unwrap();
            assert_eq!((parsed.id(), parsed.slug(), parsed.to_string().as_str()), (id, slug, name));
        }
    }

    #[test]
    fn bad_names() {
        let long_id = format!("{}_a", "1".repeat(65));
        let long_name = format!("1_{}", "a".repeat(199));
        for (name, reason) in [
            ("", "is not `<id>_<slug>`"),
            ("notes", "is not `<id>_<slug>`"),
            ("_a", "the id ``, which is empty"),
            ("1_", "the slug ``"),
            ("1__a", "the slug `_a`"),
            ("1_a_", "the slug `a_`"),
            ("1_Create", "the slug `Create`"),
            ("1_é", "the slug `é`"),
            ("V1_a", "the id `V1`, which is not made of"),
            ("1-2_a", "the id `1-2`"),
            ("head_a", "reserved"),
            (&long_id, "longer than 64"),
            (&long_name, "has 201 bytes"),
        ] {
            let fault = FolderName::parse(name).unwrap_err();
            assert!(fault.contains(reason), "{name}: {fault}");
        }
        FolderName::parse(&long_name[..200]).unwrap();
    }

    #[test]
    fn variants() {
        for (slug, expected) in [
            ("create_users", "CreateUsers"),
            ("2fa", "R2fa"),
            ("add_2fa", "Add2fa"),
            ("v1_2", "V1_2"),
            ("v12", "V12"),
            ("1_2_x", "R1_2X"),
            ("self", "Self_"),
            ("self_test", "SelfTest"),
            ("type", "Type"),
        ] {
            assert_eq!(variant(slug), expected);
        }
    }
}
