//! `cargo migrate diff`: the SQL that turns one schema into another.

use std::collections::BTreeSet;

use migrate_schema::{Diff, Options, Rename, diff, reversed};
use serde::Serialize;

use crate::autogenerate;
use crate::invocation::Invocation;
use crate::renaming;
use crate::report::{Failure, Kind};
use crate::scope::Scope;
use crate::shell::Shell;
use crate::source::Source;

/// Prints the SQL that turns one schema into another.
///
/// SOURCE is `database`, the project's own; the URL of another; `migrations`, the project's revisions; `models`, those of the
/// package with its SQL files; a `.sql` file, or a folder of them, with those below it; or `empty`.
///
/// Both schemas are read from a server. Files and revisions are loaded into a temporary database first, which is made beside
/// the database that is compared (its role needs CREATEDB), else by a PostgreSQL that is installed here, else by one inside
/// this program, where it was installed with `--features embedded`, and is removed again. The files of a folder are loaded in the order of their names, and what needs a later one waits for it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate diff --from database --to schema.sql\n  \
                        cargo migrate diff --from migrations --to schema.sql --exit-code\n  \
                        cargo migrate diff --from postgres://localhost/staging --to postgres://localhost/production\n  \
                        cargo migrate diff --from old.sql --to new.sql --down\n  \
                        cargo migrate diff --from database --to schema.sql --rename users.name=full_name\n\n\
                        With `--format json` one document: {\"sql\", \"losses\": [\"…\"], \"hazards\": [\"…\"], \"unsupported\": \
                        [{\"object\", \"difference\"}]}.")]
pub(crate) struct Args {
    /// The schema as it is.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from: String,
    /// The schema as it is to be.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) to: String,
    /// Print the way back instead: what turns TO into FROM.
    #[arg(long)]
    pub(crate) down: bool,
    /// Fail where a statement would destroy data, and print none.
    #[arg(long)]
    pub(crate) refuse_data_loss: bool,
    /// A table, column, type, sequence, view or enum value of FROM that keeps its data and gets another name, as in
    /// `users=accounts` or `users.name=full_name`; may be given several times.
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Compare who may do what, too: `GRANT`, `REVOKE` and default privileges. The roles must be there.
    #[arg(long)]
    pub(crate) privileges: bool,
    /// Compare who owns what, too. The roles must be there.
    #[arg(long)]
    pub(crate) owners: bool,
    /// Exit with 5 when the schemas differ.
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

#[derive(Serialize)]
struct Document<'d> {
    sql: &'d str,
    losses: Vec<&'d str>,
    hazards: BTreeSet<String>,
    unsupported: Vec<Unsupported<'d>>,
}

#[derive(Serialize)]
struct Unsupported<'d> {
    object: String,
    difference: &'d str,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let mut from = Source::parse(&args.from, "`--from`", invocation)?;
    let mut to = Source::parse(&args.to, "`--to`", invocation)?;
    let (mut current, mut desired) = args.scope.read(&mut from, &mut to, invocation)?;
    let typed = renaming::parse(&args.rename, &current)?;
    let told = autogenerate::told_by(&to, &current).into_iter();
    let told = told.chain(reversed(&autogenerate::told_by(&from, &desired)));
    let told = told.filter(|told| typed.iter().all(|typed| typed.from != told.from));
    let renames: Vec<Rename> = typed.iter().cloned().chain(told).collect();
    renaming::check(&typed, &renames, &current, &desired, |_| false)?;
    if args.from != args.to {
        desired = to.complete(desired, &mut current, &renames);
        current = from.complete(current, &mut desired, &reversed(&renames));
    }
    for advised in renaming::advised(&current, &desired, &renames) {
        invocation.shell.note(format_args!("if that is a rename which keeps the data, say so: `--rename {advised}`"));
    }
    let (current, desired, renames) =
        if args.down { (desired, current, reversed(&renames)) } else { (current, desired, renames) };
    let difference = diff(&current, &desired, &args.options(renames));
    let losses: Vec<&str> = difference.losses().collect();
    if args.refuse_data_loss && !losses.is_empty() {
        let failure = Failure::new(Kind::Failed, "this would destroy data");
        let failure = losses.iter().fold(failure, |failure, loss| failure.note(format!("it destroys {loss}")));
        return Err(failure.help("look at it without `--refuse-data-loss`"));
    }
    print(&difference, invocation);
    if args.exit_code && !difference.is_empty() {
        return Err(Failure::new(Kind::Found, format!("{} and {} differ", args.from, args.to)));
    }
    Ok(())
}

impl Args {
    fn options(&self, renames: Vec<Rename>) -> Options {
        let mut options = Options::default().with_renames(renames);
        options.privileges = self.privileges;
        options.owners = self.owners;
        options
    }
}

/// Prints the statements as data, and tells what could not be said in any.
pub(crate) fn print(difference: &Diff, invocation: &Invocation) {
    let shell = &invocation.shell;
    tell_unsupported(difference, shell);
    let sql = difference.sql();
    if shell.is_json() {
        let unsupported = difference.unsupported.iter();
        let unsupported =
            unsupported.map(|(id, difference)| Unsupported { object: id.to_string(), difference }).collect();
        let hazards = difference.hazards().map(ToString::to_string).collect();
        shell.json(&Document { sql: &sql, losses: difference.losses().collect(), hazards, unsupported });
    } else if !sql.is_empty() {
        shell.data(sql.trim_end());
    }
}

/// Tells what differs, and for which there is no statement.
pub(crate) fn tell_unsupported(difference: &Diff, shell: &Shell) {
    for (id, difference) in &difference.unsupported {
        shell.warn(format_args!("{id} differs, and no statement was written for it: {difference}"));
    }
}
