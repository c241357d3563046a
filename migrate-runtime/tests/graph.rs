//! The graph and the plan on cases written as text.
//!
//! The first lines are revisions, `id: parents; depends-on; labels`, and the last is a question and its answer.

use std::collections::BTreeSet;

use migrate_runtime::Target;
use migrate_runtime::graph::{Graph, GraphError, Node};

fn node(line: &str) -> Node<'_> {
    let (id, rest) = line.split_once(':').unwrap_or((line, ""));
    let mut parts = rest.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>());
    let mut next = || parts.next().unwrap_or_default();
    Node { id: id.trim(), slug: id.trim(), parents: next(), depends_on: next(), labels: next() }
}

fn answer(graph: &Graph<'_>, question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    let (verb, target, applied) = match words[..] {
        ["heads"] => return graph.heads().iter().map(|node| node.id).collect::<Vec<_>>().join(" "),
        ["order"] => return graph.nodes().iter().map(|node| node.id).collect::<Vec<_>>().join(" "),
        ["check"] => return graph.check_heads().map_or_else(|error| format!("!{error}"), |()| "ok".to_owned()),
        ["fork"] => return graph.check_heads().expect_err("several heads").fork.unwrap_or_default(),
        [verb, target, "from", ref applied @ ..] => (verb, target, applied.iter().copied().collect::<BTreeSet<_>>()),
        _ => panic!("no such question: {question}"),
    };
    let Ok(target) = target.parse::<Target>();
    let plan = match verb {
        "upgrade" => graph.plan_upgrade(&applied, &target),
        _ => graph.plan_downgrade(&applied, &target),
    };
    match plan {
        Err(error) => format!("!{error}"),
        Ok(plan) => {
            let steps: Vec<&str> = plan.steps.iter().map(|step| step.revision.as_str()).collect();
            let heads = plan.steps.last().map(|step| step.heads.join(" ")).unwrap_or_default();
            format!("{} | {heads}", steps.join(" ")).trim().to_owned()
        }
    }
}

#[track_caller]
fn check(revisions: &str, questions: &str) {
    let nodes = revisions.lines().map(str::trim).filter(|line| !line.is_empty()).map(node).collect();
    let graph = Graph::new(nodes).expect("a valid graph");
    for line in questions.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, expected) = line.split_once(" = ").expect("question = answer");
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
         upgrade heads from a1 b1 c1 = |
         upgrade a1 from a1 b1 = |
         downgrade base from a1 b1 c1 = c1 b1 a1 |
         downgrade a1 from a1 b1 c1 = c1 b1 | a1
         downgrade -1 from a1 b1 = b1 | a1
         downgrade -2 from a1 = !`-2` goes too far: only 1 can be taken from here
         downgrade c1 from a1 = !`c1` is not a downgrade from where the database is; use `upgrade`
         upgrade base from a1 = !`base` is not an upgrade from where the database is; use `downgrade`
         upgrade -1 from a1 = !`-1` is not an upgrade from where the database is; use `downgrade`",
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
         upgrade +1 from a = !`+1` is ambiguous here: it may lead over b or c; name a revision
         downgrade a from a b c d = d c b | a
         downgrade -1 from a b c d = d | b c
         downgrade -1 from a b c = !`-1` is ambiguous here: it may lead over b or c; name a revision
         downgrade b from a b c d = d | b c",
    );
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
         downgrade a from a b x y = y b | a x",
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
         upgrade 202 from = !no revision is called `202`
         upgrade 20260103 from = !no revision is called `20260103`; did you mean `20260101`?",
    );
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
    assert!(matches!(&found[4], GraphError::UnknownDependency { nearest: Some(id), .. } if id == "a1"));
}

#[test]
fn cycles_are_named_without_what_hangs_on_them() {
    let [GraphError::Cycle { at }] = &errors("a: c\nb: a\nc: b\nd: c")[..] else { panic!("one cycle") };
    assert_eq!(at.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2]));
    let [own] = &errors("a: a")[..] else { panic!("one cycle") };
    assert_eq!(own.to_string(), "a revision that is its own ancestor");
}
