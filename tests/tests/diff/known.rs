//! The cases that fail, each with why.

use std::collections::BTreeMap;

/// The list.
#[derive(Debug)]
pub(crate) struct Known(BTreeMap<&'static str, &'static str>);

impl Known {
    /// Reads the list: a name, blanks, and the reason, in each line.
    pub(crate) fn read() -> Self {
        let lines = include_str!("known.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| line.split_once(' ').expect("a case has a reason")).collect())
    }

    /// Why a case fails, if it is known to.
    pub(crate) fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|reason| reason.trim())
    }
}
