//! The project's revisions as a source: all of them, from base to the heads, by the executor that upgrades a database.

use std::path::PathBuf;
use std::process::Stdio;

use migrate_runtime::table::{Action, Script};
use migrate_runtime::{Migrations, Options, Target};

use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::manner::Manner;
use crate::project::Project;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::runner::{self, Build};

/// The revisions of a project.
#[derive(Debug)]
pub(crate) struct Replay {
    table: Migrations,
    /// The program that has them, where some are Rust.
    program: Option<PathBuf>,
    /// Where the program is to go.
    targets: Vec<String>,
}

impl Replay {
    pub(super) fn of(invocation: &Invocation) -> Result<Self, Failure> {
        Ok(Self { table: invocation.project()?.table()?, program: None, targets: vec!["heads".to_owned()] })
    }

    /// The revisions of the crates that a project includes, without its own; nothing where it includes none.
    pub(super) fn of_libraries(project: &Project) -> Result<Option<Self>, Failure> {
        // It lives as long as the process, as it does in a binary that was compiled with it.
        let table = project.crates()?.included_by(project.package.clone().leak(), &[]);
        if table.list().is_empty() {
            return Ok(None);
        }
        let packages = table.packages().into_iter().filter(|package| *package != project.package);
        let targets = packages.map(|package| format!("{package}@head")).collect();
        Ok(Some(Self { table, program: None, targets }))
    }

    /// Compiles the program that has the revisions, where some of them are Rust.
    pub(crate) fn compile(&mut self, build: &Build, invocation: &Invocation) -> Result<(), Failure> {
        let is_compiled = |action: &Action| !matches!(action, Action::Uncompiled(_));
        let Some(first) = self.table.list().iter().find(|migration| !is_compiled(migration.up_action())) else {
            return Ok(());
        };
        let Some(package) = &invocation.project()?.cargo else {
            let file = first.up_action().file();
            return Err(Failure::new(
                Kind::Uncompiled,
                format!("revision {} is Rust, and was not compiled", first.id()),
            )
            .in_file(file)
            .help("run this in the cargo package that has it, without `--dir`, to have it compiled"));
        };
        self.program = Some(runner::compile(package, build, invocation)?);
        Ok(())
    }

    /// The texts of the revisions.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.table.list().iter().filter_map(|migration| match migration.up_action() {
            Action::Sql(script) => Some(Script::text(script)),
            _ => None,
        })
    }

    /// Takes an empty database to the heads.
    pub(super) async fn run(&self, dsn: &Dsn, invocation: &Invocation) -> Result<(), Failure> {
        let project = invocation.project()?;
        match &self.program {
            Some(program) => {
                for target in &self.targets {
                    by_program(program, target, dsn, invocation).await?;
                }
                Ok(())
            }
            None => self.by_executor(dsn, project).await,
        }
    }

    async fn by_executor(&self, dsn: &Dsn, project: &Project) -> Result<(), Failure> {
        // The role that takes the steps elsewhere need not be there.
        let manner = Manner { role: None, ..project.manner() };
        let migrator = self.table.with(manner.options(Options::default())?);
        let done = migrator.upgrade_to(&dsn.options.0, Target::from("heads")).await;
        done.map(|_| ()).map_err(|error| refusal::of(&error, project, &dsn.shown))
    }
}

/// The program tells itself what goes wrong; what it prints as data is not ours.
async fn by_program(program: &PathBuf, target: &str, dsn: &Dsn, invocation: &Invocation) -> Result<(), Failure> {
    let command = runner::command(program, &["upgrade".into(), target.into()], Some(dsn), invocation);
    let mut command = tokio::process::Command::from(command);
    let globals = &invocation.globals;
    if !globals.quiet && globals.verbose == 0 {
        command.arg("--quiet");
    }
    let run = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let failed = |error: std::io::Error| {
        Failure::new(Kind::Io, format!("could not run the program with the revisions: {error}")).in_file(program)
    };
    let output = run.map_err(failed)?.wait_with_output().await.map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    if let Some(error) = String::from_utf8_lossy(&output.stdout).lines().last().filter(|_| invocation.shell.is_json()) {
        invocation.shell.data(error);
    }
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Failure::new(Kind::Told(code), "the program has told how it ended"))
}
