//! Loads SQL files into a database: many statements a message, and one by one only what cannot share a transaction.

use std::collections::BTreeSet;
use std::ops::Range;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Either};

use super::deferred::{self, Deferred};
use super::failing::{self, Server};
use super::sort::{Sort, plain};
use super::sql_file::SqlFile;
use crate::dev_database::{DevDatabase, identifier};
use crate::report::{Failure, Kind};
use crate::shell::Shell;
use crate::statement::said;

/// So many statements share a message, and its transaction: each may take locks that the server has limited room for.
const AT_ONCE: usize = 200;

/// What the statements of a message cannot do together, and may do alone: run outside of a transaction
/// (`active_sql_transaction`), use a new value of an enum, end a transaction inside a `DO`, or lock so many objects.
const ALONE: [&str; 4] = ["25001", "55P04", "2D000", "53200"];

/// `undefined_object`: a setting or a role that is not there.
const UNDEFINED: &str = "42704";

/// `duplicate_object`: a role that is there.
const DUPLICATE: &str = "42710";

/// No limit that the role has ends a statement, and none runs on when this program is gone.
const BEGIN: &str = "SELECT pg_catalog.set_config(s.name, CASE s.name WHEN 'client_connection_check_interval' THEN '1s' ELSE '0' END, false)
FROM pg_catalog.pg_settings AS s
WHERE s.name OPERATOR(pg_catalog.=) ANY (ARRAY['statement_timeout', 'lock_timeout', 'transaction_timeout',
    'idle_in_transaction_session_timeout', 'client_connection_check_interval']);";

/// What a file has set does not reach the next.
const NEXT: &str = "RESET SESSION AUTHORIZATION; RESET ALL;";

/// Loads the files.
pub(super) async fn load(files: &[SqlFile], database: &DevDatabase, shown: &str, shell: &Shell) -> Result<(), Failure> {
    let server = Server { shown, major: database.server_version / 10_000, n_files: files.len() };
    let conn = database.dsn.connect().await?;
    let mut load = Load {
        conn,
        database,
        server,
        shell,
        made: BTreeSet::new(),
        number: 0,
        open: None,
        passed: Vec::new(),
        deferred: Vec::new(),
    };
    for (number, file) in files.iter().enumerate() {
        load.file(file, number).await?;
    }
    load.catch_up(files).await?;
    load.tell_passed();
    // All is there; a failed goodbye changes nothing.
    let _ = load.conn.close().await;
    Ok(())
}

pub(super) struct Load<'l> {
    conn: PgConnection,
    database: &'l DevDatabase,
    server: Server<'l>,
    shell: &'l Shell,
    /// The roles that this load has made.
    made: BTreeSet<String>,
    /// Which file it is at.
    number: usize,
    /// The statement that has begun a transaction.
    open: Option<usize>,
    /// Where something was passed over that concerns the whole server.
    passed: Vec<String>,
    /// What waits for something that a later file makes.
    pub(super) deferred: Vec<Deferred>,
}

/// A statement that failed, and where its message began.
pub(super) struct Broken {
    n: usize,
    message_start: usize,
    pub(super) source: sqlx::Error,
}

impl Load<'_> {
    async fn file(&mut self, file: &SqlFile, number: usize) -> Result<(), Failure> {
        self.open = None;
        self.number = number;
        self.begin().await?;
        let mut waiting = 0..0;
        for n in 0..file.statements.len() {
            let sort = Sort::of(file.statement(n));
            if sort == Sort::Plain && waiting.len() < AT_ONCE {
                waiting.end = n + 1;
                continue;
            }
            self.together(file, waiting).await?;
            waiting = n + 1..n + 1;
            match sort {
                Sort::Plain => waiting = n..n + 1,
                Sort::Begin => {
                    self.alone(file, n).await?;
                    self.open.get_or_insert(n);
                }
                Sort::End => {
                    self.alone(file, n).await?;
                    self.open = None;
                }
                Sort::CreateRole(name) => self.create_role(file, n, &name).await?,
                Sort::ChangeRoles(names) => self.change_roles(file, n, &names).await?,
                Sort::Elsewhere => self.pass(file, n),
                Sort::Refused => return Err(refused(file, n)),
            }
        }
        self.together(file, waiting).await?;
        match self.open {
            None => Ok(()),
            Some(begin) => Err(file
                .failure(file.statements[begin].start(), "the transaction that begins here does not end in this file")
                .help("write COMMIT at its end, or leave both out")),
        }
    }

    /// Runs these statements, in as few messages as can be.
    async fn together(&mut self, file: &SqlFile, mut range: Range<usize>) -> Result<(), Failure> {
        while !range.is_empty() {
            let Err(broken) = self.send(file, range.clone()).await else { return Ok(()) };
            // Without a transaction of the file's own, all of the message was rolled back.
            if self.open.is_some() {
                return Err(self.failure(file, &broken));
            }
            let code = said(&broken.source).map(|error| error.code()).unwrap_or_default();
            if self.make_missing_role(&broken).await? {
                continue;
            }
            let is_unknown_setting = code == UNDEFINED && is_set(file.statement(broken.n));
            let is_better_alone = range.len() > 1 && ALONE.contains(&code);
            let is_early = self.server.has_others(file) && deferred::is_early(code);
            if !(is_unknown_setting || is_better_alone || is_early) {
                return Err(self.failure(file, &broken));
            }
            Box::pin(self.together(file, range.start..broken.n)).await?;
            range.start = broken.n + 1;
            if is_unknown_setting {
                self.pass_setting(file, broken.n);
            } else if is_better_alone {
                Box::pin(self.together(file, broken.n..broken.n + 1)).await?;
            } else {
                self.deferred.push(Deferred { file: self.number, statement: broken.n });
            }
        }
        Ok(())
    }

    /// The session as a file finds it.
    pub(super) async fn begin(&mut self) -> Result<(), Failure> {
        self.quietly(&format!("{NEXT} {BEGIN}")).await
    }

    async fn alone(&mut self, file: &SqlFile, n: usize) -> Result<(), Failure> {
        self.send(file, n..n + 1).await.map_err(|broken| self.failure(file, &broken))
    }

    /// Sends statements in one message.
    pub(super) async fn send(&mut self, file: &SqlFile, range: Range<usize>) -> Result<(), Broken> {
        let (first, last) = (file.statements[range.start], file.statements[range.end - 1]);
        let message_start = first.start();
        let message = &file.sql[message_start..last.end()];
        let mut n_done = 0;
        let source = {
            let mut answers = sqlx::raw_sql(AssertSqlSafe(message)).fetch_many(&mut self.conn);
            loop {
                match answers.try_next().await {
                    Ok(Some(Either::Left(_))) => n_done += 1,
                    Ok(Some(Either::Right(_))) => {}
                    Ok(None) => return Ok(()),
                    Err(error) => break error,
                }
            }
        };
        // A syntax error is found before anything is run: then it is the place that tells the statement.
        let told = if n_done == 0 { failing::told(file, message_start, &source) } else { None };
        let by_place = told.and_then(|byte| range.clone().rfind(|n| file.statements[*n].start() <= byte));
        let n = by_place.unwrap_or(range.start + n_done).min(range.end - 1);
        Err(Broken { n, message_start, source })
    }

    /// A role that is there already is what the file asks for. One that is made is marked, in the same transaction, so that
    /// it is found again when this run is killed.
    async fn create_role(&mut self, file: &SqlFile, n: usize, name: &str) -> Result<(), Failure> {
        let statement = file.statement(n);
        let mark = self.database.role_mark.replace('\'', "''");
        let sql = format!("{statement}; COMMENT ON ROLE {name} IS '{mark}'");
        if self.open.is_some() && self.has_role(name).await? {
            // The error would end the transaction.
            self.pass(file, n);
            return Ok(());
        }
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await {
            Ok(_) => {
                self.made.insert(plain(name));
                Ok(())
            }
            Err(error) if said(&error).is_some_and(|error| error.code() == DUPLICATE) => {
                self.pass(file, n);
                Ok(())
            }
            Err(source) => {
                let broken = Broken { n, message_start: file.statements[n].start(), source };
                Err(self.failure(file, &broken))
            }
        }
    }

    async fn has_role(&mut self, name: &str) -> Result<bool, Failure> {
        let query = "SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) $1";
        let found = sqlx::query(query).bind(plain(name)).fetch_optional(&mut self.conn).await;
        found.map(|row| row.is_some()).map_err(|error| Failure::new(Kind::Database, error.to_string()))
    }

    /// What a file does with roles that it did not make would be done to everybody on the server.
    async fn change_roles(&mut self, file: &SqlFile, n: usize, names: &[String]) -> Result<(), Failure> {
        let is_comment = statement_starts(file.statement(n), "COMMENT");
        let is_ours = names.iter().any(|name| self.made.contains(&plain(name)));
        if !is_comment && (is_ours || self.database.is_on_own_server) {
            return self.together(file, n..n + 1).await;
        }
        self.pass(file, n);
        Ok(())
    }

    /// On a server of ours a role is made when something is given to it.
    async fn make_missing_role(&mut self, broken: &Broken) -> Result<bool, Failure> {
        if !self.database.is_on_own_server {
            return Ok(false);
        }
        let name = said(&broken.source).filter(|error| error.code() == UNDEFINED).and_then(|error| {
            error.message().strip_prefix("role \"")?.strip_suffix("\" does not exist").map(str::to_owned)
        });
        match name {
            Some(name) => self.quietly(&format!("CREATE ROLE {}", identifier(&name))).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Statements of ours.
    async fn quietly(&mut self, sql: &str) -> Result<(), Failure> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await;
        done.map(|_| ()).map_err(|error| {
            Failure::new(Kind::Database, format!("{} could not be set up: {error}", self.server.shown))
        })
    }

    pub(super) fn failure(&self, file: &SqlFile, broken: &Broken) -> Failure {
        failing::of(file, broken.n, broken.message_start, &broken.source, &self.server)
    }

    fn pass(&mut self, file: &SqlFile, n: usize) {
        self.passed.push(at(file, n));
    }

    fn pass_setting(&self, file: &SqlFile, n: usize) {
        let statement = file.statement(n);
        self.shell.note(format_args!(
            "{}: PostgreSQL {} has no such setting, and `{statement}` was passed over",
            at(file, n),
            self.server.major
        ));
    }

    fn tell_passed(&self) {
        let [first, others @ ..] = &self.passed[..] else { return };
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        self.shell.note(format_args!(
            "{first}{more}: passed over, since it concerns roles that are there or a database by name, and no schema"
        ));
    }
}

fn refused(file: &SqlFile, n: usize) -> Failure {
    let start: Vec<&str> = file.statement(n).split_whitespace().take(2).collect();
    file.failure(
        file.statements[n].start(),
        format!("`{}` reaches beyond the database, and a schema does not", start.join(" ").to_uppercase()),
    )
    .help("take it out of the file; a dump has it not without `--create`")
}

fn is_set(statement: &str) -> bool {
    statement_starts(statement, "SET")
}

fn statement_starts(statement: &str, word: &str) -> bool {
    migrate_build::statements::tokens(statement).next().is_some_and(|first| first.eq_ignore_ascii_case(word))
}

fn at(file: &SqlFile, n: usize) -> String {
    let place = file.place(file.statements[n].start());
    let line = place.position.map_or_else(String::new, |position| format!(":{}", position.line));
    format!("{}{line}", place.file.display())
}
