//! One case: there, and back again.

use crate::cases::Case;
use cargo_migrate::catalog::{self, Filter};
use migrate_schema::{Catalog, Diff, Options, diff};
use migrate_tests::{Cluster, Database, schema_dump};
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
    let options = Options::default().with_privileges();
    let up = diff(&current, &desired, &options);
    let down = diff(&desired, &current, &options);
    (verdict.up, verdict.down) = (up.sql(), down.sql());
    if let Some((id, what)) = up.unsupported.first() {
        return Err(format!("not generated: {:?} {}: {what}", id.kind, id.name.name));
    }
    for catalog in [&current, &desired] {
        let itself = diff(catalog, catalog, &options);
        if !itself.is_empty() {
            return Err(format!("differs from itself:\n{}", itself.sql()));
        }
    }
    let (dump_before, dump_after) = (schema_dump::of(&before), schema_dump::of(&after));
    before.try_psql(&as_run(&up)).map_err(|error| format!("up: {error}"))?;
    compare("up", &before, &dump_after, &desired)?;
    before.try_psql(&as_run(&down)).map_err(|error| format!("down: {error}"))?;
    compare("down", &before, &dump_before, &current)
}

/// The script in one transaction, unless it says that it cannot be.
fn as_run(diff: &Diff) -> String {
    if diff.ops.iter().any(|op| op.needs_commit) { diff.sql() } else { format!("BEGIN;\n{}COMMIT;\n", diff.sql()) }
}

fn compare(stage: &str, database: &Database<'_>, wanted: &[String], desired: &Catalog) -> Result<(), String> {
    let found = schema_dump::of(database);
    if let Some(difference) = schema_dump::difference(wanted, &found) {
        return Err(format!("{stage}: {difference}"));
    }
    let left = diff(&read(database), desired, &Options::default().with_privileges());
    if left.ops.is_empty() { Ok(()) } else { Err(format!("{stage}: the catalog still differs:\n{}", left.sql())) }
}

fn load(database: &Database<'_>, script: &std::path::Path) -> Result<(), String> {
    let text = fs::read_to_string(script).map_err(|error| format!("{}: {error}", script.display()))?;
    load_text(database, &text);
    Ok(())
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
