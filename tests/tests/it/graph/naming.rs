//! Which revisions the words of `history`, `show` and `edit` mean.

use migrate_tests::{Database, Project};

use super::{DIAMOND, command, on, typed};

#[test]
fn a_range_may_begin_with_a_hyphen_and_options_follow_it() {
    let project = Project::sketch(DIAMOND);
    let ids = |words: &str| {
        let document: serde_json::Value =
            serde_json::from_str(&typed(&project, &format!("{words} --format json")).success().stdout).unwrap();
        let ids = document["revisions"].as_array().unwrap().iter().map(|entry| entry["revision"].as_str().unwrap());
        ids.collect::<Vec<_>>().join(" ")
    };
    for words in
        ["history -1:", "history --no-graph -1:", "history -r -1:", "history -r-1:", "history --rev-range=-1: -v"]
    {
        assert_eq!(ids(words), "ffff1 eeee1", "{words}");
    }
    assert_eq!(ids("history"), "ffff1 eeee1 dddd2 dddd1 cccc2 cccc1 bbbb1 aaaa1");
    assert_eq!(ids("history second:eeee1"), "eeee1 dddd2 cccc2");
    assert_eq!(ids("history :bbbb1"), "bbbb1 aaaa1");
    insta::assert_snapshot!(typed(&project, "history -1: -v --graph ascii"), @"
    exit 0
    --- stdout
    o  Rev: ffff1 (head)
    |  Parent: eeee1
    |  Branch names: second
    |  Path: migrations/ffff1_make_ffff1
    |
    |      Make ffff1.
    o  Rev: eeee1 (mergepoint)
    |  Merges: dddd1, dddd2
    ~  Branch names: second
       Path: migrations/eeee1_make_eeee1
           Make eeee1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history cccc1"), @"
    exit 2
    --- stdout
    --- stderr
    error: `cccc1` is no range: it has the form FROM:TO, FROM: or :TO
    help: `cccc1:` lists from there on, `:cccc1` up to there; `cargo migrate show cccc1` shows it alone
    ");
    insta::assert_snapshot!(typed(&project, "history cccc1:cccc2"), @"
    exit 2
    --- stdout
    --- stderr
    error: there is no way from `cccc1` up to `cccc2`
    help: `cargo migrate history` draws how the revisions follow each other
    ");
    typed(&project, "history -r cccc1: cccc1:").exit(2);
}

#[test]
fn a_revision_is_shown_by_every_name() {
    let project = Project::sketch(DIAMOND);
    insta::assert_snapshot!(typed(&project, "show bbbb1"), @"
    exit 0
    --- stdout
    Rev: bbbb1 (branchpoint)
    Parent: aaaa1
    Branches into: cccc1, cccc2
    Path: migrations/bbbb1_make_bbbb1
        Make bbbb1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "show eeee1 --format json"), @r#"
    exit 0
    --- stdout
    {"revisions":[{"branches":["second"],"children":["ffff1"],"depends_on":[],"effective_head":false,"folder":"migrations/eeee1_make_eeee1","head":false,"labels":[],"parents":["dddd1","dddd2"],"revision":"eeee1","slug":"make_eeee1","summary":"Make eeee1."}]}
    --- stderr
    "#);
    let shown = |words: &str| {
        let output = typed(&project, words).success();
        let ids = output.stdout.lines().filter_map(|line| line.strip_prefix("Rev: ")).map(|line| &line[..5]);
        ids.collect::<Vec<_>>().join(" ")
    };
    for (words, ids) in [
        ("show cccc2", "cccc2"),
        ("show make_cccc2", "cccc2"),
        ("show second", "cccc2"),
        ("show second@head", "ffff1"),
        ("show head", "ffff1"),
        ("show heads", "ffff1"),
        ("show -1", "eeee1"),
        ("show base", ""),
    ] {
        assert_eq!(shown(words), ids, "{words}");
    }
    assert!(typed(&project, "show cccc").exit(2).stderr.contains("`cccc` may be cccc1 or cccc2"));
    assert!(typed(&project, "show current").exit(2).stderr.contains("no database is named"));
}

#[test]
fn the_files_of_revisions_are_opened_in_the_editor() {
    let (project, database) = (Project::sketch(DIAMOND), Database::new());
    project.finish_scripts();
    project.write("editor.sh", "for file in \"$@\"; do echo \"${file##*/migrations/}\"; done\n");
    let opened = |words: &str| {
        let editor = format!("sh {}", project.path("editor.sh").display());
        let command = command(&project, words).env("VISUAL", editor).env("DATABASE_URL", database.url());
        command.run().success().stdout.lines().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(opened("edit head"), "ffff1_make_ffff1/up.sql ffff1_make_ffff1/down.sql");
    assert_eq!(
        opened("edit second make_aaaa1 second"),
        "cccc2_make_cccc2/up.sql cccc2_make_cccc2/down.sql aaaa1_make_aaaa1/up.sql aaaa1_make_aaaa1/down.sql"
    );
    assert_eq!(opened("edit -1 -q"), "eeee1_make_eeee1/up.sql eeee1_make_eeee1/down.sql");
    on(&project, &database, "upgrade bbbb1").success();
    assert_eq!(opened("edit current"), "bbbb1_make_bbbb1/up.sql bbbb1_make_bbbb1/down.sql");
    project.write("migrations/gggg1_make_gggg1/migration.rs", "//! G.\n//!\n//! parent: ffff1\n");
    assert_eq!(opened("edit -- head"), "gggg1_make_gggg1/migration.rs");
    for (editor, words, code, said) in [
        ("", "edit head", 2, "neither $VISUAL nor $EDITOR is set"),
        ("false", "edit head", 1, "the editor `false` failed"),
        ("no-such-editor", "edit head", 1, "failed to start the editor `no-such-editor`"),
        ("true", "edit base", 2, "`base` is no revision"),
        ("true", "edit nope", 2, "no revision is called `nope`"),
    ] {
        let output = command(&project, words).env("VISUAL", editor).env("EDITOR", "").run().exit(code);
        assert!(output.stderr.contains(said), "{words}: {output}");
    }
}
