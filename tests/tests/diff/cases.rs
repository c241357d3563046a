//! The pairs of schemas that the corpus has.

use crate::written::Beside;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The SQL of a schema.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// As others wrote it: whatever of it can be loaded.
    File(PathBuf),
    /// As it stands in a case of ours: all of it.
    Text(String),
}

/// Two schemas.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The source, a slash, and the name there.
    pub(crate) name: String,
    /// What differs.
    pub(crate) kinds: Vec<String>,
    /// The script of the first schema; an empty one without.
    pub(crate) before: Option<Script>,
    /// The script of the second.
    pub(crate) after: Script,
    /// What else there is to say.
    pub(crate) beside: Beside,
}

impl Case {
    /// Where it comes from.
    pub(crate) fn source(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// All cases: the small ones, the pairs of real schemas, and each real schema beside an empty one.
pub(crate) fn read(corpus: &Path) -> Vec<Case> {
    let mut cases = small(&corpus.join("diff"));
    for project in folders(&corpus.join("pairs")) {
        for pair in folders(&project) {
            cases.push(Case {
                name: format!("pairs/{}/{}", file_name(&project), file_name(&pair)),
                kinds: Vec::new(),
                before: Some(Script::File(pair.join("before.sql"))),
                after: Script::File(pair.join("after.sql")),
                beside: Beside::default(),
            });
        }
    }
    for schema in entries(&corpus.join("schemas")) {
        if schema.extension().is_some_and(|extension| extension == "sql") {
            let name = format!("schemas/{}", file_name(&schema));
            let (kinds, beside) = (Vec::new(), Beside::default());
            cases.push(Case { name, kinds, before: None, after: Script::File(schema), beside });
        }
    }
    cases
}

/// Pairs that nobody thought of: each first schema with the second one of a neighbour from the same source.
pub(crate) fn crossed(cases: &[Case], distance: usize) -> Vec<Case> {
    let pairs = cases.iter().zip(cases.iter().skip(distance));
    let pairs = pairs.filter(|(one, other)| one.source() == other.source() && one.before.is_some());
    let cross = |(one, other): (&Case, &Case)| Case {
        name: format!(
            "crossed/{}+{}",
            one.name.replacen('/', ":", 1),
            other.name.split('/').next_back().unwrap_or_default()
        ),
        kinds: Vec::new(),
        before: one.before.clone(),
        after: other.after.clone(),
        beside: Beside::default(),
    };
    pairs.map(cross).collect()
}

fn small(folder: &Path) -> Vec<Case> {
    let file = folder.join("tags.json");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let tags: Value = serde_json::from_str(&text).expect("the tags are JSON");
    let tags = tags.as_object().expect("the tags are an object");
    let case = |(name, tags): (&String, &Value)| {
        let kinds = tags["kinds"].as_array().expect("a case has kinds");
        Case {
            name: name.clone(),
            kinds: kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            before: Some(Script::File(folder.join(name).join("before.sql"))),
            after: Script::File(folder.join(name).join("after.sql")),
            beside: Beside::default(),
        }
    };
    tags.iter().map(case).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    entries.sort();
    entries
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|entry| entry.is_dir()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
