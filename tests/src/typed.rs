//! A test vector put to the command line: its revisions in a folder, its command typed, its JSON read back.

use serde_json::Value;

use crate::answer::Answer;
use crate::command::Command;
use crate::project::Project;
use crate::vector::Vector;

/// What each answer names its revisions by.
const ID: &str = "revision";

impl Answer {
    /// What the command line answers; nothing where it would have to ask a database. `program` is about to run
    /// `cargo migrate`.
    ///
    /// # Panics
    ///
    /// Panics when what is printed is no document, or one of another form.
    #[must_use]
    pub fn of_command_line(vector: &Vector, program: Command) -> Option<Self> {
        let words = words(vector)?;
        let project = folder_of(vector);
        let program = project.run(program).args(["--dir", "migrations", "--format", "json"]);
        let typed = |words: &[String]| {
            let output = program.clone().args(words).run();
            let document: Value =
                serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"));
            match text(&document["error"]["kind"]) {
                kind if kind.is_empty() => Ok(document),
                kind => Err(kind),
            }
        };
        let typed = match typed(&words) {
            // The only departure on purpose: a fork must be wished for, as the advice of the refusal has it.
            Err(kind) if kind == "unlabelled_heads" => typed(&[words, vec!["--splice".to_owned()]].concat()),
            // What is wrong with the graph is told by the verb that answers questions about it.
            Err(kind) if kind == "revisions" => typed(&owned(&["plan", "upgrade", "heads", "--current", "base"])),
            typed => typed,
        };
        Some(typed.map_or_else(Self::Error, |document| read(vector, &document, &project)))
    }
}

/// What is typed for a vector.
fn words(vector: &Vector) -> Option<Vec<String>> {
    let target = vector.targets.first().map(String::as_str);
    let current = if vector.current.is_empty() { "base".to_owned() } else { vector.current.join(",") };
    match (vector.command.as_str(), target) {
        (direction @ ("upgrade" | "downgrade"), Some(target)) if !vector.offline => {
            Some(owned(&["plan", direction, target, "--current", &current]))
        }
        (verb @ ("heads" | "branches"), None) => Some(owned(&[verb])),
        ("history", None) => Some(owned(&["history"])),
        ("history", Some(range)) if !range.contains("current") => Some(owned(&["history", range])),
        ("show", Some(target)) if target != "current" => Some(owned(&["show", target])),
        ("revision", Some(target)) => {
            let splice = vector.splice.then_some("--splice");
            let words = ["new", "made here", "--rev-id", "madehere", &format!("--head={target}")].map(str::to_owned);
            Some(words.into_iter().chain(splice.map(str::to_owned)).collect())
        }
        _ => None,
    }
}

/// A folder with the revisions of a vector; their scripts are unfinished.
fn folder_of(vector: &Vector) -> Project {
    let project = Project::empty();
    project.make_folder("migrations");
    for (n, revision) in vector.revisions.iter().enumerate() {
        let id = &revision.id;
        let parents = if revision.parents.is_empty() { "base".to_owned() } else { revision.parents.join(", ") };
        let mut header = format!("--! Revision {id}.\n--!\n--! parent: {parents}\n");
        for (key, values) in [("branch-label", &revision.labels), ("depends-on", &revision.depends_on)] {
            if !values.is_empty() {
                header += &format!("--! {key}: {}\n", values.join(", "));
            }
        }
        // An id that is taken twice takes two folders.
        let again = if vector.revisions[..n].iter().any(|other| other.id == *id) { "_again" } else { "" };
        project.write(&format!("migrations/{id}_r_{id}{again}/up.sql"), &header);
    }
    project
}

fn read(vector: &Vector, document: &Value, project: &Project) -> Answer {
    let list = |key: &str| document[key].as_array().unwrap_or_else(|| panic!("no `{key}`: {document}"));
    let ids = |key: &str| list(key).iter().map(|entry| text(&entry[ID])).collect();
    match vector.command.as_str() {
        "upgrade" | "downgrade" => {
            let step = |step: &Value| (text(&step["direction"]), text(&step[ID]), texts(&step["heads"]));
            Answer::Steps { steps: list("steps").iter().map(step).collect(), heads: texts(&document["heads"]) }
        }
        "heads" => {
            let real = list("heads").iter().filter(|entry| entry["effective_head"] == false);
            Answer::BothHeads { by_parent: ids("heads"), real: real.map(|entry| text(&entry[ID])).collect() }
        }
        "branches" => Answer::Branches(
            list("branches").iter().map(|entry| (text(&entry[ID]), texts(&entry["children"]))).collect(),
        ),
        "history" => Answer::Ordered(ids("revisions")),
        "show" => Answer::Revisions(ids("revisions")),
        // Read from the header that was written, so that it is not the answer alone which is right.
        _ => {
            let header = project.read(&format!("{}/up.sql", text(&document["folder"])));
            let parents = header.lines().find_map(|line| line.strip_prefix("--! parent: ")).expect("a parent");
            let parents = parents.split(", ").filter(|parent| *parent != "base");
            Answer::Parents(parents.map(str::to_owned).collect())
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
