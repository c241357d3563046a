//! What can be wrong with revisions before they are a graph.

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
    /// A branch label that is the id, or another node's slug: typed as a target it would mean two things.
    #[error("the branch label `{label}` is the name of a revision")]
    LabelIsName {
        /// The label.
        label: String,
        /// The node that gives it.
        at: usize,
        /// The node that is called so.
        named: usize,
    },
    /// An id that could not be told from a relative target, a branch or a range.
    #[error("the id `{id}` is empty or has one of `@`, `-`, `+`, `:`")]
    IllegalId {
        /// The node.
        at: usize,
        /// Its id.
        id: String,
    },
    /// Nodes that are each other's ancestors; one alone is its own.
    #[error("{}", if at.len() == 1 { "a revision that is its own ancestor" } else { "revisions that are each other's ancestors" })]
    Cycle {
        /// The nodes on the cycle, in its order.
        at: Vec<usize>,
        /// Whether `depends-on` closes it; without dependencies it would be none.
        by_dependency: bool,
    },
}

impl GraphError {
    /// The name of this kind of error, for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownParent { .. } | Self::UnknownDependency { .. } => "missing_parent",
            Self::DuplicateId { .. } | Self::DuplicateSlug { .. } => "duplicate_revision",
            Self::DuplicateLabel { .. } | Self::LabelIsName { .. } => "duplicate_label",
            Self::IllegalId { .. } => "illegal_id",
            Self::Cycle { at, by_dependency } => match (at.len(), by_dependency) {
                (1, false) => "self_loop",
                (1, true) => "dependency_self_loop",
                (_, false) => "cycle",
                (_, true) => "dependency_cycle",
            },
        }
    }
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
