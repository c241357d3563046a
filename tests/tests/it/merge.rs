//! `cargo migrate merge`: one head again.

use migrate_tests::{Database, Output, Project, cargo_migrate};

fn typed(project: &Project, words: &[&str]) -> Output {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words).run()
}

fn heads(project: &Project) -> String {
    typed(project, &["heads"]).success().stdout
}

#[test]
fn two_heads_become_one() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1");
    insta::assert_snapshot!(typed(&project, &["merge", "heads", "--rev-id", "cccc1"]), @"
    exit 0
    --- stdout
    migrations/cccc1_merge_make_bbbb1_and_make_bbbb2
    --- stderr
         Created migrations/cccc1_merge_make_bbbb1_and_make_bbbb2/up.sql
         Created migrations/cccc1_merge_make_bbbb1_and_make_bbbb2/down.sql
    ");
    insta::assert_snapshot!(project.read("migrations/cccc1_merge_make_bbbb1_and_make_bbbb2/up.sql"), @"
    --! merge make_bbbb1 and make_bbbb2
    --!
    --! parent: bbbb1, bbbb2
    ");
    insta::assert_snapshot!(heads(&project), @"cccc1 (head), merge make_bbbb1 and make_bbbb2");
}

#[test]
fn what_is_named_is_joined() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1\nbbbb3: aaaa1 @third");
    let words = ["merge", "bbbb2", "third@head", "-m", "join both", "--branch-label", "joined", "--rev-id", "cccc1"];
    insta::assert_snapshot!(typed(&project, &[&words[..], &["--format", "json"]].concat()), @r#"
    exit 0
    --- stdout
    {"revision":"cccc1","folder":"migrations/cccc1_join_both","files":["migrations/cccc1_join_both/up.sql","migrations/cccc1_join_both/down.sql"]}
    --- stderr
         Created migrations/cccc1_join_both/up.sql
         Created migrations/cccc1_join_both/down.sql
    "#);
    insta::assert_snapshot!(project.read("migrations/cccc1_join_both/up.sql"), @"
    --! join both
    --!
    --! parent: bbbb2, bbbb3
    --! branch-label: joined
    ");
}

/// Alembic leaves out the head that another depends on, and `head` then still means two.
#[test]
fn a_head_that_another_depends_on_is_joined_too() {
    let project = Project::sketch("aaaa1: @one\nbbbb1: @two >aaaa1");
    typed(&project, &["merge", "heads", "--rev-id", "cccc1"]).success();
    assert!(heads(&project).starts_with("cccc1 (one, two) (head), merge"), "{}", heads(&project));
}

#[test]
fn what_cannot_be_joined_says_why() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1\ncccc1: bbbb1");
    for (words, said) in [
        (&["merge", "bbbb2"][..], "`merge bbbb2` names one revision alone, bbbb2"),
        (&["merge", "bbbb2", "make_bbbb2"], "`merge bbbb2 make_bbbb2` names one revision alone, bbbb2"),
        (&["merge", "base"], "`merge base` names no revision"),
        (&["merge", "bbbb1", "bbbb2"], "revision bbbb1 is not a head: cccc1 follows it already"),
        (&["merge", "--splice", "bbbb1", "cccc1"], "bbbb1 is an ancestor of cccc1: both cannot be asked for at once"),
        (&["merge", "nope", "bbbb2"], "no revision is called `nope`"),
        (&["merge", "cccc1", "bbbb2", "--rev-id", "aaaa1"], "the id `aaaa1` is taken"),
        (&["merge", "cccc1", "bbbb2", "-m", "make aaaa1"], "the name `make_aaaa1` is taken by the revision aaaa1"),
        (&["merge"], "required arguments were not provided"),
    ] {
        let output = typed(&project, words).exit(2);
        assert!(output.stderr.contains(said), "{words:?}: {output}");
    }
    typed(&project, &["merge", "--splice", "bbbb1", "bbbb2"]).success();
}

/// The scripts of a merge have nothing to do: as they are made, and with nothing but headers.
#[test]
fn a_merge_runs_both_ways() {
    const BARE: &str = "--! Join.\n--!\n--! parent: bbbb1, bbbb2\n";
    let (none, no_transaction) = (format!("{BARE}--! transaction: none\n"), "--! transaction: none\n");
    for scripts in [None, Some((BARE, "")), Some((&*none, no_transaction))] {
        let (project, database) = (Project::sketch("aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1"), Database::new());
        project.finish_scripts();
        let on = |words: &[&str]| {
            let command = project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words);
            command.env("DATABASE_URL", database.url()).run()
        };
        on(&["upgrade"]).exit(3);
        on(&["merge", "heads", "--rev-id", "cccc1", "-m", "join"]).success();
        if let Some((up, down)) = scripts {
            project.write("migrations/cccc1_join/up.sql", up);
            project.write("migrations/cccc1_join/down.sql", down);
        }
        on(&["upgrade"]).success();
        assert!(on(&["current"]).success().stdout.starts_with("cccc1 (head)"));
        on(&["downgrade", "bbbb1"]).success();
        assert_eq!(on(&["current"]).success().stdout.lines().count(), 2);
        on(&["upgrade"]).success();
        on(&["downgrade", "base"]).success();
        on(&["current", "--check-heads"]).exit(5);
    }
}
