//! Graphs drawn at random, with what holds of them told from their edges alone.

use std::collections::BTreeSet;

use migrate_runtime::graph::{Graph, Node};
use migrate_runtime::plan::{Direction, Plan};
use migrate_runtime::{Range, Target};
use proptest::collection::vec;
use proptest::prelude::*;

/// A graph as positions: of each revision its parents and what it depends on, all of them earlier ones.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) ids: Vec<String>,
    slugs: Vec<String>,
    /// A label or none.
    labels: Vec<Vec<String>>,
    parents: Vec<Vec<usize>>,
    depends_on: Vec<Vec<usize>>,
    /// Something is applied up to these.
    heads: Vec<usize>,
    pub(crate) target: String,
}

pub(crate) fn drawn() -> impl Strategy<Value = Drawn> {
    let index = any::<prop::sample::Index>;
    // Lines as long as a history has, and branches and merge revisions between them.
    let n_parents = prop_oneof![4 => Just(1), 1 => Just(0), 2 => Just(2)];
    let parents = n_parents.prop_flat_map(move |n| vec(index(), n));
    let revision = (parents, vec(index(), 0..2), any::<u8>(), prop::bool::weighted(0.3));
    let target = (0..16_usize, index(), 1..4_i64, index());
    (vec(revision, 1..14), vec(any::<prop::sample::Index>(), 0..4), target).prop_map(|(revisions, heads, target)| {
        let n_revisions = revisions.len();
        let earlier = |drawn: &[prop::sample::Index], n: usize| -> Vec<usize> {
            if n == 0 {
                Vec::new()
            } else {
                drawn.iter().map(|index| index.index(n)).collect::<BTreeSet<_>>().into_iter().collect()
            }
        };
        // The order of ids is not that of the graph.
        let ids: Vec<String> =
            revisions.iter().enumerate().map(|(n, (_, _, order, _))| format!("{order:03}x{n:02}")).collect();
        let slugs: Vec<String> = (0..n_revisions).map(|n| format!("slug_{n}")).collect();
        let label = |n: usize, is_labelled| if is_labelled { vec![format!("label_{n}")] } else { Vec::new() };
        let labels: Vec<Vec<String>> = revisions.iter().enumerate().map(|(n, (.., is))| label(n, *is)).collect();
        let named = &ids[target.1.index(n_revisions)];
        let other = target.3.index(n_revisions);
        let branch = labels[other].first().unwrap_or(&ids[other]);
        let steps = target.2;
        let target = match target.0 {
            0 => "heads".to_owned(),
            1 => "head".to_owned(),
            2 => "base".to_owned(),
            3 => format!("+{steps}"),
            4 => format!("-{steps}"),
            5 => format!("{named}+{steps}"),
            6 => format!("{named}@head"),
            7 => format!("{named}@base"),
            8 => format!("{branch}@head"),
            9 => format!("{branch}@heads"),
            10 => format!("{branch}@+{steps}"),
            11 => format!("{branch}@-{steps}"),
            12 => format!("{branch}@{named}"),
            13 => format!("{branch}@{named}-{steps}"),
            14 => named[..4].to_owned(),
            15 => slugs[other].clone(),
            _ => named.clone(),
        };
        Drawn {
            parents: revisions.iter().enumerate().map(|(n, (parents, ..))| earlier(parents, n)).collect(),
            depends_on: revisions
                .iter()
                .enumerate()
                .map(|(n, (_, dependencies, ..))| earlier(dependencies, n))
                .collect(),
            heads: heads.iter().map(|index| index.index(n_revisions)).collect(),
            ids,
            slugs,
            labels,
            target,
        }
    })
}

impl Drawn {
    /// The same revisions as those of three packages that are one history: up to the first place those of `one`, up to the
    /// second those of `two`, then the own ones. What was a parent in another package is a dependency.
    pub(crate) fn in_packages(mut self, mut places: [usize; 2]) -> Self {
        places.sort_unstable();
        let package = |n: usize| match n {
            n if n < places[0] => "one::",
            n if n < places[1] => "two::",
            _ => "",
        };
        // The target speaks of one of them, or of the own ones.
        if let Some(package) = package(places[0] % self.ids.len()).strip_suffix("::") {
            self.target = match self.target.split_once('@') {
                Some((branch, rest)) if places[1].is_multiple_of(2) => format!("{package}::{branch}@{rest}"),
                Some((_, rest)) => format!("{package}@{rest}"),
                None if ["+", "-", "head", "base"].iter().any(|form| self.target.starts_with(form)) => {
                    format!("{package}@{}", self.target)
                }
                None => format!("{package}::{}", self.target),
            };
        }
        for n in 0..self.ids.len() {
            let qualified = |name: &mut String| name.insert_str(0, package(n));
            [&mut self.ids[n], &mut self.slugs[n]].into_iter().chain(&mut self.labels[n]).for_each(qualified);
            let others: Vec<usize> =
                self.parents[n].iter().copied().filter(|parent| package(*parent) != package(n)).collect();
            self.parents[n].retain(|parent| !others.contains(parent));
            let dependencies: BTreeSet<usize> = self.depends_on[n].iter().copied().chain(others).collect();
            self.depends_on[n] = dependencies.into_iter().collect();
        }
        self
    }

    pub(crate) fn graph(&self) -> Graph<'_> {
        self.listed(&(0..self.ids.len()).collect::<Vec<_>>())
    }

    /// The same graph from nodes in another order; edges are then listed in another order too.
    pub(crate) fn listed(&self, order: &[usize]) -> Graph<'_> {
        let place = |at: &usize| order.iter().position(|other| other == at);
        let sorted = |positions: &[usize]| {
            let mut positions = positions.to_vec();
            positions.sort_by_key(place);
            positions
        };
        // A dependency is named by a label where there is one.
        let dependency = |at: &usize| self.labels[*at].first().unwrap_or(&self.ids[*at]).as_str();
        let node = |n: usize| Node {
            id: &self.ids[n],
            slug: &self.slugs[n],
            parents: sorted(&self.parents[n]).iter().map(|at| self.ids[*at].as_str()).collect(),
            depends_on: sorted(&self.depends_on[n]).iter().map(dependency).collect(),
            labels: self.labels[n].iter().map(String::as_str).collect(),
        };
        Graph::new(order.iter().copied().map(node).collect()).expect("edges lead to earlier revisions")
    }

    /// Everything that can be asked of a graph, with its answer.
    pub(crate) fn answers(&self, graph: &Graph<'_>) -> String {
        let (applied, target) = (self.closed(), Target::from(self.target.as_str()));
        let ids = |nodes: Vec<&Node<'_>>| nodes.iter().map(|node| node.id.to_owned()).collect::<Vec<_>>();
        let order = ids(graph.nodes().iter().collect());
        format!(
            "{order:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            ids(graph.heads()),
            graph.check_heads(),
            graph.plan_upgrade(&applied, &target),
            graph.plan_downgrade(&applied, &target),
            graph.plan_stamp(&applied, std::slice::from_ref(&target)),
            graph.history(&Range::up_to(target.clone()), &applied),
            graph.select(&target, &applied),
        )
    }

    pub(crate) fn before(&self, id: &str) -> BTreeSet<&str> {
        let n = self.ids.iter().position(|other| other == id).expect("a known id");
        self.parents[n].iter().chain(&self.depends_on[n]).map(|at| self.ids[*at].as_str()).collect()
    }

    pub(crate) fn closed(&self) -> BTreeSet<&str> {
        let mut open: Vec<&str> = self.heads.iter().map(|at| self.ids[*at].as_str()).collect();
        let mut closed = BTreeSet::new();
        while let Some(id) = open.pop() {
            if closed.insert(id) {
                open.extend(self.before(id));
            }
        }
        closed
    }

    pub(crate) fn maximal(&self, applied: &BTreeSet<&str>) -> Vec<String> {
        let covered: BTreeSet<&str> = applied.iter().flat_map(|id| self.before(id)).collect();
        applied.difference(&covered).map(|id| (*id).to_owned()).collect()
    }

    /// Takes the steps, and checks of each that it may be taken and that it says rightly where it leads.
    pub(crate) fn follow<'d>(&'d self, plan: &'d Plan, mut applied: BTreeSet<&'d str>) -> BTreeSet<&'d str> {
        for step in &plan.steps {
            let id = step.revision.as_str();
            match step.direction {
                Direction::Up => {
                    assert!(self.before(id).is_subset(&applied), "{id} goes up before what it needs");
                    assert!(applied.insert(id), "{id} goes up twice");
                }
                Direction::Down => {
                    assert!(applied.remove(id), "{id} goes down without being up");
                    assert!(
                        !applied.iter().any(|other| self.before(other).contains(id)),
                        "{id} goes down under another"
                    );
                }
            }
            assert_eq!(step.heads, self.maximal(&applied), "after {id}");
        }
        assert_eq!(plan.heads, self.maximal(&applied));
        applied
    }
}
