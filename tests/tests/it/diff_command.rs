//! `diff` and `dump`: what they print, and what they refuse.

mod sources;

use migrate_tests::{Command, Database, Project, cargo_migrate};

const BEFORE: &str = "CREATE TABLE users (\n    id bigint PRIMARY KEY,\n    name text\n);\n";
const AFTER: &str = "CREATE TABLE users (\n    id bigint PRIMARY KEY,\n    email text NOT NULL\n);\n";

fn typed(project: &Project, database: &Database<'_>, words: &[&str]) -> Command {
    project.run(cargo_migrate!()).args(words).env("DATABASE_URL", database.url())
}

fn files() -> Project {
    let project = Project::empty();
    project.write("before.sql", BEFORE);
    project.write("after.sql", AFTER);
    project
}

#[test]
fn two_files_are_compared_and_the_way_back_too() {
    let (project, database) = (files(), Database::new());
    let diff = |more: &[&str]| {
        let words = [&["diff", "--from", "before.sql", "--to", "after.sql"], more].concat();
        typed(&project, &database, &words).run()
    };
    insta::assert_snapshot!(diff(&[]), @"
    exit 0
    --- stdout
    -- destroys data: the values of users.name
    ALTER TABLE users
        DROP COLUMN name,
        ADD COLUMN email text NOT NULL;
    --- stderr
         Loading before.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading after.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    ");
    insta::assert_snapshot!(diff(&["--down", "-q"]), @"
    exit 0
    --- stdout
    -- destroys data: the values of users.email
    ALTER TABLE users
        DROP COLUMN email,
        ADD COLUMN name text;
    --- stderr
    ");
    insta::assert_snapshot!(diff(&["--exit-code"]).exit(5), @"
    exit 5
    --- stdout
    -- destroys data: the values of users.name
    ALTER TABLE users
        DROP COLUMN name,
        ADD COLUMN email text NOT NULL;
    --- stderr
         Loading before.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading after.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: before.sql and after.sql differ
    ");
    insta::assert_snapshot!(diff(&["--refuse-data-loss"]).exit(1), @"
    exit 1
    --- stdout
    --- stderr
         Loading before.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading after.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: this would destroy data
    note: it destroys the values of users.name
    help: look at it without `--refuse-data-loss`
    ");
    insta::assert_snapshot!(diff(&["--format", "json", "-q"]), @r#"
    exit 0
    --- stdout
    {"sql":"-- destroys data: the values of users.name\nALTER TABLE users\n    DROP COLUMN name,\n    ADD COLUMN email text NOT NULL;\n","losses":["the values of users.name"],"hazards":[],"unsupported":[]}
    --- stderr
    "#);
    let same = ["diff", "--from", "after.sql", "--to", "after.sql", "--exit-code"];
    assert_eq!(typed(&project, &database, &same).run().success().stdout, "");
}

#[test]
fn a_rename_is_told_and_what_looks_like_one_is_named() {
    let (project, database) = (Project::empty(), Database::new());
    project.write("before.sql", "CREATE TABLE users (id int, name text);");
    project.write("after.sql", "CREATE TABLE accounts (id int, full_name text);");
    project.write("column.sql", "CREATE TABLE users (id int, full_name text);");
    let diff = |to: &str, more: &[&str]| {
        let words = [&["diff", "--from", "before.sql", "--to", to], more].concat();
        typed(&project, &database, &words).run()
    };
    let output = diff("column.sql", &[]).success();
    assert!(output.stdout.contains("-- destroys data: the values of users.name"), "{output}");
    assert!(output.stderr.contains("say so: `--rename users.name=full_name`"), "{output}");
    let both = ["--rename", "users=accounts", "--rename", "users.name=full_name", "-q"];
    insta::assert_snapshot!(diff("after.sql", &both), @"
    exit 0
    --- stdout
    ALTER TABLE users RENAME TO accounts;
    ALTER TABLE accounts RENAME COLUMN name TO full_name;
    --- stderr
    ");
    insta::assert_snapshot!(diff("after.sql", &[&both[..], &["--down"]].concat()), @"
    exit 0
    --- stdout
    ALTER TABLE accounts RENAME TO users;
    ALTER TABLE users RENAME COLUMN full_name TO name;
    --- stderr
    ");
    insta::assert_snapshot!(diff("after.sql", &["--rename", "nobody=x", "-q"]).exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: there is no table, column, type, sequence or view `nobody` to rename
    help: OLD is what the schema has now, as in `users=accounts` or `users.name=full_name`
    ");
}

#[test]
fn what_is_printed_turns_a_database_into_the_schema() {
    let (project, database) = (files(), Database::new());
    database.psql(BEFORE);
    let words = ["diff", "--from", "database", "--to", "after.sql"];
    let up = typed(&project, &database, &words).run().success().stdout;
    let down = typed(&project, &database, &[&words[..], &["--down"]].concat()).run().success().stdout;
    database.psql(&up);
    assert_eq!(typed(&project, &database, &[&words[..], &["--exit-code"]].concat()).run().success().stdout, "");
    database.psql(&down);
    let other = Database::new();
    other.psql(BEFORE);
    let words = ["diff", "--from", database.url(), "--to", other.url(), "--exit-code"];
    assert_eq!(typed(&project, &database, &words).run().success().stdout, "");
}

#[test]
fn a_source_that_is_none_is_refused() {
    let (project, database) = (files(), Database::new());
    project.make_folder("nothing");
    for source in ["missing.sql", "nothing", "mysql://a/b"] {
        let output = typed(&project, &database, &["diff", "--from", source, "--to", "after.sql"]).run().exit(2);
        insta::assert_snapshot!(format!("a source that is none: {source}").replace(['.', '/', ':', ' '], "_"), output);
    }
}

#[test]
fn only_some_of_a_schema_is_looked_at() {
    let (project, database) = (Project::empty(), Database::new());
    database.psql("CREATE SCHEMA app; CREATE TABLE app.kept (id int); CREATE TABLE app.tmp_x (id int); CREATE TABLE other (id int);");
    let dump = |more: &[&str]| typed(&project, &database, &[&["dump"], more].concat()).run().success().stdout;
    insta::assert_snapshot!(dump(&["--schema", "app", "--exclude", "tmp_*"]), @"
    CREATE SCHEMA app;

    CREATE TABLE app.kept (
        id integer
    );
    ");
}

#[test]
fn privileges_and_owners_are_compared_when_that_is_asked_for() {
    let (project, database, other) = (Project::empty(), Database::new(), Database::new());
    let role = format!("owner_of_{}", other.name());
    database.psql("CREATE TABLE users (id int);");
    other.psql(&format!(
        "CREATE ROLE {role}; CREATE TABLE users (id int); ALTER TABLE users OWNER TO {role}; GRANT SELECT ON users TO PUBLIC;"
    ));
    let words = ["diff", "--from", database.url(), "--to", other.url(), "-q"];
    let diff = |more: &[&str]| {
        let output = typed(&project, &database, &[&words[..], more].concat()).run().success();
        output.stdout.replace(&role, "[ROLE]")
    };
    assert_eq!(diff(&[]), "");
    assert_eq!(diff(&["--privileges"]), "GRANT SELECT ON TABLE users TO PUBLIC;\n");
    assert_eq!(diff(&["--owners"]), "ALTER TABLE users OWNER TO [ROLE];\n");
    let both = diff(&["--owners", "--privileges"]);
    database.psql(&both.replace("[ROLE]", &role));
    assert_eq!(diff(&["--owners", "--privileges", "--exit-code"]), "");
    assert_eq!(diff(&["--owners", "--privileges", "--down"]), "");
    other.psql(&format!("DROP OWNED BY {role}"));
    database.psql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
