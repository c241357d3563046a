//! A SHA-256 digest of a revision file, by which an edit after the upgrade is noticed.

use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
///
/// Two of them guard each revision: one over the normalised text, one over the tokens alone, so that a changed comment
/// can be told from changed SQL.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// Wraps a digest that was computed earlier, as the generated table does.
    #[must_use]
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Digests a text as it is; the caller has normalised it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Digests a list of tokens; their boundaries count, so `a b` and `ab` differ.
    #[must_use]
    pub fn of_tokens<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = Sha256::new();
        for token in tokens {
            hasher.update((token.len() as u64).to_le_bytes());
            hasher.update(token.as_bytes());
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Sixty-four hexadecimal digits; with the precision of a format string, fewer (`{:.12}`).
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&digits[..f.precision().unwrap_or(64).min(64)])
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self:.12})")
    }
}
