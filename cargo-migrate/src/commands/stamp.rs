//! `cargo migrate stamp`: the version table says what it is told, and nothing is run.

use migrate_runtime::plan::Stamp;
use migrate_runtime::state::Edit;
use migrate_runtime::{Migrations, Purge, Range, Target};
use serde_json::json;

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::online::Sessions;
use crate::report::{Failure, Kind};
use crate::{online, refusal, run};

/// Records revisions as applied, or as not applied, and runs nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate stamp heads\n  cargo migrate stamp base\n  \
                        cargo migrate stamp sales@head --purge\n  cargo migrate stamp --accept create_users")]
pub(crate) struct Args {
    /// Up to where everything is applied: `heads`, `base`, an id, a unique prefix of one, a slug, a branch label,
    /// `LABEL@head`, `LABEL@base`; with `--sql` also FROM:TO.
    #[arg(required_unless_present = "accept", allow_negative_numbers = true)]
    targets: Vec<String>,
    /// Forget everything first, also revisions that the files do not have.
    #[arg(long)]
    purge: bool,
    /// Print the SQL instead of running it, for a database where nothing is recorded, or that is at FROM.
    #[arg(long, conflicts_with = "purge")]
    sql: bool,
    /// Take the file of this applied revision, as it is now, for what was applied: after an edit that was meant.
    #[arg(long, value_name = "REV", conflicts_with_all = ["targets", "purge", "sql"])]
    accept: Option<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history()?.table(&project.package);
    match &args.accept {
        Some(revision) => accept(revision, &table, invocation),
        None if args.sql => render(&args.targets, &table, invocation),
        None => stamp(args, &table, invocation),
    }
}

fn stamp(args: &Args, table: &Migrations, invocation: &Invocation) -> Result<(), Failure> {
    if let Some(range) = args.targets.iter().find(|target| target.contains(':')) {
        return Err(refusal::range(range, "stamp"));
    }
    let targets: Vec<Target> = args.targets.iter().map(|target| Target::from(target.as_str())).collect();
    let purge = if args.purge { Purge::Everything } else { Purge::Nothing };
    let options = run::options_of(invocation.project()?)?;
    let stamp = on_database(invocation, async |connect| table.with(options).stamp(&connect, &targets, purge).await)?;
    show(&stamp, invocation);
    Ok(())
}

fn accept(revision: &str, table: &Migrations, invocation: &Invocation) -> Result<(), Failure> {
    let options = run::options_of(invocation.project()?)?;
    let edit = on_database(invocation, async |connect| table.with(options).accept(&connect, revision).await)?;
    let how = match edit {
        None => "unchanged",
        Some(Edit::Cosmetic) => "cosmetic",
        Some(Edit::Real) => "real",
    };
    let shell = &invocation.shell;
    if shell.is_json() {
        shell.json(&json!({"accepted": revision, "edit": how}));
        return Ok(());
    }
    match edit {
        None => shell.status("Unchanged", format_args!("{revision} is what was applied")),
        Some(_) => shell.status("Accepted", format_args!("{revision} as its file is now")),
    }
    Ok(())
}

fn render(targets: &[String], table: &Migrations, invocation: &Invocation) -> Result<(), Failure> {
    let mut from = None;
    let mut to = Vec::new();
    for target in targets {
        match target.parse::<Range>() {
            Err(_) => to.push(Target::from(target.as_str())),
            Ok(range) => match (range.from(), range.to(), &from) {
                (Some(start), Some(end), None) => {
                    from = Some(start.clone());
                    to.push(end.clone());
                }
                (_, None, _) | (None, ..) => {
                    return Err(Failure::new(Kind::Target("bad_range"), format!("`{target}` leaves an end out"))
                        .help("write FROM:TO"));
                }
                _ => {
                    return Err(Failure::new(Kind::Target("bad_range"), "two ranges begin in two places")
                        .help("write FROM once, as in `FROM:TO OTHER`"));
                }
            },
        }
    }
    let project = invocation.project()?;
    let sql = table.with(run::options_of(project)?).stamp_sql(from.as_ref(), &to);
    invocation.shell.script(&sql.map_err(|error| refusal::offline(&error, project))?);
    Ok(())
}

fn show(stamp: &Stamp, invocation: &Invocation) {
    let shell = &invocation.shell;
    if shell.is_json() {
        shell.json(&json!({"recorded": stamp.recorded, "forgotten": stamp.forgotten, "heads": stamp.heads}));
        return;
    }
    for revision in &stamp.forgotten {
        shell.status("Forgotten", revision);
    }
    for revision in &stamp.recorded {
        shell.status("Recorded", revision);
    }
    let heads = if stamp.heads.is_empty() { "base".to_owned() } else { stamp.heads.join(", ") };
    shell.status("Stamped", format_args!("at {heads}; nothing was run"));
}

fn on_database<T>(
    invocation: &Invocation,
    work: impl AsyncFnOnce(sqlx::postgres::PgConnectOptions) -> Result<T, migrate_runtime::Error>,
) -> Result<T, Failure> {
    let project = invocation.project()?;
    let dsn = Dsn::find(invocation, project)?;
    online::run(&dsn, &Sessions::new(), async |connect| {
        work(connect).await.map_err(|error| refusal::of(&error, project, &dsn))
    })
}
