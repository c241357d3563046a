//! `cargo migrate dump`: a schema as SQL.

use std::path::PathBuf;

use migrate_schema::{Options, diff};
use serde::Serialize;

use crate::commands::diff::{print, tell_unsupported};
use crate::invocation::Invocation;
use crate::report::Failure;
use crate::scope::Scope;
use crate::source::Source;
use crate::splitting;

/// Prints the schema of a database, of the project's revisions or of files as SQL.
///
/// SOURCE is what `cargo migrate diff` takes. The text is as Postgres prints it, in an order in which it can be run, and
/// without owners and privileges.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  cargo migrate dump > schema.sql\n  cargo migrate dump migrations --split schema\n  \
                        cargo migrate dump postgres://localhost/shop --schema public --exclude 'tmp_*'\n\n\
                        With `--format json` one document, that of `cargo migrate diff`; with `--split` \
                        {\"files\": [\"…\"]}."
)]
pub(crate) struct Args {
    /// The schema to print.
    #[arg(default_value = "database")]
    pub(crate) source: String,
    /// Write it into this folder instead: a file for each table, view, type and routine. Files of an earlier run are
    /// replaced. The folder is a source as well, whatever the order of its files.
    #[arg(long, value_name = "DIR")]
    pub(crate) split: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

#[derive(Serialize)]
struct Document {
    files: Vec<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let mut source = Source::parse(&args.source, "SOURCE", invocation)?;
    let (nothing, schema) = args.scope.read(&mut Source::Empty, &mut source, invocation)?;
    let all = diff(&nothing, &schema, &Options::default());
    let Some(folder) = &args.split else {
        print(&all, invocation);
        return Ok(());
    };
    let files = splitting::files(&all, &schema);
    tell_unsupported(&all, &invocation.shell);
    splitting::write(folder, &files)?;
    let paths: Vec<String> = files.keys().map(|path| folder.join(path).display().to_string()).collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&Document { files: paths });
    } else {
        invocation.shell.lines(paths);
    }
    Ok(())
}
