//! Migration histories of real projects, where this machine has them.

use crate::vector::VectorRevision;
use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const VARIABLE: &str = "MIGRATE_CORPUS";

/// The folder of histories; it is no part of the project, which knows only its layout.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
    manifest: Value,
}

/// How a history's files are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// sqlx: `<version>_<name>.sql`.
    SqlxSimple,
    /// sqlx: `<version>_<name>.up.sql` and `.down.sql`.
    SqlxReversible,
    /// Another tool's.
    Other,
}

/// The migrations of one project.
#[derive(Clone, Debug)]
pub struct History {
    /// The project's name.
    pub project: String,
    /// How its files are named.
    pub layout: Layout,
    /// The folder of its files.
    pub folder: PathBuf,
    /// How many migrations it has.
    pub n_migrations: usize,
    /// How many of them have a down script.
    pub n_downs: usize,
    /// Whether all down scripts, run by psql from the last to the first, end with an empty database.
    pub downs_work: bool,
    /// SQL that must have run before the first migration.
    pub setup: Option<String>,
}

/// The revision graph of a project that uses Alembic, and what Alembic answers about it.
#[derive(Clone, Debug)]
pub struct RealGraph {
    /// The project's name and release.
    pub name: String,
    /// Its revisions, in no order.
    pub revisions: Vec<VectorRevision>,
    /// Alembic's answers, by question.
    pub answers: Value,
}

impl Corpus {
    /// The graphs, in the order of their names.
    ///
    /// # Panics
    ///
    /// Panics when a file of theirs cannot be read.
    #[must_use]
    pub fn graphs(&self) -> Vec<RealGraph> {
        let folder = self.folder.join("graphs");
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let document = |text: &str| serde_json::from_str::<Value>(text).expect("a JSON document");
        let manifest = document(&read("manifest.json"));
        let names = manifest.as_object().expect("the manifest is an object").keys();
        let graphs = names.map(|name| RealGraph {
            name: name.clone(),
            revisions: read(&format!("{name}.jsonl"))
                .lines()
                .map(|line| VectorRevision::of(&document(line), ["down_revision", "depends_on", "branch_labels"]))
                .collect(),
            answers: document(&read(&format!("{name}.alembic-answers.json"))),
        });
        graphs.collect()
    }

    /// The corpus: the folder in `MIGRATE_CORPUS`, else `../shared/corpus` beside the checkout.
    ///
    /// Where there is none, this says so on stderr and the test has nothing to do.
    ///
    /// # Panics
    ///
    /// Panics when `MIGRATE_CORPUS` names a folder that is no corpus.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a test that has nothing to look at must not look like one that did")]
    pub fn find() -> Option<Self> {
        let named = env::var_os(VARIABLE).map(PathBuf::from);
        let folder = named.clone().unwrap_or_else(|| crate::workspace().join("../shared/corpus"));
        let file = folder.join("histories/manifest.json");
        match fs::read_to_string(&file) {
            Ok(text) => {
                let manifest =
                    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                Some(Self { folder, manifest })
            }
            Err(error) if named.is_some() => panic!("{}: {error}", file.display()),
            Err(_) => {
                eprintln!("skipped: no histories of real projects here; name their folder in {VARIABLE}");
                None
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether every history is wanted (`tests/run --corpus`), and not just those that take a moment.
    #[must_use]
    pub fn is_full() -> bool {
        env::var_os("MIGRATE_CORPUS_FULL").is_some_and(|value| value == "1")
    }

    /// The histories whose files sqlx would read, in the order of their names.
    #[must_use]
    pub fn sqlx_histories(&self) -> Vec<History> {
        let mut histories = self.histories();
        histories.retain(|history| history.layout != Layout::Other);
        histories
    }

    /// All histories, in the order of their names.
    #[must_use]
    pub fn histories(&self) -> Vec<History> {
        let projects = self.manifest.as_object().expect("the manifest is an object");
        let mut histories: Vec<_> =
            projects.iter().map(|(project, entry)| history(&self.folder, project, entry)).collect();
        histories.sort_by(|a, b| a.project.cmp(&b.project));
        histories
    }
}

fn history(folder: &Path, project: &str, entry: &Value) -> History {
    let text = |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{project}: no `{key}` in the manifest"));
    let number =
        |key: &str| entry[key].as_u64().unwrap_or_else(|| panic!("{project}: no `{key}` in the manifest")) as usize;
    // The manifest's layouts carry remarks after the first word.
    let layout = match text("layout").split_whitespace().next() {
        Some("sqlx-simple") => Layout::SqlxSimple,
        Some("sqlx-reversible") => Layout::SqlxReversible,
        _ => Layout::Other,
    };
    History {
        project: project.to_owned(),
        layout,
        folder: folder.join(text("path")),
        n_migrations: number("migrations"),
        n_downs: number("with_down"),
        downs_work: entry["all_downs_back_to_empty"] == Value::Bool(true),
        setup: entry["setup_before_first"].as_str().map(str::to_owned),
    }
}
