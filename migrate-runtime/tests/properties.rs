//! What holds of every plan on every graph, from wherever the database is.

use std::collections::BTreeSet;

use migrate_runtime::Target;
use migrate_runtime::graph::{Graph, Node};
use migrate_runtime::plan::{Direction, Plan};
use proptest::collection::vec;
use proptest::prelude::*;

/// A graph as positions: of each revision its parents and what it depends on, all of them earlier ones.
#[derive(Clone, Debug)]
struct Drawn {
    ids: Vec<String>,
    parents: Vec<Vec<usize>>,
    depends_on: Vec<Vec<usize>>,
    /// Something is applied up to these.
    heads: Vec<usize>,
    target: String,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let revision = (vec(any::<prop::sample::Index>(), 0..3), vec(any::<prop::sample::Index>(), 0..2), any::<u8>());
    let target = (0..9_usize, any::<prop::sample::Index>(), 1..4_i64);
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
            revisions.iter().enumerate().map(|(n, (.., order))| format!("{order:03}x{n:02}")).collect();
        let named = &ids[target.1.index(n_revisions)];
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
            _ => named.clone(),
        };
        Drawn {
            parents: revisions.iter().enumerate().map(|(n, (parents, ..))| earlier(parents, n)).collect(),
            depends_on: revisions
                .iter()
                .enumerate()
                .map(|(n, (_, dependencies, _))| earlier(dependencies, n))
                .collect(),
            heads: heads.iter().map(|index| index.index(n_revisions)).collect(),
            ids,
            target,
        }
    })
}

impl Drawn {
    fn graph(&self) -> Graph<'_> {
        let names = |positions: &[usize]| positions.iter().map(|at| self.ids[*at].as_str()).collect();
        let node = |n: usize| Node {
            id: &self.ids[n],
            slug: "",
            parents: names(&self.parents[n]),
            depends_on: names(&self.depends_on[n]),
            labels: Vec::new(),
        };
        Graph::new((0..self.ids.len()).map(node).collect()).expect("edges lead to earlier revisions")
    }

    fn before(&self, id: &str) -> BTreeSet<&str> {
        let n = self.ids.iter().position(|other| other == id).expect("a known id");
        self.parents[n].iter().chain(&self.depends_on[n]).map(|at| self.ids[*at].as_str()).collect()
    }

    fn closed(&self) -> BTreeSet<&str> {
        let mut open: Vec<&str> = self.heads.iter().map(|at| self.ids[*at].as_str()).collect();
        let mut closed = BTreeSet::new();
        while let Some(id) = open.pop() {
            if closed.insert(id) {
                open.extend(self.before(id));
            }
        }
        closed
    }

    fn maximal(&self, applied: &BTreeSet<&str>) -> Vec<String> {
        let covered: BTreeSet<&str> = applied.iter().flat_map(|id| self.before(id)).collect();
        applied.difference(&covered).map(|id| (*id).to_owned()).collect()
    }

    /// Takes the steps, and checks of each that it may be taken and that it says rightly where it leads.
    fn follow<'d>(&'d self, plan: &'d Plan, mut applied: BTreeSet<&'d str>) -> BTreeSet<&'d str> {
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

proptest! {
    #[test]
    fn a_plan_can_be_followed_and_leads_where_it_says(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Ok(up) = graph.plan_upgrade(&applied, &target) {
            let after = drawn.follow(&up, applied.clone());
            prop_assert!(up.steps.iter().all(|step| step.direction == Direction::Up));
            if !target.needs_current() {
                prop_assert!(graph.plan_upgrade(&after, &target).unwrap().steps.is_empty());
            }
            // Whatever went up comes down again.
            let ids: Vec<String> = up.steps.iter().map(|step| step.revision.clone()).collect();
            let down = graph.plan_without(&after, &ids);
            prop_assert_eq!(drawn.follow(&down, after.clone()), applied.clone());
            prop_assert_eq!(graph.plan_with(&applied, &ids), up);
        }
        if let Ok(down) = graph.plan_downgrade(&applied, &target) {
            let after = drawn.follow(&down, applied.clone());
            prop_assert!(down.steps.iter().all(|step| step.direction == Direction::Down));
            let heads: Vec<&str> = applied.iter().copied().collect();
            let again = graph.plan_upgrade(&after, &Target::heads()).unwrap();
            prop_assert!(heads.iter().all(|id| drawn.follow(&again, after.clone()).contains(id)));
        }
    }

    #[test]
    fn what_is_checked_before_the_database_is_asked_is_not_refused_for_its_names_after(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Err(error) = graph.check_target(Direction::Up, &target) {
            prop_assert_eq!(graph.plan_upgrade(&applied, &target).unwrap_err().kind(), error.kind());
        }
        if let Err(error) = graph.check_target(Direction::Down, &target) {
            prop_assert_eq!(graph.plan_downgrade(&applied, &target).unwrap_err().kind(), error.kind());
        }
    }

    #[test]
    fn a_stamp_leaves_a_set_that_is_closed(drawn in drawn()) {
        let (graph, applied, target) = (drawn.graph(), drawn.closed(), Target::from(drawn.target.as_str()));
        if let Ok(stamp) = graph.plan_stamp(&applied, &[target]) {
            let mut after: BTreeSet<&str> = applied.clone();
            after.retain(|id| !stamp.forgotten.iter().any(|forgotten| forgotten == id));
            after.extend(stamp.recorded.iter().map(String::as_str));
            prop_assert!(after.iter().all(|id| drawn.before(id).is_subset(&after)));
            prop_assert_eq!(stamp.heads, drawn.maximal(&after));
        }
    }
}
