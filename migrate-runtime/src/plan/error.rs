//! Why a target cannot be reached, or means nothing.

use crate::plan::Direction;

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Nothing is called so.
    #[error("no revision is called `{name}`{}", did_you_mean(nearest.as_deref()))]
    UnknownRevision {
        /// What was typed.
        name: String,
        /// The known id, label or slug most like it.
        nearest: Option<String>,
    },
    /// Nothing before an `@` is called so.
    #[error("no branch label and no revision is called `{name}`{}", did_you_mean(nearest.as_deref()))]
    UnknownBranch {
        /// What was typed.
        name: String,
        /// The known id, label or slug most like it.
        nearest: Option<String>,
    },
    /// A revision that does not share a line of history with the branch it was looked for on.
    #[error("revision {revision} is not on the branch `{branch}`")]
    NotInBranch {
        /// Its id.
        revision: String,
        /// The branch, as it was typed.
        branch: String,
    },
    /// The beginning of several ids or labels.
    #[error("`{prefix}` may be {}", candidates.join(" or "))]
    AmbiguousId {
        /// What was typed.
        prefix: String,
        /// The ids and labels that begin so.
        candidates: Vec<String>,
    },
    /// Several heads where one is needed.
    #[error("there are several heads{}: {}", branch.as_ref().map(|branch| format!(" on `{branch}`")).unwrap_or_default(), heads.join(", "))]
    MultipleHeads {
        /// Their ids.
        heads: Vec<String>,
        /// The branch that was looked at, as it was typed.
        branch: Option<String>,
    },
    /// A target that lies on the way to another.
    #[error("{earlier} is an ancestor of {later}: both cannot be asked for at once")]
    Overlap {
        /// The id of the one.
        earlier: String,
        /// The id of the other.
        later: String,
    },
    /// More steps than there are.
    #[error("`{steps:+}` {}", match *available {
        0 if *steps == 0 => "is no step at all".to_owned(),
        0 => "goes too far: no step can be taken from here".to_owned(),
        available => format!("goes too far: only {available} can be taken from here"),
    })]
    RelativeOutOfRange {
        /// What was asked for.
        steps: i64,
        /// How many there are.
        available: u64,
    },
    /// A count of steps in the other direction than that of the command.
    #[error("`{steps:+}` counts the wrong way for {}", direction.noun())]
    WrongWay {
        /// What was asked for.
        steps: i64,
        /// The way of the command.
        direction: Direction,
    },
    /// A relative step where the way forks, or joins.
    #[error("`{steps:+}` is ambiguous: it may lead over {}; name a revision", candidates.join(" or "))]
    AmbiguousWalk {
        /// What was asked for.
        steps: i64,
        /// The revisions that may be next.
        candidates: Vec<String>,
    },
    /// A relative step from several current heads.
    #[error("`{target}` is ambiguous: the database is at {}", heads.join(" and "))]
    AmbiguousStart {
        /// What was typed.
        target: String,
        /// The way of the command.
        direction: Direction,
        /// The current heads that it may count from.
        heads: Vec<String>,
    },
    /// A downgrade to where the database is not above.
    #[error("`{target}` is no downgrade from {}", if heads.is_empty() { "base".to_owned() } else { heads.join(", ") })]
    NotAPath {
        /// What was typed.
        target: String,
        /// The current heads.
        heads: Vec<String>,
    },
    /// A range whose ends do not lie on one line of history.
    #[error("there is no way from `{from}` up to `{to}`")]
    NoSuchRange {
        /// Its lower end, as it was typed.
        from: String,
        /// Its upper end, as it was typed.
        to: String,
    },
    /// Steps are counted where a revision is to be named.
    #[error("`{target}` counts steps, and here a revision is to be named")]
    CountedTarget {
        /// What was typed.
        target: String,
    },
    /// A new revision would follow one that has a child already.
    #[error("revision {revision} is not a head: {} it already", follow(children))]
    NotAHead {
        /// Its id.
        revision: String,
        /// The ids of its children.
        children: Vec<String>,
    },
}

impl PlanError {
    /// The name of this kind of error, for programs; those that Alembic has too are named after its behaviour.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownRevision { .. } | Self::CountedTarget { .. } => "unknown_revision",
            Self::UnknownBranch { .. } => "unknown_branch",
            Self::NotInBranch { .. } => "not_in_branch",
            Self::AmbiguousId { .. } => "ambiguous_id",
            Self::MultipleHeads { .. } => "multiple_heads",
            Self::Overlap { .. } => "overlap",
            Self::RelativeOutOfRange { .. } | Self::WrongWay { .. } => "relative_out_of_range",
            Self::AmbiguousWalk { .. } => "ambiguous_walk",
            Self::AmbiguousStart { direction: Direction::Up, .. } => "ambiguous_upgrade",
            Self::AmbiguousStart { direction: Direction::Down, .. } => "ambiguous_downgrade",
            Self::NotAPath { .. } | Self::NoSuchRange { .. } => "not_a_path",
            Self::NotAHead { .. } => "not_a_head",
        }
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

fn follow(children: &[String]) -> String {
    format!("{} {}", children.join(" and "), if children.len() == 1 { "follows" } else { "follow" })
}
