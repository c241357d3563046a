//! The revision graphs of real projects that use Alembic: heads, branches and plans are those that Alembic computed.

use std::collections::{BTreeMap, BTreeSet};

use migrate_runtime::graph::Graph;
use migrate_runtime::{Range, Target};
use migrate_tests::{Corpus, RealGraph};
use serde_json::Value;

fn ids(value: &Value) -> Vec<&str> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}")).iter().map(|id| id.as_str().unwrap()).collect()
}

fn sorted(mut ids: Vec<&str>) -> Vec<&str> {
    ids.sort_unstable();
    ids
}

/// Every revision comes after what it needs.
fn check_order(graph: &Graph<'_>, order: &[&str], applied: &BTreeSet<&str>, name: &str) {
    let mut seen = applied.clone();
    for id in order {
        let node = graph.node(id).unwrap();
        let before = node.parents.iter().copied().chain(graph.dependencies(id));
        for earlier in before {
            assert!(seen.contains(earlier), "{name}: {earlier} must come before {id}");
        }
        assert!(seen.insert(id), "{name}: {id} twice");
    }
}

/// Returns how many plans were compared.
fn check(real: &RealGraph) -> usize {
    let (name, answers) = (real.name.as_str(), &real.answers);
    let graph = Graph::new(real.revisions.iter().map(|revision| revision.node()).collect()).expect(name);
    let none = BTreeSet::new();
    let heads: Vec<&str> = graph.heads().into_iter().map(|node| node.id).collect();
    assert_eq!(heads, sorted(ids(&answers["heads"])), "{name}");
    let bases: Vec<&str> = graph.bases().into_iter().map(|node| node.id).collect();
    assert_eq!(bases, sorted(ids(&answers["bases"])), "{name}");
    let real_heads = graph.select(&Target::heads(), &none).expect(name);
    assert_eq!(sorted(real_heads), sorted(ids(&answers["real_heads"])), "{name}");
    let points = |several: &dyn Fn(&str) -> bool| {
        sorted(graph.nodes().iter().map(|node| node.id).filter(|id| several(id)).collect())
    };
    assert_eq!(points(&|id| graph.children(id).len() > 1), sorted(ids(&answers["branch_points"])), "{name}");
    let merges = points(&|id| graph.node(id).is_some_and(|node| node.parents.len() > 1));
    assert_eq!(merges, sorted(ids(&answers["merge_points"])), "{name}");

    let up = graph.plan_upgrade(&none, &Target::heads()).expect(name);
    let order: Vec<&str> = up.steps.iter().map(|step| step.revision.as_str()).collect();
    assert_eq!(sorted(order.clone()), sorted(ids(&answers["upgrade_base_to_heads"])), "{name}");
    check_order(&graph, &order, &none, name);
    let all: BTreeSet<&str> = order.iter().copied().collect();
    let down = graph.plan_downgrade(&all, &Target::base()).expect(name);
    let mut undone: Vec<&str> = down.steps.iter().map(|step| step.revision.as_str()).collect();
    assert_eq!(sorted(undone.clone()), sorted(ids(&answers["downgrade_heads_to_base"])), "{name}");
    undone.reverse();
    check_order(&graph, &undone, &none, name);
    if merges.is_empty() && heads.len() == 1 {
        assert_eq!(order, ids(&answers["upgrade_base_to_heads"]), "{name}");
    }

    for plan in answers["upgrade_plans"].as_array().unwrap() {
        let (from, to) = (plan["from"].as_str().unwrap(), plan["to"].as_str().unwrap());
        let applied = graph.applied_below(&[from]).expect(name);
        let steps = graph.plan_upgrade(&applied, &Target::from(to)).expect(name).steps;
        let steps: Vec<&str> = steps.iter().map(|step| step.revision.as_str()).collect();
        assert_eq!(sorted(steps.clone()), sorted(ids(&plan["upgrade"])), "{name}: {from} to {to}");
        check_order(&graph, &steps, &applied, name);
    }
    for (prefix, id) in answers["prefix_lookup"].as_object().unwrap() {
        match graph.find(prefix) {
            Ok(found) => assert_eq!(Some(found), id.as_str(), "{name}: {prefix}"),
            Err(error) if id == "ERR ResolutionError" => {
                assert!(["ambiguous_id", "unknown_revision"].contains(&error.kind()), "{name}: {prefix}: {error}");
            }
            // Alembic takes shorter ones too, as long as they are unique.
            Err(error) => assert!(prefix.len() < 4 && error.kind() == "unknown_revision", "{name}: {prefix}: {error}"),
        }
    }
    let listed = graph.history(&Range::default(), &none).expect(name);
    assert_eq!(
        listed.into_iter().rev().collect::<Vec<_>>(),
        graph.nodes().iter().map(|node| node.id).collect::<Vec<_>>()
    );
    answers["upgrade_plans"].as_array().unwrap().len() + 2
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for `--nocapture`")]
fn real_graphs_are_planned_as_alembic_plans_them() {
    let Some(corpus) = Corpus::find() else { return };
    let graphs = corpus.graphs();
    assert!(graphs.len() >= 6, "{}", graphs.len());
    let counts: BTreeMap<&str, (usize, usize)> =
        graphs.iter().map(|real| (real.name.as_str(), (real.revisions.len(), check(real)))).collect();
    for (name, (n_revisions, n_plans)) in counts {
        println!("{name}: {n_revisions} revisions, {n_plans} plans");
    }
}
