//! Compiling the program: with the user's cargo, target folder, profile and features.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use crate::invocation::Invocation;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};

/// How Rust revisions are compiled, as cargo has it.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Compiling Rust revisions")]
pub(crate) struct Build {
    /// Features of the package, with commas between them.
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// All features of the package.
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Not the default features of the package.
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// With the profile `release`.
    #[arg(short, long, conflicts_with = "profile")]
    pub(crate) release: bool,
    /// With this profile.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// The name of the program's target.
pub(super) fn target_name(package: &CargoPackage) -> String {
    match &package.database {
        None => format!("{}-migrate", package.package.name),
        Some(name) => format!("{}-migrate-{name}", package.package.name),
    }
}

/// Compiles the package in `folder`, and returns the program. What rustc has to say goes to stderr as it is.
pub(super) fn compile(
    folder: &Path,
    package: &CargoPackage,
    build: &Build,
    invocation: &Invocation,
) -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    // Where the user is: what `.cargo/config.toml` says there holds.
    command.args(["build", "--message-format=json-render-diagnostics", "--manifest-path"]);
    command.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&package.target_dir);
    command.args(["--bin", &target_name(package)]);
    let profile = if build.release { Some("release") } else { build.profile.as_deref() };
    command.args(profile.map(|name| ["--profile", name]).into_iter().flatten());
    if invocation.globals.offline {
        command.arg("--offline");
    }
    if invocation.globals.quiet {
        command.arg("--quiet");
    }
    let failed = |error| Failure::new(Kind::Project, format!("could not run `{}`: {error}", cargo.to_string_lossy()));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let output = child.stdout.take().map(BufReader::new);
    let messages = output.into_iter().flat_map(Message::parse_stream).map_while(Result::ok);
    let program = messages
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == target_name(package) => artifact.executable,
            _ => None,
        })
        .last();
    let status = child.wait().map_err(failed)?;
    match program {
        Some(program) if status.success() => Ok(program.into_std_path_buf()),
        _ => Err(Failure::new(Kind::Revisions, format!("the revisions of {} do not compile", package.package.name))
            .help("what rustc and cargo say of it stands above; nothing was run")),
    }
}
