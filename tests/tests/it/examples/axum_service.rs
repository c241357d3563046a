//! `examples/axum-service`: what it answers while its database is behind, ahead, of another history, or away.

use std::fs;
use std::path::Path;

use migrate_tests::{
    Auth, Cluster, Command, Database, Options, Output, Process, Project, Shutdown, cargo_migrate, example,
    example_folder,
};
use sqlx::Connection as _;

use super::http::{Answer, ask};

/// The service, running; killed where a test fails before it has ended.
struct Service {
    process: Option<Process>,
    address: String,
}

impl Service {
    fn start(database: &Database<'_>, environment: &[(&str, &str)]) -> Self {
        Self::of(example("axum-service").env("DATABASE_URL", database.url()), environment)
    }

    fn of(command: Command, environment: &[(&str, &str)]) -> Self {
        let environment = environment.iter().chain(&[("LISTEN", "127.0.0.1:0")]);
        let process = environment.fold(command, |command, (name, value)| command.env(name, value)).spawn();
        let address = process.rest_of_line("listening on ");
        Self { process: Some(process), address }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("it has not been stopped")
    }

    fn wait_for_log(&self, text: &str) {
        self.process().wait_for_output(text);
    }

    fn get(&self, path: &str) -> Answer {
        ask(&self.address, "GET", path, "")
    }

    fn post(&self, text: &str) -> Answer {
        let note = serde_json::json!({"text": text, "author": "Ada"});
        ask(&self.address, "POST", "/notes", &note.to_string())
    }

    /// The status of `/ready`, and the reason that it gives.
    fn ready(&self) -> (u16, String) {
        let answer = self.get("/ready");
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"));
        assert_eq!(body["ready"], answer.status == 200, "{answer:?}");
        (answer.status, body["reason"].as_str().expect("a reason").to_owned())
    }

    fn is_ready(&self) {
        assert_eq!(self.ready(), (200, "the database is current".to_owned()));
    }

    /// Whether it is not ready, for a reason with this in it.
    fn is_not_ready(&self, why: &str) {
        let (status, reason) = self.ready();
        assert!(status == 503 && reason.contains(why), "{status} {reason}");
        assert_eq!(self.get("/live").status, 200);
    }

    /// Stops it as an orchestrator does.
    fn stop(mut self) -> Output {
        let process = self.process.take().expect("it is stopped once");
        process.signal("TERM");
        let output = process.wait().success();
        assert!(output.stdout.contains("stopping after SIGTERM"), "{output}");
        output
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            process.signal("KILL");
        }
    }
}

/// Another release's revisions: those of the service up to the first, and others.
struct Release {
    folder: Project,
}

impl Release {
    /// The next one, with all of this one's revisions.
    fn next() -> Self {
        let release = Self { folder: Project::empty() };
        copy(&example_folder("axum-service").join("migrations"), &release.folder.path("migrations"));
        release
    }

    /// One from another branch, which has only the first.
    fn of_another_branch() -> Self {
        let release = Self::next();
        release.folder.remove("migrations/20261011160000_notes_have_an_author");
        release
    }

    fn add(&self, name: &str, header: &str, up: &str, down: &str) -> &Self {
        self.folder.write(&format!("migrations/{name}/up.sql"), &format!("--! A change.\n--!\n{header}\n{up}\n"));
        self.folder.write(&format!("migrations/{name}/down.sql"), down);
        self
    }

    fn run(&self, database: &Database<'_>, words: &str) {
        let command = cargo_migrate!().args(words.split(' ')).args(["--dir", "migrations", "-p", "axum-service"]);
        command.folder(self.folder.folder()).env("DATABASE_URL", database.url()).run().success();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { fs::copy(entry.path(), to).map(|_| ()).unwrap() }
    }
}

const UPGRADED: &str = "database upgraded by 2 revisions to 20261011160000";

#[test]
fn it_upgrades_its_database_and_serves() {
    let database = Database::new();
    let service = Service::start(&database, &[]);
    service.wait_for_log(UPGRADED);
    service.is_ready();
    assert_eq!(service.get("/live").status, 200);
    let created = service.post("Buy tea.");
    assert_eq!((created.status, created.body.as_str()), (201, r#"{"id":1,"text":"Buy tea.","author":"Ada"}"#));
    assert_eq!(service.get("/notes").body, r#"[{"id":1,"text":"Buy tea.","author":"Ada"}]"#);
    assert_eq!(service.get("/notes/1").body, created.body);
    assert_eq!(service.get("/notes/2").status, 404);
    assert_eq!(service.post("").status, 422);
    assert_eq!(ask(&service.address, "POST", "/notes", "{").status, 400);
    assert_eq!(service.get("/nothing").status, 404);
    service.stop();

    let service = Service::start(&database, &[]);
    service.wait_for_log("database current at 20261011160000");
    assert_eq!(service.get("/notes").body, r#"[{"id":1,"text":"Buy tea.","author":"Ada"}]"#);
    service.stop();
}

/// The server starts after the service, and goes away and comes back while it runs.
#[test]
fn while_its_database_is_away_it_is_alive_and_not_ready() {
    let password = "hunter2@/";
    let cluster = Cluster::start_own(Options::default().auth(Auth::Scram(password.to_owned())));
    let database = Database::on(&cluster);
    cluster.stop(Shutdown::Fast);
    let command = example("axum-service").env("DATABASE_URL", database.url()).secret("hunter2");
    let service = Service::of(command, &[]);
    service.wait_for_log("not ready, next try in 250 ms: could not connect to the database");
    service.wait_for_log("next try in 500 ms");
    service.is_not_ready("could not connect to the database");
    let refused = service.get("/notes");
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("\r\nretry-after: 5"), "{refused:?}");

    cluster.start();
    service.wait_for_log(UPGRADED);
    service.is_ready();
    assert_eq!(service.post("Buy tea.").status, 201);

    cluster.stop(Shutdown::Immediate);
    service.is_not_ready("could not connect to the database");
    assert_eq!(service.post("Drink it.").status, 503);
    cluster.start();
    service.is_ready();
    assert_eq!(service.post("Drink it.").status, 201);
    service.stop();
}

#[test]
fn it_stops_while_it_looks_for_its_database() {
    let command = example("axum-service").env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/notes");
    let service = Service::of(command.secret("hunter2"), &[]);
    service.wait_for_log("not ready");
    service.stop();
}

#[test]
fn it_waits_for_a_job_to_upgrade_its_database() {
    let database = Database::new();
    let service = Service::start(&database, &[("ON_START", "wait")]);
    let begun = std::time::Instant::now();
    while service.ready().1 == "starting" {
        assert!(begun.elapsed().as_secs() < 60, "it never began to wait");
    }
    service.is_not_ready("waiting for the database, and until somebody else has upgraded it");
    assert_eq!(service.get("/notes").status, 503);
    assert_eq!(database.ask("SELECT to_regclass('notes')::text"), "");

    let job = || example("axum-service").env("DATABASE_URL", database.url());
    job().args(["db", "status", "--exit-code"]).run().exit(5);
    job().args(["db", "upgrade"]).run().success();
    service.wait_for_log("database brought up by somebody else: UpToDate");
    service.is_ready();
    assert_eq!(service.post("Buy tea.").status, 201);

    // What is undone while it runs was meant to be.
    job().args(["db", "downgrade", "-1"]).run().success();
    service.is_not_ready("the database lacks 20261011160000");
    service.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_upgrades_and_the_other_waits() {
    let database = Database::new();
    let job = example("axum-service").env("DATABASE_URL", database.url());
    job.args(["db", "upgrade", "20261005090000"]).run().success();
    // A transaction that somebody has left open is in the way.
    let mut conn = database.connect().await;
    let mut open = conn.begin().await.unwrap();
    sqlx::query("LOCK TABLE notes").execute(&mut *open).await.unwrap();
    let first = Service::start(&database, &[]);
    first.wait_for_log("blocked");
    let second = Service::start(&database, &[]);
    second.wait_for_log("waiting for the migration lock");
    for replica in [&first, &second] {
        assert_eq!(replica.ready().0, 503);
        assert_eq!(replica.get("/notes").status, 503);
    }
    open.rollback().await.unwrap();
    let upgraded = [first, second].map(|replica| {
        replica.wait_for_log("axum_service::bringing_up: database ");
        replica.is_ready();
        assert_eq!(replica.get("/notes").status, 200);
        let log = replica.stop().stdout;
        usize::from(log.contains("database upgraded by 1 revision to 20261011160000"))
    });
    assert_eq!(upgraded.iter().sum::<usize>(), 1, "{upgraded:?}");
}

/// Two things that SIGTERM finds under way: a revision, which is never left half done, and a request, which is answered.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_it_stops_is_left_in_order() {
    let database = Database::new();
    let job = example("axum-service").env("DATABASE_URL", database.url());
    job.args(["db", "upgrade", "20261005090000"]).run().success();
    let mut conn = database.connect().await;
    let mut open = conn.begin().await.unwrap();
    sqlx::query("LOCK TABLE notes").execute(&mut *open).await.unwrap();
    let service = Service::start(&database, &[]);
    service.wait_for_log("blocked");
    service.stop();
    open.rollback().await.unwrap();

    // The server has rolled it back, or the lock was given free before it noticed that nobody is there any more.
    let service = Service::start(&database, &[]);
    service.wait_for_log("axum_service::bringing_up: database ");
    service.is_ready();
    let authors = "SELECT count(*)::text FROM information_schema.columns WHERE column_name = 'author'";
    assert_eq!(database.ask(authors), "1");
    let mut open = conn.begin().await.unwrap();
    sqlx::query("LOCK TABLE notes").execute(&mut *open).await.unwrap();
    let address = service.address.clone();
    let answer =
        std::thread::spawn(move || ask(&address, "POST", "/notes", r#"{"text": "Buy tea.", "author": "Ada"}"#));
    let begun = std::time::Instant::now();
    let waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO notes%' AND datname = current_database()";
    while database.ask(waiting) != "1" {
        assert!(begun.elapsed().as_secs() < 60, "it never wrote the note");
    }
    service.process().signal("TERM");
    service.wait_for_log("stopping after SIGTERM");
    open.rollback().await.unwrap();
    assert_eq!(answer.join().unwrap().status, 201);
    service.stop();
}

#[test]
fn an_older_release_goes_on_until_a_revision_breaks_it() {
    let database = Database::new();
    let service = Service::start(&database, &[]);
    service.wait_for_log(UPGRADED);
    let release = Release::next();
    let tags = ("ALTER TABLE notes ADD COLUMN tags text[];", "ALTER TABLE notes DROP COLUMN tags;");
    release.add("20261101000000_tags", "--! parent: 20261011160000\n", tags.0, tags.1);
    release.run(&database, "upgrade");
    assert_eq!(service.ready(), (200, "a newer release has applied 20261101000000".to_owned()));
    assert_eq!(service.post("Buy tea.").status, 201);
    // One that starts now does so too.
    let late = Service::start(&database, &[]);
    late.wait_for_log("axum_service::bringing_up: database current at 20261101000000");
    assert_eq!(late.ready().0, 200);
    late.stop();

    let header = "--! parent: 20261101000000\n--! breaks-older: true\n";
    let rename = ("ALTER TABLE notes RENAME text TO body;", "ALTER TABLE notes RENAME body TO text;");
    release.add("20261102000000_bodies", header, rename.0, rename.1);
    release.run(&database, "upgrade");
    service.is_not_ready("20261102000000, which this binary does not know");
    let late = Service::start(&database, &[]);
    late.wait_for_log("not ready");
    late.is_not_ready("20261102000000, which this binary does not know");
    late.stop();
    // The release is taken back.
    release.run(&database, "downgrade 20261011160000");
    service.is_ready();
    assert_eq!(service.post("Drink it.").status, 201);
    service.stop();
}

#[test]
fn another_history_is_told_and_when_it_is_undone_the_service_goes_on() {
    let database = Database::new();
    let release = Release::of_another_branch();
    let up = "ALTER TABLE notes ADD COLUMN color text;";
    release.add("20261010000000_colors", "--! parent: 20261005090000\n", up, "ALTER TABLE notes DROP COLUMN color;");
    release.run(&database, "upgrade");
    let service = Service::start(&database, &[]);
    service.wait_for_log("not ready");
    service.is_not_ready(
        "two histories: the database has 20261010000000, which is not in the files, and lacks 20261011160000",
    );
    assert_eq!(service.get("/notes").status, 503);
    release.run(&database, "downgrade -1");
    service.wait_for_log("database upgraded by 1 revision to 20261011160000");
    service.is_ready();
    service.stop();
}

#[test]
fn the_program_is_its_own_tool() {
    let database = Database::new();
    let typed = |words: &str| {
        let command = example("axum-service").args(words.split(' ')).env("DATABASE_URL", database.url());
        command.folder(std::env::temp_dir()).run()
    };
    assert_eq!(typed("db upgrade --dry-run").success().stdout, "up 20261005090000\nup 20261011160000\n");
    typed("db upgrade").success();
    assert!(typed("db status --exit-code").success().stdout.starts_with("current: 2 revisions applied"));
    typed("db downgrade base").success();
    assert_eq!(database.ask("SELECT to_regclass('notes')::text"), "");
}

#[test]
fn what_cannot_be_read_as_a_database_is_not_repeated() {
    let output = example("axum-service").run().exit(2);
    assert!(output.stderr.starts_with("error: DATABASE_URL names no database\nhelp: "), "{output}");
    let command = example("axum-service").env("DATABASE_URL", "postgres://me:hunter2@host:port/notes");
    let output = command.secret("hunter2").run().exit(2);
    assert!(output.stderr.starts_with("error: DATABASE_URL is not the URL of a PostgreSQL database\n"), "{output}");
    example("axum-service").args(["--listen", "nowhere"]).run().exit(2);
}
