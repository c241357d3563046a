//! A program to run, in an environment that does not depend on who runs the tests.

use crate::account::Account;
use crate::output::Output;
use crate::process::Process;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;

/// A program with its arguments, environment and input.
#[derive(Clone, Debug)]
pub struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    secrets: Vec<String>,
    limit: Duration,
    as_other_user: bool,
}

/// The command line that was built together with the tests, about to run `cargo migrate`.
///
/// Only an integration test knows its path.
#[macro_export]
macro_rules! cargo_migrate {
    () => {
        $crate::Command::new(env!("CARGO_BIN_EXE_migrate-under-test")).args(["migrate"])
    };
}

/// What the user's shell and the outer `cargo test` may have set, and what would change results.
const FOREIGN: &[&str] = &["DATABASE_URL", "RUST_BACKTRACE", "RUST_LOG", "CLICOLOR_FORCE", "FORCE_COLOR", "LS_COLORS"];
const FOREIGN_PREFIXES: &[&str] = &["PG", "CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_TERM_"];

impl Command {
    /// This program, with no arguments yet.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            input: Vec::new(),
            secrets: Vec::new(),
            limit: Duration::from_secs(60),
            as_other_user: false,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable; `DATABASE_URL` and the PG variables are unset unless set here.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder to run in.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// What the program reads on stdin, which is no terminal; nothing unless told.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// A text that must not appear in the output, whatever happens: the test fails when it does.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// How long the program may take before it is killed and the test fails; a minute unless told.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the program as a user whom permissions stop. Only root is another one: everybody else stays who they are.
    #[must_use]
    pub fn as_other_user(mut self) -> Self {
        self.as_other_user = true;
        self
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// Panics when the program cannot be started, takes too long, or prints a secret.
    pub fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts the program and lets it run.
    ///
    /// # Panics
    ///
    /// Panics when the program cannot be started.
    pub fn spawn(self) -> Process {
        let other_user = self.as_other_user.then(|| OtherUser::of(&self.program));
        let program = other_user.as_ref().map_or(&*self.program, |other| other.program.as_os_str());
        let mut command = std::process::Command::new(program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: a signal or the time limit then reaches the program's children too.
        command.process_group(0);
        for (name, _) in std::env::vars_os() {
            if is_foreign(&name) {
                command.env_remove(name);
            }
        }
        command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never").env("LC_ALL", "C.UTF-8");
        command.envs(self.environment);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if let Some(account) = other_user.as_ref().and_then(|other| other.account) {
            account.run(&mut command);
        }
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        Process::new(child, self.input, self.limit, self.folder, self.secrets)
    }
}

/// Another user, with a copy of the program where that user can reach it: the home of root is closed to others.
#[derive(Debug)]
struct OtherUser {
    account: Option<Account>,
    program: PathBuf,
    /// A program that has been started needs its file no more.
    _folder: TempDir,
}

impl OtherUser {
    fn of(program: &OsStr) -> Self {
        let all = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("migrate-program-").permissions(all).tempdir();
        let folder = folder.unwrap_or_else(|error| panic!("{}: {error}", std::env::temp_dir().display()));
        let copy = folder.path().join("program");
        // Copied by another process: a file that this one had open for writing could be inherited by a program that
        // another test starts at this moment, and what is open for writing cannot be run.
        let copied = std::process::Command::new("cp").arg(program).arg(&copy).status();
        assert!(copied.is_ok_and(|status| status.success()), "cp {} {}", program.display(), copy.display());
        Self { account: Account::for_server(folder.path()), program: copy, _folder: folder }
    }
}

fn is_foreign(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    FOREIGN.contains(&&*name) || FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::Command;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    #[test]
    fn input_output_and_exit_code_pass_through() {
        let output = Command::new("sh").args(["-c", "cat; echo bad >&2; exit 3"]).input("good\n").run();
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (3, "good\n", "bad\n"));
    }

    #[test]
    fn a_variable_is_set_only_by_the_test() {
        let script = ["-c", "echo ${DATABASE_URL-unset} ${CARGO_PKG_NAME-unset}"];
        assert_eq!(Command::new("sh").args(script).run().stdout, "unset unset\n");
        assert_eq!(Command::new("sh").args(script).env("DATABASE_URL", "here").run().stdout, "here unset\n");
    }

    #[test]
    #[should_panic(expected = "did not end within 50ms")]
    fn a_program_that_hangs_is_killed_with_its_children() {
        Command::new("sh").args(["-c", "sleep 600 & sleep 600"]).limit(Duration::from_millis(50)).run();
    }

    #[test]
    #[should_panic(expected = "a secret was printed")]
    fn a_printed_secret_fails_the_test() {
        Command::new("sh").args(["-c", "echo hunter2 >&2"]).secret("hunter2").run();
    }

    #[test]
    fn permissions_stop_another_user() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let output = Command::new("/bin/sh").args(["-c", "touch file"]).folder(folder.path()).as_other_user().run();
        assert_ne!(output.code, 0, "{output}");
        assert!(!folder.path().join("file").exists());
    }

    #[test]
    fn a_program_can_be_interrupted() {
        let process = Command::new("sh")
            .args(["-c", "trap 'echo interrupted; exit 130' INT; echo ready; read -r _; while :; do sleep 1; done"])
            .spawn();
        process.wait_for_output("ready");
        process.signal("INT");
        let output = process.wait();
        assert_eq!((output.code, output.stdout.as_str()), (130, "ready\ninterrupted\n"));
    }
}
