//! Commands that the package has run on the files of a new revision, as Alembic's `post_write_hooks`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::invocation::Invocation;
use crate::project::Project;
use crate::report::{Failure, Kind};

/// Runs them one after the other in the package's folder, each with the new files as its last arguments.
///
/// # Errors
///
/// When one cannot be run or fails; the files stay as they are then, and those after it are not run.
pub(crate) fn run(files: &[PathBuf], project: &Project, invocation: &Invocation) -> Result<(), Failure> {
    for line in project.desired.hooks.iter().flatten() {
        // The configuration was refused where it is no list of words.
        let Some(words) = shlex::split(line).filter(|words| !words.is_empty()) else { continue };
        invocation.shell.status("Running", line);
        let mut command = Command::new(&words[0]);
        // What it prints is not our data.
        command.args(&words[1..]).args(files).current_dir(&project.root).stdin(Stdio::null()).stdout(Stdio::piped());
        let failed = |why: String| {
            Failure::new(Kind::Failed, format!("the post-write hook `{line}` {why}"))
                .help("the revision was made; see to its files, or change `post-write-hooks` in Cargo.toml")
        };
        let output = command
            .stderr(Stdio::inherit())
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .map_err(|error| failed(format!("could not be run: {error}")))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !said.trim().is_empty() {
            invocation.shell.say(said.trim_end());
        }
        if !output.status.success() {
            return Err(failed(format!("failed: {}", output.status)));
        }
    }
    Ok(())
}
