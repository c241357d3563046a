//! What a revision is called where several packages share a database: `auth::20260801090000` is another package's, and an id
//! alone is one of the package whose binary, or whose folder, it is.

use std::borrow::Cow;
use std::fmt;

/// What stands between a package and an id.
const SEPARATOR: &str = "::";

/// A name taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Qualified<'n> {
    /// The package, where it is another one: what keys its rows in the version table.
    pub package: Option<&'n str>,
    /// The id, slug or label in that package.
    pub id: &'n str,
}

impl<'n> Qualified<'n> {
    /// Takes a name apart.
    ///
    /// ```
    /// use migrate_runtime::graph::Qualified;
    ///
    /// assert_eq!(Qualified::of("auth::20260801090000"), Qualified { package: Some("auth"), id: "20260801090000" });
    /// assert_eq!(Qualified::of("20260801090000").package, None);
    /// ```
    #[must_use]
    pub fn of(name: &'n str) -> Self {
        match name.rsplit_once(SEPARATOR) {
            Some((package, id)) => Self { package: Some(package), id },
            None => Self { package: None, id: name },
        }
    }

    /// Whose revision it is, seen from the package `root`.
    #[cfg(feature = "sqlx")]
    pub(crate) fn package_in<'p>(&self, root: &'p str) -> &'p str
    where
        'n: 'p,
    {
        self.package.unwrap_or(root)
    }
}

impl fmt::Display for Qualified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.package {
            Some(package) => write!(f, "{package}{SEPARATOR}{}", self.id),
            None => f.write_str(self.id),
        }
    }
}

/// What is called `name` in `package`, as it is called seen from `root`.
pub(crate) fn seen_from<'n>(root: &str, package: &str, name: &'n str) -> Cow<'n, str> {
    match Qualified::of(name) {
        Qualified { package: Some(other), id } if other == root => Cow::Borrowed(id),
        Qualified { package: None, .. } if package != root => Cow::Owned(format!("{package}{SEPARATOR}{name}")),
        _ => Cow::Borrowed(name),
    }
}

/// Whether a package may be called so: in code its name has underscores where cargo's may have hyphens.
pub(crate) fn is_called(package: &str, name: &str) -> bool {
    let plain = |c: char| if c == '-' { '_' } else { c };
    package.chars().map(plain).eq(name.chars().map(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_where_one_stands() {
        for (root, package, name, seen) in [
            ("shop", "shop", "1", "1"),
            ("shop", "auth", "1", "auth::1"),
            ("shop", "auth", "jobs::1", "jobs::1"),
            ("jobs", "auth", "jobs::1", "1"),
            ("shop/users", "auth", "1", "auth::1"),
        ] {
            assert_eq!(seen_from(root, package, name), seen, "{name} of {package} from {root}");
        }
        assert!(is_called("my-auth", "my_auth") && !is_called("my-auth", "auth"));
    }
}
