//! The account that runs the server when the tests run as root, whom PostgreSQL refuses.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to run the server under, `None` for the present one; `ours` is a folder this process just made.
    pub(crate) fn for_server(ours: &Path) -> Option<Self> {
        let uid = fs::metadata(ours).unwrap_or_else(|error| panic!("{}: {error}", ours.display())).uid();
        if uid != 0 {
            return None;
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_else(|error| panic!("/etc/passwd: {error}"));
        let account = Self::named("postgres", &passwd).or_else(|| Self::named("nobody", &passwd));
        Some(account.expect("PostgreSQL does not run as root, and /etc/passwd has neither `postgres` nor `nobody`"))
    }

    fn named(name: &str, passwd: &str) -> Option<Self> {
        let fields: Vec<&str> =
            passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        // macOS writes `nobody` as -2.
        let number = |index: usize| fields.get(index)?.parse::<i64>().ok().map(|number| number as u32);
        Some(Self { uid: number(2)?, gid: number(3)? })
    }

    /// Gives a file or folder to the account.
    pub(crate) fn own(self, path: &Path) {
        chown(path, Some(self.uid), Some(self.gid)).unwrap_or_else(|error| panic!("chown {}: {error}", path.display()));
    }

    /// Makes the command run as the account.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nnobody:*:-2:-2:nobody:/:/bin/false\npostgres:x:101:104::/:/bin/sh\n";

    #[test]
    fn an_account_is_read_by_its_name() {
        assert_eq!(Account::named("postgres", PASSWD), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(Account::named("nobody", PASSWD), Some(Account { uid: u32::MAX - 1, gid: u32::MAX - 1 }));
        assert_eq!(Account::named("post", PASSWD), None);
    }
}
