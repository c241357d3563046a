//! The build script in a user's project: what triggers it, what it reports, what ends in the binary.

use std::os::unix::fs::symlink;

use migrate_tests::{Output, Project, cargo_migrate};

/// Prints the table: a line for each revision, with its first statement.
const MAIN: &str = r#"fn main() {
    for migration in migrations::MIGRATIONS.list() {
        let up = match migration.up_action() {
            migrate_runtime::table::Action::Sql(script) if script.statements().is_empty() => "nothing",
            migrate_runtime::table::Action::Sql(script) => script.statement(0),
            _ => "Rust",
        };
        println!("{} {}: {up}", migration.id(), migration.slug());
    }
}
"#;

fn add(project: &Project, id: u32, slug: &str, parent: &str, sql: &str) {
    project
        .write(&format!("migrations/{id}_{slug}/up.sql"), &format!("--! {slug}\n--!\n--! parent: {parent}\n\n{sql}\n"));
}

/// Builds, and returns what the program then prints.
fn table(project: &Project, name: &str) -> String {
    project.cargo(&["build"]).run().success();
    project.program(name).run().success().stdout
}

/// Builds with cargo's account of why it does what it does.
fn rebuild(project: &Project) -> Output {
    project.cargo(&["build", "--verbose"]).run().success()
}

/// Whether cargo ran the build script: that of the project, and no dependency's.
fn ran_codegen(output: &Output, name: &str) -> bool {
    output.stderr.lines().any(|line| {
        line.trim_start().starts_with("Running `")
            && line.contains(&format!("/build/{name}-"))
            && line.ends_with("build-script-build`")
    })
}

/// What the build script said. Cargo indents it below its own error, and may have more to say afterwards.
fn report(output: &Output) -> String {
    let (_, report) = output.stderr.split_once("  Error: \n").unwrap_or_else(|| panic!("{output}"));
    report.lines().map_while(|line| line.strip_prefix("  ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_change_in_the_folder_reaches_the_binary() {
    let name = "compile-changes";
    let project = Project::application(name, MAIN);
    assert_eq!(table(&project, name), "", "a project without revisions builds");

    add(&project, 1, "users", "base", "CREATE TABLE users ();");
    assert_eq!(table(&project, name), "1 users: CREATE TABLE users ()\n", "added");

    add(&project, 2, "posts", "1", "CREATE TABLE posts ();");
    project.write("migrations/2_posts/down.sql", "DROP TABLE posts;\n");
    assert_eq!(
        table(&project, name),
        "1 users: CREATE TABLE users ()\n2 posts: CREATE TABLE posts ()\n",
        "a second one"
    );

    add(&project, 1, "users", "base", "CREATE TABLE users (id int);");
    assert_eq!(table(&project, name).lines().next(), Some("1 users: CREATE TABLE users (id int)"), "changed");

    project.remove("migrations/2_posts");
    assert_eq!(table(&project, name), "1 users: CREATE TABLE users (id int)\n", "removed");
}

#[test]
fn codegen_runs_for_the_folder_and_for_nothing_else() {
    let name = "compile-fresh";
    let project = Project::application(name, MAIN);
    add(&project, 1, "users", "base", "CREATE TABLE users ();");
    assert!(ran_codegen(&rebuild(&project), name), "the first time");

    let unchanged = rebuild(&project);
    assert!(!ran_codegen(&unchanged, name), "{}", unchanged.stderr);
    assert!(unchanged.stderr.contains(&format!("Fresh {name}")), "{}", unchanged.stderr);

    project.write("src/main.rs", &(project.read("src/main.rs") + "// A change elsewhere.\n"));
    let elsewhere = rebuild(&project);
    assert!(!ran_codegen(&elsewhere, name), "{}", elsewhere.stderr);
    assert!(elsewhere.stderr.contains(&format!("Compiling {name}")), "{}", elsewhere.stderr);

    project.write("migrations/1_users/down.sql", "DROP TABLE users;\n");
    assert!(ran_codegen(&rebuild(&project), name), "a file was added");
}

#[test]
fn every_problem_is_reported_at_once_and_the_build_fails() {
    let project = Project::application("compile-problems", MAIN);
    project.write("migrations/1_users/up.sql", "--! Users.\n--!\n--! parnet: base\n\nCREATE TABLE users ();\n");
    project.write("migrations/2_posts/up.sql", "--! Posts.\n--!\n--! parent: 7\n\nCREATE TABLE posts ();\n");
    project
        .write("migrations/3_tags/up.sql", "--! Tags.\n--!\n--! parent: 2\n\nCREATE TABLE tags ();\nSELECT 'open;\n");
    project.write("migrations/4_fill/migration.rs", "//! Fill.\n//!\n//! parent: 3\n\nfn up() {}\n");
    let output = project.cargo(&["build"]).run().exit(101);
    insta::assert_snapshot!(report(&output), @r"
    migrations/1_users/up.sql:3:5: unknown header key `parnet`
      help: did you mean `parent`?
    migrations/2_posts/up.sql:3:13: unknown parent `7`
      help: did you mean `1`?
    migrations/3_tags/up.sql:6:8: unterminated string
      help: close it; it begins here and runs to the end of the file
    migrations/4_fill/migration.rs:5:4: the function `up` is not `pub`
      help: write `pub async fn up(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> { … }`
    ");
    // And mended, it builds.
    add(&project, 1, "users", "base", "CREATE TABLE users ();");
    add(&project, 2, "posts", "1", "CREATE TABLE posts ();");
    add(&project, 3, "tags", "2", "CREATE TABLE tags ();");
    project.write(
        "migrations/4_fill/migration.rs",
        "//! Fill.\n//!\n//! parent: 3\n\nuse migrate_runtime::{Context, Result};\n\n\
         pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(crate::fill()).await\n}\n",
    );
    project
        .write("src/main.rs", &(project.read("src/main.rs") + "\nfn fill() -> &'static str {\n    \"SELECT 1\"\n}\n"));
    assert!(table(&project, "compile-problems").ends_with("4 fill: Rust\n"));
}

/// Two people began at the same revision. The build names both files, and each of its two commands ends its complaint.
#[test]
fn two_heads_do_not_compile_and_the_build_names_the_ways_out() {
    let name = "compile-heads";
    let project = Project::application(name, MAIN);
    let typed = |words: &str| project.run(cargo_migrate!()).args(words.split_whitespace()).run().success();
    let fork = || {
        add(&project, 1, "users", "base", "CREATE TABLE users ();");
        add(&project, 2, "email", "1", "ALTER TABLE users ADD email text;");
        add(&project, 3, "phone", "1", "ALTER TABLE users ADD phone text;");
        add(&project, 4, "fax", "3", "ALTER TABLE users ADD fax text;");
    };
    fork();
    let output = project.cargo(&["build"]).run().exit(101);
    insta::assert_snapshot!(report(&output), @"
    migrations/4_fax/up.sql:3:5: two heads descend from 1: migrations/2_email/up.sql:3, migrations/4_fax/up.sql:3
      help: join them with `cargo migrate merge heads`, or move a branch that no database has yet with `cargo migrate rebase 3`
    ");
    typed("rebase 3 --unapplied");
    assert_eq!(table(&project, name).lines().count(), 4);
    fork();
    typed("merge heads --rev-id 5");
    assert!(table(&project, name).ends_with("5 merge_email_and_fax: nothing\n"));
}

#[test]
fn an_error_in_a_rust_revision_points_into_its_file() {
    let project = Project::application("compile-rust-error", MAIN);
    project.write(
        "migrations/1_fill/migration.rs",
        "//! Fill.\n//!\n//! parent: base\n\nuse migrate_runtime::{Context, Result};\n\n\
         pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(nothing).await\n}\n",
    );
    let output = project.cargo(&["build"]).run().exit(101);
    assert!(output.stderr.contains("cannot find value `nothing` in this scope"), "{output}");
    assert!(output.stderr.contains("migrations/1_fill/migration.rs:8:16"), "{output}");
}

/// Cargo does not look behind links, so a revision there would change without a new build.
#[test]
fn a_link_out_of_the_folder_is_refused() {
    let (project, outside) = (Project::application("compile-link", MAIN), Project::empty());
    add(&project, 1, "users", "base", "CREATE TABLE users ();");
    outside.write("up.sql", "--! Posts.\n--!\n--! parent: 1\n\nCREATE TABLE posts ();\n");
    symlink(outside.folder(), project.path("migrations/2_posts")).unwrap();
    let output = project.cargo(&["build"]).run();
    insta::assert_snapshot!(report(&output), @r"
    migrations/2_posts: a link that leads out of the migrations folder
      help: put the files themselves into the folder, so that every checkout has them
    ");
    project.remove("migrations/2_posts");
}

#[test]
fn the_folder_that_is_missing_is_named_with_what_to_type() {
    let project = Project::application("compile-missing", MAIN);
    project.remove("migrations");
    let output = project.cargo(&["build"]).run().exit(101);
    insta::assert_snapshot!(report(&output), @r"
    migrations: there is no such folder
      help: run `cargo migrate init`
    ");
}
