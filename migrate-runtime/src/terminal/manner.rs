//! How a run is made, as it is typed: in both directions, and by every program.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;

use crate::terminal::report::Failure;
use crate::{Options, Transactions};

/// How a run is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Manner {
    /// Print the steps, and take none.
    #[arg(long)]
    pub dry_run: bool,
    /// How long to wait for another run, as in `90s`; 60 seconds by default.
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub wait_timeout: Option<Duration>,
    /// How long a statement may wait for a table that others use, before it is rolled back and tried again, as in `500ms`;
    /// 2 seconds by default, 0 without limit.
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub lock_timeout: Option<Duration>,
    /// How long a statement may take; without limit by default, whatever the role has.
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub statement_timeout: Option<Duration>,
    /// Whether each revision has a transaction of its own, as by default, or all share one.
    #[arg(long, value_name = "WHICH")]
    pub transaction: Option<Sharing>,
    /// The role that takes every step: `SET ROLE` before the first.
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// A file with SQL that sets up the session before each step.
    #[arg(long, value_name = "FILE")]
    pub session_setup: Option<PathBuf>,
    /// A file with SQL to run after the last step.
    #[arg(long, value_name = "FILE")]
    pub session_end: Option<PathBuf>,
}

/// Which revisions share a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sharing {
    /// None: each has its own.
    PerRevision,
    /// All of a run.
    All,
}

impl From<Sharing> for Transactions {
    fn from(sharing: Sharing) -> Self {
        match sharing {
            Sharing::PerRevision => Self::PerRevision,
            Sharing::All => Self::All,
        }
    }
}

impl Manner {
    /// What is set here, else what is set there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            dry_run: self.dry_run || other.dry_run,
            wait_timeout: self.wait_timeout.or(other.wait_timeout),
            lock_timeout: self.lock_timeout.or(other.lock_timeout),
            statement_timeout: self.statement_timeout.or(other.statement_timeout),
            transaction: self.transaction.or(other.transaction),
            role: self.role.or(other.role),
            session_setup: self.session_setup.or(other.session_setup),
            session_end: self.session_end.or(other.session_end),
        }
    }

    /// The options with what is set here.
    ///
    /// # Errors
    ///
    /// When a file of SQL cannot be read.
    pub fn options(&self, mut options: Options) -> Result<Options, Failure> {
        if let Some(sharing) = self.transaction {
            options = options.transactions(sharing.into());
        }
        if let Some(limit) = self.wait_timeout {
            options = options.wait_timeout(limit);
        }
        if let Some(limit) = self.lock_timeout {
            options = options.lock_timeout(limit);
        }
        if let Some(limit) = self.statement_timeout {
            options = options.statement_timeout(limit);
        }
        if let Some(role) = &self.role {
            options = options.role(role);
        }
        if let Some(file) = &self.session_setup {
            options = options.session_setup(sql(file)?);
        }
        if let Some(file) = &self.session_end {
            options = options.session_end(sql(file)?);
        }
        Ok(options)
    }

    /// The same, as it is typed.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let time = |limit: Option<Duration>| limit.map(|limit| humantime::format_duration(limit).to_string().into());
        let sharing = self.transaction.and_then(|sharing| sharing.to_possible_value());
        let file = |path: &Option<PathBuf>| path.as_ref().map(|path| path.clone().into_os_string());
        let options: [(&str, Option<OsString>); 7] = [
            ("--wait-timeout", time(self.wait_timeout)),
            ("--lock-timeout", time(self.lock_timeout)),
            ("--statement-timeout", time(self.statement_timeout)),
            ("--transaction", sharing.map(|value| value.get_name().into())),
            ("--role", self.role.as_ref().map(Into::into)),
            ("--session-setup", file(&self.session_setup)),
            ("--session-end", file(&self.session_end)),
        ];
        let given = options.into_iter().filter_map(|(name, value)| Some([name.into(), value?])).flatten();
        self.dry_run.then(|| "--dry-run".into()).into_iter().chain(given).collect()
    }
}

/// Reads a limit on time: `2s`, `500ms`, `10min`, `0`.
///
/// # Errors
///
/// When it is none, or one that Postgres cannot keep: it counts whole milliseconds in 32 bits (Postgres manual, 20.1.1).
pub fn limit(text: &str) -> Result<Duration, String> {
    let limit = match text {
        "0" => Duration::ZERO,
        text => humantime::parse_duration(text).map_err(|error| error.to_string())?,
    };
    match limit.as_millis() <= i32::MAX as u128 && limit.subsec_nanos() % 1_000_000 == 0 {
        true => Ok(limit),
        false => Err("Postgres keeps whole milliseconds, up to 24 days".to_owned()),
    }
}

fn sql(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| {
        Failure::io("read", file, &error)
            .help("`session-setup` and `session-end` name files below the package's folder")
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Manner, Sharing};

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        manner: Manner,
    }

    #[test]
    fn what_is_passed_on_is_read_as_it_was_meant() {
        let every = Manner {
            dry_run: true,
            wait_timeout: Some(std::time::Duration::from_millis(90_500)),
            lock_timeout: Some(std::time::Duration::ZERO),
            statement_timeout: Some(std::time::Duration::from_secs(600)),
            transaction: Some(Sharing::All),
            role: Some("the owner".into()),
            session_setup: Some("sql/set up.sql".into()),
            session_end: Some("/end.sql".into()),
        };
        for manner in [Manner::default(), every] {
            let typed = [std::ffi::OsString::from("program")].into_iter().chain(manner.arguments());
            assert_eq!(Program::parse_from(typed).manner, manner);
        }
    }
}
