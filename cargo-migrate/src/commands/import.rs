//! `cargo migrate import`: another tool's files become revisions, all of them or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use migrate_build::{Crates, History, Problem};
use migrate_runtime::table::{Position, Transaction};
use serde::Serialize;

use crate::folder_lock::FolderLock;
use crate::import::{self, Folder};
use crate::invocation::Invocation;
use crate::project::Project;
use crate::report::{Failure, Kind, Place};
use crate::staging::Staging;

/// Makes revisions of another tool's migration files.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate import --from sqlx db/migrations\n  \
                        cargo migrate import --from sqlx ../old/migrations --dir migrations")]
pub(crate) struct Args {
    /// The tool that the files were written for.
    #[arg(long, value_name = "TOOL")]
    pub(crate) from: Tool,
    /// The folder with its files.
    #[arg(value_name = "DIR")]
    pub(crate) source: PathBuf,
}

/// A tool whose files can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// `sqlx migrate`: `<version>_<description>.sql`, `.up.sql`, `.down.sql`
    Sqlx,
}

#[derive(Serialize)]
struct Document {
    folder: String,
    revisions: Vec<RevisionDocument>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct RevisionDocument {
    revision: String,
    folder: String,
    files: Vec<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.located()?;
    let shell = &invocation.shell;
    let found = match args.from {
        Tool::Sqlx => import::sqlx::read(&args.source)?,
    };
    let folders = import::convert(found.history)?;
    check_target(project, &args.source)?;
    let made = make_target(project)?;
    if let Err(failure) = write(project, &folders) {
        // The innermost first; one that somebody else has put something into meanwhile stays.
        for folder in &made {
            let _ = fs::remove_dir(folder);
        }
        return Err(failure);
    }

    for warning in &found.warnings {
        shell.warn(warning);
    }
    let n_down = folders.iter().filter(|folder| folder.files.len() > 1).count();
    let without = |folder: &&Folder| folder.files.iter().any(|file| file.from.transaction == Transaction::None);
    let n_without = folders.iter().filter(without).count();
    shell.status(
        "Imported",
        format_args!(
            "{} revision{} ({n_down} with a downgrade, {n_without} without a transaction) from {}",
            folders.len(),
            if folders.len() == 1 { "" } else { "s" },
            args.source.display()
        ),
    );
    if shell.is_json() {
        shell.json(&document(project, &folders, found.warnings));
    } else {
        shell.data(project.shown.display());
    }
    Ok(())
}

/// Revisions that are there already would be mixed with what comes; dot files are not revisions.
fn check_target(project: &Project, source: &Path) -> Result<(), Failure> {
    let shown = project.shown.display();
    let same = fs::canonicalize(source)
        .ok()
        .is_some_and(|source| fs::canonicalize(&project.dir).is_ok_and(|dir| dir == source));
    if same {
        return Err(Failure::new(Kind::Usage, format!("`{shown}` is both the source and the migrations folder")).help(
            format!("rename it first: `mv {shown} {shown}.old`, then `cargo migrate import --from sqlx {shown}.old`"),
        ));
    }
    let entries = match fs::read_dir(&project.dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => {
            project.check_folder()?;
            return Ok(());
        }
    };
    for entry in entries {
        let name = entry.map_err(|error| Failure::io("read", &project.shown, &error))?.file_name();
        if !name.to_string_lossy().starts_with('.') {
            return Err(Failure::new(
                Kind::Usage,
                format!("`{shown}` is not empty: it has `{}`", name.to_string_lossy()),
            )
            .help("import into another folder with `--dir DIR`, or move what is there away"));
        }
    }
    Ok(())
}

/// Makes the migrations folder where there is none, and says which folders that took, the innermost first.
fn make_target(project: &Project) -> Result<Vec<PathBuf>, Failure> {
    let missing = project.dir.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
    fs::create_dir_all(&project.dir).map_err(|error| Failure::io("make the folder", &project.shown, &error))?;
    Ok(missing)
}

/// Writes everything aside, reads it back as the build would, and only then moves it into place.
fn write(project: &Project, folders: &[Folder]) -> Result<(), Failure> {
    let _lock = FolderLock::of(&project.dir, &project.shown)?;
    check_target(project, Path::new(""))?;
    let staging = Staging::new_in(&project.dir, &project.shown)?;
    for folder in folders {
        for file in &folder.files {
            staging.write(Path::new(&folder.name.to_string()).join(file.name), &file.text())?;
        }
    }
    History::read(staging.path(), &project.shown, &Crates::none()).map_err(|problems| {
        Failure::revisions(
            problems
                .iter()
                .map(|problem| (problem.message.clone(), problem.help.clone(), place(project, folders, problem))),
        )
        .note(
            "nothing was imported: change these files, or a copy of them, and import again; \
                 `-- no-transaction` as the very first line of a file becomes `transaction: none`",
        )
    })?;
    let mut moved: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let name = folder.name.to_string();
        let (from, to) = (staging.path().join(&name), project.dir.join(&name));
        if let Err(error) = fs::rename(from, &to) {
            for (back, folder) in moved.iter().zip(folders) {
                // Should this fail too, the error that is reported says where to look.
                let _ = fs::rename(back, staging.path().join(folder.name.to_string()));
            }
            return Err(Failure::io("make the folder", &project.shown.join(name), &error));
        }
        moved.push(to);
    }
    Ok(())
}

/// The place in the file that the text came from: the one that was written is gone by the time it is reported.
fn place(project: &Project, folders: &[Folder], problem: &Problem) -> Place {
    let of_folder = |folder: &&Folder| problem.path.starts_with(project.shown.join(folder.name.to_string()));
    let Some(folder) = folders.iter().find(of_folder) else {
        return Place { file: problem.path.clone(), position: problem.position, source: None };
    };
    let file = folder.files.iter().find(|file| problem.path.ends_with(file.name)).unwrap_or(&folder.files[0]);
    let n_added = file.added.lines().count();
    let position = problem.position.and_then(|position| {
        let line = position.line.checked_sub(n_added).filter(|line| *line > 0)?;
        Some(Position { line, column: position.column })
    });
    Place { file: file.from.shown.clone(), position, source: position.map(|_| file.from.text.clone()) }
}

fn document(project: &Project, folders: &[Folder], warnings: Vec<String>) -> Document {
    let revisions = folders.iter().map(|folder| {
        let shown = project.shown.join(folder.name.to_string());
        RevisionDocument {
            revision: folder.name.id().to_owned(),
            files: folder.files.iter().map(|file| shown.join(file.name).display().to_string()).collect(),
            folder: shown.display().to_string(),
        }
    });
    Document { folder: project.shown.display().to_string(), revisions: revisions.collect(), warnings }
}
