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
        let (first, second) = match self.at_once(one, other).await? {
            Some((first, second)) => (Some(first), Some(second)),
            None => (self.read(one).await?, self.read(other).await?),
        };
        let fresh = |beside: &Option<Catalog>| {
            beside.as_ref().map_or_else(|| Catalog::fresh(0), |other| fresh(other, &self.filter))
        };
        let (empty_first, empty_second) = (fresh(&second), fresh(&first));
        Ok((first.unwrap_or(empty_first), second.unwrap_or(empty_second)))
    }

    /// Both schemas, loaded side by side; nothing where one has to wait for the other.
    async fn at_once(&mut self, one: &Source, other: &Source) -> Result<Option<(Catalog, Catalog)>, Failure> {
        // Roles belong to the whole server: two that are loaded would make the same.
        let is_alone = |source: &Source| source.is_loaded() && source.roles_in().is_empty();
        if !is_alone(one) || !is_alone(other) {
            return Ok(None);
        }
        let first = self.database("", &[]).await?;
        if !self.server.as_ref().is_some_and(DevServer::has_room) {
            let first = self.fill(one, first).await?;
            return Ok(self.read(other).await?.map(|second| (first, second)));
        }
        let second = self.database("", &[]).await?;
        tokio::try_join!(self.fill(one, first), self.fill(other, second)).map(Some)
    }

    /// The schema of a source; none of one that is empty.
    async fn read(&mut self, source: &Source) -> Result<Option<Catalog>, Failure> {
        if let Source::Empty = source {
            return Ok(None);
        }
        if let Source::Database(dsn) = source {
            return self.catalog(dsn).await.map(Some);
        }
        let roles_in = source.roles_in();
        let new_roles = match source {
            Source::Migrations(replay) => sort::roles_made(replay.texts()),
            _ => Vec::new(),
        };
        let database = self.database(&roles_in, &new_roles).await?;
        self.fill(source, database).await.map(Some)
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
