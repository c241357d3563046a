//! A program that includes a library's revisions, as cargo builds it and as the command line finds it.

use std::time::Duration;

use migrate_tests::{Command, Database, Project, cargo_migrate};

const MAIN: &str = "mod migrations {\n    migrate_runtime::include_migrations!();\n}\n\nfn main() {\n    \
    for migration in migrations::MIGRATIONS.list() {\n        println!(\"{}\", migration.id());\n    }\n}\n";

/// The library's second revision is written in Rust.
const FILL: &str = "//! Fill the names.\n//!\n//! parent: 1\nuse migrate_runtime::{Context, Result};\n\n\
    pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    \
    sqlx::query(\"INSERT INTO users VALUES ($1)\").bind(crate::NAME).execute(cx.conn()?).await?;\n    Ok(())\n}\n\n\
    pub async fn down(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(\"DELETE FROM users\").await\n}\n";

/// A program `app` whose folder has the library `app-users`, which its code calls `users`.
fn app(app: &str) -> Project {
    let project = Project::application(app, "");
    project.write("src/main.rs", MAIN);
    let manifest = project.read("Cargo.toml");
    let dependency = format!("[dependencies]\nusers = {{ package = \"{app}-users\", path = \"users\" }}\n");
    project.write("Cargo.toml", &manifest.replace("[dependencies]\n", &dependency));
    project.write("build.rs", &build_script("users"));
    project.write("users/Cargo.toml", &manifest.replace(app, &format!("{app}-users")).replace("\n[workspace]\n", ""));
    project
        .write("users/build.rs", "fn main() -> migrate_build::Result {\n    migrate_build::compile(\"schema\")\n}\n");
    let settings = "\n[package.metadata.migrate]\ndir = \"schema\"\n";
    project.write("users/Cargo.toml", &(project.read("users/Cargo.toml") + settings));
    let library = "pub mod migrations {\n    migrate_runtime::include_migrations!();\n}\nconst NAME: &str = \"Ada\";\n";
    project.write("users/src/lib.rs", library);
    revision(&project, "users/schema/1_users", "--! parent: base", "CREATE TABLE users (name text);");
    project.write("users/schema/1_users/down.sql", "DROP TABLE users;\n");
    project.write("users/schema/2_fill/migration.rs", FILL);
    revision(&project, "migrations/1_orders", "--! parent: base", "CREATE TABLE orders (a int);");
    let header = "--! parent: 1\n--! depends-on: users::1";
    revision(&project, "migrations/2_owners", header, "ALTER TABLE users ADD COLUMN n_orders int;");
    project
}

fn build_script(included: &str) -> String {
    format!(
        "fn main() -> migrate_build::Result {{\n    \
         migrate_build::Config::new().include_crate(\"{included}\").compile(\"migrations\")\n}}\n"
    )
}

fn revision(project: &Project, folder: &str, header: &str, sql: &str) {
    project.write(&format!("{folder}/up.sql"), &format!("--! A revision.\n--!\n{header}\n\n{sql}\n"));
}

fn typed(project: &Project, database: &Database<'_>, words: &str) -> Command {
    let command = project.run(cargo_migrate!()).args(words.split_whitespace()).env("DATABASE_URL", database.url());
    // It may compile everything, and wait until other tests have compiled.
    command.limit(Duration::from_secs(900))
}

#[test]
fn the_program_and_the_command_line_have_the_same_revisions() {
    let name = "composed-whole";
    let (project, database) = (app(name), Database::new());
    project.cargo(&["build"]).run().success();
    let printed = project.program(name).run().success().stdout;
    assert_eq!(printed, format!("{name}-users::1\n{name}-users::2\n1\n2\n"), "under the name that cargo has");

    // Up to where only SQL is due nothing is compiled; the rest the program does, with the library's function in it.
    let output = typed(&project, &database, "upgrade 2").run().success();
    assert!(!output.stderr.contains("Compiling"), "{output}");
    let status = typed(&project, &database, "status").run().success().stdout;
    assert!(status.starts_with("pending: 1 of 4 revisions not applied\n"), "{status}");
    let output = typed(&project, &database, "upgrade").run().success();
    assert!(output.stderr.contains(&format!("{name}-users::2 Fill the names.")), "{output}");
    assert_eq!(database.ask("SELECT name FROM users"), "Ada");

    // A version of the library with a revision more.
    revision(&project, "users/schema/3_ages", "--! parent: 2", "ALTER TABLE users ADD COLUMN age int;");
    let status = typed(&project, &database, "status").run().success().stdout;
    assert!(status.contains(&format!("  {name}-users::3 A revision.  pending\n")), "{status}");
    typed(&project, &database, "upgrade").run().success();
    assert_eq!(database.ask("SELECT count(*) FROM users WHERE age IS NULL"), "1");

    // By what code calls the crate, or by its package.
    for (id, typed_name) in [(3, "users::ages".to_owned()), (4, format!("{name}-users::3"))] {
        let words = format!("new more{id} --rev-id {id} --depends-on {typed_name}");
        let made = typed(&project, &database, &words).run().success();
        let header = project.read(&format!("migrations/{id}_more{id}/up.sql"));
        assert!(header.contains("--! depends-on: users::3\n"), "{made}");
    }
    let output = typed(&project, &database, "upgrade --dir migrations").run().exit(2);
    assert!(
        output.stderr.contains("`--dir` is one folder, and the build script beside it includes crates"),
        "{output}"
    );
}

#[test]
fn a_revision_that_the_library_has_not_is_refused_by_the_compiler_and_by_the_command_line() {
    let (project, database) = (app("composed-unknown"), Database::new());
    let header = "--! parent: 1\n--! depends-on: users::1, users::7";
    revision(&project, "migrations/2_owners", header, "SELECT 1;");
    let said = "migrations/2_owners/up.sql:4:27: the crate `users` has no revision `7`";
    let output = project.cargo(&["build"]).run().exit(101);
    assert!(output.stderr.contains(said), "{output}");
    let output = typed(&project, &database, "upgrade").run().exit(3);
    // Also where only the headers are read.
    assert_eq!(typed(&project, &database, "history").run().exit(3).stderr, output.stderr);
    insta::assert_snapshot!(output.stderr, @"
    error: the crate `users` has no revision `7`
     --> migrations/2_owners/up.sql:4:27
      |
    4 | --! depends-on: users::1, users::7
      |                           ^^^^^^^^
      |
      = help: did you mean `users::1`?
    ");
}

#[test]
fn what_cannot_be_included_is_refused_with_its_place() {
    let (project, database) = (app("composed-refused"), Database::new());
    let refused = |words: &str| typed(&project, &database, words).run();

    project.write("build.rs", &build_script("user"));
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: composed-refused has no dependency that code calls `user`
     --> build.rs:2:34
      |
    2 |     migrate_build::Config::new().include_crate("user").compile("migrations")
      |                                  ^^^^^^^^^^^^^
      |
      = help: did you mean `users`?
    "#);
    project.write("build.rs", &build_script("billing"));
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: composed-refused has no dependency that code calls `billing`
     --> build.rs:2:34
      |
    2 |     migrate_build::Config::new().include_crate("billing").compile("migrations")
      |                                  ^^^^^^^^^^^^^
      |
      = help: add the library to `[dependencies]`; one that is optional must be on by default
    "#);
    project.write("build.rs", &build_script("composed_refused_users"));
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: composed-refused has no dependency that code calls `composed_refused_users`
     --> build.rs:2:34
      |
    2 |     migrate_build::Config::new().include_crate("composed_refused_users").compile("migrations")
      |                                  ^^^^^^^^^^^^^
      |
      = help: code calls it `users` here
    "#);
    let hidden =
        "fn main() -> migrate_build::Result {\n    inc!(migrate_build::Config::new().include_crate(\"users\"))\n}\n";
    project.write("build.rs", hidden);
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: what is included here cannot be read without running the build script
     --> build.rs:2:39
      |
    2 |     inc!(migrate_build::Config::new().include_crate("users"))
      |                                       ^^^^^^^^^^^^^
      |
      = help: write one chain of calls with literals: `Config::new().include_crate("auth").compile(…)`
    "#);
    assert_eq!(refused("status --dir migrations").exit(2).stderr, refused("status").exit(2).stderr);
    project.write("build.rs", &build_script("users").replace("\"users\"", "NAME"));
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: what is included here cannot be read without running the build script
     --> build.rs:2:34
      |
    2 |     migrate_build::Config::new().include_crate(NAME).compile("migrations")
      |                                  ^^^^^^^^^^^^^
      |
      = help: write one chain of calls with literals: `Config::new().include_crate("auth").compile(…)`
    "#);
    project.write("build.rs", "fn main() -> migrate_build::Result {\n    migrate_build::compile(\"migrations\")\n}\n");
    insta::assert_snapshot!(refused("status").exit(3).stderr, @r#"
    error: `users::1`: the crate `users` is not included
     --> migrations/2_owners/up.sql:4:17
      |
    4 | --! depends-on: users::1
      |                 ^^^^^^^^
      |
      = help: include it in build.rs: `migrate_build::Config::new().include_crate("users")`
    "#);
    insta::assert_snapshot!(refused("new x --depends-on users::1").exit(2).stderr, @r#"
    error: `users::1`: the crate `users` is not included
    help: include it in build.rs: `migrate_build::Config::new().include_crate("users")`
    "#);
    project.write("build.rs", &build_script("users"));
    project.remove("users/schema");
    insta::assert_snapshot!(refused("status").exit(2).stderr, @r#"
    error: the crate `users` has no folder `users/schema`
     --> build.rs:2:34
      |
    2 |     migrate_build::Config::new().include_crate("users").compile("migrations")
      |                                  ^^^^^^^^^^^^^
      |
      = help: include a library that ships revisions, with its folder in `dir` of its `[package.metadata.migrate]`
    "#);
    revision(&project, "users/schema/1_users", "--! parent: 0", "SELECT 1;");
    insta::assert_snapshot!(refused("status").exit(3).stderr, @"
    error: unknown parent `0`
     --> users/schema/1_users/up.sql:3:13
      |
    3 | --! parent: 0
      |             ^
      |
      = help: bring in its files, or write `parent: base`
    ");
    assert_eq!(refused("new x --depends-on users::1").exit(3).stderr, refused("status").exit(3).stderr);
}

#[test]
fn the_build_script_names_each_crate_once_and_as_a_path() {
    let project = app("composed-script");
    for (included, said) in [
        ("users\").include_crate(\"users::other", "build.rs: the crate `users` is included twice"),
        ("my-users", "build.rs: `my-users` cannot be included: it is no path of a module in another crate"),
        ("crate::users", "build.rs: `crate::users` cannot be included"),
        ("", "build.rs: `` cannot be included"),
    ] {
        project.write("build.rs", &build_script(included));
        let output = project.cargo(&["build"]).run().exit(101);
        assert!(output.stderr.contains(said), "{output}");
    }
}
