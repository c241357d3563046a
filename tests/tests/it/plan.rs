//! `cargo migrate plan`: the steps without a database.

use migrate_tests::{Output, Project, cargo_migrate};

/// A line that forks and joins again, with unfinished scripts.
const DIAMOND: &str = "
    aaaa1:
    bbbb1: aaaa1
    cccc1: bbbb1
    cccc2: bbbb1 @second
    dddd1: cccc1 cccc2
    eeee1: dddd1";

fn plan(project: &Project, words: &str) -> Output {
    let command = project.run(cargo_migrate!()).args(["--dir", "migrations", "plan"]);
    command.args(words.split_whitespace()).run()
}

#[test]
fn the_steps_are_printed_as_lines_and_as_a_document() {
    let project = Project::sketch(DIAMOND);
    insta::assert_snapshot!(plan(&project, "upgrade heads --current cccc1"), @"
    exit 0
    --- stdout
    up cccc2
    up dddd1
    up eeee1
    --- stderr
         Planned 3 steps, none taken
    ");
    insta::assert_snapshot!(plan(&project, "upgrade +1 --current dddd1 --format json"), @r#"
    exit 0
    --- stdout
    {"steps":[{"direction":"up","revision":"eeee1","heads":["eeee1"]}],"heads":["eeee1"]}
    --- stderr
    "#);
    insta::assert_snapshot!(plan(&project, "downgrade bbbb1 --current eeee1 --format json"), @r#"
    exit 0
    --- stdout
    {"steps":[{"direction":"down","revision":"eeee1","heads":["dddd1"]},{"direction":"down","revision":"dddd1","heads":["cccc1","cccc2"]},{"direction":"down","revision":"cccc2","heads":["cccc1"]},{"direction":"down","revision":"cccc1","heads":["bbbb1"]}],"heads":["bbbb1"]}
    --- stderr
    "#);
    insta::assert_snapshot!(plan(&project, "upgrade head --current head --format json"), @r#"
    exit 0
    --- stdout
    {"steps":[],"heads":["eeee1"]}
    --- stderr
    "#);
    insta::assert_snapshot!(plan(&project, "downgrade base --current base"), @"
    exit 0
    --- stdout
    --- stderr
         Planned 0 steps, none taken
    ");
}

#[test]
fn options_may_stand_on_both_sides_of_a_target_that_begins_with_a_hyphen() {
    let project = Project::sketch(DIAMOND);
    for words in
        ["downgrade -1 --current bbbb1 -q", "downgrade --current bbbb1 -q -1", "-q --current=bbbb1 downgrade -1"]
    {
        assert_eq!(plan(&project, words).success().stdout, "down bbbb1\n", "{words}");
    }
}

#[test]
fn a_plan_needs_no_database_and_no_agreement_on_heads() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1\nbbbb2: aaaa1");
    let output = plan(&project, "upgrade heads --current base --database-url postgres://me@127.0.0.1:1/x").success();
    assert_eq!(output.stdout, "up aaaa1\nup bbbb1\nup bbbb2\n");
}

#[test]
fn where_to_begin_is_always_said() {
    let project = Project::sketch(DIAMOND);
    let output = plan(&project, "upgrade heads").exit(2);
    assert!(output.stderr.contains("--current <REV>"), "{output}");
}

/// What can be wrong with a question, each with its kind and with what to type next.
#[test]
fn every_fault_has_its_kind_and_names_the_way_out() {
    let project = Project::sketch(&format!("{DIAMOND}\nffff1: aaaa1 @other"));
    for (words, kind, message, help) in [
        (
            "upgrade eeee2 --current base",
            "unknown_revision",
            "no revision is called `eeee2`; did you mean `eeee1`?",
            "`cargo migrate history`",
        ),
        (
            "upgrade nowhere@head --current base",
            "unknown_branch",
            "no branch label and no revision is called `nowhere`",
            "`cargo migrate history`",
        ),
        ("upgrade cccc --current base", "ambiguous_id", "`cccc` may be cccc1 or cccc2", "type more of it"),
        (
            "upgrade other@eeee1 --current base",
            "not_in_branch",
            "revision eeee1 is not on the branch `other`",
            "`cargo migrate history`",
        ),
        ("upgrade head --current base", "multiple_heads", "there are several heads: eeee1, ffff1", "say `heads`"),
        (
            "upgrade +9 --current dddd1",
            "relative_out_of_range",
            "`+9` goes too far: only 1 can be taken from here",
            "`cargo migrate current`",
        ),
        (
            "downgrade -9 --current bbbb1",
            "relative_out_of_range",
            "`-9` goes too far: only 2 can be taken from here",
            "`cargo migrate current`",
        ),
        (
            "upgrade -1 --current bbbb1",
            "relative_out_of_range",
            "`-1` counts the wrong way for an upgrade",
            "`cargo migrate downgrade`",
        ),
        (
            "downgrade +1 --current bbbb1",
            "relative_out_of_range",
            "`+1` counts the wrong way for a downgrade",
            "`cargo migrate upgrade`",
        ),
        (
            "downgrade -1 --current dddd1",
            "ambiguous_walk",
            "`-1` is ambiguous: it may lead over cccc1 or cccc2; name a revision",
            "as in `cccc1`",
        ),
        (
            "upgrade +1 --current cccc1,cccc2",
            "ambiguous_upgrade",
            "`+1` is ambiguous: the database is at cccc1 and cccc2",
            "as in `cccc1@+1`",
        ),
        (
            "downgrade -1 --current cccc1,cccc2",
            "ambiguous_downgrade",
            "`-1` is ambiguous: the database is at cccc1 and cccc2",
            "as in `cccc1@-1`",
        ),
        (
            "downgrade eeee1 --current bbbb1",
            "not_a_path",
            "`eeee1` is no downgrade from bbbb1",
            "`cargo migrate current`",
        ),
        (
            "upgrade heads --current aaaa1,bbbb1",
            "overlap",
            "aaaa1 is an ancestor of bbbb1: both cannot be asked for at once",
            "ask for bbbb1 alone",
        ),
        ("upgrade heads --current=-1", "unknown_revision", "`-1` counts steps", "`cargo migrate history`"),
        ("upgrade aaaa1:bbbb1 --current base", "range_not_allowed", "`aaaa1:bbbb1` is a range", "`--current`"),
        // Of two faults the target's comes first.
        (
            "upgrade nope --current nothing",
            "unknown_revision",
            "no revision is called `nope`",
            "`cargo migrate history`",
        ),
    ] {
        let output = plan(&project, &format!("{words} --format json")).exit(2);
        let document: serde_json::Value = serde_json::from_str(&output.stdout).expect("a document");
        let text = |key: &str| document["error"][key].as_str().unwrap_or_default().to_owned();
        assert_eq!(text("kind"), kind, "{words}: {output}");
        assert!(text("message").contains(message), "{words}: {output}");
        assert!(text("help").contains(help), "{words}: {output}");
    }
}

#[test]
fn what_keeps_the_files_from_being_a_graph_is_an_answer_too() {
    for (sketch, kind, message) in [
        (
            "aaaa1: bbbb1\nbbbb1: aaaa1",
            "cycle",
            "revisions that are each other's ancestors: migrations/bbbb1_make_bbbb1/up.sql:3, migrations/aaaa1_make_aaaa1/up.sql:3",
        ),
        ("aaaa1: >bbbb1\nbbbb1: aaaa1", "dependency_cycle", "revisions that are each other's ancestors"),
        ("aaaa1: aaaa1", "self_loop", "the revision is its own ancestor"),
        ("aaaa1: >aaaa1", "dependency_self_loop", "the revision depends on itself"),
        (
            "aaaa1: @x\nbbbb1: aaaa1 @x",
            "duplicate_label",
            "the branch label `x` is given by migrations/aaaa1_make_aaaa1/up.sql",
        ),
        ("aaaa1: @bbbb1\nbbbb1: aaaa1", "duplicate_label", "the branch label `bbbb1` is the name of"),
        ("bbbb1: aaaa1", "missing_parent", "unknown parent `aaaa1`"),
        ("aaaa-1:", "illegal_id", "the id `aaaa-1`, which is not made of lower-case letters and digits alone"),
    ] {
        let project = Project::sketch(sketch);
        let output = plan(&project, "upgrade heads --current base --format json").exit(2);
        let document: serde_json::Value = serde_json::from_str(&output.stdout).expect("a document");
        assert_eq!(document["error"]["kind"], kind, "{output}");
        assert!(document["error"]["message"].as_str().unwrap().contains(message), "{output}");
        // For every other verb they are files that are not in order.
        project.run(cargo_migrate!()).args(["--dir", "migrations", "heads"]).run().exit(3);
    }
}
