//! `cargo migrate rebase`: a branch moves, and no other byte.

use migrate_tests::{Database, Output, Project, cargo_migrate};

const FORK: &str = "aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1\ncccc2: bbbb2";

fn typed(project: &Project, words: &str) -> Output {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace()).run()
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    let command = project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace());
    command.env("DATABASE_URL", database.url()).run()
}

#[test]
fn a_branch_moves_onto_the_other_head() {
    let project = Project::sketch(FORK);
    insta::assert_snapshot!(typed(&project, "rebase bbbb2 --unapplied"), @"
    exit 0
    --- stdout
    migrations/bbbb2_make_bbbb2/up.sql
    --- stderr
         Rebased bbbb2 onto bbbb1, and 1 that follows
    ");
    assert_eq!(project.read("migrations/bbbb2_make_bbbb2/up.sql"), "--! Make bbbb2.\n--!\n--! parent: bbbb1\n");
    assert_eq!(typed(&project, "heads").success().stdout, "cccc2 (head), Make cccc2.\n");
    insta::assert_snapshot!(typed(&project, "rebase bbbb2 --onto aaaa1 --unapplied --format json"), @r#"
    exit 2
    --- stdout
    {"error":{"kind":"usage","message":"this would leave heads that no branch label tells apart: bbbb1, cccc2","help":"name a head with `--onto`, or give each branch a label with `branch-label: LABEL`","file":null,"line":null,"column":null}}
    --- stderr
    "#);
}

#[test]
fn nothing_but_the_parent_is_rewritten() {
    let project = Project::sketch(FORK);
    for (file, before, after) in [
        (
            "up.sql",
            "\u{feff}\r\n--! parent: of all\r\n--!\r\n--!  parent:\t aaaa1  \r\n--! branch-label: x\r\n\r\nSELECT 'parent: aaaa1';\r\n",
            "\u{feff}\r\n--! parent: of all\r\n--!\r\n--!  parent:\t bbbb1  \r\n--! branch-label: x\r\n\r\nSELECT 'parent: aaaa1';\r\n",
        ),
        ("up.sql", "--! A.\n--!\n--!parent:aaaa1", "--! A.\n--!\n--!parent:bbbb1"),
        (
            "migration.rs",
            "//! A.\n//!\n//! parent: aaaa1\n\npub async fn up() {} // parent: aaaa1",
            "//! A.\n//!\n//! parent: bbbb1\n\npub async fn up() {} // parent: aaaa1",
        ),
    ] {
        project.remove("migrations/bbbb2_make_bbbb2");
        let path = format!("migrations/bbbb2_make_bbbb2/{file}");
        project.write(&path, before);
        let others = || project.files().into_iter().filter(|(name, _)| *name != path).collect::<Vec<_>>();
        let others_before = others();
        typed(&project, "rebase bbbb2 --unapplied").success();
        assert_eq!(project.read(&path), after);
        assert_eq!(others(), others_before);
    }
}

#[test]
fn what_a_database_has_stays_where_it_is() {
    let (project, database) = (Project::sketch("aaaa1:\nbbbb2: aaaa1\ncccc2: bbbb2"), Database::new());
    project.finish_scripts();
    on(&project, &database, "upgrade").success();
    project.write(
        "migrations/bbbb1_make_bbbb1/up.sql",
        "--! Make bbbb1.\n--!\n--! parent: aaaa1\n\nCREATE TABLE bbbb1 ();\n",
    );
    let header = project.read("migrations/bbbb2_make_bbbb2/up.sql");
    insta::assert_snapshot!(on(&project, &database, "rebase bbbb2"), @"
    exit 2
    --- stdout
    --- stderr
    error: postgres://postgres@127.0.0.1:[PORT]/[DATABASE] has bbbb2, cccc2 already
    help: what was released stays where it is: join the heads with `cargo migrate merge heads`
    ");
    assert_eq!(project.read("migrations/bbbb2_make_bbbb2/up.sql"), header);
    // The one that nobody has can move.
    on(&project, &database, "rebase bbbb1").success();
    on(&project, &database, "upgrade").success();
    assert_eq!(on(&project, &database, "current").success().stdout, "bbbb1 (head), Make bbbb1.\n");
}

#[test]
fn without_a_database_somebody_must_vouch() {
    let project = Project::sketch(FORK);
    insta::assert_snapshot!(typed(&project, "rebase bbbb2"), @"
    exit 2
    --- stdout
    --- stderr
    error: no database is named, so nobody can say whether one has bbbb2
    help: pass `--database-url postgres://user@host/database`, or `--unapplied` when you know that none has it
    ");
    // What is wrong with the move is told without one.
    assert!(typed(&project, "rebase cccc2").exit(2).stderr.contains("`cargo migrate rebase bbbb2 --onto bbbb1`"));
    let unreachable = "rebase bbbb2 --database-url postgres://me@127.0.0.1:1/x";
    typed(&project, unreachable).exit(4);
    typed(&project, &format!("{unreachable} --unapplied")).success();
}

#[test]
fn the_commands_that_the_build_names_end_its_complaint() {
    for way in ["merge heads", "rebase"] {
        let (project, database) = (Project::sketch(FORK), Database::new());
        project.finish_scripts();
        let refusal = on(&project, &database, "upgrade").exit(3);
        let command = refusal
            .stderr
            .split('`')
            .find_map(|words| words.strip_prefix("cargo migrate ").filter(|words| words.starts_with(way)));
        on(&project, &database, command.unwrap_or_else(|| panic!("{refusal}"))).success();
        on(&project, &database, "upgrade").success();
    }
}
