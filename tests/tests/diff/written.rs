//! Pairs of schemas that were written for these tests: each is a file of parts, `-- before`, `-- after`, and what else
//! there is to say.
//!
//! ```text
//! -- since 14: nothing older understands it
//! -- before
//! CREATE TABLE t (a int);
//! -- rows: put into the first schema
//! INSERT INTO t VALUES (1);
//! -- kept: a query that says the same before, between and after
//! SELECT count(*) FROM t
//! -- after
//! CREATE TABLE t (b int);
//! -- renames
//! t.a=b
//! -- told: what no statement is written for, there or back
//! type public.state
//! ```

use crate::cases::{Case, Script};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What a case says beside its two schemas.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// Statements that put rows into the first schema.
    pub(crate) rows: String,
    /// A query that has the same answer in all three states.
    pub(crate) kept: String,
    /// Renames on the way there.
    pub(crate) renames: Vec<String>,
    /// The objects of which it is told that they differ: then nothing is run.
    pub(crate) told: Vec<String>,
}

/// All cases that a server of this major version understands, in the order of their names.
pub(crate) fn read(server_major: u32) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/diff");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    files.sort();
    files.iter().filter_map(|file| case(file, server_major)).collect()
}

fn case(file: &Path, server_major: u32) -> Option<Case> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let since = text.strip_prefix("-- since ").and_then(|rest| rest.split([':', '\n']).next());
    if since.and_then(|since| since.parse().ok()).is_some_and(|since: u32| server_major < since) {
        return None;
    }
    let mut parts: BTreeMap<&str, String> = BTreeMap::new();
    let mut part = None;
    for line in text.lines() {
        let title = line.strip_prefix("-- ").and_then(|title| title.split(':').next());
        if let Some(title @ ("before" | "after" | "rows" | "kept" | "renames" | "told")) = title {
            part = Some(title);
            parts.insert(title, String::new());
        } else if let Some(title) = part {
            let text = parts.entry(title).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut take = |title: &str| parts.remove(title);
    let lines = |text: Option<String>| text.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Some(Case {
        name: format!("written/{name}"),
        kinds: Vec::new(),
        before: take("before").map(Script::Text),
        after: Script::Text(take("after").unwrap_or_else(|| panic!("{name} has no part `-- after`"))),
        beside: Beside {
            rows: take("rows").unwrap_or_default(),
            kept: take("kept").unwrap_or_default(),
            renames: lines(take("renames")),
            told: lines(take("told")),
        },
    })
}
