//! The verbs that look at the revision graph.

use migrate_tests::{Command, Database, Output, Project, cargo_migrate};

fn command(project: &Project, words: &str) -> Command {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace())
}

fn typed(project: &Project, words: &str) -> Output {
    command(project, words).run()
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    command(project, words).env("DATABASE_URL", database.url()).run()
}

/// A line, a fork, a merge and what follows it.
const DIAMOND: &str = "
    aaaa1:
    bbbb1: aaaa1
    cccc1: bbbb1
    cccc2: bbbb1 @second
    dddd1: cccc1
    dddd2: cccc2
    eeee1: dddd1 dddd2
    ffff1: eeee1";

/// Two histories in one folder, of which one depends on the other.
const TWO_BASES: &str = "
    acca1: @accounts
    acca2: acca1
    neta1: @networking
    neta2: neta1 >acca2";

#[test]
fn a_line_is_drawn_as_a_line() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1\ncccc1: bbbb1");
    insta::assert_snapshot!(typed(&project, "history"), @"
    exit 0
    --- stdout
    ○  cccc1 (head), Make cccc1.
    ○  bbbb1, Make bbbb1.
    ○  aaaa1, Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history --no-graph"), @"
    exit 0
    --- stdout
    bbbb1 -> cccc1 (head), Make cccc1.
    aaaa1 -> bbbb1, Make bbbb1.
    base -> aaaa1, Make aaaa1.
    --- stderr
    ");
}

#[test]
fn a_fork_and_a_merge_are_drawn() {
    let project = Project::sketch(DIAMOND);
    insta::assert_snapshot!(typed(&project, "history"), @"
    exit 0
    --- stdout
    ○  ffff1 (second) (head), Make ffff1.
    ○    eeee1 (mergepoint), Make eeee1.
    ├─╮
    │ ○  dddd2, Make dddd2.
    ○ │  dddd1, Make dddd1.
    │ ○  cccc2 (second), Make cccc2.
    ○ │  cccc1, Make cccc1.
    ├─╯
    ○  bbbb1 (branchpoint), Make bbbb1.
    ○  aaaa1, Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history --graph ascii"), @r"
    exit 0
    --- stdout
    o  ffff1 (second) (head), Make ffff1.
    o    eeee1 (mergepoint), Make eeee1.
    |\
    | o  dddd2, Make dddd2.
    o |  dddd1, Make dddd1.
    | o  cccc2 (second), Make cccc2.
    o |  cccc1, Make cccc1.
    |/
    o  bbbb1 (branchpoint), Make bbbb1.
    o  aaaa1, Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history --graph none"), @"
    exit 0
    --- stdout
    eeee1 -> ffff1 (second) (head), Make ffff1.
    dddd1, dddd2 -> eeee1 (second) (mergepoint), Make eeee1.
    cccc2 -> dddd2 (second), Make dddd2.
    cccc1 -> dddd1, Make dddd1.
    bbbb1 -> cccc2 (second), Make cccc2.
    bbbb1 -> cccc1, Make cccc1.
    aaaa1 -> bbbb1 (branchpoint), Make bbbb1.
    base -> aaaa1, Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history cccc2:eeee1 -v"), @"
    exit 0
    --- stdout
    ○    Rev: eeee1 (mergepoint)
    ├─╮  Merges: dddd1, dddd2
    │ │  Branch names: second
    │ ~  Path: migrations/eeee1_make_eeee1
    │
    │        Make eeee1.
    ○  Rev: dddd2
    │  Parent: cccc2
    │  Branch names: second
    │  Path: migrations/dddd2_make_dddd2
    │
    │      Make dddd2.
    ○  Rev: cccc2
    │  Parent: bbbb1
    ~  Branch names: second
       Path: migrations/cccc2_make_cccc2
           Make cccc2.
    --- stderr
    ");
}

#[test]
fn bases_and_dependencies_are_drawn() {
    let project = Project::sketch(TWO_BASES);
    insta::assert_snapshot!(typed(&project, "history"), @"
    exit 0
    --- stdout
    ○    neta2 (networking) (head) after acca2, Make neta2.
    ├─╮
    │ ╷
    ○ ╷  neta1 (networking), Make neta1.
      ╷
      ○  acca2 (accounts) (effective head), Make acca2.
      ○  acca1 (accounts), Make acca1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history --no-graph"), @"
    exit 0
    --- stdout
    neta1 (acca2) -> neta2 (networking) (head), Make neta2.
    base -> neta1 (networking), Make neta1.
    acca1 -> acca2 (accounts) (effective head), Make acca2.
    base -> acca1 (accounts), Make acca1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "history --no-graph -v"), @"
    exit 0
    --- stdout
    Rev: neta2 (head)
    Parent: neta1
    Also depends on: acca2
    Branch names: networking
    Path: migrations/neta2_make_neta2
        Make neta2.
    Rev: neta1
    Parent: base
    Branch names: networking
    Path: migrations/neta1_make_neta1
        Make neta1.
    Rev: acca2 (effective head)
    Parent: acca1
    Branch names: accounts
    Path: migrations/acca2_make_acca2
        Make acca2.
    Rev: acca1
    Parent: base
    Branch names: accounts
    Path: migrations/acca1_make_acca1
        Make acca1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "heads"), @"
    exit 0
    --- stdout
    acca2 (accounts) (effective head), Make acca2.
    neta2 (networking) (head), Make neta2.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "heads -v"), @"
    exit 0
    --- stdout
    Rev: acca2 (effective head)
    Parent: acca1
    Branch names: accounts
    Path: migrations/acca2_make_acca2
        Make acca2.
    Rev: neta2 (head)
    Parent: neta1
    Also depends on: acca2
    Branch names: networking
    Path: migrations/neta2_make_neta2
        Make neta2.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "heads --format json"), @r#"
    exit 0
    --- stdout
    {"heads":[{"branches":["accounts"],"children":[],"depends_on":[],"effective_head":true,"folder":"migrations/acca2_make_acca2","head":true,"labels":[],"parents":["acca1"],"revision":"acca2","slug":"make_acca2","summary":"Make acca2."},{"branches":["networking"],"children":[],"depends_on":["acca2"],"effective_head":false,"folder":"migrations/neta2_make_neta2","head":true,"labels":[],"parents":["neta1"],"revision":"neta2","slug":"make_neta2","summary":"Make neta2."}]}
    --- stderr
    "#);
}

#[test]
fn a_locale_without_lines_gets_ascii() {
    let project = Project::sketch("aaaa1:\nbbbb1: aaaa1");
    for (locale, glyph) in [("C", "o"), ("de_DE.ISO-8859-1", "o"), ("en_US.UTF-8", "○"), ("C.utf8", "○"), ("", "○")]
    {
        let output = command(&project, "history").env("LC_ALL", locale).env("LC_CTYPE", "").env("LANG", "").run();
        assert!(output.stdout.starts_with(&format!("{glyph}  bbbb1")), "{locale}: {output}");
    }
    let drawn = command(&project, "history --graph unicode").env("LC_ALL", "C").run();
    assert!(drawn.stdout.starts_with("○  bbbb1"), "{drawn}");
}

#[test]
fn where_the_history_forks_is_shown() {
    let project = Project::sketch(&format!("{DIAMOND}\ngggg1: aaaa1 @other"));
    insta::assert_snapshot!(typed(&project, "branches"), @"
    exit 0
    --- stdout
    ○  gggg1 (other) (head), Make gggg1.
    │ ○  cccc2 (second), Make cccc2.
    │ │ ○  cccc1, Make cccc1.
    │ ├─╯
    │ ○  bbbb1 (branchpoint), Make bbbb1.
    ├─╯
    ○  aaaa1 (branchpoint), Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "branches --no-graph"), @"
    exit 0
    --- stdout
    bbbb1 (branchpoint), Make bbbb1.
          -> cccc1, Make cccc1.
          -> cccc2 (second), Make cccc2.
    aaaa1 (branchpoint), Make aaaa1.
          -> bbbb1 (branchpoint), Make bbbb1.
          -> gggg1 (other) (head), Make gggg1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "branches --no-graph -v"), @"
    exit 0
    --- stdout
    Rev: bbbb1 (branchpoint)
    Parent: aaaa1
    Branches into: cccc1, cccc2
    Path: migrations/bbbb1_make_bbbb1
        Make bbbb1.
          -> cccc1, Make cccc1.
          -> cccc2 (second), Make cccc2.
    Rev: aaaa1 (branchpoint)
    Parent: base
    Branches into: bbbb1, gggg1
    Path: migrations/aaaa1_make_aaaa1
        Make aaaa1.
          -> bbbb1 (branchpoint), Make bbbb1.
          -> gggg1 (other) (head), Make gggg1.
    --- stderr
    ");
    insta::assert_snapshot!(typed(&project, "branches --format json"), @r#"
    exit 0
    --- stdout
    {"branches":[{"branches":[],"children":["cccc1","cccc2"],"depends_on":[],"effective_head":false,"folder":"migrations/bbbb1_make_bbbb1","head":false,"labels":[],"parents":["aaaa1"],"revision":"bbbb1","slug":"make_bbbb1","summary":"Make bbbb1."},{"branches":[],"children":["bbbb1","gggg1"],"depends_on":[],"effective_head":false,"folder":"migrations/aaaa1_make_aaaa1","head":false,"labels":[],"parents":[],"revision":"aaaa1","slug":"make_aaaa1","summary":"Make aaaa1."}]}
    --- stderr
    "#);
    insta::assert_snapshot!(typed(&Project::sketch("aaaa1:"), "branches"), @"
    exit 0
    --- stdout
    --- stderr
        Branches none: no revision has more than one child
    ");
}

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
fn where_the_database_is_is_marked() {
    let (project, database) = (Project::sketch(DIAMOND), Database::new());
    project.finish_scripts();
    on(&project, &database, "upgrade dddd1").success();
    insta::assert_snapshot!(on(&project, &database, "history -i"), @"
    exit 0
    --- stdout
    ○  ffff1 (second) (head), Make ffff1.
    ○    eeee1 (mergepoint), Make eeee1.
    ├─╮
    │ ○  dddd2, Make dddd2.
    ● │  dddd1 (current), Make dddd1.
    │ ○  cccc2 (second), Make cccc2.
    ● │  cccc1, Make cccc1.
    ├─╯
    ●  bbbb1 (branchpoint), Make bbbb1.
    ●  aaaa1, Make aaaa1.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "history current:dddd1 -i --no-graph"), @"
    exit 0
    --- stdout
    cccc1 -> dddd1 (current), Make dddd1.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "show current"), @"
    exit 0
    --- stdout
    Rev: dddd1
    Parent: cccc1
    Path: migrations/dddd1_make_dddd1
        Make dddd1.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "current --check-heads"), @"
    exit 5
    --- stdout
    dddd1, Make dddd1.
    --- stderr
    error: the database is not at the heads: 4 of 8 revisions not applied
    help: `cargo migrate status` says what to do about it
    ");
    on(&project, &database, "upgrade dddd2").success();
    insta::assert_snapshot!(on(&project, &database, "current"), @"
    exit 0
    --- stdout
    dddd1, Make dddd1.
    dddd2 (second), Make dddd2.
    --- stderr
    ");
    on(&project, &database, "upgrade").success();
    insta::assert_snapshot!(on(&project, &database, "current --check-heads -v"), @"
    exit 0
    --- stdout
    Current revisions of postgres://postgres@127.0.0.1:[PORT]/[DATABASE]:
    Rev: ffff1 (head)
    Parent: eeee1
    Branch names: second
    Path: migrations/ffff1_make_ffff1
        Make ffff1.
    --- stderr
    ");
}

/// Alembic's `--check-heads` fails for ever in such a history.
#[test]
fn a_branch_that_another_depends_on_has_its_place_too() {
    let (project, database) = (Project::sketch(TWO_BASES), Database::new());
    project.finish_scripts();
    on(&project, &database, "upgrade").success();
    insta::assert_snapshot!(on(&project, &database, "current --check-heads"), @"
    exit 0
    --- stdout
    acca2 (accounts) (effective head), Make acca2.
    neta2 (networking) (head), Make neta2.
    --- stderr
    ");
    let document = on(&project, &database, "current --format json").success().stdout;
    assert!(document.contains(r#""effective_head":true"#), "{document}");
}

#[test]
fn a_revision_that_only_the_database_has_is_shown_from_its_row() {
    let (project, database) = (Project::sketch("aaaa1:\nbbbb1: aaaa1\ncccc1: bbbb1"), Database::new());
    project.finish_scripts();
    on(&project, &database, "upgrade").success();
    project.remove("migrations/cccc1_make_cccc1");
    insta::assert_snapshot!(on(&project, &database, "current -v"), @"
    exit 0
    --- stdout
    Current revisions of postgres://postgres@127.0.0.1:[PORT]/[DATABASE]:
    Rev: cccc1
    Parent: bbbb1
    Path: not in the files
        Make cccc1.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "current --check-heads"), @"
    exit 5
    --- stdout
    cccc1, Make cccc1.
    --- stderr
    error: the database is past the heads: it has cccc1
    help: a newer release was here; use its files
    ");
    insta::assert_snapshot!(on(&project, &database, "history -i"), @"
    exit 0
    --- stdout
    ●  bbbb1 (head), Make bbbb1.
    ●  aaaa1, Make aaaa1.
    --- stderr
    warning: the database is at cccc1, not in the files
    ");
    insta::assert_snapshot!(on(&project, &database, "show current"), @"
    exit 4
    --- stdout
    --- stderr
    error: the database has cccc1, not in the files
    help: check out the branch or release that has those files; `cargo migrate current` shows their rows
    ");
    insta::assert_snapshot!(on(&project, &database, "history current:"), @"
    exit 4
    --- stdout
    --- stderr
    error: the database has cccc1, not in the files
    help: check out the branch or release that has those files; `cargo migrate current` shows their rows
    ");
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
