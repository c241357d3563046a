//! The revision graph: valid by construction, ordered the same on every machine.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

/// A revision as the graph sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// The id, unique in its package.
    pub id: &'a str,
    /// The slug, unique too.
    pub slug: &'a str,
    /// The ids of its parents; none for a base.
    pub parents: Vec<&'a str>,
    /// Ids that come first without being parents.
    pub depends_on: Vec<&'a str>,
    /// Labels of the branch that starts here.
    pub labels: Vec<&'a str>,
}

/// Why some nodes are not a graph. `at` and its like are positions in the list of nodes that was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A parent that no node has as its id.
    #[error("unknown parent `{parent}`")]
    UnknownParent {
        /// The node that names it.
        at: usize,
        /// The name.
        parent: String,
        /// The known id most like it.
        nearest: Option<String>,
    },
    /// A dependency that no node has as its id.
    #[error("unknown revision `{dependency}` in `depends-on`")]
    UnknownDependency {
        /// The node that names it.
        at: usize,
        /// The name.
        dependency: String,
        /// The known id most like it.
        nearest: Option<String>,
    },
    /// Two nodes with one id.
    #[error("the id `{id}` is taken twice")]
    DuplicateId {
        /// The id.
        id: String,
        /// The first node with it.
        first: usize,
        /// Another.
        second: usize,
    },
    /// Two nodes with one slug.
    #[error("the slug `{slug}` is taken twice")]
    DuplicateSlug {
        /// The slug.
        slug: String,
        /// The first node with it.
        first: usize,
        /// Another.
        second: usize,
    },
    /// Two nodes with one branch label.
    #[error("the branch label `{label}` is given twice")]
    DuplicateLabel {
        /// The label.
        label: String,
        /// The first node with it.
        first: usize,
        /// Another.
        second: usize,
    },
    /// Nodes that are each other's ancestors; one alone is its own parent.
    #[error("{}", if at.len() == 1 { "a revision that is its own ancestor" } else { "revisions that are each other's ancestors" })]
    Cycle {
        /// The nodes on the cycle, in its order.
        at: Vec<usize>,
    },
}

/// Several heads that no branch labels tell apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} heads that no branch label tells apart: {}", heads.len(), heads.join(", "))]
pub struct SeveralHeads {
    /// The ids of the heads, in order of id.
    pub heads: Vec<String>,
    /// The youngest common ancestor, where there is one.
    pub fork: Option<String>,
}

/// The revision graph of a package. One that exists has no unknown parent, no cycle and no id twice.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    /// Parents and dependencies first; among independent revisions the smaller id.
    nodes: Vec<Node<'a>>,
    by_id: HashMap<&'a str, usize>,
    /// Parents and dependencies of each node, by position.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    has_child: Vec<bool>,
}

impl<'a> Graph<'a> {
    /// Checks and orders the nodes.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, not just the first; the positions are those in `nodes`.
    pub fn new(nodes: Vec<Node<'a>>) -> Result<Self, Vec<GraphError>> {
        let mut errors = Vec::new();
        let by_id = unique(nodes.iter().map(|node| node.id), |id, first, second| {
            errors.push(GraphError::DuplicateId { id: id.to_owned(), first, second });
        });
        unique(nodes.iter().map(|node| node.slug), |slug, first, second| {
            errors.push(GraphError::DuplicateSlug { slug: slug.to_owned(), first, second });
        });
        let mut labels = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            for label in &node.labels {
                if let Some(first) = labels.insert(*label, at) {
                    errors.push(GraphError::DuplicateLabel { label: (*label).to_owned(), first, second: at });
                }
            }
        }
        let before: Vec<Vec<usize>> = nodes
            .iter()
            .map(|node| {
                let names = node.parents.iter().chain(&node.depends_on);
                let known: BTreeSet<usize> = names.filter_map(|name| by_id.get(name).copied()).collect();
                known.into_iter().collect()
            })
            .collect();
        let after = reversed(&before);
        for (at, node) in nodes.iter().enumerate() {
            // Whoever is told to name the node itself, or what comes after it, is led into a cycle.
            let likely = |name: &str| {
                let later = closure([at], &after);
                let others = by_id.iter().filter(|(id, other)| **id != node.id && !later.contains(other));
                nearest(name, others.map(|(id, _)| *id)).map(str::to_owned)
            };
            for parent in node.parents.iter().filter(|name| !by_id.contains_key(**name)) {
                errors.push(GraphError::UnknownParent { at, parent: (*parent).to_owned(), nearest: likely(parent) });
            }
            for dependency in node.depends_on.iter().filter(|name| !by_id.contains_key(**name)) {
                let dependency = (*dependency).to_owned();
                errors.push(GraphError::UnknownDependency { at, nearest: likely(&dependency), dependency });
            }
        }
        let order = topological(&nodes, &before);
        if order.len() < nodes.len() {
            errors.push(GraphError::Cycle { at: cycle(&before, &order) });
        }
        if errors.is_empty() { Ok(Self::ordered(nodes, &before, &order)) } else { Err(errors) }
    }

    fn ordered(nodes: Vec<Node<'a>>, before: &[Vec<usize>], order: &[usize]) -> Self {
        let mut position = vec![0; nodes.len()];
        for (new, old) in order.iter().enumerate() {
            position[*old] = new;
        }
        let before: Vec<Vec<usize>> =
            order.iter().map(|old| before[*old].iter().map(|other| position[*other]).collect()).collect();
        let after = reversed(&before);
        let mut slots: Vec<Option<Node<'a>>> = nodes.into_iter().map(Some).collect();
        let nodes: Vec<Node<'a>> = order.iter().filter_map(|old| slots[*old].take()).collect();
        let by_id: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        let mut has_child = vec![false; nodes.len()];
        for parent in nodes.iter().flat_map(|node| &node.parents) {
            has_child[by_id[parent]] = true;
        }
        Self { nodes, by_id, before, after, has_child }
    }

    /// The revisions, each after its parents and dependencies.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The revision with this id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node<'a>> {
        self.position(id).map(|at| &self.nodes[at])
    }

    /// The revisions without a child, in order of id.
    #[must_use]
    pub fn heads(&self) -> Vec<&Node<'a>> {
        let mut heads: Vec<_> =
            self.nodes.iter().zip(&self.has_child).filter(|(_, child)| !**child).map(|(node, _)| node).collect();
        heads.sort_unstable_by_key(|node| node.id);
        heads
    }

    /// Checks that branch labels tell the heads apart.
    ///
    /// # Errors
    ///
    /// When there are several heads and one of them is covered by no label of its own.
    pub fn check_heads(&self) -> Result<(), SeveralHeads> {
        if self.unlabelled_heads().is_empty() {
            return Ok(());
        }
        let heads = self.heads();
        let lines = heads.iter().map(|head| self.line(head.id));
        let shared = lines.reduce(|shared, line| &shared & &line).unwrap_or_default();
        Err(SeveralHeads {
            heads: heads.iter().map(|head| head.id.to_owned()).collect(),
            fork: shared.last().map(|at| self.nodes[*at].id.to_owned()),
        })
    }

    /// The heads that no branch label tells apart from the others, in order of id; none when there is but one head.
    #[must_use]
    pub fn unlabelled_heads(&self) -> Vec<&'a str> {
        let heads = self.heads();
        if heads.len() < 2 {
            return Vec::new();
        }
        let lines: Vec<BTreeSet<usize>> = heads.iter().map(|head| self.line(head.id)).collect();
        let is_of_one = |at: &usize| lines.iter().filter(|line| line.contains(at)).count() == 1;
        let is_alike =
            |line: &BTreeSet<usize>| !line.iter().any(|at| !self.nodes[*at].labels.is_empty() && is_of_one(at));
        heads.iter().zip(&lines).filter(|(_, line)| is_alike(line)).map(|(head, _)| head.id).collect()
    }

    /// A revision and its ancestors by `parent` alone: a dependency is no line of history, and no label reaches over it.
    fn line(&self, id: &str) -> BTreeSet<usize> {
        let mut open: Vec<usize> = self.position(id).into_iter().collect();
        let mut line = BTreeSet::new();
        while let Some(at) = open.pop() {
            if line.insert(at) {
                open.extend(self.nodes[at].parents.iter().map(|parent| self.by_id[parent]));
            }
        }
        line
    }

    /// The maximal elements of a set of applied ids: the current heads. Ids the graph does not know are passed over.
    #[must_use]
    pub fn maximal<'s>(&self, applied: &BTreeSet<&'s str>) -> Vec<&'s str> {
        let covered: BTreeSet<usize> =
            applied.iter().filter_map(|id| self.position(id)).flat_map(|at| self.before[at].iter().copied()).collect();
        applied.iter().copied().filter(|id| self.position(id).is_some_and(|at| !covered.contains(&at))).collect()
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The given positions and everything that must come before them.
    pub(crate) fn ancestors(&self, of: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        closure(of, &self.before)
    }

    /// The given positions and everything that must come after them.
    pub(crate) fn descendants(&self, of: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        closure(of, &self.after)
    }
}

/// The given positions and everything that the edges lead to from them.
fn closure(of: impl IntoIterator<Item = usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
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
fn reversed(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (at, others) in edges.iter().enumerate() {
        for other in others {
            reversed[*other].push(at);
        }
    }
    reversed
}

/// The candidate most like what was typed, if any is like it at all.
#[must_use]
pub fn nearest<'c>(typed: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count().max(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance in characters.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

fn unique<'n>(
    names: impl Iterator<Item = &'n str>,
    mut twice: impl FnMut(&str, usize, usize),
) -> HashMap<&'n str, usize> {
    let mut seen = HashMap::new();
    for (at, name) in names.enumerate() {
        match seen.get(name) {
            Some(first) => twice(name, *first, at),
            None => {
                seen.insert(name, at);
            }
        }
    }
    seen
}

/// Kahn's algorithm with the smallest id first, so that every machine takes independent revisions in one order. Nodes on
/// a cycle, and what hangs on them, are left out.
fn topological(nodes: &[Node<'_>], before: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = before.iter().map(Vec::len).collect();
    let after = reversed(before);
    let mut ready: BinaryHeap<Reverse<(&str, usize)>> =
        (0..nodes.len()).filter(|at| waiting[*at] == 0).map(|at| Reverse((nodes[at].id, at))).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, at))) = ready.pop() {
        order.push(at);
        for next in &after[at] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(Reverse((nodes[*next].id, *next)));
            }
        }
    }
    order
}

/// One cycle among the nodes that could not be ordered: each of them has another before it, so walking back repeats.
fn cycle(before: &[Vec<usize>], order: &[usize]) -> Vec<usize> {
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
