//! What other packages have need of: their rows say it, and the files of this one know nothing of them.

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use crate::migrations::Migrations;
use crate::postgres::error::Error;
use crate::postgres::frame::{Scope, set};
use crate::postgres::message::{Message, Part};
use crate::postgres::options::Options;
use crate::qualified::{Qualified, seen_from};

/// Refuses to take away revisions on which an applied one of another package depends. It costs a round trip where any are to
/// be taken away.
pub(crate) async fn refuse_dependents(
    migrations: &Migrations,
    options: &Options,
    gone: &[String],
    conn: &mut PgConnection,
) -> Result<(), Error> {
    if gone.is_empty() {
        return Ok(());
    }
    let root = migrations.package();
    let elsewhere = gone.iter().map(|revision| {
        let name = Qualified::of(revision);
        Qualified { package: Some(name.package_in(root)), id: name.id }.to_string()
    });
    let elsewhere: Vec<String> = elsewhere.collect();
    let elsewhere: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
    let select = options.version_table.dependents(&migrations.packages(), &elsewhere);
    // Who owns the table is who may read it, as where the rows are read.
    let message = match &options.role {
        Some(role) => Message::default().with(Part::Open, &format!("SELECT {}", set("role", role, Scope::Transaction))),
        None => Message::default(),
    };
    let rows = message.with(Part::Read, &select).send(conn).await;
    let rows = rows.map_err(|failed| options.unreadable(failed.source))?;
    let Some(first) = rows.first() else { return Ok(()) };
    let text = |column: &str| first.try_get::<String, _>(column).map_err(|source| options.unreadable(source));
    let (package, id, needed) = (text("package")?, text("revision")?, text("needed")?);
    let revision = seen_from(root, root, &needed).into_owned();
    Err(Error::DependedOn { revision, dependent: Qualified { package: Some(&package), id: &id }.to_string() })
}
