//! `cargo migrate init`: everything a package needs for its first revision.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use cargo_metadata::TargetKind;
use dialoguer::Confirm;
use serde::Serialize;

use crate::import::sqlx;
use crate::init::dependencies::{self, BuildScript, Origin};
use crate::init::edit::{Before, Edit, write_all};
use crate::init::{attributes, build_script, module};
use crate::invocation::Invocation;
use crate::project::{CargoPackage, Project};
use crate::report::{Failure, Kind};
use crate::shell::Shell;

/// Prepares a package: the folder, build.rs, the module, the dependencies and .gitattributes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate init\n  cargo migrate init -p server --yes\n\n\
                        With --dir only that folder is made, and no package is touched.")]
pub(crate) struct Args {
    /// Depend on migrate-runtime and migrate-build by their paths in DIR: for a checkout of this workspace.
    #[arg(long, value_name = "DIR")]
    pub(crate) runtime_path: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document<'a> {
    package: &'a str,
    folder: String,
    changed: Vec<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.located()?;
    let database = project.cargo.as_ref().and_then(|cargo| cargo.database.as_deref());
    let edits = match &project.cargo {
        Some(cargo) if database.is_none() => package_edits(args, project, cargo)?,
        _ => folder_edits(project)?,
    };
    agree(&edits, invocation)?;
    write_all(&edits)?;

    let shell = &invocation.shell;
    for edit in &edits {
        shell.status(if edit.replaces() { "Changed" } else { "Created" }, edit.shown.display());
    }
    match database {
        // What a package has of its first database cannot be told from what the second needs.
        Some(name) => show_lines(name, project, shell),
        None => show_next_steps(&edits, invocation, project)?,
    }
    if shell.is_json() {
        shell.json(&Document {
            package: &project.package,
            folder: project.shown.display().to_string(),
            changed: edits.iter().map(|edit| edit.shown.display().to_string()).collect(),
        });
    }
    Ok(())
}

/// Everything a package needs and does not have.
fn package_edits(args: &Args, project: &Project, cargo: &CargoPackage) -> Result<Vec<Edit>, Failure> {
    let origin = origin(args)?;
    let manifest = Target::of(project, Path::new("Cargo.toml"))?;
    let manifest_text = manifest.before.text().unwrap_or_default();
    let build = match dependencies::build_script(manifest_text, &manifest.shown)? {
        BuildScript::Default => Target::of(project, Path::new("build.rs"))?,
        BuildScript::At(path) => Target::of(project, &path)?,
    };
    let root = Target::of(project, &crate_root(cargo)?)?;
    let gitattributes = Target::of(project, Path::new(".gitattributes"))?;
    let workspace = fs::read_to_string(&cargo.workspace_manifest).ok();
    let configured = project.configured.display().to_string().replace('\\', "/");

    let mut edits = keep_folder(project)?;
    if let Some(text) = build_script::add(build.before.text(), &configured, &build.shown)? {
        let line = build_script::line(build.before.text().unwrap_or_default(), &configured);
        edits.push(build.edit(text, format!("first in `main`: {line}")));
    }
    if let Some(text) =
        module::add(root.before.text().unwrap_or_default(), module_file(&root.path).as_deref(), &root.shown)?
    {
        edits.push(root.edit(text, "pub mod migrations { migrate_runtime::include_migrations!(); }".to_owned()));
    }
    if let Some(text) = dependencies::add(manifest_text, workspace.as_deref(), &origin, &manifest.shown)? {
        let adds = "the dependency `migrate-runtime` and the build-dependency `migrate-build`";
        edits.push(manifest.edit(text, adds.to_owned()));
    }
    if let Some(text) = attributes::add(gitattributes.before.text()) {
        edits.push(gitattributes.edit(text, "*.sql text eol=lf".to_owned()));
    }
    Ok(edits)
}

/// With `--dir` there is a folder and nothing else; its own `.gitattributes` keeps the bytes of its SQL.
fn folder_edits(project: &Project) -> Result<Vec<Edit>, Failure> {
    let mut edits = keep_folder(project)?;
    let path = project.dir.join(".gitattributes");
    let shown = project.shown.join(".gitattributes");
    let before = Before::read(&path, &shown)?;
    if let Some(text) = attributes::add(before.text()) {
        edits.push(Target { path, shown, before }.edit(text, "*.sql text eol=lf".to_owned()));
    }
    Ok(edits)
}

/// Cargo watches the folder, so it must be there in every clone, also while it is empty.
fn keep_folder(project: &Project) -> Result<Vec<Edit>, Failure> {
    let is_needed = match fs::read_dir(&project.dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(_) => {
            project.check_folder()?;
            true
        }
    };
    let edit = Edit {
        path: project.dir.join(".gitkeep"),
        shown: project.shown.join(".gitkeep"),
        before: Before::Absent,
        after: String::new(),
        adds: "keeps the folder in git".to_owned(),
    };
    Ok(if is_needed { vec![edit] } else { Vec::new() })
}

/// Asks once for all files that exist; new files need no leave.
fn agree(edits: &[Edit], invocation: &Invocation) -> Result<(), Failure> {
    let replaced: Vec<&Edit> = edits.iter().filter(|edit| edit.replaces()).collect();
    if replaced.is_empty() || invocation.globals.yes {
        return Ok(());
    }
    let names = replaced.iter().map(|edit| format!("`{}`", edit.shown.display())).collect::<Vec<_>>().join(", ");
    for edit in &replaced {
        invocation.shell.say(format_args!("{}\n    + {}", edit.shown.display(), edit.adds));
    }
    match confirm("Change these files?") {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::new(Kind::Usage, "nothing was changed")),
        None => Err(Failure::new(Kind::Usage, format!("these files exist and would be changed: {names}"))
            .help("pass `--yes` to agree")),
    }
}

/// Asks, and returns what was answered; nothing where nobody is there to answer.
fn confirm(question: &str) -> Option<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return None;
    }
    Confirm::new().with_prompt(question).default(false).interact_opt().ok().flatten()
}

fn show_next_steps(edits: &[Edit], invocation: &Invocation, project: &Project) -> Result<(), Failure> {
    let shell = &invocation.shell;
    let folder = project.shown.display();
    if sqlx::has_migrations(&project.dir) {
        shell.note(way_from_sqlx(invocation, project));
    } else if edits.is_empty() {
        let ready = match project.cargo {
            Some(_) => format!("`{}`", project.package),
            None => format!("the folder `{folder}`"),
        };
        shell.status("Unchanged", format_args!("{ready} is ready for revisions already"));
    } else if project.cargo.is_some() {
        shell.note("next: `cargo migrate new \"create users\"`, and write its SQL");
    } else {
        shell.note(format_args!("next: `cargo migrate new \"create users\" --dir {folder}`"));
    }
    match &project.cargo {
        Some(cargo) if !edits.is_empty() => show_program_steps(shell, project, cargo),
        _ => Ok(()),
    }
}

/// What a database with a name needs in the package.
fn show_lines(name: &str, project: &Project, shell: &Shell) {
    let folder = project.configured.display().to_string();
    shell.note(format_args!("in build.rs: `migrate_build::Config::new().database(\"{name}\").compile({folder:?})?`"));
    shell.note(format_args!(
        "in the crate: `pub mod {} {{ migrate_runtime::include_migrations!(\"{name}\"); }}`",
        name.replace('-', "_")
    ));
    shell.note(format_args!("next: `cargo migrate new -n {name} \"create users\"`, and write its SQL"));
}

fn show_program_steps(shell: &Shell, project: &Project, cargo: &CargoPackage) -> Result<(), Failure> {
    let manifest = Target::of(project, Path::new("Cargo.toml"))?;
    shell.note("then, where the program starts: `migrations::upgrade(&pool).await?`");
    if !dependencies::depends_on(manifest.before.text().unwrap_or_default(), "sqlx") {
        let package = &cargo.package.name;
        shell.note(format_args!(
            "the pool comes from sqlx: `cargo add -p {package} sqlx --features postgres,runtime-tokio`, \
             and `cargo add -p {package} tokio --features full`"
        ));
    }
    Ok(())
}

/// What to type where the folder has another tool's files, which cannot stay: an import needs a folder of its own, and
/// the configured one is that which the build reads.
fn way_from_sqlx(invocation: &Invocation, project: &Project) -> String {
    // `.` has no name that could be changed.
    let folder = if project.shown.file_name().is_some() { &project.shown } else { &project.dir };
    let mut aside = folder.file_name().unwrap_or_default().to_owned();
    aside.push(".sqlx");
    let (folder, aside) = (folder.display(), folder.with_file_name(aside));
    let aside = aside.display();
    let globals = &invocation.globals;
    let (again, options) = match (&project.cargo, &globals.package, &globals.manifest_path) {
        // The folder's own `.gitattributes` was moved with it.
        (None, ..) => (format!(", `cargo migrate init --dir {folder}`"), format!(" --dir {folder}")),
        (_, Some(package), _) => (String::new(), format!(" -p {package}")),
        (_, _, Some(path)) => (String::new(), format!(" --manifest-path {}", path.display())),
        _ => Default::default(),
    };
    format!(
        "`{folder}` has migrations of sqlx; next: `mv {folder} {aside}`{again}, \
         then `cargo migrate import --from sqlx {aside}{options}`"
    )
}

/// A file that may be changed, and its text.
struct Target {
    path: PathBuf,
    shown: PathBuf,
    before: Before,
}

impl Target {
    /// The file at a path that is absolute or relative to the package.
    fn of(project: &Project, path: &Path) -> Result<Self, Failure> {
        let path = project.root.join(path);
        let here = std::env::current_dir().map_err(|error| Failure::io("find", Path::new("."), &error))?;
        let shown = crate::paths::shown(&path, &here);
        let before = Before::read(&path, &shown)?;
        Ok(Self { path, shown, before })
    }

    fn edit(self, after: String, adds: String) -> Edit {
        Edit { path: self.path, shown: self.shown, before: self.before, after, adds }
    }
}

fn origin(args: &Args) -> Result<Origin, Failure> {
    let Some(path) = &args.runtime_path else { return Ok(Origin::Registry) };
    let folder = fs::canonicalize(path).map_err(|error| Failure::io("find", path, &error))?;
    if folder.join("migrate-runtime/Cargo.toml").is_file() {
        Ok(Origin::Checkout(folder))
    } else {
        Err(Failure::new(Kind::Usage, format!("`{}` has no folder `migrate-runtime`", path.display())))
    }
}

/// The library where there is one, else the program.
fn crate_root(cargo: &CargoPackage) -> Result<PathBuf, Failure> {
    let of_kind = |kinds: &[TargetKind]| {
        cargo
            .package
            .targets
            .iter()
            .filter(|target| kinds.iter().any(|kind| target.kind.contains(kind)))
            .collect::<Vec<_>>()
    };
    let libraries = [TargetKind::Lib, TargetKind::RLib, TargetKind::DyLib, TargetKind::CDyLib, TargetKind::StaticLib];
    if let [library, ..] = of_kind(&libraries)[..] {
        return Ok(library.src_path.clone().into_std_path_buf());
    }
    if !of_kind(&[TargetKind::ProcMacro]).is_empty() {
        let message = format!("`{}` is a procedural macro, which has no database at run time", cargo.package.name);
        return Err(Failure::new(Kind::Project, message).help("choose the package that connects to it with `-p`"));
    }
    let programs = of_kind(&[TargetKind::Bin]);
    let default = cargo.package.default_run.as_deref().unwrap_or(cargo.package.name.as_str());
    match programs[..] {
        [program] => Ok(program.src_path.clone().into_std_path_buf()),
        [] => Err(Failure::new(Kind::Project, format!("`{}` has neither a library nor a program", cargo.package.name))
            .help("revisions are compiled into one: add a `src/lib.rs` or a `src/main.rs`")),
        _ => programs
            .iter()
            .find(|program| program.name == default)
            .map(|program| program.src_path.clone().into_std_path_buf())
            .ok_or_else(|| {
                let names = programs.iter().map(|program| format!("`{}`", program.name)).collect::<Vec<_>>().join(", ");
                Failure::new(
                    Kind::Project,
                    format!("`{}` has several programs and no library: {names}", cargo.package.name),
                )
                .help("set `default-run` in Cargo.toml, or add a `src/lib.rs` that all of them share")
            }),
    }
}

/// The text of the file that `mod migrations;` in the crate root would mean.
fn module_file(root: &Path) -> Option<String> {
    let folder = root.parent()?;
    [folder.join("migrations.rs"), folder.join("migrations/mod.rs")]
        .iter()
        .find_map(|path| fs::read_to_string(path).ok())
}
