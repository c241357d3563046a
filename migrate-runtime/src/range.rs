//! Ranges of revisions, `FROM:TO`: what `history` lists and what offline mode renders.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::graph::{Branch, Graph};
use crate::plan::{Direction, PlanError};
use crate::target::{Anchor, Target};

/// Two targets with a colon between them, either of which may be left out.
///
/// ```
/// use migrate_runtime::Range;
///
/// let range: Range = "20261121093000:heads".parse()?;
/// assert_eq!(range.to_string(), "20261121093000:heads");
/// assert!("heads".parse::<Range>().is_err());
/// # Ok::<(), migrate_runtime::BadRange>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// The end towards the base.
    pub(crate) from: Option<Target>,
    /// The end towards the heads.
    pub(crate) to: Option<Target>,
}

/// A text that is no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no range: it has the form FROM:TO, FROM: or :TO")]
pub struct BadRange {
    text: String,
}

impl Range {
    /// From one target to another.
    #[must_use]
    pub fn new(from: impl Into<Target>, to: impl Into<Target>) -> Self {
        Self { from: Some(from.into()), to: Some(to.into()) }
    }

    /// Whether a text has the form of a range, as no target has.
    #[must_use]
    pub fn is_range(text: &str) -> bool {
        !colons(text).is_empty()
    }

    /// Up to a target, from the beginning.
    #[must_use]
    pub fn up_to(target: impl Into<Target>) -> Self {
        Self { from: None, to: Some(target.into()) }
    }

    /// Where it begins, when that is said.
    #[must_use]
    pub fn from(&self) -> Option<&Target> {
        self.from.as_ref()
    }

    /// Where it ends, when that is said.
    #[must_use]
    pub fn to(&self) -> Option<&Target> {
        self.to.as_ref()
    }

    /// Whether an end is where the database is, which must then be known.
    #[must_use]
    pub fn needs_current(&self) -> bool {
        [&self.from, &self.to].into_iter().flatten().any(Target::is_current)
    }
}

impl FromStr for Range {
    type Err = BadRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let end = |text: &str| (!text.is_empty()).then(|| Target::from(text));
        match colons(text)[..] {
            [at] => Ok(Self { from: end(&text[..at]), to: end(&text[at + 1..]) }),
            _ => Err(BadRange { text: text.to_owned() }),
        }
    }
}

/// Where single colons are: two belong to the name of another package's revision.
fn colons(text: &str) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for (at, _) in text.match_indices(':') {
        match places.last() {
            Some(before) if before + 1 == at => drop(places.pop()),
            _ => places.push(at),
        }
    }
    places
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |end: &Option<Target>| end.as_ref().map(ToString::to_string).unwrap_or_default();
        write!(f, "{}:{}", text(&self.from), text(&self.to))
    }
}

impl<'a> Graph<'a> {
    /// The ids of the revisions in a range, both ends included, newest first: the whole history where an end is left out.
    ///
    /// What it holds is Alembic's rule for `history -r`: the ancestors of the upper end, by parent or dependency, that are
    /// descendants of the lower by parent alone. `-N` counts from the heads in the lower end, `+N` from the lower end in
    /// the upper, and `current` is where the database is; a lower end with a branch keeps to the heads of that branch.
    ///
    /// # Errors
    ///
    /// When an end names nothing or too many, or when the lower end is no ancestor of the upper.
    pub fn history<'r>(&self, range: &'r Range, applied: &BTreeSet<&str>) -> Result<Vec<&'a str>, PlanError> {
        let (base, heads) = (Target::base(), Target::heads());
        // Where nothing is applied, `current` is what an end is that was left out.
        let end = |end: &'r Option<Target>| end.as_ref().filter(|end| !(end.is_current() && applied.is_empty()));
        let (from, to) = (end(&range.from).unwrap_or(&base), end(&range.to).unwrap_or(&heads));
        let mut upper = match self.branch(from)? {
            // On the branch of a package its heads are those without a child: that something depends on one is no end of it.
            Some(branch @ Branch { at: None, .. }) if *to == heads => branch.of(self.heads_by_parent()),
            _ => self.upper_end(to, from, applied)?,
        };
        let lower = self.lower_end(from, applied)?;
        if from.branch.is_some() {
            let carried = self.carried(from)?;
            upper.retain(|at| carried.contains(at));
        }
        self.check_overlap(&upper)?;
        let reached = self.ancestors(upper);
        if !lower.iter().all(|at| at.is_some_and(|at| reached.contains(&at))) {
            return Err(PlanError::NoSuchRange { from: from.to_string(), to: to.to_string() });
        }
        let lower: Vec<usize> = lower.into_iter().flatten().collect();
        self.check_overlap(&lower)?;
        let mut listed = &reached - &self.ancestors(lower.iter().copied());
        listed.extend(&lower);
        if !lower.is_empty() {
            let below = lower.iter().flat_map(|at| self.descendants_by_parent(*at)).collect();
            listed = &listed & &below;
        }
        Ok(listed.into_iter().rev().map(|at| self.id(at)).collect())
    }

    /// What is applied where a range begins, as offline mode must assume: everything up to its lower end, and nothing
    /// where that is left out. Where the database has several current heads the lower end is all of them, with commas.
    ///
    /// # Errors
    ///
    /// When the lower end does not name one revision or `base`.
    pub fn offline_start(&self, range: &Range) -> Result<BTreeSet<&'a str>, PlanError> {
        let mut start = Vec::new();
        for from in range.from.iter().flat_map(Target::each) {
            if from.steps != 0 || from.anchor == Anchor::Current {
                return Err(PlanError::CountedTarget { target: from.to_string() });
            }
            start.extend(self.resolve_one(&from)?);
        }
        self.check_overlap(&start)?;
        Ok(self.ancestors(start).into_iter().map(|at| self.id(at)).collect())
    }

    /// The revisions that a range begins with, `None` where counting leads to base or past it; nothing for `base` itself.
    fn lower_end(&self, from: &Target, applied: &BTreeSet<&str>) -> Result<Vec<Option<usize>>, PlanError> {
        let some = |positions: Vec<usize>| positions.into_iter().map(Some).collect();
        match (&from.anchor, from.steps) {
            (Anchor::Current, 0) => self.known_tips(applied).map(some),
            (_, 0) => self.resolve(from).map(some),
            (Anchor::Current, steps @ ..0) => {
                let mut heads = self.heads_of(self.branch(from)?.as_ref());
                let carried = from.branch.as_ref().map(|_| self.carried(from)).transpose()?;
                heads.retain(|at| carried.as_ref().map_or(self.is_own(*at), |carried| carried.contains(at)));
                let below = |head| match self.walk(Some(head), steps, None) {
                    Err(PlanError::RelativeOutOfRange { .. }) => Ok(None),
                    walked => walked,
                };
                heads.into_iter().map(below).collect()
            }
            _ => Err(PlanError::CountedTarget { target: from.to_string() }),
        }
    }

    fn upper_end(&self, to: &Target, from: &Target, applied: &BTreeSet<&str>) -> Result<Vec<usize>, PlanError> {
        let (branch, steps) = (self.branch(to)?, to.steps);
        let start: Vec<usize> = match (&to.anchor, steps) {
            (Anchor::Current, 0) => return self.known_tips(applied),
            (_, 0) => return self.resolve(to),
            (Anchor::Current, 1..) => {
                let lower = self.lower_end(from, applied)?.into_iter().flatten();
                match &branch {
                    None => lower.collect(),
                    Some(branch) => self.ends_on_branch(branch, lower.collect()),
                }
            }
            (Anchor::Current, _) => return Err(PlanError::WrongWay { steps, direction: Direction::Up }),
            (_, 1..) => self.resolve_one(&Target { branch: None, ..to.clone() })?.into_iter().collect(),
            _ => self.resolve_one(to)?.into_iter().collect(),
        };
        let start = match start[..] {
            [] => None,
            [at] => Some(at),
            _ => {
                let heads = self.ids(start);
                return Err(PlanError::AmbiguousStart { target: to.to_string(), direction: Direction::Up, heads });
            }
        };
        // A range that is longer than the history ends with it.
        match self.walk_as_far(start, steps, branch.as_ref().map(|branch| &branch.lineage))? {
            Some(at) => Ok(vec![at]),
            None => Err(PlanError::RelativeOutOfRange { steps, available: 0 }),
        }
    }

    fn walk_as_far(
        &self,
        from: Option<usize>,
        steps: i64,
        lineage: Option<&BTreeSet<usize>>,
    ) -> Result<Option<usize>, PlanError> {
        match self.walk(from, steps, lineage) {
            Err(PlanError::RelativeOutOfRange { available, .. }) => {
                let available = i64::try_from(available).unwrap_or(i64::MAX);
                self.walk(from, available * steps.signum(), lineage)
            }
            walked => walked,
        }
    }

    /// What carries the label of a target's branch.
    fn carried(&self, target: &Target) -> Result<BTreeSet<usize>, PlanError> {
        let branch = self.branch(target)?;
        Ok(branch.map_or_else(BTreeSet::new, |branch| match branch.at {
            Some(at) => self.carried_from(at),
            None => branch.lineage,
        }))
    }
}
