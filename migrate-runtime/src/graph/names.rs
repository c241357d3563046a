//! What is meant by a name, a branch or a target: always one revision or several, or an error that says why not.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::graph::{Graph, Names, Qualified, Tips, nearest};
use crate::plan::PlanError;
use crate::qualified::is_called;
use crate::target::{Anchor, Target};

/// The least characters of an id that may stand for the whole.
const SHORTEST_PREFIX: usize = 4;

/// A branch that was named before an `@`.
#[derive(Debug)]
pub(crate) struct Branch {
    /// As it was typed.
    pub(crate) name: String,
    /// The revision that the name stands for; none for another package, which is a branch as a whole.
    pub(crate) at: Option<usize>,
    /// What shares a line of history with it, by `parent` alone.
    pub(crate) lineage: BTreeSet<usize>,
}

impl Branch {
    pub(crate) fn new(graph: &Graph<'_>, name: &str, at: usize) -> Self {
        Self { name: name.to_owned(), at: Some(at), lineage: graph.lineage(at) }
    }

    /// What of it leads to the revision that it is named by.
    pub(crate) fn leading(&self, graph: &Graph<'_>) -> BTreeSet<usize> {
        self.at.map_or_else(|| self.lineage.clone(), |at| graph.ancestors_by_parent(at))
    }

    /// What of it follows that revision.
    fn following(&self, graph: &Graph<'_>) -> BTreeSet<usize> {
        self.at.map_or_else(|| self.lineage.clone(), |at| graph.descendants_by_parent(at))
    }

    /// Those of some positions that are on the branch.
    pub(crate) fn of(&self, positions: impl IntoIterator<Item = usize>) -> Vec<usize> {
        positions.into_iter().filter(|at| self.lineage.contains(at)).collect()
    }
}

impl<'a> Graph<'a> {
    /// The id of the revision that an id, a unique prefix of at least four characters, a branch label or a slug names.
    ///
    /// # Errors
    ///
    /// [`PlanError::UnknownRevision`] and [`PlanError::AmbiguousId`].
    pub fn find(&self, name: &str) -> Result<&'a str, PlanError> {
        self.locate(name, None).map(|at| self.id(at))
    }

    /// The revisions that a target without steps names, as ids; none for `base`. `current` is the current heads of the
    /// `applied` revisions, and `-N` counts from the heads, as in Alembic's `show`.
    ///
    /// # Errors
    ///
    /// When it names nothing or too many, and [`PlanError::CountedTarget`] for every other relative target.
    pub fn select(&self, target: &Target, applied: &BTreeSet<&str>) -> Result<Vec<&'a str>, PlanError> {
        let positions = match (&target.anchor, target.steps) {
            (Anchor::Current, 0) => self.known_tips(applied)?,
            (Anchor::Current, steps @ ..0) => self.counted_from_heads(target, steps)?,
            (_, 0) => self.resolve(target)?,
            _ => return Err(PlanError::CountedTarget { target: target.to_string() }),
        };
        Ok(positions.into_iter().map(|at| self.id(at)).collect())
    }

    fn counted_from_heads(&self, target: &Target, steps: i64) -> Result<Vec<usize>, PlanError> {
        let branch = self.branch(target)?;
        let mut heads = self.heads_of(branch.as_ref());
        let branch = branch.map(|branch| branch.following(self));
        heads.retain(|at| branch.as_ref().map_or(self.is_own(*at), |branch| branch.contains(at)));
        let below = |at| match self.walk(Some(at), steps, None)? {
            Some(at) => Ok(at),
            None => Err(PlanError::RelativeOutOfRange { steps, available: steps.unsigned_abs() - 1 }),
        };
        heads.into_iter().map(below).collect()
    }

    /// The current heads of a set of applied ids, all of which must be known.
    pub(crate) fn known_tips(&self, applied: &BTreeSet<&str>) -> Result<Vec<usize>, PlanError> {
        let unknown = |id: &str| PlanError::UnknownRevision { name: id.to_owned(), nearest: None };
        let positions: Result<BTreeSet<usize>, PlanError> =
            applied.iter().map(|id| self.position(id).ok_or_else(|| unknown(id))).collect();
        let positions = positions?;
        Ok(Tips::of(self, &positions).positions().iter().copied().collect())
    }

    /// Everything that is applied where the current heads are these, each by id or unique prefix, as a table that keeps
    /// only heads would have them.
    ///
    /// # Errors
    ///
    /// When one is not known, or is an ancestor of another.
    pub fn applied_below(&self, heads: &[&str]) -> Result<BTreeSet<&'a str>, PlanError> {
        let heads: Vec<usize> = heads.iter().map(|name| self.locate(name, None)).collect::<Result<_, _>>()?;
        self.check_overlap(&heads)?;
        Ok(self.ancestors(heads).into_iter().map(|at| self.id(at)).collect())
    }

    /// What stands before the `@` of a target.
    pub(crate) fn branch(&self, target: &Target) -> Result<Option<Branch>, PlanError> {
        let Some(name) = &target.branch else { return Ok(None) };
        if let Some(branch) = self.package_branch(name) {
            // A slug is no name of a branch that anybody relies on; an id or a label is.
            return match self.names.ids.get(name.as_str()).or_else(|| self.names.labels.get(name.as_str())) {
                None => Ok(Some(branch)),
                Some(own) => Err(PlanError::AmbiguousId {
                    prefix: name.clone(),
                    candidates: vec![self.id(*own).to_owned(), format!("the package {name}")],
                }),
            };
        }
        let at = self.locate(name, None).map_err(|error| match error {
            PlanError::UnknownRevision { name, nearest } => PlanError::UnknownBranch { name, nearest },
            other => other,
        })?;
        Ok(Some(Branch::new(self, name, at)))
    }

    /// The heads from which `-N` counts, before they are narrowed to a branch: of another package also that which something
    /// depends on.
    pub(crate) fn heads_of(&self, branch: Option<&Branch>) -> Vec<usize> {
        match branch {
            Some(Branch { at: None, .. }) => self.heads_by_parent(),
            _ => self.real_heads(),
        }
    }

    /// Everything that is of another package of this name.
    pub(crate) fn package_branch(&self, name: &str) -> Option<Branch> {
        let is_of = |at: &usize| self.package(*at).is_some_and(|package| is_called(package, name));
        let lineage: BTreeSet<usize> = (0..self.nodes.len()).filter(is_of).collect();
        (!lineage.is_empty()).then(|| Branch { name: name.to_owned(), at: None, lineage })
    }

    /// The revision that has exactly this name.
    fn whole(&self, name: &str) -> Option<usize> {
        let names = &self.names;
        let whole = names.ids.get(name).or_else(|| names.labels.get(name)).or_else(|| names.slugs.get(name)).copied();
        // A folder's name is an id and its slug.
        let folder = || {
            let Qualified { package, id: folder } = Qualified::of(name);
            let (id, slug) = folder.split_once('_')?;
            let [id, slug] = [id, slug].map(|id| Qualified { package, id }.to_string());
            Some((*names.ids.get(id.as_str())?, *names.slugs.get(slug.as_str())?))
        };
        whole.or_else(|| folder().filter(|(id, slug)| id == slug).map(|(at, _)| at))
    }

    /// A name with its package as cargo calls it, where it was typed as code calls it.
    fn as_recorded(&self, name: &str) -> Option<String> {
        let Qualified { package: Some(typed), id } = Qualified::of(name) else { return None };
        let mut packages = (0..self.nodes.len()).filter_map(|at| self.package(at));
        let package = packages.find(|package| is_called(package, typed)).filter(|package| *package != typed)?;
        Some(Qualified { package: Some(package), id }.to_string())
    }

    /// The revision that a name stands for, which must be on the branch.
    pub(crate) fn locate(&self, name: &str, branch: Option<&Branch>) -> Result<usize, PlanError> {
        let name = &*self.as_recorded(name).map_or(Cow::Borrowed(name), Cow::Owned);
        // On the branch of a package an id is one of that package.
        let package = branch.filter(|branch| branch.at.is_none()).and_then(|branch| branch.lineage.first());
        let package = package.and_then(|at| self.package(*at)).filter(|_| Qualified::of(name).package.is_none());
        let name = &*match package {
            Some(package) => Cow::Owned(Qualified { package: Some(package), id: name }.to_string()),
            None => Cow::Borrowed(name),
        };
        let at = match self.whole(name) {
            Some(at) => at,
            None => self.complete(name, branch)?,
        };
        match branch {
            Some(branch) if !branch.lineage.contains(&at) => {
                Err(PlanError::NotInBranch { revision: self.id(at).to_owned(), branch: branch.name.clone() })
            }
            _ => Ok(at),
        }
    }

    /// The revision whose id or label begins so.
    fn complete(&self, prefix: &str, branch: Option<&Branch>) -> Result<usize, PlanError> {
        let names = self.names.ids.iter().chain(&self.names.labels);
        let typed = Qualified::of(prefix);
        let fits = |name: &str| name.starts_with(prefix) && Qualified::of(name).package == typed.package;
        let mut candidates: Vec<(&str, usize)> = match typed.id.chars().count() {
            0..SHORTEST_PREFIX => Vec::new(),
            _ => names.filter(|(name, _)| fits(name)).map(|(name, at)| (*name, *at)).collect(),
        };
        if let Some(branch) = branch {
            candidates.retain(|(_, at)| branch.lineage.contains(at));
        }
        match candidates[..] {
            [(_, at)] => Ok(at),
            [] => Err(PlanError::UnknownRevision { name: prefix.to_owned(), nearest: self.nearest_name(prefix) }),
            _ => {
                candidates.sort_unstable();
                let candidates = candidates.into_iter().map(|(name, _)| name.to_owned()).collect();
                Err(PlanError::AmbiguousId { prefix: prefix.to_owned(), candidates })
            }
        }
    }

    fn nearest_name(&self, name: &str) -> Option<String> {
        let Names { ids, slugs, labels } = &self.names;
        if self.package_branch(name).is_some() {
            return Some(format!("{name}@head"));
        }
        nearest(name, ids.keys().chain(slugs.keys()).chain(labels.keys()).copied()).map(str::to_owned)
    }

    /// The revisions that a target's anchor stands for, on its branch; none for `base`.
    pub(crate) fn resolve(&self, target: &Target) -> Result<Vec<usize>, PlanError> {
        let branch = self.branch(target)?;
        let on_branch = |heads: Vec<usize>| match &branch {
            Some(branch) => branch.of(heads),
            None => heads,
        };
        match &target.anchor {
            Anchor::Base | Anchor::Current => Ok(Vec::new()),
            // Alembic's rule: what something else depends on is no head of all, and still the head of its branch.
            Anchor::Heads if branch.is_none() => Ok(self.real_heads()),
            Anchor::Heads => Ok(on_branch(self.heads_by_parent())),
            Anchor::Head => match on_branch(self.of_package(&branch, self.heads_by_parent())) {
                heads if heads.len() > 1 => Err(self.multiple(&heads, target)),
                heads => Ok(heads),
            },
            Anchor::Named(name) => Ok(vec![self.locate(name, branch.as_ref())?]),
        }
    }

    /// Those of some positions that a target speaks of: where it names no branch, the package's own.
    pub(crate) fn of_package(&self, branch: &Option<Branch>, mut positions: Vec<usize>) -> Vec<usize> {
        match branch {
            None => positions.retain(|at| self.is_own(*at)),
            Some(Branch { at: None, lineage, .. }) => positions.retain(|at| lineage.contains(at)),
            Some(_) => {}
        }
        positions
    }

    /// The one revision that a target's anchor stands for, or `None` for `base`.
    pub(crate) fn resolve_one(&self, target: &Target) -> Result<Option<usize>, PlanError> {
        match self.resolve(target)?[..] {
            [] => Ok(None),
            [at] => Ok(Some(at)),
            ref several => Err(self.multiple(several, target)),
        }
    }

    fn multiple(&self, heads: &[usize], target: &Target) -> PlanError {
        let mut heads = self.ids(heads.iter().copied());
        heads.sort_unstable();
        PlanError::MultipleHeads { heads, branch: target.branch.clone() }
    }

    /// Those of some heads that are on a branch; where none is, as on a branch that has not begun, the last of what is on
    /// it below them: the fork.
    pub(crate) fn ends_on_branch(&self, branch: &Branch, heads: Vec<usize>) -> Vec<usize> {
        let on_branch = branch.of(heads.iter().copied());
        if !on_branch.is_empty() {
            return on_branch;
        }
        let below = branch.of(self.ancestors(heads)).into_iter().collect();
        Tips::of(self, &below).positions().iter().copied().collect()
    }

    /// Refuses revisions of which one is an ancestor of another.
    pub(crate) fn check_overlap(&self, of: &[usize]) -> Result<(), PlanError> {
        for at in of {
            let mut before = self.ancestors([*at]);
            before.remove(at);
            if let Some(earlier) = of.iter().find(|other| before.contains(other)) {
                let [earlier, later] = [*earlier, *at].map(|at| self.id(at).to_owned());
                return Err(PlanError::Overlap { earlier, later });
            }
        }
        Ok(())
    }

    /// Goes so many revisions along parent edges, from `None` for base. Steps up keep to `lineage` where one is given.
    pub(crate) fn walk(
        &self,
        from: Option<usize>,
        steps: i64,
        lineage: Option<&BTreeSet<usize>>,
    ) -> Result<Option<usize>, PlanError> {
        let mut reached = from;
        for available in 0..steps.unsigned_abs() {
            let next: Vec<usize> = match reached {
                None if steps < 0 => Vec::new(),
                Some(at) if steps < 0 => self.parents_of(at).to_vec(),
                Some(at) => self.children_of(at).to_vec(),
                None if lineage.is_none() => self.of_package(&None, self.positions_of_bases()),
                None => self.positions_of_bases(),
            };
            let next: Vec<usize> =
                next.into_iter().filter(|at| steps < 0 || lineage.is_none_or(|lineage| lineage.contains(at))).collect();
            reached = match next[..] {
                [at] => Some(at),
                // The step from a first revision leads to base, and there is none after that.
                [] if steps < 0 && reached.is_some() => None,
                [] => return Err(PlanError::RelativeOutOfRange { steps, available }),
                _ => return Err(PlanError::AmbiguousWalk { steps, candidates: self.ids(next) }),
            };
        }
        Ok(reached)
    }
}
