//! One case: there, and back again.

use crate::cases::{Case, Script};
use cargo_migrate::catalog::{self, Filter};
use migrate_schema::{Catalog, Diff, Options, Rename, diff, reversed};
use migrate_tests::{Cluster, Database, schema_dump};
use std::collections::BTreeSet;
use std::fs;
use tokio::runtime::Builder;

/// What became of a case.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// What went wrong.
    pub(crate) problem: Option<String>,
    /// The SQL there.
    pub(crate) up: String,
    /// The SQL back.
    pub(crate) down: String,
}

/// Tries a case.
pub(crate) fn check(case: &Case, cluster: &Cluster) -> Verdict {
    let mut verdict = Verdict { problem: None, up: String::new(), down: String::new() };
    verdict.problem = try_case(case, cluster, &mut verdict).err();
    verdict
}

fn try_case(case: &Case, cluster: &Cluster, verdict: &mut Verdict) -> Result<(), String> {
    let (before, after) = (Database::on(cluster), Database::on(cluster));
    if let Some(script) = &case.before {
        load(&before, script)?;
    }
    load(&after, &case.after)?;
    let (current, desired) = (read(&before), read(&after));
    let (there, back) = renames(case, &current)?;
    let plain = options(case);
    let up = diff(&current, &desired, &plain.clone().with_renames(there));
    let down = diff(&desired, &current, &plain.clone().with_renames(back));
    (verdict.up, verdict.down) = (up.sql(), down.sql());
    if !case.beside.told.is_empty() {
        return told(&up, &down, &case.beside.told);
    }
    if let Some((id, what)) = up.unsupported.first() {
        return Err(format!("not generated: {:?} {}: {what}", id.kind, id.name.name));
    }
    for catalog in [&current, &desired] {
        let itself = diff(catalog, catalog, &plain);
        if !itself.is_empty() {
            return Err(format!("differs from itself:\n{}", itself.sql()));
        }
    }
    let (dump_before, dump_after) = (schema_dump::of(&before), schema_dump::of(&after));
    before.try_psql(&case.beside.rows).map_err(|error| format!("rows: {error}"))?;
    let rows = kept(case, &before)?;
    before.try_psql(&as_run(&up)).map_err(|error| format!("up: {error}"))?;
    compare("up", &before, &dump_after, &desired, &plain)?;
    still(&rows, "up", &kept(case, &before)?)?;
    before.try_psql(&as_run(&down)).map_err(|error| format!("down: {error}"))?;
    compare("down", &before, &dump_before, &current, &plain)?;
    still(&rows, "down", &kept(case, &before)?)
}

/// What of a case is compared: who owns what only where that differs, as the roles of the cases are nobody else's.
fn options(case: &Case) -> Options {
    let options = Options::default().with_privileges();
    if case.kinds.iter().any(|kind| kind == "owner") { options.with_owners() } else { options }
}

/// The renames of a case, and those that undo them.
fn renames(case: &Case, current: &Catalog) -> Result<(Vec<Rename>, Vec<Rename>), String> {
    let parse = |text: &String| Rename::parse(text, current).map_err(|error| error.to_string());
    let there = case.beside.renames.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let back = reversed(&there);
    Ok((there, back))
}

/// Whether just these objects are told to differ, on both ways together.
fn told(up: &Diff, down: &Diff, wanted: &[String]) -> Result<(), String> {
    let all = up.unsupported.iter().chain(&down.unsupported);
    let found: BTreeSet<String> = all.map(|(id, _)| id.to_string()).collect();
    let wanted: BTreeSet<String> = wanted.iter().cloned().collect();
    if found == wanted { Ok(()) } else { Err(format!("told are {found:?} and not {wanted:?}")) }
}

/// What the rows say that are to be kept.
fn kept(case: &Case, database: &Database<'_>) -> Result<String, String> {
    database.try_psql(&case.beside.kept).map_err(|error| format!("kept: {error}"))
}

fn still(before: &str, stage: &str, now: &str) -> Result<(), String> {
    if before == now { Ok(()) } else { Err(format!("{stage}: the rows said\n{before}and now say\n{now}")) }
}

/// The script in one transaction, unless it says that it cannot be.
fn as_run(diff: &Diff) -> String {
    if diff.ops.iter().any(|op| op.needs_commit) { diff.sql() } else { format!("BEGIN;\n{}COMMIT;\n", diff.sql()) }
}

fn compare(
    stage: &str,
    database: &Database<'_>,
    wanted: &[String],
    desired: &Catalog,
    options: &Options,
) -> Result<(), String> {
    let found = schema_dump::of(database);
    if let Some(difference) = schema_dump::difference(wanted, &found) {
        return Err(format!("{stage}: {difference}"));
    }
    let left = diff(&read(database), desired, options);
    if left.ops.is_empty() { Ok(()) } else { Err(format!("{stage}: the catalog still differs:\n{}", left.sql())) }
}

fn load(database: &Database<'_>, script: &Script) -> Result<(), String> {
    match script {
        Script::File(file) => {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            load_text(database, &text);
            Ok(())
        }
        Script::Text(text) => database.try_psql(text).map(drop).map_err(|error| format!("the case itself: {error}")),
    }
}

/// Loads a script as far as it can be loaded.
pub(crate) fn load_text(database: &Database<'_>, script: &str) {
    database.load(script);
}

/// The schema of a database.
pub(crate) fn read(database: &Database<'_>) -> Catalog {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let mut connection = database.connect().await;
        catalog::read(&mut connection, &Filter::default()).await.unwrap_or_else(|error| panic!("{:?}", error.source))
    })
}
