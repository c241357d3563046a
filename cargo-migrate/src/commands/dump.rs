//! `cargo migrate dump`: a schema as SQL.

use migrate_schema::{Options, diff};

use crate::commands::diff::{Scope, print};
use crate::invocation::Invocation;
use crate::report::Failure;
use crate::source::Source;

/// Prints the schema of a database, of the project's revisions or of files as SQL.
///
/// SOURCE is what `cargo migrate diff` takes. The text is as Postgres prints it, in an order in which it can be run, and
/// without owners and privileges.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate dump > schema.sql\n  cargo migrate dump migrations\n  \
                        cargo migrate dump postgres://localhost/shop --schema public --exclude 'tmp_*'\n\n\
                        With `--format json` one document, that of `cargo migrate diff`.")]
pub(crate) struct Args {
    /// The schema to print.
    #[arg(default_value = "database")]
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let mut source = Source::parse(&args.source, "SOURCE", invocation)?;
    let (nothing, schema) = args.scope.read(&mut Source::Empty, &mut source, invocation)?;
    print(&diff(&nothing, &schema, &Options::default()), invocation);
    Ok(())
}
