//! The names of our databases, by which a later process knows what they are and whose.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::checksum::Checksum;

/// So much of the package is in a name: with all the rest it stays below the 63 bytes that Postgres keeps.
const SLUG: usize = 20;

/// Digits of a digest or a token in a name.
const DIGITS: usize = 16;

const TEMPLATE: &str = "migrate_template_";
const TEST: &str = "migrate_test_";

/// What tells a process from all others, on whatever machine: the number of the advisory lock that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Token(pub(crate) u64);

impl Token {
    pub(crate) fn random() -> Self {
        // From the seed that every hash map of the standard library gets.
        Self(RandomState::new().build_hasher().finish())
    }

    /// The same number, as the functions of the server take it.
    pub(crate) const fn key(self) -> i64 {
        self.0.cast_signed()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The name of the template with this digest.
pub(crate) fn template(package: &str, digest: Checksum) -> String {
    format!("{TEMPLATE}{}_{digest:.DIGITS$}", slug(package))
}

/// The name of a database that the process with this token may drop.
pub(crate) fn owned(package: &str, token: Token, number: u32) -> String {
    format!("{TEST}{}_{token}_{number}", slug(package))
}

/// Whether it is the name of a template.
pub(crate) fn is_template(name: &str) -> bool {
    let parts = name.strip_prefix(TEMPLATE).and_then(|rest| rest.rsplit_once('_'));
    parts.is_some_and(|(_, digest)| number(digest).is_some())
}

/// Whose database it is, when its name is one of [`owned`].
pub(crate) fn owner(name: &str) -> Option<Token> {
    let (rest, last) = name.strip_prefix(TEST)?.rsplit_once('_')?;
    let (_, token) = rest.rsplit_once('_')?;
    last.parse::<u32>().ok().and(number(token)).map(Token)
}

fn number(digits: &str) -> Option<u64> {
    let is_ours = digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

/// What of the package's name needs no thought in a shell or in `psql`.
fn slug(package: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    package.chars().take(SLUG).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::{Token, is_template, owned, owner, template};
    use crate::checksum::Checksum;

    #[test]
    fn a_name_tells_what_it_names() {
        let token = Token(0x00ab_cdef_0123_4567);
        let name = owned("My-Shöp", token, 7);
        assert_eq!(name, "migrate_test_my_sh_p_00abcdef01234567_7");
        assert_eq!(owner(&name), Some(token));
        let template = template("shop", Checksum::new([0xab; 32]));
        assert_eq!(template, "migrate_template_shop_abababababababab");
        assert!(is_template(&template) && !is_template(&name));
        assert_eq!(owner(&template), None);
    }

    #[test]
    fn the_longest_names_are_kept_whole() {
        let package = "p".repeat(200);
        assert!(owned(&package, Token(u64::MAX), u32::MAX).len() <= 63);
        assert!(template(&package, Checksum::new([0xff; 32])).len() <= 63);
    }

    #[test]
    fn databases_of_others_are_left_alone() {
        let others = [
            "migrate_test_4711_0",
            "migrate_test_shop",
            "migrate_test_s_00ABCDEF01234567_1",
            "migrate_test_s_00abcdef01234567_x",
            "shop",
        ];
        assert!(others.iter().all(|name| owner(name).is_none() && !is_template(name)));
        assert!(!is_template("migrate_template_shop") && !is_template("migrate_template_shop_1"));
    }
}
