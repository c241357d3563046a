//! What a user names as the place to go to.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Where a target begins, before its steps are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Anchor {
    /// Where the database is.
    Current,
    /// Before the first revision.
    Base,
    /// The one head; several are an error.
    Head,
    /// All heads.
    Heads,
    /// A revision by id, unique prefix of an id, slug, or branch label.
    Named(String),
}

/// Where an upgrade, a downgrade or a stamp shall end, as Alembic's users write it.
///
/// ```
/// use migrate_runtime::Target;
///
/// for text in ["heads", "base", "20261121093000", "create_users", "+2", "-1", "2026112+1", "sales@head", "sales@-1"] {
///     assert_eq!(Target::from(text).to_string(), text);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// What is before the `@`: a branch, by its label or by a revision on it.
    pub(crate) branch: Option<String>,
    pub(crate) anchor: Anchor,
    /// So many revisions towards the heads, or, negative, towards the base.
    pub(crate) steps: i64,
}

impl Target {
    /// All heads.
    #[must_use]
    pub const fn heads() -> Self {
        Self::at(Anchor::Heads)
    }

    /// Before the first revision.
    #[must_use]
    pub const fn base() -> Self {
        Self::at(Anchor::Base)
    }

    /// The revision with this id.
    #[must_use]
    pub fn revision(id: impl Into<String>) -> Self {
        Self::at(Anchor::Named(id.into()))
    }

    const fn at(anchor: Anchor) -> Self {
        Self { branch: None, anchor, steps: 0 }
    }

    /// The targets that a list with commas names.
    pub(crate) fn each(&self) -> Vec<Self> {
        match &self.anchor {
            Anchor::Named(names) if names.contains(',') => {
                self.to_string().split(',').map(|name| Self::from(name.trim())).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// Whether it is where the database is, and not counted from there.
    #[must_use]
    pub fn is_current(&self) -> bool {
        *self == Self::at(Anchor::Current)
    }

    /// Whether it cannot be understood without knowing where the database is.
    #[must_use]
    pub fn needs_current(&self) -> bool {
        self.anchor == Anchor::Current
    }
}

/// Reads any text: one that is no form of a target is a name, which no revision has.
impl FromStr for Target {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl From<&str> for Target {
    fn from(text: &str) -> Self {
        let (branch, rest) = match text.split_once('@') {
            Some((branch, rest)) => (Some(branch.to_owned()), rest),
            None => (None, text),
        };
        // A package may have hyphens in its name.
        let id = rest.rfind("::").map_or(0, |at| at + 2);
        let counted = rest[id..].find(['+', '-']).map(|at| id + at);
        let counted = counted.and_then(|at| Some((&rest[..at], rest[at..].parse().ok()?)));
        let (name, steps) = counted.unwrap_or((rest, 0));
        let anchor = match name {
            "" if counted.is_some() => Anchor::Current,
            "current" => Anchor::Current,
            "base" => Anchor::Base,
            "head" => Anchor::Head,
            "heads" => Anchor::Heads,
            name => Anchor::Named(name.to_owned()),
        };
        Self { branch, anchor, steps }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(branch) = &self.branch {
            write!(f, "{branch}@")?;
        }
        match &self.anchor {
            Anchor::Current if self.steps == 0 => f.write_str("current")?,
            Anchor::Current => {}
            Anchor::Base => f.write_str("base")?,
            Anchor::Head => f.write_str("head")?,
            Anchor::Heads => f.write_str("heads")?,
            Anchor::Named(name) => f.write_str(name)?,
        }
        if self.steps == 0 { Ok(()) } else { write!(f, "{:+}", self.steps) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Target};

    #[test]
    fn every_form_is_read() {
        let named = |name: &str| Anchor::Named(name.to_owned());
        for (text, branch, anchor, steps) in [
            ("head", None, Anchor::Head, 0),
            ("heads", None, Anchor::Heads, 0),
            ("base", None, Anchor::Base, 0),
            ("current", None, Anchor::Current, 0),
            ("ae10", None, named("ae10"), 0),
            ("+2", None, Anchor::Current, 2),
            ("-1", None, Anchor::Current, -1),
            ("ae10+2", None, named("ae10"), 2),
            ("head-1", None, Anchor::Head, -1),
            ("sales@head", Some("sales"), Anchor::Head, 0),
            ("sales@+1", Some("sales"), Anchor::Current, 1),
            ("sales@base+2", Some("sales"), Anchor::Base, 2),
            ("sales@ae10", Some("sales"), named("ae10"), 0),
            ("sales@", Some("sales"), named(""), 0),
            ("my-auth::ae10", None, named("my-auth::ae10"), 0),
            ("my-auth::ae10-1", None, named("my-auth::ae10"), -1),
            ("my-auth@base+1", Some("my-auth"), Anchor::Base, 1),
            ("", None, named(""), 0),
            ("ae10+1x", None, named("ae10+1x"), 0),
            ("+99999999999999999999", None, named("+99999999999999999999"), 0),
        ] {
            let expected = Target { branch: branch.map(str::to_owned), anchor, steps };
            assert_eq!(Target::from(text), expected, "{text}");
            assert_eq!(expected.to_string(), text);
        }
    }
}
