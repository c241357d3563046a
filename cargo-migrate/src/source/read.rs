//! Reads the schema of a source: of a database as it is, of everything else from a database that it is loaded into.

use migrate_schema::Catalog;

use super::{Source, load, sort};
use crate::catalog::{self, Filter};
use crate::dev_database::{DevDatabase, DevServer, Wanted};
use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::report::{self, Failure};

/// Reads sources, one after the other, with one server for all that have to be loaded.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    invocation: &'r Invocation,
    dev_url: Option<&'r str>,
    /// The database that the sources are about.
    target: Option<Dsn>,
    filter: Filter,
    server: Option<DevServer>,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(
        invocation: &'r Invocation,
        dev_url: Option<&'r str>,
        target: Option<Dsn>,
        filter: Filter,
    ) -> Self {
        Self { invocation, dev_url, target, filter, server: None }
    }

    /// The schemas of two sources. One that is empty is as the other's server would make it.
    pub(crate) async fn read_pair(&mut self, one: &Source, other: &Source) -> Result<(Catalog, Catalog), Failure> {
        let (first, second) = self.read_both(one, other).await?;
        let fresh = |beside: &Option<Catalog>| {
            beside.as_ref().map_or_else(|| Catalog::fresh(0), |other| fresh(other, &self.filter))
        };
        let (empty_first, empty_second) = (fresh(&second), fresh(&first));
        Ok((first.unwrap_or(empty_first), second.unwrap_or(empty_second)))
    }

    /// The schemas of two sources, side by side where neither has to wait for the other; none of one that is empty.
    async fn read_both(&mut self, one: &Source, other: &Source) -> Result<(Option<Catalog>, Option<Catalog>), Failure> {
        // Roles belong to the whole server: two sources that are loaded would make the same.
        let makes_roles = |source: &Source| !source.roles_in().is_empty();
        let are_both_loaded = one.is_loaded() && other.is_loaded();
        let first = self.place(one).await?;
        let has_room = || self.server.as_ref().is_some_and(DevServer::has_room);
        if are_both_loaded && (makes_roles(one) || makes_roles(other) || !has_room()) {
            let first = self.read(one, first).await?;
            let second = self.place(other).await?;
            return Ok((first, self.read(other, second).await?));
        }
        let second = self.place(other).await?;
        tokio::try_join!(self.read(one, first), self.read(other, second))
    }

    /// A database for a source that has to be loaded.
    async fn place(&mut self, source: &Source) -> Result<Option<DevDatabase>, Failure> {
        if !source.is_loaded() {
            return Ok(None);
        }
        let new_roles = match source {
            Source::Migrations(replay) => sort::roles_made(replay.texts()),
            _ => Vec::new(),
        };
        self.database(&source.roles_in(), &new_roles).await.map(Some)
    }

    /// The schema of a source; none of one that is empty.
    async fn read(&self, source: &Source, place: Option<DevDatabase>) -> Result<Option<Catalog>, Failure> {
        match (source, place) {
            (Source::Database(dsn), _) => self.catalog(dsn).await.map(Some),
            (_, Some(database)) => self.fill(source, database).await.map(Some),
            (_, None) => Ok(None),
        }
    }

    /// Loads a source into a database, which is removed again.
    async fn fill(&self, source: &Source, database: DevDatabase) -> Result<Catalog, Failure> {
        let shown = self.server.as_ref().map(DevServer::shown).unwrap_or_default();
        let shell = &self.invocation.shell;
        match source {
            Source::Sql { shown: name, files } => {
                shell.status("Loading", format_args!("{name} into {shown}"));
                load::load(files, &database, &shown, shell).await?;
            }
            Source::Models(models) => {
                if let Some(libraries) = &models.libraries {
                    libraries.run(&database.dsn, self.invocation).await?;
                    models.note_theirs(&self.catalog(&database.dsn).await?);
                }
                shell.status("Loading", format_args!("models into {shown}"));
                load::load(models.files(), &database, &shown, shell).await?;
            }
            Source::Migrations(replay) => {
                let project = self.invocation.project()?;
                shell.status("Replaying", format_args!("{} into {shown}", project.shown.display()));
                replay.run(&database.dsn, self.invocation).await?;
            }
            Source::Database(_) | Source::Empty => {}
        }
        let catalog = self.catalog(&database.dsn).await;
        database.remove(shell);
        catalog
    }

    /// An empty database. The server is looked for once.
    async fn database(&mut self, roles_in: &str, new_roles: &[String]) -> Result<DevDatabase, Failure> {
        match &mut self.server {
            Some(server) => server.database(roles_in).await,
            None => {
                let wanted = Wanted { dev_url: self.dev_url, target: self.target.as_ref(), roles_in, new_roles };
                let server = DevServer::find(&wanted, &self.invocation.shell).await?;
                self.server.insert(server).database(roles_in).await
            }
        }
    }

    async fn catalog(&self, dsn: &Dsn) -> Result<Catalog, Failure> {
        let mut conn = dsn.connect().await?;
        catalog::read(&mut conn, &self.filter).await.map_err(|error| {
            let why =
                error.source.as_database_error().map_or_else(|| error.source.to_string(), |e| e.message().to_owned());
            Failure::new(report::Kind::Database, format!("the schema of {} could not be read: {why}", dsn.shown))
        })
    }
}

/// What a new database has on the server of another, as far as it is looked at.
fn fresh(other: &Catalog, filter: &Filter) -> Catalog {
    let mut catalog = Catalog::fresh(other.server_version);
    catalog.role.clone_from(&other.role);
    filter.apply(&mut catalog);
    catalog
}

#[cfg(test)]
mod tests {
    use super::{Filter, fresh};
    use migrate_schema::{Catalog, Id};

    #[test]
    fn of_a_new_database_too_only_what_is_asked_for_is_looked_at() {
        let other = Catalog::fresh(150_000);
        let has_public = |filter: &Filter| fresh(&other, filter).contains(&Id::schema("public"));
        assert!(has_public(&Filter::default()));
        assert!(has_public(&Filter { exclude: vec!["tmp_*".to_owned()], ..Filter::default() }));
        assert!(!has_public(&Filter { schemas: vec!["app".to_owned()], ..Filter::default() }));
        assert!(!has_public(&Filter { exclude: vec!["pub*".to_owned()], ..Filter::default() }));
    }
}
