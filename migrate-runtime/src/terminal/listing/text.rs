//! What is written about a revision in a list: Alembic's lines and blocks.

use super::Entry;
use crate::graph::Qualified;

impl Entry<'_> {
    /// `20261122101500 (sales) (head), Fill display names.`
    pub fn line(&self) -> String {
        format!("{}{}{}{}, {}", self.revision, self.on_branches(), self.as_head(), self.as_current(), self.summary)
    }

    /// The line with its place in the graph: `20261121093000 (20261120) -> 20261122101500 (head), Fill display names.`
    pub fn lineage(&self) -> String {
        let dependencies = in_parentheses(&self.depends_on);
        format!("{}{dependencies} -> {}, {}", self.came_from(), self.marked(), self.summary)
    }

    /// The line where what it comes from is drawn.
    pub fn beside_graph(&self) -> String {
        let dependencies = match self.depends_on[..] {
            [] => String::new(),
            ref names => format!(" after {}", names.join(", ")),
        };
        // Beside a line that can be followed to its head a branch is named where it begins and where it ends.
        let branches = if self.head { &self.branches } else { &self.labels };
        format!("{}{dependencies}, {}", self.marked_on(branches), self.summary)
    }

    /// The id with all that it is.
    pub fn marked(&self) -> String {
        self.marked_on(&self.branches)
    }

    fn marked_on(&self, branches: &[&str]) -> String {
        let ([branchpoint, mergepoint], branches) = (self.points(), in_parentheses(branches));
        format!("{}{branches}{}{}{branchpoint}{mergepoint}", self.revision, self.as_head(), self.as_current())
    }

    /// All that is known of it, a line each, with a blank line before the summary.
    pub fn block(&self) -> String {
        let [branchpoint, mergepoint] = self.points();
        let origin = if self.parents.len() > 1 { "Merges" } else { "Parent" };
        let mut lines = vec![
            format!("Rev: {}{}{branchpoint}{mergepoint}{}", self.revision, self.as_head(), self.as_current()),
            format!("{origin}: {}", self.came_from()),
        ];
        let mut list = |what: &str, names: &[&str]| {
            if !names.is_empty() {
                lines.push(format!("{what}: {}", names.join(", ")));
            }
        };
        list("Also depends on", &self.depends_on);
        if self.children.len() > 1 {
            list("Branches into", &self.children);
        }
        list("Branch names", &self.branches);
        lines.push(match (&self.folder, Qualified::of(self.revision).package) {
            (Some(folder), _) => format!("Path: {folder}"),
            (None, Some(package)) => format!("Package: {package}"),
            (None, None) => "Path: not in the files".to_owned(),
        });
        lines.push(format!("\n    {}\n", self.summary));
        lines.join("\n")
    }

    fn came_from(&self) -> String {
        if self.parents.is_empty() { "base".to_owned() } else { self.parents.join(", ") }
    }

    fn on_branches(&self) -> String {
        in_parentheses(&self.branches)
    }

    fn as_head(&self) -> &'static str {
        match (self.head, self.effective_head) {
            (_, true) => " (effective head)",
            (true, false) => " (head)",
            (false, false) => "",
        }
    }

    fn as_current(&self) -> &'static str {
        if self.current == Some(true) { " (current)" } else { "" }
    }

    fn points(&self) -> [&'static str; 2] {
        let mark = |several: bool, mark| if several { mark } else { "" };
        [mark(self.children.len() > 1, " (branchpoint)"), mark(self.parents.len() > 1, " (mergepoint)")]
    }
}

fn in_parentheses(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}
