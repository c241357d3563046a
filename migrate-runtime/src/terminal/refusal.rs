//! What the runtime reports, as a failure with its place, its advice and its exit code.

use std::error::Error as _;
use std::io;
use std::path::Path;

use crate::graph::{GraphError, Qualified};
use crate::plan::{Direction, PlanError};
use crate::table::Position;
use crate::{BadRange, Error, StatementError};

use crate::terminal::report::{Failure, Kind};
use crate::terminal::statement;

/// Where the texts of the files are, to show the line that is meant.
pub trait Texts: Sync {
    /// The whole text of a file that messages name.
    fn text_of(&self, file: &str) -> Option<String>;
}

const ROLLED_BACK: &str = "the revision was rolled back: nothing of it is applied or recorded";
const MISSING_FILES: &str = "check out the branch or release that has those files; `cargo migrate status` lists all";

/// What went wrong between the files and the database.
pub fn of(error: &Error, texts: &dyn Texts, database: &str) -> Failure {
    match error {
        Error::Connect { source } => connect(source, database),
        error => of_files(error, texts),
    }
}

/// A target that a downgrade cannot end at.
pub fn downgrade(error: &PlanError) -> Failure {
    match error {
        PlanError::MultipleHeads { heads, .. } => plan(error).help(format!(
            "a downgrade ends at one revision: name it, as in `{}`, or undo a branch as with `{}@-1`",
            heads[0], heads[0]
        )),
        error => plan(error),
    }
}

/// What went wrong in offline mode.
pub fn offline(error: &Error, texts: &dyn Texts) -> Failure {
    match error {
        Error::Plan(error @ PlanError::MultipleHeads { heads, .. }) => {
            plan(error).help(format!("name where the database is, with commas, as in `{}:base`", heads.join(",")))
        }
        Error::NoStart => Failure::new(Kind::Target("bad_range"), error.to_string())
            .help("as in `cargo migrate downgrade --sql heads:base`"),
        Error::Unrendered { file, line, .. } => {
            let source = texts.text_of(file);
            let start = source.as_ref().and_then(|text| text.lines().nth(*line - 1)).unwrap_or_default();
            let column = start.chars().take_while(|c| c.is_whitespace()).count() + 1;
            Failure::new(Kind::Uncompiled, error.to_string()).at(file, Position { line: *line, column }, source).help(
                "run this in the cargo package that has it, without `--dir`, to have it compiled; or say in SQL what it does",
            )
        }
        error => of_files(error, texts),
    }
}

/// A range where none is taken.
pub fn range(range: &str, verb: &str) -> Failure {
    Failure::new(Kind::Target("range_not_allowed"), format!("`{range}` is a range, and the database knows where it is"))
        .help(format!("name the end alone; `cargo migrate {verb} --sql {range}` prints what is between the two"))
}

/// A range that is none.
#[must_use]
pub fn bad_range(error: &BadRange, typed: &str) -> Failure {
    Failure::new(Kind::Target("bad_range"), error.to_string()).help(format!(
        "`{typed}:` lists from there on, `:{typed}` up to there; `cargo migrate show {typed}` shows it alone"
    ))
}

fn of_files(error: &Error, texts: &dyn Texts) -> Failure {
    let text = error.to_string();
    match error {
        Error::Record { file, act: "commit", .. } => Failure::new(Kind::Failed, text).in_file(file).note(ROLLED_BACK),
        Error::Read { source, .. } | Error::Record { source, .. } => match code(source).as_deref() {
            Some("42501") => {
                Failure::new(Kind::Database, text).help("grant the role what is missing, or use its owner")
            }
            // What `SET ROLE` says of a role that is not there.
            Some("22023") => Failure::new(Kind::Database, text)
                .help("`role` in Cargo.toml, or `--role`, names the role that takes every step"),
            _ => Failure::new(Kind::Database, text),
        },
        Error::NewerFormat { .. } => {
            Failure::new(Kind::Database, text).help("update with `cargo install cargo-migrate`")
        }
        Error::Write { .. } => Failure::new(Kind::Database, text)
            .help("nothing was changed; the role must own the version table, or may write it"),
        Error::StampUnknown { .. } => Failure::new(Kind::Ahead, text)
            .help("`--purge` forgets all rows first; `cargo migrate switch` undoes what is not in the files"),
        Error::NotApplied { .. } => {
            Failure::new(Kind::Target("not_applied"), text).help("`cargo migrate status` shows what is applied")
        }
        Error::NothingStored { revision } => Failure::new(Kind::Irreversible, text).help(format!(
            "check out the branch or release that has {revision} and downgrade there; if there is nothing to undo, \
             `cargo migrate stamp --purge TARGET` forgets all rows and records that the database is at TARGET"
        )),
        Error::LockedOut { tried, blockers, source, .. } => {
            let failure = of_files(source, texts).note(format!("tried again for {} s", tried.as_secs()));
            let failure =
                blockers.iter().fold(failure, |failure, blocker| failure.note(format!("in the way: {blocker}")));
            let end = match blockers.first() {
                Some(blocker) => format!("end that session (`SELECT pg_terminate_backend({})` in psql)", blocker.pid),
                None => "see who holds the table in `pg_locks`".to_owned(),
            };
            failure.help(format!("{end} or wait for it; `--lock-timeout 10s` waits longer at each try"))
        }
        Error::Plan(error) => plan(error),
        Error::Statement(error) => statement(error, texts),
        Error::Rust { file, line, .. } => {
            let failure = Failure::new(Kind::Failed, text);
            let source = texts.text_of(file);
            match line.and_then(|line| usize::try_from(line).ok()) {
                None => failure.in_file(file),
                Some(line) => {
                    let start = source.as_ref().and_then(|text| text.lines().nth(line - 1)).unwrap_or_default();
                    let column = start.chars().take_while(|c| c.is_whitespace()).count() + 1;
                    failure.at(file, Position { line, column }, source)
                }
            }
        }
        Error::TransactionEnded { .. } | Error::Unfinished { .. } => {
            Failure::new(Kind::Failed, text)
        }
        Error::Uncompiled { file, .. } => Failure::new(Kind::Uncompiled, text).in_file(file).help(
            "run this in the cargo package that has it, without `--dir`, to have it compiled; or run the application, which \
             calls `migrations::upgrade(&pool)` when it starts",
        ),
        Error::Pooler { file, .. } | Error::PoolerInUse { file, .. } => {
            Failure::new(Kind::Database, text).in_file(file).help(
                "the host and port of the server itself go into `--database-url`, or into the variable that names it",
            )
        }
        Error::InvalidIndex { file, index, .. } => Failure::new(Kind::Failed, text)
            .in_file(file)
            .help(format!("see what made it; then `DROP INDEX CONCURRENTLY {index}`, and run the same command again")),
        Error::NotTogether { file, .. } => Failure::new(Kind::Failed, text)
            .in_file(file)
            .help("take `transaction = \"all\"` out of Cargo.toml, or upgrade to the revision before it first"),
        Error::TooManyLocks { .. } => Failure::new(Kind::Failed, text)
            .help("`cargo migrate upgrade +500`, and again; or take `transaction = \"all\"` out of Cargo.toml"),
        Error::SessionSql { .. } => Failure::new(Kind::Failed, text)
            .help("correct the file that `session-setup` or `session-end` names in Cargo.toml"),
        Error::ReadOnly { .. } => Failure::new(Kind::Database, text)
            .help("give the primary's host and port in `--database-url`, or in the variable that names it"),
        Error::Disconnected { .. } => {
            Failure::new(Kind::Database, text).help("`cargo migrate status` shows how far it came")
        }
        Error::LockTimeout { .. } => {
            Failure::new(Kind::Lock, text).help("wait for it, end that session, or raise `--wait-timeout 5min`")
        }
        Error::Edited { revision, file, .. } => Failure::new(Kind::Edited, text).in_file(file).help(format!(
            "restore the file as it was applied (`git log -p` shows it), and write the change as a new revision with \
             `cargo migrate new`; if the edit was meant, `cargo migrate stamp --accept {revision}` takes it"
        )),
        Error::PrefixEdited { file, .. } => Failure::new(Kind::Edited, text)
            .in_file(file)
            .help("`git log -p` shows the statements as they ran; what comes after them may be mended"),
        Error::OtherPackage { package, other, table } => Failure::new(Kind::OtherPackage, text).help(format!(
            "pass `-p {other}` if that package is meant; after a renaming run in psql: UPDATE {table} SET package = \
             '{package}' WHERE package = '{other}'; UPDATE {table} SET depends_on = ARRAY(SELECT regexp_replace(d, \
             '^{other}::', '{package}::') FROM unnest(depends_on) AS d)"
        )),
        Error::Irreversible { file, .. } => {
            let path = Path::new(file);
            let how = match path.extension() {
                Some(ending) if ending == "rs" => format!("write `pub async fn down` in `{file}`"),
                _ => format!("write `{}`", path.with_file_name("down.sql").display()),
            };
            Failure::new(Kind::Irreversible, text).in_file(file).help(format!("{how} to say how to undo it"))
        }
        Error::Ahead { .. } => Failure::new(Kind::Ahead, text).help(MISSING_FILES),
        Error::Diverged { .. } => Failure::new(Kind::Diverged, text).help(format!(
            "{MISSING_FILES}; or `cargo migrate switch` undoes what only the database has, then upgrades"
        )),
        Error::DependedOn { dependent, .. } => {
            let Qualified { package, id } = Qualified::of(dependent);
            Failure::new(Kind::Database, text).help(format!(
                "undo {id} of the package {} first, with `cargo migrate downgrade` there",
                package.unwrap_or_default()
            ))
        }
        Error::Stuck { .. } => Failure::new(Kind::Database, text).help("`cargo migrate status` shows the rows"),
        _ => Failure::new(Kind::Failed, text),
    }
}

/// Revisions that are no graph; what is wrong with one package's own is said where its files are read.
pub fn graph(errors: &[GraphError]) -> Failure {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(Kind::Revisions, texts.join("; "))
}

/// A target that leads nowhere.
pub fn plan(error: &PlanError) -> Failure {
    let help = match error {
        PlanError::UnknownRevision { .. } | PlanError::UnknownBranch { .. } | PlanError::NotInBranch { .. } => {
            "`cargo migrate history` lists the revisions and their branches".to_owned()
        }
        PlanError::AmbiguousId { .. } => "type more of it".to_owned(),
        PlanError::MultipleHeads { heads, .. } => {
            format!("say `heads`, narrow it as in `LABEL@head`, or name one, as in `{}`", heads[0])
        }
        PlanError::Overlap { later, .. } => format!("ask for {later} alone, which brings the other along"),
        PlanError::RelativeOutOfRange { .. } => "`cargo migrate current` shows where the database is".to_owned(),
        PlanError::WrongWay { direction: Direction::Up, .. } => "go down with `cargo migrate downgrade`".to_owned(),
        PlanError::WrongWay { direction: Direction::Down, .. } => "go up with `cargo migrate upgrade`".to_owned(),
        PlanError::AmbiguousWalk { candidates, .. } => format!("name one of them, as in `{}`", candidates[0]),
        PlanError::AmbiguousStart { target, heads, .. } => {
            format!("say on which branch, as in `{}@{target}`, or name the revision to end at", heads[0])
        }
        PlanError::NotAPath { .. } => "`cargo migrate current` shows where the database is".to_owned(),
        PlanError::NoSuchRange { .. } => "`cargo migrate history` draws how the revisions follow each other".to_owned(),
        PlanError::CountedTarget { .. } => "write its id; `cargo migrate history` lists them".to_owned(),
        PlanError::NotAHead { revision, .. } => format!(
            "`--splice` lets the new one follow {revision} all the same and begin a branch; `--branch-label LABEL` names it"
        ),
    };
    Failure::new(Kind::Target(error.kind()), error.to_string()).help(help)
}

fn statement(error: &StatementError, texts: &dyn Texts) -> Failure {
    let said = error.database();
    // The executor saw the text without its byte order mark and with plain line ends; lines and columns are the same.
    let source = texts.text_of(error.file);
    let code = said.map(|said| format!(" (SQLSTATE {})", said.code())).unwrap_or_default();
    let message = format!("revision {} failed: {}{code}", error.revision, error.message());
    let mut failure = Failure::new(Kind::Failed, message).at(error.file, error.position, source);
    if let Some(said) = said {
        failure = statement::with_details(failure, said);
    }
    if let Some(inner) = &error.inner {
        failure = statement::with_inner(failure, inner);
    }
    match (error.n_done, error.direction) {
        (None, Direction::Up) => failure.note(ROLLED_BACK),
        (None, Direction::Down) => failure.note("the downgrade was rolled back: the revision is applied as before"),
        (Some(n_done), Direction::Up) => failure
            .note(format!("statements of this upgrade done and recorded: {n_done}"))
            .help("mend this statement and run `cargo migrate upgrade`: it goes on here"),
        (Some(n_done), Direction::Down) => failure
            .note(format!("statements of this downgrade done and recorded: {n_done}"))
            .help("mend this statement and run the same `cargo migrate downgrade` again: it goes on here"),
    }
}

/// A database that cannot be reached, or does not let one in.
pub(crate) fn connect(error: &sqlx::Error, database: &str) -> Failure {
    let reached = |why: String| Failure::new(Kind::Database, format!("could not connect to {database}: {why}"));
    if let Some(code) = code(error) {
        let message = error.as_database_error().map_or_else(String::new, |error| error.message().to_owned());
        return reached(message).help(match code.as_str() {
            "28P01" | "28000" => "check the user and the password in the database URL, and pg_hba.conf on the server",
            "3D000" => "create it with `createdb`, or check the name at the end of the database URL",
            "53300" => "the server has no connection free; end one, or raise its `max_connections`",
            "57P03" => "the server is starting; try again in a moment",
            _ => "",
        });
    }
    match error {
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            reached(error.to_string()).help("is this the host and port of a PostgreSQL server?")
        }
        sqlx::Error::Io(error) => {
            reached(error.to_string()).help("is PostgreSQL running there? check the host and port in the database URL")
        }
        sqlx::Error::Tls(error) => reached(error.to_string())
            .help("set `sslmode` and `sslrootcert` in the database URL as the server needs them"),
        error => {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            reached(why).help("what answered there does not speak PostgreSQL's protocol; check the host and port")
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}
