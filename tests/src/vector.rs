//! Test vectors of the revision graph: a graph, a command, and what Alembic itself answered.

use std::collections::{BTreeMap, BTreeSet};

use migrate_runtime::graph::Node;
use serde_json::Value;

use crate::answer::Answer;

/// Kinds of error that leave whoever sees them with the same thing to do.
const FAMILIES: &[&[&str]] = &[
    &["unknown_revision", "unknown_branch", "not_in_branch", "ambiguous_id", "missing_parent"],
    &["relative_out_of_range", "ambiguous_walk", "ambiguous_upgrade", "ambiguous_downgrade"],
    &["cycle", "dependency_cycle", "self_loop", "dependency_self_loop"],
    &["range_not_allowed", "bad_range"],
    &["duplicate_label", "duplicate_revision"],
];

/// One case.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Its name.
    pub id: String,
    /// The graph, in no order.
    pub revisions: Vec<VectorRevision>,
    /// The current heads of the database.
    pub current: Vec<String>,
    /// `upgrade`, `history` and so on.
    pub command: String,
    /// The targets; one but for stamps, none where the command takes none.
    pub targets: Vec<String>,
    /// Whether it is offline mode, where a range is allowed.
    pub offline: bool,
    /// Whether a stamp forgets everything first.
    pub purge: bool,
    /// Whether a new revision may follow one that has a child.
    pub splice: bool,
    expect: Value,
}

/// A revision of a case.
#[derive(Clone, Debug)]
pub struct VectorRevision {
    /// Its id.
    pub id: String,
    /// Its parents.
    pub parents: Vec<String>,
    /// What it depends on, by id or label.
    pub depends_on: Vec<String>,
    /// The labels of the branch that begins with it.
    pub labels: Vec<String>,
}

impl VectorRevision {
    /// Reads a revision whose parents, dependencies and labels have these keys.
    pub(crate) fn of(value: &Value, [parents, depends_on, labels]: [&str; 3]) -> Self {
        Self {
            id: text(&value["id"]),
            parents: texts(&value[parents]),
            depends_on: texts(&value[depends_on]),
            labels: texts(&value[labels]),
        }
    }

    /// The revision as the graph sees it; its slug is not known.
    #[must_use]
    pub fn node(&self) -> Node<'_> {
        fn texts(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        Node {
            id: &self.id,
            slug: "",
            parents: texts(&self.parents),
            depends_on: texts(&self.depends_on),
            labels: texts(&self.labels),
        }
    }
}

impl Vector {
    /// Reads a file of cases, one JSON document a line.
    ///
    /// # Panics
    ///
    /// Panics when a line is no case.
    #[must_use]
    pub fn read_all(text: &str) -> Vec<Self> {
        text.lines().map(|line| Self::of(&serde_json::from_str(line).expect("a JSON document"))).collect()
    }

    fn of(case: &Value) -> Self {
        let flag = |name: &str| case[name].as_bool().unwrap_or_default();
        let revision = |value: &Value| VectorRevision::of(value, ["down", "depends_on", "labels"]);
        Self {
            id: text(&case["id"]),
            revisions: case["revisions"].as_array().expect("a list").iter().map(revision).collect(),
            current: texts(&case["current"]),
            command: text(&case["command"]),
            targets: match &case["target"] {
                Value::String(target) => vec![target.clone()],
                targets => texts(targets),
            },
            offline: flag("sql"),
            purge: flag("purge"),
            splice: flag("splice"),
            expect: case["expect"].clone(),
        }
    }

    /// What an offline command assumes to be the current heads at its start.
    #[must_use]
    pub fn assumed_start(&self) -> Vec<String> {
        texts(&self.expect["start"])
    }

    /// Compares an answer with Alembic's.
    ///
    /// # Errors
    ///
    /// A sentence on what is different.
    pub fn check(&self, answer: &Answer) -> Result<(), String> {
        if let Answer::Error(kind) = answer {
            return self.check_error(kind);
        }
        if let Some(expected) = self.expect["error"].as_str() {
            return Err(format!("succeeds, and should fail with {expected}"));
        }
        match answer {
            Answer::Steps { steps, heads } => self.check_steps(steps, heads),
            Answer::Heads(heads) => same("heads", heads, &texts(&self.expect["final"])),
            Answer::Ordered(ids) => self.check_order(ids),
            Answer::Revisions(ids) => same("revisions", ids, &texts(&self.expect["revisions"])),
            Answer::BothHeads { by_parent, real } => {
                same("heads", by_parent, &texts(&self.expect["revisions"]))?;
                same("real heads", real, &texts(&self.expect["resolve_dependencies"]))
            }
            Answer::Branches(branches) => {
                let expected = self.expect["branches"].as_object().expect("a map");
                let expected: BTreeMap<String, Vec<String>> =
                    expected.iter().map(|(point, children)| (point.clone(), texts(children))).collect();
                if *branches == expected { Ok(()) } else { Err(format!("{branches:?}, not {expected:?}")) }
            }
            Answer::Parents(ids) => same("parents", ids, &texts(&self.expect["down"])),
            Answer::Error(_) => Ok(()),
        }
    }

    fn check_error(&self, kind: &str) -> Result<(), String> {
        let alike = |expected: &str| {
            expected == kind || FAMILIES.iter().any(|family| family.contains(&expected) && family.contains(&kind))
        };
        if self.expect["any_error"].as_bool().unwrap_or_default() {
            return Ok(());
        }
        match self.expect["error"].as_str() {
            Some(expected) if alike(expected) => Ok(()),
            Some(expected) => Err(format!("fails with {kind}, not with {expected}")),
            None if texts(&self.expect["accept_error"]).iter().any(|accepted| alike(accepted)) => Ok(()),
            None => Err(format!("fails with {kind}, and should succeed")),
        }
    }

    /// The steps are those that were expected, in an order that is allowed, and the current heads after each are those of
    /// the set that is applied then.
    fn check_steps(&self, steps: &[(String, String, Vec<String>)], heads: &[String]) -> Result<(), String> {
        let direction = if self.command == "upgrade" { "up" } else { "down" };
        if let Some((way, id, _)) = steps.iter().find(|(way, ..)| way != direction) {
            return Err(format!("{id} goes {way}"));
        }
        let ids: Vec<String> = steps.iter().map(|(_, id, _)| id.clone()).collect();
        same("steps", &ids, &texts(&self.expect["set"]))?;
        let expected: Vec<String> =
            self.expect["steps"].as_array().into_iter().flatten().map(|step| text(&step[1])).collect();
        self.check_positions(&ids, &expected)?;
        let mut applied = self.ancestors(if self.offline { self.assumed_start() } else { self.current.clone() });
        for (_, id, after) in steps {
            if direction == "up" {
                applied.insert(id.clone())
            } else {
                applied.remove(id)
            };
            same(&format!("heads after {id}"), after, &self.maximal(&applied))?;
        }
        same("heads", heads, &texts(&self.expect["final"]))
    }

    fn check_order(&self, ids: &[String]) -> Result<(), String> {
        let expected = texts(&self.expect["revisions"]);
        same("revisions", ids, &expected)?;
        self.check_positions(ids, &expected)
    }

    fn check_positions(&self, ids: &[String], expected: &[String]) -> Result<(), String> {
        if !self.expect["order_free"].as_bool().unwrap_or_default() {
            return if ids == expected { Ok(()) } else { Err(format!("the order {ids:?}, not {expected:?}")) };
        }
        let place = |id: &str| ids.iter().position(|other| other == id);
        for pair in self.expect["before"].as_array().into_iter().flatten() {
            let (first, second) = (text(&pair[0]), text(&pair[1]));
            if place(&first) > place(&second) {
                return Err(format!("{first} must come before {second}"));
            }
        }
        Ok(())
    }

    /// The ids of what comes right before a revision.
    fn before(&self, id: &str) -> BTreeSet<String> {
        let labels: BTreeMap<&String, &String> =
            self.revisions.iter().flat_map(|other| other.labels.iter().map(move |label| (label, &other.id))).collect();
        let revision = self.revisions.iter().find(|other| other.id == id).expect("a known revision");
        let dependencies = revision.depends_on.iter().map(|name| *labels.get(name).unwrap_or(&name));
        revision.parents.iter().chain(dependencies).cloned().collect()
    }

    fn ancestors(&self, of: Vec<String>) -> BTreeSet<String> {
        let mut open = of;
        let mut closed = BTreeSet::new();
        while let Some(id) = open.pop() {
            if closed.insert(id.clone()) {
                open.extend(self.before(&id));
            }
        }
        closed
    }

    fn maximal(&self, applied: &BTreeSet<String>) -> Vec<String> {
        let covered: BTreeSet<String> = applied.iter().flat_map(|id| self.before(id)).collect();
        applied.difference(&covered).cloned().collect()
    }
}

fn same(what: &str, found: &[String], expected: &[String]) -> Result<(), String> {
    let sorted = |ids: &[String]| {
        let mut ids = ids.to_vec();
        ids.sort();
        ids
    };
    let (found, expected) = (sorted(found), sorted(expected));
    if found == expected { Ok(()) } else { Err(format!("{what} {found:?}, not {expected:?}")) }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
