//! `cargo migrate rebase`: moves a branch that no database has yet onto the other head, so that no merge is needed.

use std::fs;
use std::path::PathBuf;

use migrate_build::header::{Style, with_parents};
use migrate_runtime::Target;
use migrate_runtime::graph::{Follow, Graph};
use serde::Serialize;

use crate::database;
use crate::folder_lock::FolderLock;
use crate::invocation::Invocation;
use crate::project::Project;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::staging::StagedFile;
use crate::survey::Survey;

/// Moves a revision, and all that follow it, onto another one; only its `parent` line is rewritten.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  cargo migrate rebase add_phone\n  cargo migrate rebase add_phone --onto add_email --unapplied\n\n\
                        What a database has applied stays where it is: `cargo migrate merge heads` joins it instead."
)]
pub(crate) struct Args {
    /// The first revision of what is moved.
    #[arg(value_name = "REV")]
    pub(crate) revision: String,
    /// What it shall follow; without it the one other head.
    #[arg(long, value_name = "REV")]
    pub(crate) onto: Option<String>,
    /// Ask no database: you know that none has applied it.
    #[arg(long)]
    pub(crate) unapplied: bool,
}

/// A revision and its new parent.
#[derive(Debug, PartialEq, Eq)]
struct Move<'g> {
    revision: &'g str,
    onto: &'g str,
    /// The revision and what follows it, parents first.
    moved: Vec<&'g str>,
}

#[derive(Serialize)]
struct Document<'a> {
    revision: &'a str,
    parent: &'a str,
    moved: &'a [&'a str],
    file: String,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let _lock = FolderLock::of(&project.dir, &project.shown)?;
    let outline = project.outline()?;
    let graph = outline.graph();
    let decided = decide(&args.revision, args.onto.as_deref(), &graph)?;
    if !args.unapplied {
        check_unapplied(&decided, project, invocation)?;
    }
    let file = rewrite(&decided, &graph, project)?.display().to_string();
    let Move { revision, onto, moved } = &decided;
    let shell = &invocation.shell;
    match moved.len() - 1 {
        0 => shell.status("Rebased", format_args!("{revision} onto {onto}")),
        n => shell.status(
            "Rebased",
            format_args!("{revision} onto {onto}, and {n} that follow{}", if n == 1 { "s" } else { "" }),
        ),
    }
    if shell.is_json() {
        shell.json(&Document { revision, parent: onto, moved, file });
    } else {
        shell.data(file);
    }
    Ok(())
}

/// What is moved where, or why it cannot be.
fn decide<'g>(revision: &str, onto: Option<&str>, graph: &Graph<'g>) -> Result<Move<'g>, Failure> {
    let usage = |message: String| Failure::new(Kind::Usage, message);
    let revision = one(revision, graph)?;
    let moved = graph.with_descendants(revision);
    let parents = graph.node(revision).map(|node| node.parents.clone()).unwrap_or_default();
    if parents.len() > 1 {
        return Err(usage(format!("{revision} is a merge revision: it follows {}", parents.join(" and ")))
            .help("delete its folder where no database has it, and merge again with `cargo migrate merge`"));
    }
    let onto = match onto {
        Some(onto) => one(onto, graph)?,
        None => other_head(revision, &moved, graph)?,
    };
    if onto == revision {
        return Err(usage(format!("{revision} cannot follow itself")).help("name another revision with `--onto`"));
    }
    if moved.contains(&onto) {
        return Err(usage(format!("{onto} comes after {revision}, which therefore cannot follow it"))
            .help("name a revision of another branch with `--onto`; `cargo migrate history` draws them"));
    }
    if parents == [onto] {
        return Err(usage(format!("{revision} follows {onto} already"))
            .help("`cargo migrate history` draws how the revisions follow each other"));
    }
    let mut nodes = graph.nodes().to_vec();
    nodes.iter_mut().filter(|node| node.id == revision).for_each(|node| node.parents = vec![onto]);
    let after = Graph::new(nodes).map_err(|errors| usage(errors[0].to_string()))?;
    let before = graph.unlabelled_heads();
    let new: Vec<&str> = after.unlabelled_heads().into_iter().filter(|head| !before.contains(head)).collect();
    if new.is_empty() {
        return Ok(Move { revision, onto, moved });
    }
    let message = format!("this would leave heads that no branch label tells apart: {}", new.join(", "));
    Err(usage(message).help(match branch_start(revision, onto, graph) {
        Some(first) => format!("`cargo migrate rebase {first} --onto {onto}` takes the whole branch along"),
        None => "name a head with `--onto`, or give each branch a label with `branch-label: LABEL`".to_owned(),
    }))
}

/// The one revision that a name stands for.
fn one<'g>(typed: &str, graph: &Graph<'g>) -> Result<&'g str, Failure> {
    let target = Target::from(typed);
    match graph.new_parents(&target, Follow::Any).map_err(|error| refusal::plan(&error))?[..] {
        [id] => Ok(id),
        [] => Err(Failure::new(Kind::Usage, format!("`{typed}` is no revision"))
            .help("name one; `cargo migrate history` lists them")),
        ref several => {
            Err(Failure::new(Kind::Usage, format!("`{typed}` is {}", several.join(" and "))).help("name one of them"))
        }
    }
}

/// The one head that does not move along.
fn other_head<'g>(revision: &str, moved: &[&str], graph: &Graph<'g>) -> Result<&'g str, Failure> {
    let heads = graph.heads().into_iter().map(|head| head.id);
    match heads.filter(|head| !moved.contains(head)).collect::<Vec<_>>()[..] {
        [head] => Ok(head),
        [] => Err(Failure::new(Kind::Usage, format!("there is no other head for {revision} to follow"))
            .help("name the revision that it shall follow with `--onto`")),
        ref several => Err(Failure::new(
            Kind::Target("multiple_heads"),
            format!("there are several other heads: {}", several.join(", ")),
        )
        .help(format!("name the one to follow, as in `--onto {}`", several[0]))),
    }
}

/// The first revision of the line that leads to one and is no part of another's: moved, it takes the whole branch along.
fn branch_start<'g>(revision: &'g str, onto: &str, graph: &Graph<'g>) -> Option<&'g str> {
    let mut first = revision;
    while let [parent] = graph.node(first)?.parents[..] {
        let is_shared = graph.children(parent).len() > 1 || graph.with_descendants(parent).contains(&onto);
        if is_shared {
            return (first != revision && parent != onto).then_some(first);
        }
        first = parent;
    }
    (first != revision).then_some(first)
}

/// Refuses when the database has something of it.
fn check_unapplied(decided: &Move<'_>, project: &Project, invocation: &Invocation) -> Result<(), Failure> {
    let revision = decided.revision;
    if database::look_for(invocation, project)?.is_none() {
        let message = format!("no database is named, so nobody can say whether one has {revision}");
        return Err(Failure::new(Kind::Usage, message).help(
            "pass `--database-url postgres://user@host/database`, or `--unapplied` when you know that none has it",
        ));
    }
    let survey = Survey::of_rows(invocation)?;
    // What was begun and not finished is there too.
    let recorded = survey.state.recorded();
    let applied: Vec<&str> = decided.moved.iter().copied().filter(|id| recorded.contains(id)).collect();
    if applied.is_empty() {
        return Ok(());
    }
    let message = format!("{} has {} already", survey.database, applied.join(", "));
    Err(Failure::new(Kind::Target("applied"), message)
        .help("what was released stays where it is: join the heads with `cargo migrate merge heads`"))
}

/// Rewrites the header, and returns the file as it is shown.
fn rewrite(decided: &Move<'_>, graph: &Graph<'_>, project: &Project) -> Result<PathBuf, Failure> {
    let slug = graph.node(decided.revision).map_or("", |node| node.slug);
    let folder = format!("{}_{slug}", decided.revision);
    let files = [("up.sql", Style::Sql), ("migration.rs", Style::Rust)];
    let in_folder = |name: &str| project.dir.join(&folder).join(name);
    let (name, style) = files.into_iter().find(|(name, _)| in_folder(name).is_file()).unwrap_or(files[0]);
    let (path, shown) = (in_folder(name), project.shown.join(&folder).join(name));
    let text = fs::read_to_string(&path).map_err(|error| Failure::io("read", &shown, &error))?;
    let rewritten = with_parents(&text, style, &[decided.onto]).map_err(|errors| {
        let error = &errors[0];
        Failure::new(Kind::Revisions, error.message.clone()).help(error.help.clone()).at(
            &shown,
            error.position,
            Some(text.clone()),
        )
    })?;
    StagedFile::write(&path, &rewritten)?.put()?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_runtime::graph::Node;

    /// `id parent… @label`, with commas between the revisions.
    fn graph(sketch: &'static str) -> Graph<'static> {
        let node = |line: &'static str| {
            let mut words = line.split_whitespace();
            let id = words.next().expect("an id");
            let (labels, parents): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('@'));
            let labels = labels.into_iter().map(|label| &label[1..]).collect();
            Node { id, slug: "", parents, depends_on: Vec::new(), labels }
        };
        Graph::new(sketch.split(',').map(node).collect()).expect("a graph")
    }

    #[test]
    fn what_is_moved_where() {
        for (sketch, revision, onto, expected) in [
            ("a,b a,c a", "c", None, "c onto b with 0"),
            ("a,b a,c a", "b", None, "b onto c with 0"),
            ("a,b a,c a,d c,e d", "c", None, "c onto b with 2"),
            ("a,b a,c a,d a", "d", Some("b"), "d onto b with 0"),
            ("a,x", "x", None, "x onto a with 0"),
            ("a,b a,c b @two,d b @one", "d", None, "d onto c with 0"),
            (
                "a,b a,c a,d a",
                "d",
                None,
                "there are several other heads: b, c; name the one to follow, as in `--onto b`",
            ),
            ("a,b a", "b", None, "there is no other head for b to follow"),
            ("a,b a,c a,m b c", "m", None, "m is a merge revision: it follows b and c"),
            ("a,b a,c b", "b", Some("b"), "b cannot follow itself"),
            ("a,b a,c b", "b", Some("c"), "c comes after b, which therefore cannot follow it"),
            ("a,b a,c b", "c", Some("b"), "c follows b already"),
            ("a,b a,c b", "c", Some("base"), "`base` is no revision"),
            ("a,b a,c a", "heads", None, "`heads` is b and c"),
            // The first of the branch would have taken the rest along.
            (
                "a,b a,c b,d a",
                "c",
                None,
                "this would leave heads that no branch label tells apart: b; `cargo migrate rebase b --onto d` takes",
            ),
            (
                "a,b a,c b,d c,e a",
                "d",
                None,
                "this would leave heads that no branch label tells apart: c; `cargo migrate rebase b --onto e` takes",
            ),
            (
                "x,y x,a,b a",
                "b",
                None,
                "this would leave heads that no branch label tells apart: a; `cargo migrate rebase a --onto y`",
            ),
            ("a,b a,c b", "c", Some("a"), "this would leave heads that no branch label tells apart: b, c; name a head"),
        ] {
            let graph = graph(sketch);
            let decided = match decide(revision, onto, &graph) {
                Ok(Move { revision, onto, moved }) => format!("{revision} onto {onto} with {}", moved.len() - 1),
                Err(failure) => failure.to_string(),
            };
            assert!(decided.starts_with(expected), "{sketch}: {revision} onto {onto:?}: {decided}");
        }
    }
}
