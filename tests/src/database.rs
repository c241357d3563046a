//! A fresh database for one test, and what real client programs say about it.

use crate::binaries::Binaries;
use crate::blocking::block_on;
use crate::cluster::Cluster;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Row};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The table in which the executor records what is applied; a catalog is compared without it.
pub const VERSION_TABLE: &str = "public.migrate_revisions";

/// A database on a cluster, dropped at the end of the test.
#[derive(Debug)]
pub struct Database<'cluster> {
    cluster: &'cluster Cluster,
    name: String,
    url: String,
}

impl Database<'static> {
    /// Creates a database on the shared cluster.
    #[expect(clippy::new_without_default, reason = "each call makes another database")]
    #[must_use]
    pub fn new() -> Self {
        Self::on(Cluster::shared())
    }
}

impl<'cluster> Database<'cluster> {
    /// Creates a database on this cluster.
    #[must_use]
    pub fn on(cluster: &'cluster Cluster) -> Self {
        Self::create(cluster, "template0")
    }

    /// Creates a database that has all that this one has. Nobody may be connected to this one.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::create(self.cluster, &self.name)
    }

    /// The same database on a server that follows this one's.
    #[must_use]
    pub fn seen_by<'other>(&self, standby: &'other Cluster) -> Database<'other> {
        Database { cluster: standby, name: self.name.clone(), url: standby.url(&self.name) }
    }

    fn create(cluster: &'cluster Cluster, template: &str) -> Self {
        static CREATED: AtomicUsize = AtomicUsize::new(0);
        let number = CREATED.fetch_add(1, Ordering::Relaxed);
        let name = format!("migrate_test_{}_{number}", std::process::id());
        // A locale of its own and an untouched template, so that a server of the user gives the same results.
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        maintain(cluster, &create).unwrap_or_else(|error| panic!("{create}: {error}"));
        let url = cluster.url(&name);
        Self { cluster, name, url }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, as `DATABASE_URL` would have it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server it is on.
    #[must_use]
    pub fn cluster(&self) -> &'cluster Cluster {
        self.cluster
    }

    /// The major version of its server.
    #[must_use]
    pub fn server_major(&self) -> u32 {
        let number: u32 = self.ask("SHOW server_version_num").parse().expect("a version is a number");
        number / 10_000
    }

    /// Ends sessions whose client is gone and that sleep on the server: before version 14 it does not find that out by
    /// itself, and an administrator does this with the pid that a waiting run names.
    pub fn end_orphans(&self) {
        if self.server_major() < 14 {
            let _ = self.ask(
                "SELECT string_agg(pg_terminate_backend(pid)::text, ',') FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event = 'PgSleep'",
            );
        }
    }

    /// How to connect to it.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.url.parse().unwrap_or_else(|error| panic!("the URL of the test server: {error}"))
    }

    /// Connects to it.
    pub async fn connect(&self) -> PgConnection {
        self.options().connect().await.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// A pool of up to ten connections, opened when they are needed. Needs a tokio runtime.
    #[must_use]
    pub fn pool(&self) -> PgPool {
        PgPoolOptions::new().max_connections(10).connect_lazy_with(self.options())
    }

    /// Runs a script with the real psql, which stops at the first error, and returns the rows it printed, unaligned.
    ///
    /// # Panics
    ///
    /// Panics with what psql said when the script fails.
    pub fn psql(&self, script: &str) -> String {
        self.try_psql(script).unwrap_or_else(|problem| panic!("psql: {problem}"))
    }

    /// As [`Database::psql`], for scripts that may fail.
    ///
    /// # Errors
    ///
    /// What psql wrote to stderr.
    pub fn try_psql(&self, script: &str) -> Result<String, String> {
        let arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-"];
        self.client("psql", &arguments, script)
    }

    /// Runs a script with the real psql, which goes on after an error: what does not load is not there.
    pub fn load(&self, script: &str) {
        let arguments = ["--no-psqlrc", "--quiet", "--file=-"];
        self.client("psql", &arguments, script).unwrap_or_else(|problem| panic!("psql: {problem}"));
    }

    /// What `pg_dump` writes of the schema, without owners; nothing where the server is too new for it.
    ///
    /// # Panics
    ///
    /// Panics when `pg_dump` fails.
    #[must_use]
    pub fn dump(&self) -> Option<String> {
        self.pg_dump(&["--no-owner"])
    }

    /// The whole schema, without owners and without the version table: equal texts are equal catalogs. It is what
    /// `pg_dump` says, where there is one that the server is not too new for, and after that [`Database::objects`].
    ///
    /// # Panics
    ///
    /// Panics when `pg_dump` fails.
    #[must_use]
    pub fn catalog(&self) -> String {
        let exclude = format!("--exclude-table={VERSION_TABLE}");
        let dump = self.pg_dump(&["--no-owner", &exclude]).map_or(String::new(), |dump| cleaned(&dump));
        dump + &self.objects()
    }

    /// What the real `pg_dump` prints of the schema, as it is; nothing where the server is too new for it.
    ///
    /// # Panics
    ///
    /// Panics when `pg_dump` fails.
    #[must_use]
    pub fn pg_dump(&self, arguments: &[&str]) -> Option<String> {
        let arguments = [&["--schema-only"], arguments].concat();
        match self.client("pg_dump", &arguments, "") {
            Err(problem) if problem.contains("server version mismatch") => None,
            dump => Some(dump.unwrap_or_else(|problem| panic!("pg_dump: {problem}"))),
        }
    }

    /// Every object in a line of its own, the version table aside, with what `pg_dump` passes over: invalid indexes.
    ///
    /// # Panics
    ///
    /// Panics when the database cannot be read.
    #[must_use]
    pub fn objects(&self) -> String {
        self.ask(include_str!("sql/catalog.sql"))
    }

    /// The first value of what a query returns, as text, without the start of a client program; empty for null.
    ///
    /// # Panics
    ///
    /// Panics with what the server said when the query fails.
    #[must_use]
    pub fn ask(&self, query: &str) -> String {
        let options = self.options();
        let answer = block_on(async {
            let mut connection = options.connect().await?;
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(query)).fetch_all(&mut connection).await?;
            connection.close().await?;
            rows.first().map_or(Ok(None), |row| row.try_get_unchecked::<Option<String>, _>(0))
        });
        answer.unwrap_or_else(|error| panic!("{query}: {error}")).unwrap_or_default()
    }

    /// The rows of the version table, without what time it was and how long it took.
    ///
    /// # Panics
    ///
    /// Panics when there is no version table.
    #[must_use]
    pub fn version_rows(&self) -> String {
        self.psql(&format!(
            "SELECT pg_catalog.to_jsonb(r) - 'applied_at' - 'execution_time' FROM {VERSION_TABLE} AS r \
             ORDER BY package, revision COLLATE \"C\""
        ))
    }

    fn client(&self, program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new(Binaries::installed().program(program));
        command.arg("--dbname").arg(&self.url).args(arguments).env_remove("PGOPTIONS").env("LC_ALL", "C");
        command.env("PGCLIENTENCODING", "UTF8").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut pipe = child.stdin.take().expect("stdin is piped");
        let output = thread::scope(|scope| {
            // A client that fails early closes its input: what it says about that is in its output.
            scope.spawn(move || pipe.write_all(input.as_bytes()));
            child.wait_with_output()
        });
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let dropped = maintain(self.cluster, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A throw-away server may have been stopped by the test, and takes its databases with it.
        if let Err(error) = dropped
            && !self.cluster.is_throw_away()
            && !thread::panicking()
        {
            panic!("the database {} is left on your server: {error}", self.name);
        }
    }
}

fn maintain(cluster: &Cluster, statement: &str) -> Result<(), sqlx::Error> {
    let options: PgConnectOptions = cluster.maintenance_url().parse()?;
    block_on(async {
        let mut connection = options.connect().await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        connection.close().await
    })
}

/// Drops what differs between two dumps of equal databases: the random key of newer pg_dumps, versions, comments.
fn cleaned(dump: &str) -> String {
    let mut text = String::with_capacity(dump.len());
    for line in dump.lines() {
        let noise = line.is_empty() || line.starts_with(r"\restrict") || line.starts_with(r"\unrestrict");
        if !noise && !line.starts_with("-- ") && line != "--" {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn only_statements_are_left_of_a_dump() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET x = 1;\n\nCREATE TABLE t (\n    a integer\n);\n\\unrestrict abc\n";
        assert_eq!(cleaned(dump), "SET x = 1;\nCREATE TABLE t (\n    a integer\n);\n");
    }
}
