//! A database to load a schema into: made where that can be done, and removed on every path.
//!
//! The ways, in order: the server or database of `--dev-url`; a temporary database on the target's server; a server of our
//! own, from a PostgreSQL that is installed here; the PostgreSQL in this program, when it was built with one. Each is a
//! [`Place`]: another way would be one more.

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod cluster;
#[cfg(feature = "embedded")]
mod embedded;
mod given;
#[cfg(unix)]
mod guardian;
#[cfg(unix)]
mod installation;
mod leftovers;
mod quote;
mod removal;
mod roles;
mod session;
mod temporary;
#[cfg(all(test, unix))]
mod tests;

use crate::dsn::Dsn;
use crate::report::{Failure, Kind};
use crate::shell::Shell;

pub(crate) use self::quote::identifier;
pub(crate) use self::roles::mention_roles;

use self::given::Given;
use self::removal::Removal;
use self::temporary::Temporary;

/// Where databases can be made, one after the other.
#[derive(Debug)]
pub(crate) struct DevServer {
    place: Place,
    /// The first database: that it can be made is found out by making it.
    first: Option<DevDatabase>,
}

#[derive(Debug)]
enum Place {
    /// Temporary databases on a server that others use.
    Shared(Temporary),
    /// A database that was given, as it is.
    Given(Given),
    /// A server of our own. The session in it ends first.
    #[cfg(unix)]
    Own(Temporary, #[expect(dead_code, reason = "the server ends when it is dropped")] cluster::Cluster),
    /// A server of this program's own for each database, of this release.
    #[cfg(feature = "embedded")]
    Embedded(u32),
}

/// A database for one schema; dropping it removes it.
#[derive(Debug)]
pub(crate) struct DevDatabase {
    /// How to reach it.
    pub(crate) dsn: Dsn,
    /// The release of its server: 150004 is 15.4.
    pub(crate) server_version: u32,
    /// Whether the server is ours alone, so that what belongs to all of its databases may be changed.
    pub(crate) is_on_own_server: bool,
    /// The sign on roles that are made for it.
    pub(crate) role_mark: String,
    removal: Removal,
}

impl DevDatabase {
    /// Removes it, and says what could not be removed.
    pub(crate) fn remove(mut self, shell: &Shell) {
        if let Err(problem) = self.removal.run() {
            shell.warn(problem);
        }
    }
}

/// What a database is wanted for.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    /// Where the user wants it made.
    pub(crate) dev_url: Option<&'w str>,
    /// The database whose server is the best place, and whose version is the right one.
    pub(crate) target: Option<&'w Dsn>,
    /// What is to be loaded, as far as it may make roles: those belong to the whole server.
    pub(crate) roles_in: &'w str,
    /// Roles that it makes and that must not be there yet.
    pub(crate) new_roles: &'w [String],
}

impl DevServer {
    /// Finds a place where a database can be made.
    ///
    /// # Errors
    ///
    /// What was tried, and why it did not work.
    pub(crate) async fn find(wanted: &Wanted<'_>, shell: &Shell) -> Result<Self, Failure> {
        if let Some(url) = wanted.dev_url {
            let found = Self::of_url(&Dsn::parse(url, "`--dev-url`")?, wanted.roles_in).await?;
            if let Some(target) = wanted.target {
                found.compare(session::version(target).await, target, shell);
            }
            return Ok(found);
        }
        let mut tried = Vec::new();
        let mut target_version = None;
        if let Some(target) = wanted.target {
            match Temporary::on(target).await {
                Ok(mut host) => {
                    target_version = Some(host.server_version);
                    match Self::beside(&mut host, wanted).await {
                        Ok(first) => return Ok(Self { place: Place::Shared(host), first: Some(first) }),
                        Err(why) => tried.push(format!("a temporary database beside {}: {why}", target.shown)),
                    }
                }
                Err(failure) => tried.push(one_line(&failure)),
            }
        }
        let found = match Self::of_our_own(wanted, target_version, shell).await {
            Ok(found) => found,
            Err(why) => {
                tried.push(format!("a PostgreSQL that is installed here: {why}"));
                Self::embedded().await.map_err(|why| {
                    tried.push(format!("the PostgreSQL inside this program: {why}"));
                    impossible(tried)
                })?
            }
        };
        if let Some(target) = wanted.target {
            found.compare(target_version, target, shell);
        }
        Ok(found)
    }

    async fn beside(host: &mut Temporary, wanted: &Wanted<'_>) -> Result<DevDatabase, temporary::Refusal> {
        match host.role_among(wanted.new_roles).await? {
            Some(role) => {
                Err(temporary::Refusal::Other(format!("the role {role}, which is to be made, is there already")))
            }
            None => host.create(wanted.roles_in).await,
        }
    }

    /// Another major version prints some schemas in another way.
    fn compare(&self, target_version: Option<u32>, target: &Dsn, shell: &Shell) {
        let (ours, theirs) = (self.server_version() / 10_000, target_version.map(|version| version / 10_000));
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
            shell.warn(format_args!(
                "the schema is loaded into PostgreSQL {ours}, and {} is PostgreSQL {theirs}: what only one of them knows \
                 may be missed or told as a difference; `--dev-url` names a server",
                target.shown
            ));
        }
    }

    /// The database of the user's choice: the one beside it where the role may make that, else itself.
    async fn of_url(dsn: &Dsn, roles_in: &str) -> Result<Self, Failure> {
        let mut host = Temporary::on(dsn).await?;
        match host.create(roles_in).await {
            Ok(first) => Ok(Self { place: Place::Shared(host), first: Some(first) }),
            Err(temporary::Refusal::NoRight(_)) => {
                let mut given = Given::of(dsn, host.into_session());
                let first = given.take(roles_in).await?;
                Ok(Self { place: Place::Given(given), first: Some(first) })
            }
            Err(refusal) => {
                Err(Failure::new(Kind::Database, format!("no database could be made on {}: {refusal}", dsn.shown))
                    .help("give another server with `--dev-url URL`"))
            }
        }
    }

    #[cfg(unix)]
    async fn of_our_own(wanted: &Wanted<'_>, target_version: Option<u32>, shell: &Shell) -> Result<Self, String> {
        let installation = installation::find(target_version.map(|version| version / 10_000))?;
        let (cluster, dsn) = cluster::Cluster::start(&installation).await?;
        let mut host = Temporary::on(&dsn).await.map_err(|failure| one_line(&failure))?.on_own_server();
        let first = host.create(wanted.roles_in).await.map_err(|refusal| refusal.to_string())?;
        if shell.verbosity() > 0 {
            let folder = installation.folder.display();
            shell.status("Started", format_args!("PostgreSQL {} of {folder}", installation.major));
        }
        Ok(Self { place: Place::Own(host, cluster), first: Some(first) })
    }

    #[cfg(not(unix))]
    async fn of_our_own(_: &Wanted<'_>, _: Option<u32>, _: &Shell) -> Result<Self, String> {
        Err("it is only started on Unix".to_owned())
    }

    #[cfg(feature = "embedded")]
    async fn embedded() -> Result<Self, String> {
        let first = embedded::database().await?;
        Ok(Self { place: Place::Embedded(first.server_version), first: Some(first) })
    }

    #[cfg(not(feature = "embedded"))]
    async fn embedded() -> Result<Self, String> {
        Err("it was built without one".to_owned())
    }

    /// A database that has nothing in it. The last one must be gone.
    pub(crate) async fn database(&mut self, roles_in: &str) -> Result<DevDatabase, Failure> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let made = match &mut self.place {
            Place::Given(given) => return given.take(roles_in).await,
            Place::Shared(host) => host.create(roles_in).await,
            #[cfg(unix)]
            Place::Own(host, _) => host.create(roles_in).await,
            #[cfg(feature = "embedded")]
            Place::Embedded(_) => embedded::database().await.map_err(temporary::Refusal::Other),
        };
        made.map_err(|refusal| Failure::new(Kind::Database, format!("no second database could be made: {refusal}")))
    }

    /// Whether two databases can be there at once.
    pub(crate) const fn has_room(&self) -> bool {
        match &self.place {
            Place::Shared(_) => true,
            Place::Given(_) => false,
            #[cfg(unix)]
            Place::Own(..) => true,
            // Each is a server of its own, which takes its time and memory.
            #[cfg(feature = "embedded")]
            Place::Embedded(_) => false,
        }
    }

    /// The release of the server: 150004 is 15.4.
    pub(crate) fn server_version(&self) -> u32 {
        match &self.place {
            Place::Shared(host) => host.server_version,
            Place::Given(given) => given.server_version,
            #[cfg(unix)]
            Place::Own(host, _) => host.server_version,
            #[cfg(feature = "embedded")]
            Place::Embedded(version) => *version,
        }
    }

    /// Where it is, in words.
    pub(crate) fn shown(&self) -> String {
        match &self.place {
            Place::Shared(host) => format!("a temporary database beside {}", host.dsn.shown),
            Place::Given(given) => given.dsn.shown.clone(),
            #[cfg(unix)]
            Place::Own(host, _) => format!("a temporary PostgreSQL {}", host.server_version / 10_000),
            #[cfg(feature = "embedded")]
            Place::Embedded(version) => format!("the PostgreSQL {} inside this program", version / 10_000),
        }
    }
}

fn impossible(tried: Vec<String>) -> Failure {
    let failure = Failure::new(Kind::Database, "there is no database to load a schema into, and none could be made");
    let failure = tried.into_iter().fold(failure, |failure, line| failure.note(line));
    failure.help(
        "name a server where your role may create databases, or an empty database, with `--dev-url URL`; install \
         PostgreSQL here, as with `sudo apt-get install postgresql` or `brew install postgresql@17`; or have one inside \
         this program: `cargo install cargo-migrate --features embedded`",
    )
}

/// A failure inside a list of them.
fn one_line(failure: &Failure) -> String {
    let text = failure.to_string();
    text.split("; ").next().unwrap_or(&text).to_owned()
}
