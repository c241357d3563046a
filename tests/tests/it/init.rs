//! `cargo migrate init`, in every kind of package, and what it refuses to touch.

use std::os::unix::fs::symlink;

use migrate_tests::{Command, Output, Project, cargo_migrate};

fn init(project: &Project, arguments: &[&str]) -> Output {
    project.run(cargo_migrate!()).args(["init"]).args(arguments).run()
}

fn names(project: &Project) -> Vec<String> {
    project.files().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_program_gets_all_it_needs_and_builds() {
    let project = Project::binary("init-program");
    let output = init(&project, &["--yes"]).success();
    insta::assert_snapshot!(output, @r#"
    exit 0
    --- stdout
    --- stderr
         Created migrations/.gitkeep
         Created build.rs
         Changed src/main.rs
         Changed Cargo.toml
         Created .gitattributes
    note: next: `cargo migrate new "create users"`, and write its SQL
    note: then, where the program starts: `migrations::upgrade(&pool).await?`
    note: the pool comes from sqlx: `cargo add -p init-program sqlx --features postgres,runtime-tokio`, and `cargo add -p init-program tokio --features full`
    "#);
    assert_eq!(
        names(&project),
        [".gitattributes", "Cargo.toml", "build.rs", "migrations/.gitkeep", "src/main.rs"],
        "nothing else is left behind"
    );
    insta::assert_snapshot!(project.read("Cargo.toml"), @r#"
    [package]
    name = "init-program"
    version = "0.1.0"
    edition = "2024"

    [workspace]

    [dependencies]
    migrate-runtime = "0.1.0"

    [build-dependencies]
    migrate-build = "0.1.0"
    "#);
    insta::assert_snapshot!(project.read("build.rs"), @r#"
    //! Compiles the revisions into the binary.

    fn main() -> migrate_build::Result {
        migrate_build::compile("migrations")
    }
    "#);
    insta::assert_snapshot!(project.read("src/main.rs"), @r#"
    /// The revisions of the database.
    pub mod migrations {
        migrate_runtime::include_migrations!();
    }

    fn main() {
        println!("Hello, world!");
    }
    "#);
    insta::assert_snapshot!(project.read(".gitattributes"), @"*.sql text eol=lf");
    project.cargo(&["build"]).run().success();
}

#[test]
fn a_library_gets_its_module_in_lib_rs() {
    let project = Project::library("init-library");
    init(&project, &["--yes"]).success();
    insta::assert_snapshot!(project.read("src/lib.rs"), @r"
    //! A library.

    /// The revisions of the database.
    pub mod migrations {
        migrate_runtime::include_migrations!();
    }
    ");
}

#[test]
fn the_second_time_nothing_changes() {
    let project = Project::library("init-twice");
    init(&project, &["--yes"]).success();
    let files = project.files();
    // Without --yes: nothing is asked when nothing is to be done.
    let output = init(&project, &[]).success();
    insta::assert_snapshot!(output, @r"
    exit 0
    --- stdout
    --- stderr
       Unchanged `init-twice` is ready for revisions already
    ");
    assert_eq!(project.files(), files);
}

#[test]
fn what_a_user_wrote_stays() {
    let project = Project::binary("init-careful");
    let manifest = "[package]\nname = \"init-careful\" # ours\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                    # Before the dependencies.\n[dependencies]\nmigrate-runtime = \"0.1\"  # pinned by us\n\n[workspace]\n";
    project.write("Cargo.toml", manifest);
    project.write("build.rs", "fn main() {\n    println!(\"cargo::rerun-if-changed=proto\");\n}\n");
    project.write(".gitattributes", "*.png binary\n");
    init(&project, &["--yes"]).success();
    insta::assert_snapshot!(project.read("Cargo.toml"), @r#"
    [package]
    name = "init-careful" # ours
    version = "0.1.0"
    edition = "2024"

    # Before the dependencies.
    [dependencies]
    migrate-runtime = "0.1"  # pinned by us

    [workspace]

    [build-dependencies]
    migrate-build = "0.1.0"
    "#);
    insta::assert_snapshot!(project.read("build.rs"), @r#"
    fn main() {
        migrate_build::compile("migrations").unwrap_or_else(|problems| panic!("{}", problems));
        println!("cargo::rerun-if-changed=proto");
    }
    "#);
    insta::assert_snapshot!(project.read(".gitattributes"), @r"
    *.png binary
    *.sql text eol=lf
    ");
    project.cargo(&["build"]).run().success();
}

#[test]
fn files_that_exist_are_asked_for_and_without_a_terminal_left_alone() {
    let project = Project::library("init-asks");
    let files = project.files();
    let output = init(&project, &[]);
    insta::assert_snapshot!(output, @r"
    exit 2
    --- stdout
    --- stderr
    src/lib.rs
        + pub mod migrations { migrate_runtime::include_migrations!(); }
    Cargo.toml
        + the dependency `migrate-runtime` and the build-dependency `migrate-build`
    error: these files exist and would be changed: `src/lib.rs`, `Cargo.toml`
    help: pass `--yes` to agree
    ");
    assert_eq!(project.files(), files);
}

/// `script` of util-linux gives the program a terminal; that of other systems takes other arguments.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_answer_decides() {
    for (answer, is_agreed) in [("n", false), ("y", true)] {
        let project = Project::library("init-terminal");
        let files = project.files();
        let line = format!("{} migrate init", env!("CARGO_BIN_EXE_migrate-under-test"));
        let script =
            Command::new("script").args(["--quiet", "--return", "--command", &line, "/dev/null"]).input(answer);
        let output = project.run(script).run();
        assert!(output.stdout.contains("Change these files?"), "{output}");
        assert_eq!(output.code == 0, is_agreed, "{output}");
        assert_eq!(output.stdout.contains("nothing was changed"), !is_agreed, "{output}");
        assert_eq!(project.files() == files, !is_agreed, "{output}");
    }
}

#[test]
fn a_member_of_a_workspace_is_named() {
    let project = Project::workspace_of(&["init-one", "init-two"]);
    let files = project.files();
    insta::assert_snapshot!(init(&project, &["--yes"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: this is a workspace of several packages
    help: choose one with `-p`: `init-one`, `init-two`
    ");
    insta::assert_snapshot!(init(&project, &["--yes", "-p", "init-three"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: no package of this workspace is called `init-three`
    help: its packages are `init-one`, `init-two`
    ");
    assert_eq!(project.files(), files, "a refusal changes nothing");
    insta::assert_snapshot!(init(&project, &["--yes", "-p", "init-two"]), @r#"
    exit 0
    --- stdout
    --- stderr
         Created init-two/migrations/.gitkeep
         Created init-two/build.rs
         Changed init-two/src/lib.rs
         Changed init-two/Cargo.toml
         Created init-two/.gitattributes
    note: next: `cargo migrate new "create users"`, and write its SQL
    note: then, where the program starts: `migrations::upgrade(&pool).await?`
    note: the pool comes from sqlx: `cargo add -p init-two sqlx --features postgres,runtime-tokio`, and `cargo add -p init-two tokio --features full`
    "#);
    let changed: Vec<_> =
        project.files().into_iter().filter(|file| !files.contains(file)).map(|(name, _)| name).collect();
    assert!(changed.iter().all(|name| name.starts_with("init-two/")), "{changed:?}");
}

#[test]
fn a_folder_alone_needs_no_package() {
    let project = Project::empty();
    insta::assert_snapshot!(init(&project, &[]), @r"
    exit 2
    --- stdout
    --- stderr
    error: there is no Cargo.toml here or in a folder above
    help: run this inside a cargo project, or name a migrations folder with `--dir DIR`
    ");
    insta::assert_snapshot!(init(&project, &["--dir", "db/revisions"]), @r#"
    exit 0
    --- stdout
    --- stderr
         Created db/revisions/.gitkeep
         Created db/revisions/.gitattributes
    note: next: `cargo migrate new "create users" --dir db/revisions`
    "#);
    assert_eq!(names(&project), ["db/revisions/.gitattributes", "db/revisions/.gitkeep"]);
}

#[test]
fn a_folder_that_is_a_file_is_refused_and_nothing_changes() {
    let project = Project::library("init-file");
    project.write("migrations", "not a folder\n");
    let files = project.files();
    insta::assert_snapshot!(init(&project, &["--yes"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: `migrations` is a file, not a folder of revisions
    help: move the file away, then run `cargo migrate init`
    ");
    assert_eq!(project.files(), files);
}

#[test]
fn a_folder_behind_a_link_is_used_and_the_link_stays() {
    let (project, elsewhere) = (Project::library("init-link"), Project::empty());
    elsewhere.make_folder("revisions");
    symlink(elsewhere.path("revisions"), project.path("migrations")).unwrap();
    init(&project, &["--yes"]).success();
    assert!(project.path("migrations").is_symlink());
    assert_eq!(names(&elsewhere), ["revisions/.gitkeep"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_refused_with_the_reason() {
    let project = Project::library("init-in-the-way");
    // A file in the way of the folder stops root too, whom no permission does.
    project.write("db", "a file\n");
    let manifest = project.read("Cargo.toml") + "\n[package.metadata.migrate]\ndir = \"db/migrations\"\n";
    project.write("Cargo.toml", &manifest);
    let files = project.files();
    let output = init(&project, &["--yes"]);
    assert_ne!(output.code, 0, "{output}");
    assert!(output.stderr.contains("`db`"), "the file in the way is named: {output}");
    assert!(!output.stderr.contains("run `cargo migrate init`"), "that is what was just typed: {output}");
    assert_eq!(project.files(), files);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_saved_while_the_question_waits_is_kept() {
    for (file, text, said) in [
        ("src/lib.rs", "//! Saved in the meantime.\n", "`src/lib.rs` was changed in the meantime"),
        ("build.rs", "fn main() {}\n", "`build.rs` appeared in the meantime"),
    ] {
        let project = Project::library("init-meanwhile");
        let typed = "while ! test -e go; do sleep 0.05; done; printf y";
        let line = format!("{} migrate init", env!("CARGO_BIN_EXE_migrate-under-test"));
        let script = format!("{{ {typed}; }} | script --quiet --return --command '{line}' /dev/null");
        let process = project.run(Command::new("sh").args(["-c", &script])).spawn();
        process.wait_for_output("Change these files?");
        project.write(file, text);
        let files = project.files();
        project.write("go", "");
        let output = process.wait().exit(2);
        project.remove("go");
        assert!(output.stdout.contains(said), "{output}");
        assert_eq!(project.files(), files, "{output}");
    }
}

#[test]
fn a_folder_that_is_ready_is_named() {
    let project = Project::empty();
    init(&project, &["--dir", "db/revisions"]).success();
    let files = project.files();
    insta::assert_snapshot!(init(&project, &["--dir", "db/revisions"]), @r"
    exit 0
    --- stdout
    --- stderr
       Unchanged the folder `db/revisions` is ready for revisions already
    ");
    assert_eq!(project.files(), files);
}

#[test]
fn a_file_in_the_way_of_a_folder_alone_is_named() {
    let project = Project::empty();
    project.write("db", "a file\n");
    insta::assert_snapshot!(init(&project, &["--dir", "db/revisions"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: `db/revisions` cannot be a folder: `db` is a file
    help: move the file away, or name another folder with `--dir`
    ");
    assert_eq!(names(&project), ["db"]);
}

/// What the notes say to type, in order.
fn typed_after(output: &Output) -> Vec<String> {
    let note = output.stderr.lines().find(|line| line.contains("sqlx; next: ")).unwrap_or_else(|| panic!("{output}"));
    let (_, commands) = note.split_once("next: ").unwrap();
    commands.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Types the commands into a shell that knows `cargo migrate` as the program under test.
fn follow(project: &Project, commands: &[String]) {
    let cargo = format!("cargo() {{ {} \"$@\"; }}", env!("CARGO_BIN_EXE_migrate-under-test"));
    let script = format!("{cargo}; set -e; {}", commands.join("; "));
    project.run(Command::new("sh").args(["-c", &script])).run().success();
}

#[test]
fn migrations_of_sqlx_are_taken_over_by_what_the_note_says() {
    let project = Project::binary("init-sqlx");
    project.write("migrations/1_first.sql", "CREATE TABLE first ();\n");
    project.write("migrations/README.md", "Ours.\n");
    let output = init(&project, &["--yes"]).success();
    insta::assert_snapshot!(output, @r"
    exit 0
    --- stdout
    --- stderr
         Created build.rs
         Changed src/main.rs
         Changed Cargo.toml
         Created .gitattributes
    note: `migrations` has migrations of sqlx; next: `mv migrations migrations.sqlx`, then `cargo migrate import --from sqlx migrations.sqlx`
    note: then, where the program starts: `migrations::upgrade(&pool).await?`
    note: the pool comes from sqlx: `cargo add -p init-sqlx sqlx --features postgres,runtime-tokio`, and `cargo add -p init-sqlx tokio --features full`
    ");
    follow(&project, &typed_after(&output));
    assert!(project.read("migrations/1_first/up.sql").ends_with("\nCREATE TABLE first ();\n"));
    assert_eq!(project.read("migrations.sqlx/1_first.sql"), "CREATE TABLE first ();\n");
    project.cargo(&["build"]).run().success();
}

#[test]
fn a_folder_alone_with_migrations_of_sqlx_and_a_named_member_too() {
    let folder = Project::empty();
    folder.write("db/1_first.up.sql", "SELECT 1;\n");
    let output = init(&folder, &["--dir", "db"]).success();
    insta::assert_snapshot!(output, @r"
    exit 0
    --- stdout
    --- stderr
         Created db/.gitattributes
    note: `db` has migrations of sqlx; next: `mv db db.sqlx`, `cargo migrate init --dir db`, then `cargo migrate import --from sqlx db.sqlx --dir db`
    ");
    follow(&folder, &typed_after(&output));
    assert_eq!(folder.read("db/.gitattributes"), "*.sql text eol=lf\n");
    folder.run(cargo_migrate!()).args(["--dir", "db", "heads"]).run().success();
    // A second time there is nothing of sqlx left to speak of.
    assert!(!init(&folder, &["--dir", "db"]).success().stderr.contains("sqlx"));

    let workspace = Project::workspace_of(&["init-here", "init-there"]);
    workspace.write("init-there/migrations/1_first.sql", "SELECT 1;\n");
    let output = init(&workspace, &["--yes", "-p", "init-there"]).success();
    follow(&workspace, &typed_after(&output));
    workspace.run(cargo_migrate!()).args(["-p", "init-there", "heads"]).run().success();
}

#[test]
fn the_help_has_the_way_to_use_a_checkout() {
    let output = init(&Project::empty(), &["--help"]).success();
    assert!(output.stdout.contains("--runtime-path <DIR>"), "{output}");
    assert!(output.stdout.contains("for a checkout of this"), "{output}");
}
