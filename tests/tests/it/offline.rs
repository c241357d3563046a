//! Offline mode: what psql does with the printed SQL is what a run does.

use migrate_runtime::plan::Direction;
use migrate_runtime::table::{Action, Checksum, Migration, RustScript};
use migrate_runtime::{Context, Error, Migrations, Options, Range, Result};
use migrate_tests::{Database, Output, Project, cargo_migrate};

/// Two branches and a merge; a script without a transaction, one that changes the session, one with a comment at its end.
fn folder() -> Project {
    let project = Project::empty();
    let revision = |id: &str, header: &str, up: &str, down: &str| {
        let up = format!("--! It's revision {id}.\n--!\n{header}\n{up}");
        project.write(&format!("migrations/{id}_{id}x/up.sql"), &up);
        project.write(&format!("migrations/{id}_{id}x/down.sql"), down);
    };
    revision(
        "a1",
        "--! parent: base\n",
        "CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'é; -- no comment');\n-- between\nINSERT INTO t VALUES (1); -- end",
        "DROP TABLE t -- end",
    );
    revision(
        "b1",
        "--! parent: a1\n--! transaction: none\n",
        "CREATE INDEX CONCURRENTLY i ON t (v);\nCREATE UNIQUE INDEX CONCURRENTLY \"I 2\" ON t (v);\nVACUUM t;\n",
        "--! transaction: none\nDROP INDEX CONCURRENTLY i;\nDROP INDEX CONCURRENTLY \"I 2\";\n",
    );
    revision(
        "c1",
        "--! parent: a1\n--! branch-label: side\n",
        "CREATE SCHEMA s;\nSET search_path = s;\nSET client_encoding = 'LATIN1';\nCREATE TEMP TABLE x ();\nCREATE TABLE u ();\n\
         CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN\n  RETURN 1; -- ;\nEND $$;\n",
        "DROP SCHEMA s CASCADE;\n",
    );
    revision(
        "d1",
        "--! parent: b1, c1\n",
        "CREATE TABLE u (w text DEFAULT 'ü');\nCREATE TEMP TABLE x ();\n",
        "DROP TABLE u;\n",
    );
    revision(
        "e1",
        "--! parent: base\n--! branch-label: extra\n--! depends-on: side\n",
        "CREATE TABLE s.v ();\n",
        "DROP TABLE s.v;\n",
    );
    project
}

fn typed(project: &Project, words: &str) -> migrate_tests::Command {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace())
}

fn printed(project: &Project, words: &str) -> String {
    let output = typed(project, words).run().success();
    assert_eq!(output.stderr, "", "{words}");
    output.stdout
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    typed(project, words).env("DATABASE_URL", database.url()).run()
}

/// Runs `words` online on one database and their SQL on the other, and compares what both have then.
#[track_caller]
fn same(project: &Project, [online, offline]: [&Database<'_>; 2], words: &str, sql: &str) {
    on(project, online, words).success();
    offline.psql(&printed(project, sql));
    assert_eq!(offline.catalog(), online.catalog(), "{sql}");
    assert_eq!(offline.version_rows(), online.version_rows(), "{sql}");
}

#[test]
fn the_printed_sql_leaves_what_a_run_leaves() {
    let project = folder();
    let (online, offline) = (Database::new(), Database::new());
    let both = [&online, &offline];
    same(&project, both, "upgrade a1", "upgrade --sql a1");
    same(&project, both, "upgrade b1", "upgrade --sql a1:b1");
    same(&project, both, "upgrade d1", "upgrade --sql b1:d1");
    same(&project, both, "downgrade c1", "downgrade --sql d1:c1");
    let (online, offline) = (Database::new(), Database::new());
    let both = [&online, &offline];
    same(&project, both, "upgrade heads", "upgrade --sql heads");
    same(&project, both, "downgrade extra@base", "downgrade --sql d1,e1:extra@base");
    same(&project, both, "downgrade base", "downgrade --sql d1:base");
    assert_eq!(offline.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
    same(&project, both, "stamp side@head", "stamp --sql side@head");
    same(&project, both, "stamp base", "stamp --sql d1:base");
}

#[tokio::test]
async fn a_script_may_not_be_run_twice_nor_beside_a_run() {
    let (project, database) = (folder(), Database::new());
    let sql = printed(&project, "upgrade --sql a1");
    let (_, rest) = sql.split_once("pg_try_advisory_xact_lock(").unwrap();
    let key: i64 = rest.split_once("::").unwrap().0.parse().unwrap();
    let mut holder = database.connect().await;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(key).execute(&mut holder).await.unwrap();
    let error = database.try_psql(&sql).unwrap_err();
    assert!(error.contains("migrate: the lock is held"), "{error}");
    assert_eq!(database.psql("SELECT to_regclass('t') IS NULL"), "t\n");
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(key).execute(&mut holder).await.unwrap();
    database.psql(&sql);
    let error = database.try_psql(&sql).unwrap_err();
    assert!(error.contains("duplicate key value violates unique constraint \"migrate_revisions_pkey\""), "{error}");
    let error = database.try_psql(&printed(&project, "downgrade --sql d1:c1")).unwrap_err();
    assert!(error.contains("migrate: the database is not where this text begins"), "{error}");
    let error = database.try_psql(&printed(&project, "stamp --sql b1:d1")).unwrap_err();
    assert!(error.contains("migrate: the database is not where this text begins"), "{error}");
}

#[test]
fn it_runs_as_the_role_that_was_set_before_it() {
    let (project, database) = (folder(), Database::new());
    let role = format!("dba_{}", database.name());
    database.psql(&format!(
        "CREATE ROLE {role}; GRANT CREATE ON DATABASE {} TO {role}; GRANT ALL ON SCHEMA public TO {role};",
        database.name()
    ));
    // c1 sets another role in its script, d1 comes after it.
    let up = project.read("migrations/c1_c1x/up.sql");
    project.write("migrations/c1_c1x/up.sql", &format!("{up}RESET ROLE;\n"));
    database.psql(&format!("SET ROLE {role};\n{}", printed(&project, "upgrade --sql heads")));
    let owners = "SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ',') FROM pg_class WHERE relname IN ('t', 'v', 'migrate_revisions')";
    assert_eq!(database.psql(owners), format!("{role}\n"));
    let recorded = "SELECT DISTINCT split_part(applied_by, ', ', 2) FROM migrate_revisions";
    assert_eq!(database.psql(recorded), format!("{role}\n"));
    database.psql(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role};"));
}

#[test]
fn what_offline_mode_cannot_do_is_said() {
    let project = folder();
    for (words, code, said) in [
        ("downgrade --sql a1", 2, "a downgrade in offline mode needs to know where the database is"),
        ("downgrade --sql a1", 2, "help: as in `cargo migrate downgrade --sql heads:base`"),
        ("upgrade --sql zz:heads", 2, "no revision is called `zz`"),
        ("upgrade --sql head:heads", 2, "there are several heads: d1, e1"),
        ("downgrade --sql heads:base", 2, "help: name where the database is, with commas, as in `d1,e1:base`"),
        (
            "downgrade heads",
            2,
            "help: a downgrade ends at one revision: name it, as in `d1`, or undo a branch as with `d1@-1`",
        ),
        ("downgrade --sql a1:d1", 2, "`d1` is no downgrade from a1"),
        ("stamp --sql :a1", 2, "`:a1` leaves an end out"),
        ("upgrade a1:d1", 2, "`cargo migrate upgrade --sql a1:d1` prints what is between the two"),
        ("upgrade --sql --dry-run", 2, "cannot be used with"),
    ] {
        let output = typed(&project, words).run().exit(code);
        assert!(output.stderr.contains(said), "{words}: {output}");
    }
    let kind = |words: &str| {
        let output = typed(&project, &format!("--format json {words}")).run().exit(2);
        serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap()["error"]["kind"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind("downgrade --sql a1"), "bad_range");
    assert_eq!(kind("upgrade a1:d1"), "range_not_allowed");
    project.remove("migrations/d1_d1x/down.sql");
    let output = typed(&project, "downgrade --sql d1:base").run().exit(1);
    assert!(output.stderr.contains("revision d1 (migrations/d1_d1x/up.sql) cannot be undone"), "{output}");
}

#[test]
fn a_rust_file_is_rendered_as_far_as_its_text_tells() {
    let (project, database) = (folder(), Database::new());
    let rust = |body: &str| {
        format!(
            "//! Fill.\n//!\n//! parent: d1\n//! transaction: none\n\nuse migrate_runtime::{{Context, Result}};\n\n\
             pub async fn up(cx: &mut Context<'_>) -> Result<()> {{\n{body}\n}}\n\n\
             pub async fn down(cx: &mut Context<'_>) -> Result<()> {{\n    cx.execute(\"DROP TABLE f\").await\n}}\n"
        )
    };
    let written = "    cx.execute(\"CREATE TABLE f (a int)\").await?;\n    cx.execute(r#\"INSERT INTO \"f\" VALUES (1); -- it's one\"#).await?;\n    Ok(())";
    project.write("migrations/f1_f1x/migration.rs", &rust(written));
    database.psql(&printed(&project, "upgrade --sql f1"));
    assert_eq!(database.psql("SELECT a FROM f"), "1\n");
    let row = "SELECT statements_done, statements, down_sql IS NULL FROM migrate_revisions WHERE revision = 'f1'";
    assert_eq!(database.psql(row), "1|1|t\n");
    database.psql(&printed(&project, "downgrade --sql f1:d1"));
    assert_eq!(database.psql("SELECT to_regclass('f') IS NULL"), "t\n");

    let asking =
        "    cx.execute(\"SELECT 1\").await?;\n    sqlx::query(\"SELECT 2\").execute(cx.conn()?).await?;\n    Ok(())";
    project.write("migrations/f1_f1x/migration.rs", &rust(asking));
    insta::assert_snapshot!(typed(&project, "upgrade --sql d1:f1").run().exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
    error: revision f1 cannot be rendered: at migrations/f1_f1x/migration.rs:10 it asks for the connection, and in offline mode there is none
      --> migrations/f1_f1x/migration.rs:10:5
       |
    10 |     sqlx::query("SELECT 2").execute(cx.conn()?).await?;
       |     ^^^^^^^^^^^
       |
       = help: run this in the cargo package that has it, without `--dir`, to have it compiled; or say in SQL what it does
    "#);
    project.write(
        "migrations/f1_f1x/migration.rs",
        &rust("    let n = 1;\n    cx.execute(format!(\"SELECT {n}\")).await"),
    );
    let output = typed(&project, "upgrade --sql d1:f1").run().exit(1);
    assert!(output.stderr.contains("at migrations/f1_f1x/migration.rs:9 it does more than"), "{output}");
}

const NO_CHECKSUMS: [Checksum; 2] = [Checksum::new([0; 32]); 2];

static RUST: Migrations = Migrations::new(
    "app",
    &[
        Migration::new("r1", "tables", NO_CHECKSUMS, Action::Rust(RustScript::new("r1.rs", |cx| Box::pin(tables(cx)))))
            .summary("Tables."),
        Migration::new("r2", "fill", NO_CHECKSUMS, Action::Rust(RustScript::new("r2.rs", |cx| Box::pin(fill(cx)))))
            .parents(&["r1"]),
    ],
);

async fn tables(cx: &mut Context<'_>) -> Result<()> {
    for name in ["one", "two"] {
        cx.execute(format!("CREATE TABLE {name} (a int); CREATE INDEX ON {name} (a) -- end")).await?;
    }
    if !cx.is_offline() {
        cx.conn()?;
    }
    Ok(())
}

const LINE_OF_CONN: u32 = line!() + 3;

async fn fill(cx: &mut Context<'_>) -> Result<()> {
    sqlx::query("INSERT INTO one VALUES ($1)").bind(7).execute(cx.conn()?).await?;
    Ok(())
}

#[tokio::test]
async fn a_rust_revision_is_rendered_as_far_as_it_executes_text() {
    let (online, offline) = (Database::new(), Database::new());
    let migrator = RUST.with(Options::default());
    offline.psql(&migrator.sql(Direction::Up, &Range::up_to("r1")).await.unwrap());
    migrator.upgrade_to(&online.options(), "r1").await.unwrap();
    assert_eq!(offline.catalog(), online.catalog());
    assert_eq!(offline.version_rows(), online.version_rows());

    let error = migrator.sql(Direction::Up, &Range::up_to("heads")).await.unwrap_err();
    let Error::Rust { revision, line, .. } = &error else { panic!("{error}") };
    assert_eq!((revision.as_str(), *line), ("r2", Some(LINE_OF_CONN)));
    assert_eq!(
        error.to_string(),
        format!(
            "revision r2 failed at r2.rs:{LINE_OF_CONN}: it asks for the connection, and in offline mode there is none; \
             use `cx.execute`, or ask `cx.is_offline()` first"
        )
    );
    migrator.upgrade(&online.options()).await.unwrap();
    assert_eq!(online.psql("SELECT a FROM one"), "7\n");
}

#[test]
fn what_the_package_wants_of_its_runs_is_in_the_text() {
    let (project, database) = (folder(), Database::new());
    project.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\n\n[package.metadata.migrate]\ntransaction = \"all\"\nlock-timeout = \"7s\"\n\
         session-setup = \"setup.sql\"\nsession-end = \"end.sql\"\n",
    );
    project.write("setup.sql", "SET app.tenant = 'x';\n");
    project.write("end.sql", "INSERT INTO s.u SELECT;\n");
    let up = project.read("migrations/c1_c1x/up.sql");
    let seen =
        "CREATE TABLE public.seen AS SELECT current_setting('app.tenant') || current_setting('lock_timeout') AS s;\n";
    project.write("migrations/c1_c1x/up.sql", &format!("{up}{seen}"));
    database.psql(&printed(&project, "upgrade --sql c1 --statement-timeout 9s"));
    assert_eq!(database.psql("SELECT s, (SELECT count(*) FROM s.u) FROM seen"), "x7s|1\n");
    assert_eq!(database.psql("SELECT count(DISTINCT xmin::text), count(*) FROM migrate_revisions"), "1|2\n");
    let output = typed(&project, "upgrade --sql heads").run().exit(1);
    assert!(output.stderr.contains("revision b1 (migrations/b1_b1x/up.sql) runs without a transaction"), "{output}");
}

#[test]
fn the_text_reads_as_a_script() {
    let project = folder();
    let sql = printed(&project, "upgrade --sql c1");
    insta::with_settings!({filters => vec![(r"'[0-9a-f]{64}'", "'[DIGEST]'"), (r"lock\(-?\d+", "lock([KEY]")]}, {
        insta::assert_snapshot!(sql);
    });
    let document: serde_json::Value =
        serde_json::from_str(&printed(&project, "--format json upgrade --sql c1")).unwrap();
    assert_eq!(document["sql"].as_str().unwrap().trim_end(), sql.trim_end());
}

#[test]
fn a_text_without_a_step_says_so() {
    let project = folder();
    let said = "\n-- nothing to do: no step leads there from where this begins\n";
    for words in ["upgrade --sql d1:a1", "upgrade --sql base"] {
        let sql = printed(&project, words);
        assert!(sql.contains(said) && !sql.contains("CREATE"), "{words}: {sql}");
    }
    assert!(!printed(&project, "upgrade --sql a1").contains(said));
}
