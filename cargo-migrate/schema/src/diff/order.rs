//! Puts the units in an order that Postgres accepts, and among those in the one that reads best.

use crate::context::Context;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::action::Actions;
use super::decide::Fates;
use super::edges::Edges;
use super::fold::{self, Bond, Merge};
use super::precedence::Precedence;
use super::priority::Priority;

/// Actions that one statement does: the first is the one that is written.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) nodes: Vec<usize>,
}

/// All units, in order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) units: Vec<Unit>,
    pub(crate) has_unchecked_bodies: bool,
}

/// Orders all actions. Where that needs parts to have statements of their own, they get them; where functions name each
/// other in a circle, their bodies stay unchecked.
pub(crate) fn order(actions: &Actions, edges: &Edges, fates: &Fates, context: &Context<'_>) -> Plan {
    let mut merges = fold::merges(actions, edges, fates, context);
    let mut precedence = Precedence::of(actions, edges, context);
    let mut has_unchecked_bodies = false;
    loop {
        let units = Units::of(actions.len(), &merges);
        let graph = Graph::of(&units, precedence.hard.iter().chain(&precedence.soft));
        let circles = graph.circles();
        if circles.is_empty() {
            return Plan { units: units.sorted(&graph, actions, context), has_unchecked_bodies };
        }
        // One circle is opened where it is easiest, and then they are all looked at again.
        for circle in &circles {
            if loosen(circle, &units, &mut merges) {
                continue;
            }
            let inside =
                |(a, b): &(usize, usize)| circle.contains(&units.of_node[*a]) && circle.contains(&units.of_node[*b]);
            let n_soft = precedence.soft.len();
            precedence.soft.retain(|pair| !inside(pair));
            if precedence.soft.len() < n_soft {
                has_unchecked_bodies = true;
                continue;
            }
            // Nothing that can be loosened is left: the server will have to say what it makes of this.
            if let Some(first) = circle.iter().min() {
                precedence.hard.retain(|pair| !inside(pair) || units.of_node[pair.1] != *first);
            }
        }
    }
}

/// Gives the weakest parts within a circle statements of their own.
fn loosen(circle: &BTreeSet<usize>, units: &Units, merges: &mut Vec<Merge>) -> bool {
    let inside = |merge: &Merge| circle.contains(&units.of_node[merge.part]) && merge.bond != Bond::Firm;
    let Some(weakest) = merges.iter().filter(|merge| inside(merge)).map(|merge| merge.bond).max() else { return false };
    merges.retain(|merge| !inside(merge) || merge.bond != weakest);
    true
}

/// Which unit each node is in.
#[derive(Debug)]
struct Units {
    units: Vec<Unit>,
    of_node: Vec<usize>,
}

impl Units {
    fn of(n_nodes: usize, merges: &[Merge]) -> Self {
        let mut whole: Vec<usize> = (0..n_nodes).collect();
        for merge in merges {
            whole[merge.part] = merge.whole;
        }
        let root = |mut node: usize| {
            // No chain is longer than there are nodes, not even one that bites its own tail.
            for _ in 0..n_nodes {
                if whole[node] == node {
                    break;
                }
                node = whole[node];
            }
            node
        };
        let mut of_root = vec![usize::MAX; n_nodes];
        let mut units: Vec<Unit> = Vec::new();
        let mut of_node = vec![0; n_nodes];
        for (node, unit) in of_node.iter_mut().enumerate() {
            let root = root(node);
            if of_root[root] == usize::MAX {
                of_root[root] = units.len();
                units.push(Unit { nodes: vec![root] });
            }
            *unit = of_root[root];
            if node != root {
                units[of_root[root]].nodes.push(node);
            }
        }
        Self { units, of_node }
    }

    /// The units in an order that the graph allows, each as early as its own place or that of what waits for it says.
    fn sorted(self, graph: &Graph, actions: &Actions, context: &Context<'_>) -> Vec<Unit> {
        let mut places: Vec<Priority> = self
            .units
            .iter()
            .map(|unit| {
                let (id, action) = actions.node(unit.nodes[0]);
                Priority::of(id, action, context)
            })
            .collect();
        for unit in graph.any_order().into_iter().rev() {
            if let Some(earliest) = graph.after[unit].iter().map(|after| places[*after].clone()).min()
                && earliest < places[unit]
            {
                places[unit] = earliest;
            }
        }
        let mut n_before = graph.n_before();
        let mut ready: BinaryHeap<Reverse<(&Priority, usize)>> = BinaryHeap::new();
        ready
            .extend((0..n_before.len()).filter(|unit| n_before[*unit] == 0).map(|unit| Reverse((&places[unit], unit))));
        let mut order = Vec::new();
        while let Some(Reverse((_, unit))) = ready.pop() {
            order.push(unit);
            for after in &graph.after[unit] {
                n_before[*after] -= 1;
                if n_before[*after] == 0 {
                    ready.push(Reverse((&places[*after], *after)));
                }
            }
        }
        order.into_iter().map(|unit| self.units[unit].clone()).collect()
    }
}

/// Which units come after which.
#[derive(Debug)]
struct Graph {
    after: Vec<Vec<usize>>,
}

impl Graph {
    fn of<'pair>(units: &Units, pairs: impl Iterator<Item = &'pair (usize, usize)>) -> Self {
        let mut after = vec![Vec::new(); units.units.len()];
        for (before, later) in pairs {
            let (before, later) = (units.of_node[*before], units.of_node[*later]);
            if before != later {
                after[before].push(later);
            }
        }
        for later in &mut after {
            later.sort_unstable();
            later.dedup();
        }
        Self { after }
    }

    fn n_before(&self) -> Vec<usize> {
        let mut n_before = vec![0; self.after.len()];
        for later in self.after.iter().flatten() {
            n_before[*later] += 1;
        }
        n_before
    }

    /// An order that the graph allows, without those units that are in or behind a circle.
    fn any_order(&self) -> Vec<usize> {
        let mut n_before = self.n_before();
        let mut order: Vec<usize> = (0..n_before.len()).filter(|unit| n_before[*unit] == 0).collect();
        let mut next = 0;
        while next < order.len() {
            for after in &self.after[order[next]] {
                n_before[*after] -= 1;
                if n_before[*after] == 0 {
                    order.push(*after);
                }
            }
            next += 1;
        }
        order
    }

    /// The sets of units that all wait for each other (Tarjan's algorithm, with a stack of its own: a chain of views may
    /// be longer than the program's).
    fn circles(&self) -> Vec<BTreeSet<usize>> {
        let n_units = self.after.len();
        if self.any_order().len() == n_units {
            return Vec::new();
        }
        const NEW: usize = usize::MAX;
        let (mut number, mut low, mut on_stack) = (vec![NEW; n_units], vec![0; n_units], vec![false; n_units]);
        let (mut stack, mut circles, mut n_seen) = (Vec::new(), Vec::new(), 0);
        for start in 0..n_units {
            if number[start] != NEW {
                continue;
            }
            let mut path = vec![(start, 0)];
            while let Some((unit, next)) = path.pop() {
                if next == 0 {
                    (number[unit], low[unit], on_stack[unit]) = (n_seen, n_seen, true);
                    n_seen += 1;
                    stack.push(unit);
                }
                if let Some(after) = self.after[unit].get(next) {
                    path.push((unit, next + 1));
                    if number[*after] == NEW {
                        path.push((*after, 0));
                    } else if on_stack[*after] {
                        low[unit] = low[unit].min(number[*after]);
                    }
                    continue;
                }
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[unit]);
                }
                if low[unit] == number[unit] {
                    let mut circle = BTreeSet::new();
                    while let Some(member) = stack.pop() {
                        on_stack[member] = false;
                        circle.insert(member);
                        if member == unit {
                            break;
                        }
                    }
                    if circle.len() > 1 {
                        circles.push(circle);
                    }
                }
            }
        }
        circles
    }
}
