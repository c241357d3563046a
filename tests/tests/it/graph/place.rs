//! Where the database is: `current`, and the marks of `history -i`.

use migrate_tests::{Database, Project};

use super::{DIAMOND, TWO_BASES, on};

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
