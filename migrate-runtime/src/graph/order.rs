//! Edges by position: what they lead to, and the one order that every machine takes.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::graph::{Node, Qualified};

/// The given positions and everything that the edges lead to from them.
pub(crate) fn closure(of: impl IntoIterator<Item = usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut open: Vec<usize> = of.into_iter().collect();
    let mut closed = BTreeSet::new();
    while let Some(at) = open.pop() {
        if closed.insert(at) {
            open.extend(&edges[at]);
        }
    }
    closed
}

/// The same edges, the other way.
pub(super) fn reversed(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (at, others) in edges.iter().enumerate() {
        for other in others {
            reversed[*other].push(at);
        }
    }
    reversed
}

/// Kahn's algorithm with the smallest id first, so that every machine takes independent revisions in one order; those of
/// other packages come before the package's own, which may take what a library makes for granted. Nodes on a cycle, and what
/// hangs on them, are left out.
pub(super) fn topological(nodes: &[Node<'_>], before: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = before.iter().map(Vec::len).collect();
    let after = reversed(before);
    let entry = |at: usize| Reverse((Qualified::of(nodes[at].id).package.is_none(), nodes[at].id, at));
    let mut ready: BinaryHeap<_> = (0..nodes.len()).filter(|at| waiting[*at] == 0).map(entry).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for next in &after[at] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(entry(*next));
            }
        }
    }
    order
}

/// One cycle among the nodes that could not be ordered: each of them has another before it, so walking back repeats.
pub(super) fn cycle(before: &[Vec<usize>], order: &[usize]) -> Vec<usize> {
    let mut ordered = vec![false; before.len()];
    for at in order {
        ordered[*at] = true;
    }
    let stuck = |at: usize| before[at].iter().copied().find(|other| !ordered[*other]);
    let mut walk = Vec::new();
    let mut next = (0..before.len()).find(|at| !ordered[*at]);
    while let Some(at) = next {
        if let Some(start) = walk.iter().position(|seen| *seen == at) {
            walk.drain(..start);
            walk.reverse();
            break;
        }
        walk.push(at);
        next = stuck(at);
    }
    walk
}
