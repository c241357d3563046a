//! The revision graph: valid by construction, ordered the same on every machine.

mod error;
mod heads;
mod lineage;
mod names;
mod nearest;
mod order;
mod parents;

use std::collections::{BTreeSet, HashMap};

pub use self::error::{GraphError, SeveralHeads};
pub use self::nearest::nearest;
use self::order::{closure, cycle, reversed, topological};
pub use self::parents::Follow;
pub(crate) use self::{heads::Tips, names::Branch};
pub use crate::qualified::Qualified;

/// A revision as the graph sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// The id, unique in its package.
    pub id: &'a str,
    /// The slug, unique too; empty where it is not known.
    pub slug: &'a str,
    /// The ids of its parents; none for a base.
    pub parents: Vec<&'a str>,
    /// Ids or branch labels of revisions that come first without being parents.
    pub depends_on: Vec<&'a str>,
    /// Labels of the branch that starts here.
    pub labels: Vec<&'a str>,
}

/// The revision graph of a package. One that exists has no unknown parent, no cycle and no name twice.
///
/// Inside this crate a revision is its position in [`nodes`](Self::nodes): what comes before it has a smaller one.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    /// Parents and dependencies first; among independent revisions those of other packages, then the smaller id.
    nodes: Vec<Node<'a>>,
    names: Names<'a>,
    parents: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// Parents and dependencies.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

/// What revisions are called; on the way to a graph the positions are those in the list that was given.
#[derive(Clone, Debug, Default)]
struct Names<'a> {
    ids: HashMap<&'a str, usize>,
    slugs: HashMap<&'a str, usize>,
    labels: HashMap<&'a str, usize>,
}

impl<'a> Graph<'a> {
    /// Checks and orders the nodes.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, not just the first; the positions are those in `nodes`.
    pub fn new(nodes: Vec<Node<'a>>) -> Result<Self, Vec<GraphError>> {
        let mut errors = Vec::new();
        let names = Names::of(&nodes, &mut errors);
        let edges = |of: &dyn Fn(&Node<'a>) -> BTreeSet<usize>| -> Vec<Vec<usize>> {
            nodes.iter().map(|node| of(node).into_iter().collect()).collect()
        };
        let known = |name: &&str| names.ids.get(name).copied();
        let parents = edges(&|node| node.parents.iter().filter_map(known).collect());
        let before = edges(&|node| {
            let dependencies = node.depends_on.iter().filter_map(|name| names.dependency(name));
            node.parents.iter().filter_map(known).chain(dependencies).collect()
        });
        names.check_edges(&nodes, &before, &mut errors);
        // Parents alone first: where they make no cycle, it is a dependency that does.
        let by_parents = topological(&nodes, &parents);
        let order = topological(&nodes, &before);
        if by_parents.len() < nodes.len() {
            errors.push(GraphError::Cycle { at: cycle(&parents, &by_parents), by_dependency: false });
        } else if order.len() < nodes.len() {
            errors.push(GraphError::Cycle { at: cycle(&before, &order), by_dependency: true });
        }
        if errors.is_empty() { Ok(Self::ordered(nodes, names, &parents, &before, &order)) } else { Err(errors) }
    }

    fn ordered(
        nodes: Vec<Node<'a>>,
        mut names: Names<'a>,
        parents: &[Vec<usize>],
        before: &[Vec<usize>],
        order: &[usize],
    ) -> Self {
        let mut position = vec![0; nodes.len()];
        for (new, old) in order.iter().enumerate() {
            position[*old] = new;
        }
        // In order once more, so that nothing told of them hangs on how the nodes were listed.
        let sorted = |edges: &[usize]| edges.iter().map(|other| position[*other]).collect::<BTreeSet<_>>();
        let moved = |edges: &[Vec<usize>]| -> Vec<Vec<usize>> {
            order.iter().map(|old| sorted(&edges[*old]).into_iter().collect()).collect()
        };
        let (parents, before) = (moved(parents), moved(before));
        for at in [&mut names.ids, &mut names.slugs, &mut names.labels].into_iter().flat_map(HashMap::values_mut) {
            *at = position[*at];
        }
        let mut slots: Vec<Option<Node<'a>>> = nodes.into_iter().map(Some).collect();
        let nodes = order.iter().filter_map(|old| slots[*old].take()).collect();
        Self { nodes, names, children: reversed(&parents), parents, after: reversed(&before), before }
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

    /// The ids of the revisions that have this one as a parent, in order of id; none when it is not known.
    #[must_use]
    pub fn children(&self, id: &str) -> Vec<&'a str> {
        self.neighbours(id, &self.children)
    }

    /// The ids of the revisions that this one depends on without being their child, in order of id: where the node names a
    /// branch label, the revision that carries it.
    #[must_use]
    pub fn dependencies(&self, id: &str) -> Vec<&'a str> {
        let Some(node) = self.node(id) else { return Vec::new() };
        let mut ids: Vec<&str> =
            node.depends_on.iter().filter_map(|name| self.names.dependency(name)).map(|at| self.nodes[at].id).collect();
        ids.sort_unstable();
        ids
    }

    fn neighbours(&self, id: &str, edges: &[Vec<usize>]) -> Vec<&'a str> {
        let mut ids: Vec<&str> =
            self.position(id).into_iter().flat_map(|at| &edges[at]).map(|at| self.nodes[*at].id).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.names.ids.get(id).copied()
    }

    pub(crate) fn id(&self, at: usize) -> &'a str {
        self.nodes[at].id
    }

    /// The package whose revision it is, where that is another than the one whose graph this is.
    pub(crate) fn package(&self, at: usize) -> Option<&'a str> {
        Qualified::of(self.id(at)).package
    }

    /// Whether it is a revision of the package whose graph this is.
    pub(crate) fn is_own(&self, at: usize) -> bool {
        self.package(at).is_none()
    }

    pub(crate) fn ids(&self, positions: impl IntoIterator<Item = usize>) -> Vec<String> {
        positions.into_iter().map(|at| self.nodes[at].id.to_owned()).collect()
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

impl<'a> Names<'a> {
    /// Notes what is called how, and every name that is taken twice.
    fn of(nodes: &[Node<'a>], errors: &mut Vec<GraphError>) -> Self {
        let mut names = Self::default();
        for (at, node) in nodes.iter().enumerate() {
            let id = Qualified::of(node.id).id;
            if id.is_empty() || id.contains(['@', '-', '+', ':']) {
                errors.push(GraphError::IllegalId { at, id: node.id.to_owned() });
            }
            let first = *names.ids.entry(node.id).or_insert(at);
            if first != at {
                errors.push(GraphError::DuplicateId { id: node.id.to_owned(), first, second: at });
            }
        }
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !node.slug.is_empty()) {
            let first = *names.slugs.entry(node.slug).or_insert(at);
            if first != at {
                errors.push(GraphError::DuplicateSlug { slug: node.slug.to_owned(), first, second: at });
            }
        }
        for (at, label) in
            nodes.iter().enumerate().flat_map(|(at, node)| node.labels.iter().map(move |label| (at, *label)))
        {
            let named = names.ids.get(label).or_else(|| names.slugs.get(label).filter(|named| **named != at));
            let first = *names.labels.entry(label).or_insert(at);
            let label = label.to_owned();
            if let Some(named) = named {
                errors.push(GraphError::LabelIsName { label, at, named: *named });
            } else if first != at {
                errors.push(GraphError::DuplicateLabel { label, first, second: at });
            }
        }
        names
    }

    /// What a name in `depends-on` means.
    fn dependency(&self, name: &str) -> Option<usize> {
        self.ids.get(name).or_else(|| self.labels.get(name)).copied()
    }

    /// Notes every parent and dependency that is no revision.
    fn check_edges(&self, nodes: &[Node<'a>], before: &[Vec<usize>], errors: &mut Vec<GraphError>) {
        let mut after = None;
        for (at, node) in nodes.iter().enumerate() {
            let unknown_parents = node.parents.iter().filter(|name| !self.ids.contains_key(**name));
            let unknown_dependencies = node.depends_on.iter().filter(|name| self.dependency(name).is_none());
            let unknown =
                unknown_parents.map(|name| (name, true)).chain(unknown_dependencies.map(|name| (name, false)));
            for (name, is_parent) in unknown {
                // Whoever is told to name the node itself, or what comes after it, is led into a cycle.
                let later = closure([at], after.get_or_insert_with(|| reversed(before)));
                let others = self.ids.iter().filter(|(_, other)| !later.contains(other)).map(|(id, _)| *id);
                let (nearest, name) = (nearest(name, others).map(str::to_owned), (*name).to_owned());
                errors.push(match is_parent {
                    true => GraphError::UnknownParent { at, parent: name, nearest },
                    false => GraphError::UnknownDependency { at, dependency: name, nearest },
                });
            }
        }
    }
}
