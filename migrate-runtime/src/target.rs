//! What a user names as the place to go to.

use std::fmt;
use std::str::FromStr;

/// Where an upgrade or a downgrade shall end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The one head; several are an error.
    Head,
    /// All heads.
    Heads,
    /// Before the first revision.
    Base,
    /// A revision by id, unique prefix of an id, or slug.
    Revision(String),
    /// So many steps up (positive) or down (negative) from the current head.
    Relative(i64),
}

impl FromStr for Target {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let relative = text.starts_with(['+', '-']).then(|| text.parse().ok()).flatten();
        Ok(match (text, relative) {
            ("head", _) => Self::Head,
            ("heads", _) => Self::Heads,
            ("base", _) => Self::Base,
            (_, Some(n_steps)) => Self::Relative(n_steps),
            _ => Self::Revision(text.to_owned()),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Heads => f.write_str("heads"),
            Self::Base => f.write_str("base"),
            Self::Revision(revision) => f.write_str(revision),
            Self::Relative(n_steps) => write!(f, "{n_steps:+}"),
        }
    }
}
