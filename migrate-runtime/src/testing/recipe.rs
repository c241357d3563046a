//! How a template is made: once, by one of all the processes that want it.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::checksum::Checksum;
use crate::migrations::Migrations;
use crate::postgres::database::connect;
use crate::postgres::options::Options;
use crate::postgres::quote::{identifier, literal};
use crate::testing::error::Error;
use crate::testing::server::Server;
use crate::testing::sessions::{Session, code};
use crate::testing::survey::{SURVEY, Standing, Survey, beginning};
use crate::testing::{background, digest, name};

/// How long another process may take to make a template.
const WAIT: Duration = Duration::from_secs(600);

/// `duplicate_database`.
const EXISTS: &str = "42P04";

/// `unique_violation`: the same, when both are at it at once.
const RACED: &str = "23505";

/// `lock_not_available`: what a `lock_timeout` raises.
const LOCKED: &str = "55P03";

/// How a template is made, and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) migrations: Migrations,
    options: Options,
    fixtures: Vec<String>,
    digest: Checksum,
    pub(crate) name: String,
}

/// The error of something else that the server could not do.
fn failed(act: &str) -> impl Fn(sqlx::Error) -> Error + '_ {
    move |source| Error::Server { act: act.to_owned(), source }
}

impl Recipe {
    /// The recipe of these revisions and fixtures, for who connects as this role.
    pub(crate) fn new(migrations: Migrations, options: &Options, fixtures: &[String], role: &str) -> Self {
        let digest = digest::of(&migrations, options, fixtures, role);
        let name = name::template(migrations.package(), digest);
        Self { migrations, options: options.clone(), fixtures: fixtures.to_vec(), digest, name }
    }

    /// Sees to it that the template is there, made by one of all the processes that want it; and that what nobody needs
    /// any more is dropped, meanwhile.
    pub(crate) async fn make(&self, server: &Arc<Server>) -> Result<Result<(), Arc<crate::Error>>, Error> {
        let mut session = server.sessions.take().await?;
        let survey = survey(&mut session).await?;
        let leftovers = survey.leftovers(self.migrations.package(), &self.name);
        if !leftovers.is_empty() {
            background::spawn(sweep(Arc::clone(server), leftovers));
        }
        let mut standing = survey.template(&self.name);
        while standing == Standing::Missing {
            if self.lock(&mut session).await? {
                // Somebody else may have made it before the lock was free.
                standing = survey_again(&mut session, &self.name).await?;
                let made = if standing == Standing::Missing { self.build(server, &mut session).await } else { Ok(()) };
                let unlock = format!("SELECT pg_catalog.pg_advisory_unlock({}::pg_catalog.int8)", key(self.digest));
                // A session that cannot do that is at its end, and so is its lock.
                let _ = session.ask(&unlock).await;
                return match made {
                    Err(Error::Revisions(error)) => Ok(Err(error)),
                    made => made.map(Ok),
                };
            }
            standing = survey_again(&mut session, &self.name).await?;
        }
        if standing == Standing::Unnoted {
            // Where it has just been dropped, making the copy will find that out.
            let _ = self.note(&mut session, &self.name).await;
        }
        Ok(Ok(()))
    }

    /// Takes the lock, or waits until who has it is done: all who wait wake up at once, as they share it.
    async fn lock(&self, session: &mut Session<'_>) -> Result<bool, Error> {
        let key = key(self.digest);
        let tried = session.ask(&format!("SELECT pg_catalog.pg_try_advisory_lock({key}::pg_catalog.int8)")).await;
        let rows = tried.map_err(failed("lock the template"))?;
        if is_true(&rows) {
            return Ok(true);
        }
        // The lock of a transaction ends with this message.
        let wait = format!(
            "SELECT pg_catalog.set_config('lock_timeout', '{}', true); \
             SELECT pg_catalog.pg_advisory_xact_lock_shared({key}::pg_catalog.int8)",
            WAIT.as_millis()
        );
        match session.ask(&wait).await {
            Err(error) if code(&error) == Some(LOCKED) => Err(Error::Waited { limit: WAIT }),
            waited => waited.map(|_| false).map_err(failed("wait for the template")),
        }
    }

    /// Makes the template under a name that goes with this process; it gets its own when it is complete.
    async fn build(&self, server: &Arc<Server>, session: &mut Session<'_>) -> Result<(), Error> {
        let lease = server.create(session, self.migrations.package(), None).await?;
        let database = server.options.clone().database(lease.name());
        let (migrations, options, to) = (self.migrations, self.options.clone(), database.clone());
        // A task of its own: when a Rust revision panics, the database is to be seen to first.
        let upgrade = background::spawn(async move { migrations.with(options).upgrade(&to).await }).await;
        let built = match &upgrade {
            Ok(Ok(_)) => self.complete(session, &database, lease.name()).await,
            _ => Ok(()),
        };
        if let (Ok(Ok(_)), Ok(())) = (&upgrade, &built) {
            lease.disarm();
            return Ok(());
        }
        // What went wrong first says more than a second error could.
        let _ = lease.end_by(session).await;
        match (upgrade, built) {
            (Err(end), _) => resume_unwind(end.into_panic()),
            (Ok(Err(error)), _) => Err(Error::Revisions(Arc::new(error))),
            // A process that uses another database of this server for its locks was faster.
            (_, Err(Error::Server { source, .. })) if matches!(code(&source), Some(EXISTS | RACED)) => Ok(()),
            (_, built) => built,
        }
    }

    /// Runs the fixtures, and seals the template.
    async fn complete(&self, session: &mut Session<'_>, options: &PgConnectOptions, name: &str) -> Result<(), Error> {
        if !self.fixtures.is_empty() {
            let mut conn = connect(options).await.map_err(failed("connect to the template"))?;
            for (number, sql) in (1..).zip(&self.fixtures) {
                let ran = sqlx::raw_sql(AssertSqlSafe(sql.as_str())).execute(&mut conn).await;
                ran.map_err(|source| Error::Fixture { number, source })?;
            }
            conn.close().await.map_err(failed("leave the template"))?;
        }
        self.seal(session, name).await
    }

    /// Shuts everybody out, since a database is only copied while nobody is in it, and gives it its name.
    async fn seal(&self, session: &mut Session<'_>, name: &str) -> Result<(), Error> {
        let (from, to) = (identifier(name), identifier(&self.name));
        let shut = format!("ALTER DATABASE {from} WITH ALLOW_CONNECTIONS false");
        let clear = format!(
            "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a \
             WHERE a.datname OPERATOR(pg_catalog.=) {}",
            literal(name)
        );
        for statement in [shut, clear] {
            session.ask(&statement).await.map_err(failed("shut the template"))?;
        }
        self.note(session, name).await?;
        let rename = format!("ALTER DATABASE {from} RENAME TO {to}");
        session.ask(&rename).await.map(|_| ()).map_err(failed("name the template"))
    }

    /// Writes on a template for whom it is and that it is used now.
    async fn note(&self, session: &mut Session<'_>, name: &str) -> Result<(), Error> {
        let written = async {
            let rows = session.ask(NOW).await?;
            let now: i64 = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
            let note = literal(&format!("{}{now}", beginning(self.migrations.package())));
            session.ask(&format!("COMMENT ON DATABASE {} IS {note}", identifier(name))).await
        };
        written.await.map(|_| ()).map_err(failed("note the use of the template"))
    }
}

/// The clock of the server, which all who use it share: `COMMENT` takes no expression.
const NOW: &str = "SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::pg_catalog.int8";

async fn survey(session: &mut Session<'_>) -> Result<Survey, Error> {
    let rows = session.ask(SURVEY).await;
    rows.and_then(|rows| Survey::read(&rows)).map_err(failed("read the list of databases"))
}

async fn survey_again(session: &mut Session<'_>, template: &str) -> Result<Standing, Error> {
    Ok(survey(session).await?.template(template))
}

/// Drops what nobody needs any more; what fails is left to the next process. Of many that start together each takes what
/// no other has taken.
async fn sweep(server: Arc<Server>, leftovers: Vec<String>) {
    let Ok(mut session) = server.sessions.take().await else { return };
    for name in leftovers {
        let key = key(Checksum::of_tokens(["cargo migrate testing", name.as_str()]));
        let lock = session.ask(&format!("SELECT pg_catalog.pg_try_advisory_lock({key}::pg_catalog.int8)")).await;
        if lock.is_ok_and(|rows| is_true(&rows)) {
            let _ = session.ask(&format!("DROP DATABASE IF EXISTS {}", identifier(&name))).await;
            let _ = session.ask(&format!("SELECT pg_catalog.pg_advisory_unlock({key}::pg_catalog.int8)")).await;
        }
    }
}

/// The number of an advisory lock.
fn key(digest: Checksum) -> i64 {
    let mut key = [0; 8];
    key.copy_from_slice(&digest.as_bytes()[..8]);
    i64::from_be_bytes(key)
}

fn is_true(rows: &[PgRow]) -> bool {
    rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false))
}
