//! How `history` and `branches` draw the graph.

use migrate_tests::Project;

use super::{DIAMOND, TWO_BASES, command, typed};

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
