//! Compiling the program: with the user's cargo, target folder, profile and features.

use std::path::PathBuf;
use std::process::Stdio;

use cargo_metadata::Message;
use tokio::process::Command;

use super::mirror::Mirror;
use crate::invocation::Invocation;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};
use crate::{interrupt, online};

/// How Rust revisions are compiled, as cargo has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
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

/// Compiles the program, and returns where it is. What rustc has to say goes to stderr as it is. A signal ends it, and cargo
/// with it.
pub(super) fn compile(
    mirror: &Mirror,
    package: &CargoPackage,
    in_library: bool,
    build: &Build,
    invocation: &Invocation,
) -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    // Where the user is: what `.cargo/config.toml` says there holds.
    command.args(["build", "--message-format=json-render-diagnostics", "--manifest-path"]);
    command.arg(mirror.folder.join("Cargo.toml")).arg("--target-dir").arg(&package.target_dir);
    command.args(["--bin", &mirror.target]);
    let profile = if build.release { Some("release") } else { build.profile.as_deref() };
    command.args(profile.map(|name| ["--profile", name]).into_iter().flatten());
    if !in_library {
        // The program is the package itself.
        command.args(build.features.iter().map(|name| format!("--features={name}")));
        command.args(build.all_features.then_some("--all-features"));
        command.args(build.no_default_features.then_some("--no-default-features"));
    }
    command.args(invocation.globals.offline.then_some("--offline"));
    command.args(invocation.globals.quiet.then_some("--quiet"));
    let failed = |error| Failure::new(Kind::Project, format!("could not run `{}`: {error}", cargo.to_string_lossy()));
    let output = online::runtime()?.block_on(async {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(failed)?;
        tokio::select! {
            // First: what ends us may have ended cargo too.
            biased;
            signal = interrupt::signalled() => Err(interrupt::interrupted(signal.map_err(failed)?)),
            output = child.wait_with_output() => output.map_err(failed),
        }
    })?;
    let artifacts = Message::parse_stream(&output.stdout[..]).map_while(Result::ok);
    let program = artifacts
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == mirror.target => artifact.executable,
            _ => None,
        })
        .last();
    match program {
        Some(program) if output.status.success() => Ok(program.into_std_path_buf()),
        _ => Err(Failure::new(Kind::Revisions, format!("could not compile the revisions of {}", package.package.name))
            .help("what rustc and cargo say of it stands above; nothing was run")),
    }
}
