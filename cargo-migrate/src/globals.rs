//! The options that every verb takes.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::output::{Colour, Format};

/// Options that every verb takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The package whose revisions are meant; with `--dir`, the name under which the database knows them.
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The database whose revisions are meant, of a package that has several.
    #[arg(short, long, global = true, value_name = "NAME", conflicts_with = "dir")]
    pub(crate) name: Option<String>,
    /// Do it for each database of the package, in the order of their names.
    #[arg(long, global = true, conflicts_with_all = ["name", "dir", "database_url"])]
    pub(crate) all: bool,
    /// The Cargo.toml to start from, instead of the nearest one.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// A migrations folder; no cargo project is needed then. The package is that of the Cargo.toml above, else `default`.
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "manifest_path")]
    pub(crate) dir: Option<PathBuf>,
    /// The database; else DATABASE_URL from the environment, else from `.env`.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// What is printed as data: text, or JSON documents, one a line: one in all, and of a run one for each event.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Answer yes to every question.
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Print no progress, only data and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = "CARGO_TERM_COLOR")]
    #[arg(hide_env_values = true)]
    pub(crate) color: Colour,
    /// Have cargo refuse a Cargo.lock that is out of date.
    #[arg(long, global = true)]
    pub(crate) locked: bool,
    /// Have cargo stay off the network.
    #[arg(long, global = true)]
    pub(crate) offline: bool,
}
