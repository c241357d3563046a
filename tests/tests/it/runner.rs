//! Rust revisions on the command line: compiled into a program that takes the place of `cargo migrate`.

use std::time::Duration;

use migrate_tests::{Command, Database, Output, Project, cargo_migrate};

const LIBRARY: &str = "/// The revisions of the database.\npub mod migrations {\n    migrate_runtime::include_migrations!();\n}\n\n\
    /// Another part of the library.\npub fn name() -> &'static str {\n    \"nobody\"\n}\n";

/// Warnings are errors, the module is private, and another module has a file of its own.
const PROGRAM: &str = "#![deny(warnings)]\nmod names;\nmod migrations {\n    migrate_runtime::include_migrations!();\n}\n\n\
    fn main() {\n    println!(\"{}\", names::name());\n}\n";

const FILL: &str = "//! Fill the names.\n//!\n//! parent: 1\nuse migrate_runtime::{Context, Result};\n\n\
    pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    \
    sqlx::query(\"UPDATE users SET name = $1\").bind(NAME).execute(cx.conn()?).await?;\n    Ok(())\n}\n\n\
    pub async fn down(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(\"UPDATE users SET name = NULL\").await\n}\n";

/// A package with a SQL revision and a Rust revision that uses the rest of the package.
fn package(name: &str, is_library: bool) -> Project {
    let project = Project::application(name, "");
    if is_library {
        project.remove("src/main.rs");
        project.write("src/lib.rs", LIBRARY);
    } else {
        project.write("src/main.rs", PROGRAM);
        project.write("src/names.rs", "pub fn name() -> &'static str {\n    \"nobody\"\n}\n");
    }
    let up = "--! Users.\n--!\n--! parent: base\n\nCREATE TABLE users (name text);\nINSERT INTO users VALUES (NULL);\n";
    project.write("migrations/1_users/up.sql", up);
    project.write("migrations/1_users/down.sql", "DROP TABLE users;\n");
    let path = if is_library { "crate::name()" } else { "crate::names::name()" };
    project.write("migrations/2_fill/migration.rs", &FILL.replace("NAME", path));
    project
}

fn typed(project: &Project, database: &Database<'_>, words: &str) -> Command {
    let command = project.run(cargo_migrate!()).args(words.split_whitespace()).env("DATABASE_URL", database.url());
    // It may compile everything, and wait until other tests have compiled.
    command.limit(Duration::from_secs(900))
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    typed(project, database, words).run()
}

/// What cargo has compiled, by the names of the packages.
fn compiled(output: &Output) -> Vec<&str> {
    let lines = output.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("Compiling "));
    lines.filter(|line| line.contains(" v")).map(|line| line.split(' ').next().unwrap_or_default()).collect()
}

fn name(database: &Database<'_>) -> String {
    database.ask("SELECT name FROM users")
}

fn goes_up_and_down(project: &Project) {
    let database = Database::new();
    // Only SQL is due: nothing is compiled.
    let output = on(project, &database, "upgrade users").success();
    assert!(!output.stderr.contains("Compiling"), "{output}");
    let output = on(project, &database, "upgrade --dry-run").success();
    assert_eq!((output.stdout.as_str(), compiled(&output).len()), ("up 2\n", 0), "{output}");

    let output = on(project, &database, "upgrade").success();
    assert!(output.stderr.contains("   Upgrading 2 Fill the names. (1/1)\n"), "{output}");
    assert!(output.stderr.contains("Finished upgraded by 1 revision to 2 in "), "{output}");
    assert_eq!(name(&database), "nobody");

    // Nothing changed: nothing is compiled again.
    let output = on(project, &database, "downgrade -1").success();
    assert_eq!(compiled(&output), [""; 0], "{output}");
    assert_eq!(name(&database), "");
    let output = on(project, &database, "upgrade --format json -q").success();
    assert!(output.stdout.lines().last().unwrap_or_default().contains(r#""event":"finished""#), "{output}");
    on(project, &database, "downgrade base").success();
    assert_eq!(database.ask("SELECT count(*)::text FROM migrate_revisions"), "0");
}

#[test]
fn of_a_library_and_of_a_program() {
    goes_up_and_down(&package("runner-library", true));
    goes_up_and_down(&package("runner-program", false));
}

/// What the revisions make is compared, also where some of them are Rust.
#[test]
fn of_a_source_of_diff() {
    let (project, database) = (package("runner-diff", true), Database::new());
    project.write("schema.sql", "CREATE TABLE users (name text, age integer);\n");
    let words = "diff --from migrations --to schema.sql";
    let output = on(&project, &database, words).success();
    assert_eq!(output.stdout, "ALTER TABLE users ADD COLUMN age integer;\n", "{output}");
    // On a server that is started for it, too.
    let alone = project.run(cargo_migrate!()).args(words.split_whitespace()).limit(Duration::from_secs(900)).run();
    assert_eq!(alone.success().stdout, output.stdout);
    // A failure is told once, by the program.
    let revision = project.read("migrations/2_fill/migration.rs");
    project.write("migrations/2_fill/migration.rs", &revision.replace("UPDATE users", "UPDATE nobody"));
    let output = on(&project, &database, words).exit(1);
    assert_eq!(output.stderr.matches("error: ").count(), 1, "{output}");
    assert!(output.stdout.is_empty() && output.stderr.contains("relation \"nobody\" does not exist"), "{output}");
    let output = on(&project, &database, &format!("{words} --format json -q")).exit(1);
    assert_eq!(last_kind(&output), "failed", "{output}");
}

fn last_kind(output: &Output) -> String {
    let line = output.stdout.lines().last().unwrap_or_default();
    let document: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {output}"));
    document["error"]["kind"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_does_not_compile_is_shown_as_rustc_shows_it() {
    let (project, database) = (package("runner-broken", false), Database::new());
    let revision = project.read("migrations/2_fill/migration.rs");
    project.write("migrations/2_fill/migration.rs", &revision.replace("names::name()", "names::nme()"));
    let output = on(&project, &database, "upgrade").exit(3);
    assert!(output.stderr.contains("error[E0425]: cannot find function `nme` in module `crate::names`"), "{output}");
    assert!(output.stderr.contains("migrations/2_fill/migration.rs:7:"), "{output}");
    assert!(output.stderr.contains("error: could not compile the revisions of runner-broken"), "{output}");
    // Not even the SQL before it was run.
    assert_eq!(database.ask("SELECT to_regclass('users')::text"), "");
}

#[test]
fn an_error_of_the_revision_has_its_line_and_advice_of_cargo_migrate() {
    let (project, database) = (package("runner-failing", false), Database::new());
    let revision = project.read("migrations/2_fill/migration.rs");
    project.write("migrations/2_fill/migration.rs", &revision.replace("SET name = $1", "SET nme = $1"));
    let output = on(&project, &database, "upgrade").exit(1);
    assert!(output.stderr.contains("revision 2 failed at migrations/2_fill/migration.rs"), "{output}");
    assert!(output.stderr.contains("column \"nme\" of relation \"users\" does not exist"), "{output}");
    // What was typed is passed on.
    project.write("setup.sql", "CREATE TEMP TABLE users (nme text);");
    on(&project, &database, "upgrade --lock-timeout 1s --session-setup setup.sql").success();
}

#[test]
fn the_sql_of_a_function_is_printed_without_a_database() {
    let (project, database) = (package("runner-offline", false), Database::new());
    let texts = "    for n in 1..=2 {\n        cx.execute(format!(\"INSERT INTO users VALUES ('{n}')\")).await?;\n    }\n    Ok(())\n";
    let revision = project.read("migrations/2_fill/migration.rs");
    let start = revision.find("    sqlx::query").expect("the first line of the function");
    let end = revision[start..].find("}\n").expect("its end") + start;
    project.write("migrations/2_fill/migration.rs", &format!("{}{texts}{}", &revision[..start], &revision[end..]));
    let output = typed(&project, &database, "upgrade --sql").env("DATABASE_URL", "").run().success();
    database.psql(&output.stdout);
    assert_eq!(database.ask("SELECT string_agg(name, ',' ORDER BY name) FROM users"), "1,2");
    let output = on(&project, &database, "status").success();
    assert!(output.stdout.starts_with("current: "), "{output}");
}

#[test]
fn a_module_out_of_reach_is_named() {
    let (project, database) = (package("runner-private", true), Database::new());
    project.write("src/lib.rs", &LIBRARY.replace("pub mod", "mod"));
    let output = on(&project, &database, "upgrade").exit(2);
    assert!(output.stderr.contains("error: the module `migrations` with the revisions is private"), "{output}");
    assert!(output.stderr.contains(" --> src/lib.rs:2:1\n"), "{output}");
    assert!(output.stderr.contains("write `pub mod`"), "{output}");
}

/// A signal to the command line reaches the program, which has its process: the revision is rolled back before it ends.
#[test]
fn an_interrupt_reaches_the_program() {
    let (project, database) = (package("runner-interrupted", false), Database::new());
    let revision = project.read("migrations/2_fill/migration.rs");
    project.write(
        "migrations/2_fill/migration.rs",
        &revision.replace("UPDATE users SET name = $1", "SELECT pg_sleep(600), $1"),
    );
    let process = typed(&project, &database, "upgrade --format json").spawn();
    process.wait_for_output("\"revision\":\"2\"");
    let sleeping =
        "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let begun = std::time::Instant::now();
    while database.ask(sleeping) != "1" {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never slept");
    }
    process.signal("INT");
    let output = process.wait().exit(130);
    assert!(output.stdout.contains("interrupted: what was not committed is rolled back"), "{output}");
    assert_eq!(database.ask(sleeping), "0");
    assert_eq!(database.ask("SELECT string_agg(revision, ',') FROM migrate_revisions"), "1");
}

/// Two databases, the second with a Rust revision.
fn of_two_databases(name: &str) -> Project {
    let project = Project::application(name, "");
    let manifest = project.read("Cargo.toml");
    let more = "[package.metadata.migrate]\nlock-timeout = \"3s\"\n\n[package.metadata.migrate.users]\n\
        [package.metadata.migrate.billing]\ndir = \"db/billing\"\ndatabase-url-env = \"BILLING\"\n";
    project.write("Cargo.toml", &format!("{manifest}\n{more}"));
    let build = "fn main() -> migrate_build::Result {\n    \
        migrate_build::Config::new().database(\"users\").compile(\"migrations/users\")?;\n    \
        migrate_build::Config::new().database(\"billing\").compile(\"db/billing\")\n}\n";
    project.write("build.rs", build);
    let main = "mod users {\n    migrate_runtime::include_migrations!(\"users\");\n}\n\
        mod billing {\n    migrate_runtime::include_migrations!(\"billing\");\n}\nfn main() {}\n";
    project.write("src/main.rs", main);
    let up = "--! Users.\n--!\n--! parent: base\n\nCREATE TABLE users (name text);\n";
    project.write("migrations/users/1_users/up.sql", up);
    let up = "//! Bills.\n//!\n//! parent: base\nuse migrate_runtime::{Context, Result};\n\n\
        pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(\"CREATE TABLE bills ()\").await\n}\n";
    project.write("db/billing/1_bills/migration.rs", up);
    project
}

#[test]
fn a_package_has_several_databases() {
    let project = of_two_databases("runner-databases");
    // They may be one: the rows are told apart.
    let database = Database::new();
    let on = |words: &str| {
        let command = typed(&project, &database, words).env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
        command.env("USERS_DATABASE_URL", database.url()).env("BILLING", database.url()).run()
    };
    insta::assert_snapshot!(on("upgrade").exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: runner-databases has several databases
    help: choose one with `-n`: `billing`, `users`; `--all` takes each in turn
    ");
    insta::assert_snapshot!(on("upgrade -n user").exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: runner-databases has no database called `user`
    help: did you mean `users`?
    ");
    insta::assert_snapshot!(on("status --all").exit(0), @"
    exit 0
    --- stdout
    pending: 1 of 1 revision not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      1 Bills.  pending
    pending: 1 of 1 revision not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      1 Users.  pending
    --- stderr
        Database billing
    note: `cargo migrate upgrade` applies them
        Database users
    note: `cargo migrate upgrade` applies them
    ");
    insta::assert_snapshot!(on("upgrade -n users").exit(0), @"
    exit 0
    --- stdout
    --- stderr
       Upgrading 1 Users. (1/1)
        Finished upgraded by 1 revision to 1 in [TIME]
    ");
    assert_eq!(database.ask("SELECT to_regclass('bills')::text"), "");
    let output = on("upgrade --all").success();
    assert!(output.stderr.contains("Finished upgraded by 1 revision to 1 in "), "{output}");
    assert!(output.stderr.contains("Finished current at 1 in "), "{output}");
    assert_eq!(database.ask("SELECT to_regclass('bills')::text"), "bills");
    let rows = "SELECT string_agg(package || ' ' || revision, ', ' ORDER BY package) FROM migrate_revisions";
    assert_eq!(database.ask(rows), "runner-databases/billing 1, runner-databases/users 1");
    // A failure ends it, with its own exit code.
    let up = project.read("db/billing/1_bills/migration.rs");
    project.write("db/billing/2_more/migration.rs", &up.replace("parent: base", "parent: 1"));
    let output = on("upgrade --all").exit(1);
    assert!(output.stderr.contains("relation \"bills\" already exists"), "{output}");
    on("new -n users again").success();
    assert!(project.files().iter().any(|(name, _)| name.starts_with("migrations/users/") && name.contains("_again/")));
}

#[test]
fn a_database_with_a_name_gets_its_folder_and_the_lines_that_it_needs() {
    let (project, database) = (of_two_databases("runner-named"), Database::new());
    project.remove("migrations");
    insta::assert_snapshot!(on(&project, &database, "init -n users").exit(0), @r#"
    exit 0
    --- stdout
    --- stderr
         Created migrations/users/.gitkeep
         Created migrations/users/.gitattributes
    note: in build.rs: `migrate_build::Config::new().database("users").compile("migrations/users")?`
    note: in the crate: `pub mod users { migrate_runtime::include_migrations!("users"); }`
    note: next: `cargo migrate new -n users "create users"`, and write its SQL
    "#);
    assert!(project.path("migrations/users/.gitkeep").is_file());
}

/// What was linked for one place of the revisions is written to for another: never through a link.
#[test]
fn no_file_of_the_package_is_touched_when_its_revisions_move() {
    let (project, database) = (package("runner-moved", false), Database::new());
    project.write("src/bin/other.rs", "fn main() {}\n");
    on(&project, &database, "upgrade").success();
    let program = project.read("src/main.rs");
    project.write("src/main.rs", "fn main() {}\n");
    project.write("src/bin/admin.rs", &program.replace("mod names;", "#[path = \"../names.rs\"]\nmod names;"));
    let before = project.files();
    for words in ["downgrade users", "upgrade"] {
        on(&project, &database, words).success();
        assert_eq!(project.files(), before, "{words}");
    }
    project.write("src/main.rs", &program);
    project.remove("src/bin/admin.rs");
    let before = project.files();
    on(&project, &database, "downgrade base").success();
    assert_eq!(project.files(), before);
}

#[test]
fn features_of_the_package_and_dependencies_in_every_form_are_kept() {
    for is_library in [true, false] {
        let name = if is_library { "runner-features-library" } else { "runner-features" };
        let (project, database) = (package(name, is_library), Database::new());
        let manifest = project.read("Cargo.toml");
        let manifest = manifest.replace("tokio = {", "runtime = { package = \"tokio\", optional = true,");
        let features = "\n[features]\nfast = [\"dep:runtime\"]\n\n[target.'cfg(unix)'.dependencies]\n\
            tracing = { version = \"0.1\", default-features = false }\n";
        project.write("Cargo.toml", &manifest.replace("\n[workspace]\n", &format!("{features}\n[workspace]\n")));
        let revision = project.read("migrations/2_fill/migration.rs");
        let start = "use migrate_runtime::{Context, Result};";
        let uses = format!("#[cfg(feature = \"fast\")]\nuse runtime as _;\n#[cfg(unix)]\nuse tracing as _;\n{start}");
        let revision = revision.replace(start, &uses);
        let named = "let name = if cfg!(feature = \"fast\") { \"fast\" } else { \"slow\" };\n    sqlx::query";
        let function = if is_library { "crate::name()" } else { "crate::names::name()" };
        let revision = revision.replacen("sqlx::query", named, 1).replace(function, "name");
        project.write("migrations/2_fill/migration.rs", &revision);
        for (words, expected) in [("upgrade", "slow"), ("downgrade -1", ""), ("upgrade -F fast", "fast")] {
            on(&project, &database, words).success();
            assert_eq!(self::name(&database), expected, "{is_library} {words}");
        }
    }
}

/// Ctrl-C while cargo compiles: nothing is run afterwards, and it is called what it was.
#[test]
fn an_interrupt_ends_the_build() {
    let (project, database) = (package("runner-building", false), Database::new());
    let begun = project.path("begun");
    let slow = format!(
        "fn main() -> migrate_build::Result {{\n    migrate_build::compile(\"migrations\")?;\n    \
         std::fs::write({begun:?}, \"\").unwrap();\n    std::thread::sleep(std::time::Duration::from_secs(600));\n    Ok(())\n}}\n"
    );
    project.write("build.rs", &slow);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let process = typed(&project, &database, "upgrade").spawn();
        let since = std::time::Instant::now();
        while !begun.is_file() {
            assert!(since.elapsed() < Duration::from_secs(600), "cargo never came to the build script");
        }
        process.signal(signal);
        let output = process.wait().exit(code);
        assert!(output.stderr.contains("error: interrupted"), "{output}");
        assert_eq!(database.ask("SELECT to_regclass('users')::text"), "");
        project.remove("begun");
    }
}
