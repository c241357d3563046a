//! The account that runs the server where this program runs as root, whom PostgreSQL refuses.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// The account to run the server under, `None` for the present one; `ours` is a folder that this process has made.
    pub(super) fn for_server(ours: &Path) -> io::Result<Option<Self>> {
        if fs::metadata(ours)?.uid() != 0 {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd")?;
        let account = Self::named("postgres", &passwd).or_else(|| Self::named("nobody", &passwd));
        account.map(Some).ok_or_else(|| {
            io::Error::other("it does not run as root, and /etc/passwd has neither `postgres` nor `nobody`")
        })
    }

    fn named(name: &str, passwd: &str) -> Option<Self> {
        let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let fields = lines.find(|fields| fields[0] == name)?;
        // macOS writes `nobody` as -2.
        let number = |index: usize| {
            let number = fields.get(index)?.parse::<i64>().ok()?;
            u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
        };
        Some(Self { uid: number(2)?, gid: number(3)? })
    }

    /// Gives a folder to the account.
    pub(super) fn own(self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_is_read_by_its_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\nnobody:*:-2:-2:nobody:/:/bin/false\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(Account::named("postgres", passwd), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(Account::named("nobody", passwd), Some(Account { uid: u32::MAX - 1, gid: u32::MAX - 1 }));
        assert_eq!(Account::named("post", passwd), None);
    }
}
