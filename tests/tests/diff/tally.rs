//! How many cases pass, by where they come from and by what differs in them.

use crate::cases::Case;
use std::collections::BTreeMap;

/// Passed and all, by name.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sources: BTreeMap<String, (usize, usize)>,
    kinds: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    pub(crate) fn add(&mut self, case: &Case, passes: bool) {
        let count = |entry: &mut (usize, usize)| {
            entry.0 += usize::from(passes);
            entry.1 += 1;
        };
        count(self.sources.entry(case.source().to_owned()).or_default());
        for kind in &case.kinds {
            count(self.kinds.entry(kind.clone()).or_default());
        }
    }

    #[expect(clippy::print_stderr, reason = "the figures are what a full run is for")]
    pub(crate) fn print(&self, is_dumped: bool) {
        if !is_dumped {
            eprintln!("by the catalogs alone: `pg_dump` is older than the server");
        }
        let (passed, all) = self.sources.values().fold((0, 0), |sum, entry| (sum.0 + entry.0, sum.1 + entry.1));
        for (title, entries) in [("source", &self.sources), ("kind", &self.kinds)] {
            eprintln!("{title:<24} passed / cases");
            for (name, (passed, all)) in entries {
                eprintln!("  {name:<22} {passed:>4} / {all:<4} {:>5.1} %", rate(*passed, *all));
            }
        }
        eprintln!("all                      {passed:>4} / {all:<4} {:>5.1} %", rate(passed, all));
    }
}

fn rate(passed: usize, all: usize) -> f64 {
    100.0 * passed as f64 / all.max(1) as f64
}
