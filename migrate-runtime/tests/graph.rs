//! The graph and the plan on cases written as text.
//!
//! The first lines are revisions, `id: parents; depends-on; labels`, and the last is a question and its answer.

use std::collections::BTreeSet;

use migrate_runtime::graph::{Follow, Graph, GraphError, Node};
use migrate_runtime::plan::PlanError;
use migrate_runtime::{Range, Target};

fn node(line: &str) -> Node<'_> {
    let (id, rest) = line.split_once(':').unwrap_or((line, ""));
    let mut parts = rest.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>());
    let mut next = || parts.next().unwrap_or_default();
    Node { id: id.trim(), slug: id.trim(), parents: next(), depends_on: next(), labels: next() }
}

fn answer(graph: &Graph<'_>, question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    let graph_error = |error: PlanError| format!("!{error}");
    let joined = |ids: Vec<&str>| ids.join(" ");
    let (verb, target, applied) = match words[..] {
        ["history"] => return graph.history(&Range::default(), &BTreeSet::new()).map_or_else(graph_error, joined),
        ["new", target] => return graph.new_parents(&target.into(), Follow::Heads).map_or_else(graph_error, joined),
        ["splice", target] => return graph.new_parents(&target.into(), Follow::Any).map_or_else(graph_error, joined),
        ["applied", ref heads @ ..] => {
            let applied = graph.applied_below(heads);
            return applied.map_or_else(graph_error, |ids| joined(ids.into_iter().collect()));
        }
        ["merge", ref targets @ ..] => {
            let targets: Vec<Target> = targets.iter().copied().map(Target::from).collect();
            return graph.merge_parents(&targets, Follow::Any).map_or_else(graph_error, joined);
        }
        ["after", id] => return joined(graph.with_descendants(id)),
        ["branches", id] => return joined(graph.branches().remove(id).unwrap_or_default()),
        ["heads"] => return graph.heads().iter().map(|node| node.id).collect::<Vec<_>>().join(" "),
        ["order"] => return graph.nodes().iter().map(|node| node.id).collect::<Vec<_>>().join(" "),
        ["check"] => return graph.check_heads().map_or_else(|error| format!("!{error}"), |()| "ok".to_owned()),
        ["fork"] => return graph.check_heads().expect_err("several heads").fork.unwrap_or_default(),
        [verb, target, "from", ref applied @ ..] => (verb, target, applied.iter().copied().collect::<BTreeSet<_>>()),
        _ => panic!("no such question: {question}"),
    };
    let to = Target::from(target);
    let plan = match verb {
        "upgrade" => graph.plan_upgrade(&applied, &to),
        "downgrade" => graph.plan_downgrade(&applied, &to),
        "show" => return graph.select(&to, &applied).map_or_else(graph_error, joined),
        "stamp" => {
            let targets: Vec<Target> = target.split(',').map(Target::from).collect();
            return graph.plan_stamp(&applied, &targets).map_or_else(graph_error, |stamp| {
                let [recorded, forgotten, heads] =
                    [stamp.recorded, stamp.forgotten, stamp.heads].map(|ids| ids.join(" "));
                format!("+ {recorded} - {forgotten} | {heads}").trim().to_owned()
            });
        }
        "history" => {
            let range: Range = match target.parse() {
                Ok(range) => range,
                Err(error) => return format!("!{error}"),
            };
            return graph.history(&range, &applied).map_or_else(graph_error, joined);
        }
        other => panic!("no such question: {other}"),
    };
    plan.map_or_else(graph_error, |plan| {
        let steps: Vec<&str> = plan.steps.iter().map(|step| step.revision.as_str()).collect();
        assert!(plan.steps.last().is_none_or(|step| step.heads == plan.heads));
        format!("{} | {}", steps.join(" "), plan.heads.join(" ")).trim().to_owned()
    })
}

#[track_caller]
fn check(revisions: &str, questions: &str) {
    let nodes = revisions.lines().map(str::trim).filter(|line| !line.is_empty()).map(node).collect();
    let graph = Graph::new(nodes).expect("a valid graph");
    for line in questions.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, expected) = line.split_once(" =").expect("question = answer");
        assert_eq!(answer(&graph, question), expected.trim(), "{question}");
    }
}

#[track_caller]
fn errors(revisions: &str) -> Vec<GraphError> {
    Graph::new(revisions.lines().map(str::trim).filter(|line| !line.is_empty()).map(node).collect())
        .expect_err("an invalid graph")
}

#[test]
fn a_line_is_walked_in_both_directions() {
    check(
        "c1: b1
         a1
         b1: a1",
        "order = a1 b1 c1
         heads = c1
         upgrade heads from = a1 b1 c1 | c1
         upgrade head from a1 = b1 c1 | c1
         upgrade b1 from = a1 b1 | b1
         upgrade +1 from a1 = b1 | b1
         upgrade +3 from a1 = !`+3` goes too far: only 2 can be taken from here
         upgrade heads from a1 b1 c1 = | c1
         upgrade a1 from a1 b1 = | b1
         upgrade base from a1 b1 = | b1
         downgrade base from a1 b1 c1 = c1 b1 a1 |
         downgrade a1 from a1 b1 c1 = c1 b1 | a1
         downgrade -1 from a1 b1 = b1 | a1
         downgrade -2 from a1 = !`-2` goes too far: only 1 can be taken from here
         downgrade c1 from a1 = !`c1` is no downgrade from a1
         downgrade a1 from = !`a1` is no downgrade from base
         upgrade -1 from a1 = !`-1` counts the wrong way for an upgrade
         downgrade +1 from a1 = !`+1` counts the wrong way for a downgrade
         upgrade c1-1 from = a1 b1 | b1
         upgrade base+2 from = a1 b1 | b1
         upgrade a1+7 from = !`+7` goes too far: only 2 can be taken from here
         downgrade a1+1 from a1 b1 c1 = c1 | b1
         downgrade head-1 from a1 b1 c1 = c1 | b1
         show -1 from = b1
         show head-1 from = !`head-1` counts steps, and here a revision is to be named
         show current from a1 b1 = b1
         stamp +1 from a1 = !`+1` counts steps, and here a revision is to be named
         stamp b1 from = + a1 b1 -  | b1
         stamp a1 from a1 b1 c1 = +  - c1 b1 | a1
         stamp base from a1 b1 = +  - b1 a1 |
         history = c1 b1 a1
         history b1: from = c1 b1
         history :b1 from = b1 a1
         history current: from a1 b1 = c1 b1
         history -1:+1 from = c1 b1
         history c1:a1 from = !there is no way from `c1` up to `a1`
         history a1 from = !`a1` is no range: it has the form FROM:TO, FROM: or :TO
         new head = c1
         new base =
         new a1 = !revision a1 is not a head: b1 follows it already
         splice a1 = a1
         applied b1 = a1 b1
         applied a1 b1 = !a1 is an ancestor of b1: both cannot be asked for at once
         applied zz = !no revision is called `zz`",
    );
}

#[test]
fn a_merge_waits_for_all_its_parents() {
    check(
        "a
         b: a
         c: a
         d: b c",
        "upgrade heads from = a b c d | d
         upgrade c from = a c | c
         upgrade +1 from a = !`+1` is ambiguous: it may lead over b or c; name a revision
         upgrade +1 from a b = c d | d
         upgrade +1 from a b c = !`+1` is ambiguous: the database is at b and c
         downgrade a from a b c d = d c b | a
         downgrade -1 from a b c d = !`-1` is ambiguous: it may lead over b or c; name a revision
         downgrade -1 from a b c = !`-1` is ambiguous: the database is at b and c
         downgrade b from a b c d = d | b c
         downgrade b@-1 from a b c = b | c
         downgrade c@a from a b c d = d c | b
         stamp b from a b c d = +  - d c | b
         stamp d from a = + b c d -  | d
         show heads from = d
         new heads = d",
    );
}

#[test]
fn parents_are_named_in_one_order_however_they_are_listed() {
    for revisions in ["a\n b: a\n c: a\n d: b c", "d: c b\n c: a\n b: a\n a"] {
        check(revisions, "downgrade -1 from a b c d = !`-1` is ambiguous: it may lead over b or c; name a revision");
    }
}

#[test]
fn a_dependency_orders_and_is_no_line_of_history() {
    check(
        "a
         b: a
         x
         y: x; b",
        "order = a b x y
         heads = b y
         upgrade y from = a b x y | y
         upgrade x from = x | x
         downgrade a from a b x y = y b | a x
         downgrade x@base from a b x y = y x | b
         downgrade b from a b x y = !`b` is no downgrade from y
         show heads from = y
         stamp b,y from = + a b x y -  | y
         history x@base: from = y x b a",
    );
}

#[test]
fn labels_tell_heads_apart() {
    let forked = "a
        b: a
        c: a";
    check(forked, "check = !2 heads that no branch label tells apart: b, c\nfork = a");
    check("a\nb: a; ; left\nc: a; ; right", "check = ok");
    check("a\nb: a; ; left\nc: a; ; right\nd: b; c\ne: c; d", "check = ok");
    check("a\nb: a; ; left\nc: a", "check = !2 heads that no branch label tells apart: b, c");
    check("a: ; ; all\nb: a\nc: a", "check = !2 heads that no branch label tells apart: b, c");
}

#[test]
fn a_name_is_an_id_or_a_prefix_of_four() {
    check(
        "20260101
         20260102: 20260101
         20270101: 20260102",
        "upgrade 2027 from 20260101 20260102 = 20270101 | 20270101
         upgrade 2026 from = !`2026` may be 20260101 or 20260102
         upgrade 2026@head from = !`2026` may be 20260101 or 20260102
         upgrade 3026@head from = !no branch label and no revision is called `3026`
         upgrade 202 from = !no revision is called `202`
         upgrade 20260103 from = !no revision is called `20260103`; did you mean `20260101`?",
    );
}

#[test]
fn a_label_names_its_branch() {
    check(
        "a
         b: a; ; left
         c: b
         x: a; ; right
         y: x",
        "upgrade head from = !there are several heads: c, y
         upgrade left@head from = a b c | c
         upgrade left@+1 from a = b | b
         upgrade left from a = b | b
         upgrade left@y from = !revision y is not on the branch `left`
         upgrade nosuch@head from = !no branch label and no revision is called `nosuch`
         upgrade lefd from = !no revision is called `lefd`; did you mean `left`?
         upgrade righ@head from = a x y | y
         downgrade left@a from a b c x y = c b | y
         downgrade left@-1 from a b c x y = c | b y
         downgrade left@base from a b c x y = y x c b a |
         stamp right@head from a b c = + x y -  | c y
         stamp left@base from a b c x y = +  - c b | y
         history left: from = c b
         show left@-1 from = b
         new head = !there are several heads: c, y
         new left@head = c
         new left = !revision b is not a head: c follows it already",
    );
}

#[test]
fn an_overlap_is_refused() {
    check(
        "a: ; ; all
         b: a; c
         c: a",
        "upgrade all@heads from = !c is an ancestor of b: both cannot be asked for at once
         upgrade heads from = a c b | b",
    );
}

#[test]
fn a_merge_takes_every_head_and_no_ancestor_of_another() {
    check(
        "
        acc1: ; ; accounts
        acc2: acc1
        net1
        net2: net1; acc2; networking
        net3: net1",
        "
        merge heads = acc2 net2 net3
        merge net3 accounts@head net3 = net3 acc2
        merge net1 net2 = !net1 is an ancestor of net2: both cannot be asked for at once
        merge acc2 net2 = acc2 net2
        merge base =
        merge nope = !no revision is called `nope`
        after acc2 = acc2 net2
        after net1 = net1 net2 net3
        after nope =",
    );
}

#[test]
fn a_label_covers_what_follows_and_the_plain_line_that_leads_to_it() {
    check(
        "
        a
        b: a
        c: b; ; left
        d: b; ; right
        e: c d
        x
        y: x; ; alone
        z: y",
        "
        branches a =
        branches b =
        branches c = left
        branches e = left right
        branches x = alone
        branches z = alone",
    );
}

#[test]
fn a_dependency_may_be_a_label() {
    check(
        "a: ; ; one
         b: a
         x: ; one",
        "upgrade x from = a x | x
         upgrade heads from x a = b | b x",
    );
}

#[test]
fn a_dependency_on_its_own_label_is_a_cycle() {
    let [error] = &errors("a: ; one; one")[..] else { panic!("one error") };
    assert_eq!(error.kind(), "dependency_self_loop");
}

#[test]
fn everything_wrong_is_told_at_once() {
    let found = errors("a1: zz\na1\nb1: ; a9\nc1: ; ; left\nd1: ; ; left");
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "the id `a1` is taken twice",
            "the slug `a1` is taken twice",
            "the branch label `left` is given twice",
            "unknown parent `zz`",
            "unknown revision `a9` in `depends-on`",
        ]
    );
    let names = errors("a-1\nb: ; ; c\nc\nd: d\n");
    let texts: Vec<(String, &str)> = names.iter().map(|error| (error.to_string(), error.kind())).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
    assert_eq!(
        texts,
        [
            ("the id `a-1` is empty or has one of `@`, `-`, `+`, `:`", "illegal_id"),
            ("the branch label `c` is the name of a revision", "duplicate_label"),
            ("a revision that is its own ancestor", "self_loop"),
        ]
    );
    assert!(matches!(&found[4], GraphError::UnknownDependency { nearest: Some(id), .. } if id == "a1"));
}

#[test]
fn cycles_are_named_without_what_hangs_on_them() {
    let [GraphError::Cycle { at, by_dependency: false }] = &errors("a: c\nb: a\nc: b\nd: c")[..] else {
        panic!("one cycle")
    };
    assert_eq!(at.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2]));
    let [own] = &errors("a: a")[..] else { panic!("one cycle") };
    assert_eq!(own.to_string(), "a revision that is its own ancestor");
}
