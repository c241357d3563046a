//! Revisions whose files are gone, as far as the version table remembers them: enough to undo them.

use std::collections::{BTreeMap, HashSet};

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::checksum::Checksum;
use crate::migration::{Action, Executes, Migration, Uncompiled};
use crate::migrations::Migrations;
use crate::postgres::error::Error;
use crate::postgres::message::{Message, Part};
use crate::postgres::options::Options;
use crate::postgres::state::{AppliedRevision, State};
use crate::qualified::seen_from;
use crate::script::{Script, Span, Transaction};

/// What such a revision is called in messages, which name a file elsewhere.
const FILE: &str = "as stored in the version table";

/// The revisions of the files, and those that only the rows know with the downgrades that are stored for them: one round
/// trip where there are any.
///
/// A table holds static data, and this one is made when a downgrade passes revisions of another branch; it stays in memory
/// as long as the process.
pub(crate) async fn with_stored(
    migrations: &Migrations,
    options: &Options,
    state: &State,
    conn: &mut PgConnection,
) -> Result<Migrations, Error> {
    let unknown: Vec<&AppliedRevision> = state.unknown().collect();
    if unknown.is_empty() {
        return Ok(*migrations);
    }
    let ids: Vec<&str> = unknown.iter().map(|row| row.revision.as_str()).collect();
    let select = options.version_table.stored_downs(migrations.package(), &ids);
    let name = |row: &PgRow| -> Result<String, sqlx::Error> {
        let (package, id): (String, String) = (row.try_get("package")?, row.try_get("revision")?);
        Ok(seen_from(migrations.package(), &package, &id).into_owned())
    };
    let rows = Message::default().with(Part::Read, &select).send(conn).await;
    let rows = rows.map_err(|failed| options.unreadable(failed.source))?;
    let downs: Result<BTreeMap<String, Option<Script>>, _> =
        rows.iter().map(|row| Ok((name(row)?, script(row)?))).collect();
    let downs = downs.map_err(|source| options.unreadable(source))?;
    let files = migrations.list().iter().map(|migration| -> &str { migration.id() });
    let known: HashSet<&str> = files.chain(ids.iter().copied()).collect();
    let mut list = migrations.list().to_vec();
    // A row whose parent is neither in the files nor applied can still be undone.
    let names = |names: &[String]| leaked(names.iter().filter(|id| known.contains(id.as_str())).map(|id| text(id)));
    if state.lost().next().is_some() {
        // What was built on a revision whose file is gone the files no longer say, and it is undone first.
        for migration in &mut list {
            if let Some(row) = state.row(migration.id()) {
                *migration = migration.parents(names(&row.parents)).depends_on(names(&row.depends_on));
            }
        }
    }
    for row in unknown {
        let nothing = [Checksum::new([0; 32]); 2];
        let migration = Migration::new(
            text(&row.revision),
            "",
            nothing,
            Action::Uncompiled(Uncompiled::new(FILE, Executes::Texts(&[]))),
        )
        .summary(text(&row.summary))
        .parents(names(&row.parents))
        .depends_on(names(&row.depends_on));
        let down = downs.get(&row.revision).copied().flatten();
        list.push(down.map_or(migration, |script| migration.down(Action::Sql(script))));
    }
    Ok(Migrations::new(migrations.package(), leaked(list)))
}

/// The stored script; none when its statements are not where the row says, as somebody must have edited it.
fn script(row: &PgRow) -> Result<Option<Script>, sqlx::Error> {
    let sql: &'static str = text(&row.try_get::<String, _>("down_sql")?);
    let bounds: Vec<i32> = row.try_get("down_spans")?;
    let transaction = match row.try_get("down_in_transaction")? {
        true => Transaction::PerRevision,
        false => Transaction::None,
    };
    let spans = bounds.chunks(2).map(|bounds| {
        let [start, end] = [bounds.first()?, bounds.get(1)?].map(|bound| usize::try_from(*bound).unwrap_or(usize::MAX));
        (start < end && sql.get(start..end).is_some()).then(|| Span::new(start, end))
    });
    let spans: Option<Vec<Span>> = spans.collect();
    Ok(spans.map(|spans| Script::new(FILE, sql, leaked(spans)).transaction(transaction)))
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn leaked<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    items.into_iter().collect::<Vec<T>>().leak()
}
