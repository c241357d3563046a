//! Where a schema comes from: folders, dumps, revisions, and statements of every sort.

use migrate_tests::{Cluster, Database, Options, Project};

use super::{BEFORE, files, typed};

/// The files of a folder and of those below it are one schema, whatever needs what.
#[test]
fn a_folder_is_one_schema_in_any_order() {
    let (project, database) = (Project::empty(), Database::new());
    project.write(
        "schema/10_posts.sql",
        "CREATE TABLE posts (id int);\nALTER TABLE posts ADD author bigint REFERENCES users;",
    );
    project.write(
        "schema/20_early.sql",
        "SET search_path TO app;\nCREATE VIEW v AS SELECT f() AS one;\nCREATE TABLE late ();",
    );
    project.write(
        "schema/app/a.sql",
        "CREATE SCHEMA app;\nCREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    );
    project.write("schema/users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);");
    project.write("schema/notes.txt", "not SQL");
    project.write("schema/.hidden.sql", "not SQL");
    let dump = || typed(&project, &database, &["dump", "schema"]).run();
    let output = dump().success();
    for expected in ["REFERENCES users", "CREATE VIEW app.v", "CREATE TABLE app.late"] {
        assert!(output.stdout.contains(expected), "{output}");
    }
    project.write(
        "schema/30_missing.sql",
        "CREATE TABLE x ();\nALTER TABLE nowhere ADD COLUMN x int;\nCREATE VIEW y AS SELECT 1;",
    );
    insta::assert_snapshot!(dump(), @r#"
    exit 1
    --- stdout
    --- stderr
         Loading schema into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: relation "nowhere" does not exist (SQLSTATE 42P01)
     --> schema/30_missing.sql:2:1
      |
    2 | ALTER TABLE nowhere ADD COLUMN x int;
      | ^^^^^
      |
      = note: this was loaded into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    "#);
    // A folder of revisions is another source.
    project.write("schema/1_users/up.sql", "CREATE TABLE users ();");
    insta::assert_snapshot!(dump(), @"
    exit 2
    --- stdout
    --- stderr
    error: `schema` is a folder of revisions: it has `schema/1_users/up.sql`
    help: the revisions of the project are the source `migrations`; with `--dir DIR` those of a folder
    ");
}

#[test]
fn a_dump_in_many_files_is_the_same_schema() {
    let (project, database) = (Project::empty(), Database::new());
    database.psql(
        "CREATE SCHEMA app; CREATE TABLE app.\"Odd/Name\" (id serial PRIMARY KEY, m text); CREATE TABLE users (id int UNIQUE);
         CREATE FUNCTION n() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users'; CREATE INDEX i ON users (id) WHERE id > 3;
         CREATE VIEW v AS SELECT n(); COMMENT ON VIEW v IS 'it'; ALTER TABLE users ADD o int REFERENCES app.\"Odd/Name\";",
    );
    let split = || typed(&project, &database, &["dump", "--split", "schema"]).run();
    insta::assert_snapshot!(split(), @"
    exit 0
    --- stdout
    schema/routines/n.sql
    schema/schemas/app.sql
    schema/tables/app.%4Fdd%2F%4Eame.sql
    schema/tables/users.sql
    schema/views/v.sql
    --- stderr
    ");
    insta::assert_snapshot!(project.read("schema/tables/users.sql"), @r#"
    -- Written by `cargo migrate dump --split`.

    CREATE TABLE users (
        id integer,
        o integer,
        CONSTRAINT users_id_key UNIQUE (id),
        CONSTRAINT users_o_fkey FOREIGN KEY (o) REFERENCES app."Odd/Name"(id)
    );

    CREATE INDEX i ON users (id)
        WHERE (id > 3);
    "#);
    let words = ["diff", "--from", "database", "--to", "schema", "--exit-code"];
    assert_eq!(typed(&project, &database, &words).run().success().stdout, "");
    // The next run replaces what this one has written, and nothing else.
    database.psql("DROP VIEW v; CREATE TABLE more (id int);");
    let _ = split().success();
    assert_eq!(typed(&project, &database, &words).run().success().stdout, "");
    assert!(!project.path("schema/views").exists());
    project.write("schema/mine.sql", "CREATE TABLE mine ();");
    insta::assert_snapshot!(split().exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: `schema/mine.sql` was not written by `dump --split`, and would be loaded with what is
    help: name another folder, or move the file away
    ");
    assert_eq!(project.read("schema/mine.sql"), "CREATE TABLE mine ();");
}

#[test]
fn the_revisions_are_replayed_and_compared() {
    let (project, database) = (files(), Database::new());
    let header = "--! Create users.\n--!\n--! parent: base\n\n";
    project.write("migrations/1_users/up.sql", &format!("{header}{BEFORE}"));
    let words = ["--dir", "migrations", "diff", "--from", "migrations", "--to", "after.sql"];
    insta::assert_snapshot!(typed(&project, &database, &words).run(), @"
    exit 0
    --- stdout
    -- destroys data: the values of users.name
    ALTER TABLE users
        DROP COLUMN name,
        ADD COLUMN email text NOT NULL;
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading after.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    ");
    database.psql(BEFORE);
    let words = ["--dir", "migrations", "diff", "--from", "database", "--to", "migrations", "--exit-code"];
    assert_eq!(typed(&project, &database, &words).run().success().stdout, "");
    project.write("migrations/1_users/up.sql", &format!("{header}CREATE TABLE users (\n    id nonsense\n);\n"));
    insta::assert_snapshot!(typed(&project, &database, &words).run().exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: revision 1 failed: type "nonsense" does not exist (SQLSTATE 42704)
     --> migrations/1_users/up.sql:6:8
      |
    6 |     id nonsense
      |        ^^^^^^^^
      |
      = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
}

/// On a server where the revisions were applied their roles are there, and `CREATE ROLE` would fail.
#[test]
fn revisions_whose_roles_are_there_are_replayed_on_a_server_of_ours() {
    let cluster = Cluster::start_own(Options::default());
    let (project, database) = (Project::empty(), Database::on(&cluster));
    let up =
        "--! Roles.\n--!\n--! parent: base\n\nCREATE ROLE app;\nCREATE TABLE t (id int);\nGRANT SELECT ON t TO app;\n";
    project.write("migrations/1_roles/up.sql", up);
    let diff = || {
        let words = ["--dir", "migrations", "diff", "--from", "database", "--to", "migrations"];
        typed(&project, &database, &words).run().success()
    };
    let output = diff();
    assert!(output.stderr.contains("into a temporary database beside "), "{output}");
    assert_eq!(database.ask("SELECT count(*) FROM pg_roles WHERE rolname = 'app'"), "0");
    database.psql("CREATE ROLE app;");
    let output = diff();
    assert!(output.stderr.contains("into a temporary PostgreSQL "), "{output}");
    assert_eq!(output.stdout, "CREATE TABLE t (\n    id integer\n);\n");
}

#[test]
fn a_rust_revision_needs_its_package() {
    let (project, database) = (files(), Database::new());
    let revision = "//! Fill.\n//!\n//! parent: base\n\npub async fn up(cx: &mut Context) -> Result { Ok(()) }\n";
    project.write("migrations/1_fill/migration.rs", revision);
    let words = ["--dir", "migrations", "diff", "--from", "migrations", "--to", "after.sql"];
    insta::assert_snapshot!(typed(&project, &database, &words).run().exit(1), @"
    exit 1
    --- stdout
    --- stderr
    error: revision 1 is Rust, and was not compiled
    --> migrations/1_fill/migration.rs
     = help: run this in the cargo package that has it, without `--dir`, to have it compiled
    ");
}

/// What `pg_dump` prints can be loaded as it is, and says the same as the database.
#[test]
fn a_dump_of_pg_dump_is_a_schema() {
    let (project, database) = (Project::empty(), Database::new());
    database.psql(
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a', 'b');
         CREATE TABLE app.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m app.mood DEFAULT 'a', n numeric(3, 1));
         CREATE INDEX ON app.t (m) WHERE n > 0; CREATE VIEW v AS SELECT m FROM app.t; COMMENT ON VIEW v IS 'it''s \\';
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
         CREATE TRIGGER r BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION f();",
    );
    // Its programs are those of this machine, and the server may be newer.
    let Some(dump) = database.pg_dump(&[]) else { return };
    project.write("dump.sql", &dump);
    let words = ["diff", "--from", "database", "--to", "dump.sql", "--exit-code"];
    assert_eq!(typed(&project, &database, &words).run().success().stdout, "");
    // As the newest releases print it, whichever is installed here.
    let marked = format!(
        "\\restrict aB3\n\n{dump}\nSET of_tomorrow.x = 1;\nSET transaction_of_tomorrow = 0;\n\\unrestrict aB3\n"
    );
    project.write("dump.sql", &marked.replace("\\restrict aB3\n\n\\restrict", "\\restrict"));
    let output = typed(&project, &database, &words).run().success();
    assert!(
        output.stderr.contains("has no such setting, and `SET transaction_of_tomorrow = 0` was passed over"),
        "{output}"
    );
    project.write("dump.sql", &database.pg_dump(&["--create"]).expect("as before"));
    insta::assert_snapshot!(typed(&project, &database, &words).run().stderr.lines().filter(|line| line.contains("error:")).collect::<String>(), @r#"
    error: `\connect` leads to another database
    "#);
    database.psql("INSERT INTO app.t (m) VALUES ('a');");
    project.write("dump.sql", "CREATE TABLE t (a text);\nCOPY public.t (a) FROM stdin;\nit's\n\\.\n");
    insta::assert_snapshot!(typed(&project, &database, &words).run().exit(1), @"
    exit 1
    --- stdout
    --- stderr
    error: `COPY … FROM stdin` brings rows, and a schema has none
     --> dump.sql:2:1
      |
    2 | COPY public.t (a) FROM stdin;
      | ^^^^
      |
      = help: dump the schema alone: `pg_dump --schema-only`; rows that belong to it can be an INSERT
    ");
}

/// A message holds many statements; what cannot be in one with others is found, and every error has its own place.
#[test]
fn statements_that_cannot_share_a_transaction_run_alone() {
    let (project, database) = (Project::empty(), Database::new());
    let many: String = (0..450).map(|n| format!("CREATE TABLE t{n} (id int);\n")).collect();
    let rest = "CREATE TYPE mood AS ENUM ('a');\nALTER TYPE mood ADD VALUE 'b';\nCREATE TABLE m (m mood DEFAULT 'b');\n\
                CREATE INDEX CONCURRENTLY i ON m (m);\nBEGIN;\nCREATE TABLE last (id int);\nCOMMIT;\n";
    project.write("schema.sql", &format!("{many}{rest}"));
    let output = typed(&project, &database, &["dump", "schema.sql"]).run().success();
    for expected in ["CREATE TABLE t449 (", "CREATE INDEX i ON m (m);", "CREATE TABLE last ("] {
        assert!(output.stdout.contains(expected), "{expected}");
    }
    project.write("schema.sql", &format!("{many}{rest}/* ä */ SELECT nonsense FROM m;\nCREATE TABLE x (id int);\n"));
    let output = typed(&project, &database, &["dump", "schema.sql"]).run().exit(1);
    assert!(output.stderr.contains("--> schema.sql:458:16"), "{output}");
    project.write("schema.sql", "CREATE TABLE a ();\nBEGIN;\nCREATE TABLE b ();\n");
    insta::assert_snapshot!(typed(&project, &database, &["dump", "schema.sql"]).run().exit(1), @"
    exit 1
    --- stdout
    --- stderr
         Loading schema.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: the transaction that begins here does not end in this file
     --> schema.sql:2:1
      |
    2 | BEGIN;
      | ^^^^^
      |
      = help: write COMMIT at its end, or leave both out
    ");
}

#[test]
fn a_missing_extension_is_named_with_what_to_install() {
    let (project, database) = (Project::empty(), Database::new());
    project.write("schema.sql", "CREATE TABLE a ();\nCREATE EXTENSION IF NOT EXISTS of_nobody;\n");
    let output = typed(&project, &database, &["dump", "schema.sql"]).run().exit(1);
    let help = "install the package that has the extension of_nobody for PostgreSQL";
    assert!(output.stderr.contains(help) && output.stderr.contains("--> schema.sql:2:1"), "{output}");
    project.write(
        "schema.sql",
        "CREATE EXTENSION pg_trgm;\nCREATE TABLE a (t text);\nCREATE INDEX i ON a USING gin (t gin_trgm_ops);\n",
    );
    let output = typed(&project, &database, &["dump", "schema.sql"]).run().success();
    assert!(output.stdout.contains("USING gin (t gin_trgm_ops)"), "{output}");
}
