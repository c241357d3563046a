//! One run of the program: its global options, its shell, and the project, found when a command first asks.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::globals::Globals;
use crate::project::Project;
use crate::report::Failure;
use crate::shell::Shell;

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The options that every verb takes.
    pub(crate) globals: Globals,
    /// Everything that is printed. Shared, because events arrive by a callback that outlives every borrow.
    pub(crate) shell: Arc<Shell>,
    project: OnceCell<Project>,
}

impl Invocation {
    pub(crate) fn new(globals: Globals) -> Self {
        let shell = Shell::new(globals.verbose, globals.quiet, globals.format, globals.color);
        Self { globals, shell: Arc::new(shell), project: OnceCell::new() }
    }

    /// The project, whose migrations folder exists.
    pub(crate) fn project(&self) -> Result<&Project, Failure> {
        let project = self.located()?;
        project.check_folder()?;
        Ok(project)
    }

    /// The project, whether its migrations folder exists yet or not.
    pub(crate) fn located(&self) -> Result<&Project, Failure> {
        match self.project.get() {
            Some(project) => Ok(project),
            None => {
                let project = Project::locate(&self.globals)?;
                Ok(self.project.get_or_init(|| project))
            }
        }
    }
}
