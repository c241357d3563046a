//! `cargo migrate new`: a folder for a revision, with its header filled in.

mod auto;

use std::path::PathBuf;
use std::sync::LazyLock;

use migrate_build::Crates;
use migrate_runtime::Target;
use migrate_runtime::graph::{Follow, Graph};
use migrate_runtime::plan::PlanError;

use crate::crates;
use crate::creation::{self, Decision, Wish};
use crate::editor::Editor;
use crate::folder_lock::FolderLock;
use crate::hooks;
use crate::invocation::Invocation;
use crate::project::Project;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::scaffold;

/// Makes a new revision after the current head.
///
/// With `--auto` its SQL is written too: what turns the database, which must be at the heads, into what the models and
/// the SQL files of the package describe. Read it before it is applied: a new column that refuses NULL wants a value for
/// the rows that are there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate new \"create users\"\n  \
                        cargo migrate new \"fill display names\" --rust\n  \
                        cargo migrate new \"sales reports\" --head create_users --splice --branch-label sales\n  \
                        cargo migrate new --auto \"add orders\"\n  \
                        cargo migrate new --auto \"full names\" --rename users.name=full_name")]
pub(crate) struct Args {
    /// What the revision does; it becomes the summary and the name.
    pub(crate) message: String,
    /// A Rust revision: `migration.rs` instead of SQL files.
    #[arg(long, conflicts_with = "sql_only_up")]
    pub(crate) rust: bool,
    /// What to follow: an id, a unique prefix of one, a slug, `LABEL@head`, `base`, or `heads` to merge them.
    #[arg(long, value_name = "REV", default_value = "head")]
    pub(crate) head: String,
    /// Follow a revision that has a child already, or fork the history without a label: a branch begins.
    #[arg(long)]
    pub(crate) splice: bool,
    /// A label for the branch that starts with this revision.
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,
    /// A revision that must come first without being the parent; a branch label stays a label in the header, and a revision
    /// of an included crate is written `auth::20260801090000`.
    #[arg(long, value_name = "REV", value_delimiter = ',')]
    pub(crate) depends_on: Vec<String>,
    /// The id, instead of the time.
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,
    /// Open the new file in $VISUAL or $EDITOR.
    #[arg(long)]
    pub(crate) edit: bool,
    /// Make no `down.sql`: the revision cannot be undone.
    #[arg(long)]
    pub(crate) sql_only_up: bool,
    #[command(flatten)]
    auto: auto::Auto,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    creation::slug_of(&args.message)?;
    let editor = match args.edit {
        true => Some(Editor::find("leave `--edit` out and open the file yourself")?),
        false => None,
    };
    let project = invocation.project()?;
    if args.auto.is_wanted()? {
        return auto::run(args, editor, invocation);
    }
    let kind = match (args.rust, args.sql_only_up) {
        (true, _) => scaffold::Kind::Rust,
        (false, true) => scaffold::Kind::SqlOnlyUp,
        (false, false) => scaffold::Kind::Sql,
    };

    let lock = FolderLock::of(&project.dir, &project.shown)?;
    let outline = project.outline()?;
    let decision = decide(args, &outline.graph(), crates_of(args, project)?)?;
    let files = scaffold::files(kind, &decision.header);
    decision.write(project, &files)?;
    drop(lock);

    decision.tell(invocation, project, &files);
    let paths = decision.paths(&project.dir, &files);
    hooks::run(&paths, project, invocation)?;
    open(editor, &paths[..1])
}

/// The crates that may be named, read only where one is.
fn crates_of<'p>(args: &Args, project: &'p Project) -> Result<&'p Crates, Failure> {
    static NONE: LazyLock<Crates> = LazyLock::new(Crates::none);
    let names_crate = args.depends_on.iter().any(|typed| typed.contains("::"));
    if names_crate { project.crates() } else { Ok(&NONE) }
}

/// Opens what is to be written or read.
fn open(editor: Option<Editor>, files: &[PathBuf]) -> Result<(), Failure> {
    editor.map_or(Ok(()), |editor| editor.open(files, "the revision was made; open its file yourself"))
}

fn decide(args: &Args, graph: &Graph<'_>, crates: &Crates) -> Result<Decision, Failure> {
    wish(args, graph, crates)?.decide(graph)
}

fn wish<'a>(args: &'a Args, graph: &Graph<'_>, crates: &Crates) -> Result<Wish<'a>, Failure> {
    let follow = creation::follow(args.splice);
    let dependencies = args.depends_on.iter().map(|typed| match typed.contains("::") {
        true => Ok(vec![crates::revision(crates, typed)?]),
        false => dependencies(typed, graph),
    });
    let depends_on = dependencies.collect::<Result<Vec<_>, _>>()?.concat();
    Ok(Wish {
        message: &args.message,
        rev_id: args.rev_id.as_deref(),
        parents: parents(&args.head, follow, graph)?,
        branch_labels: &args.branch_label,
        depends_on,
        follow,
    })
}

/// The parents: what `--head` names, the only head where it names nothing, none in a history without revisions.
fn parents(head: &str, follow: Follow, graph: &Graph<'_>) -> Result<Vec<String>, Failure> {
    let parents = graph.new_parents(&Target::from(head), follow).map_err(|error| {
        let failure = refusal::plan(&error);
        match error {
            PlanError::MultipleHeads { heads, .. } => failure.help(format!(
                "choose the one to follow, as in `--head {}`, or join them with `cargo migrate merge {}`",
                heads[0],
                if head == "head" { "heads".to_owned() } else { heads.join(" ") }
            )),
            _ => failure,
        }
    })?;
    Ok(parents.into_iter().map(str::to_owned).collect())
}

/// What goes into the header for a name: a branch label stays one, so that it means the same when the branch is rewritten.
fn dependencies(typed: &str, graph: &Graph<'_>) -> Result<Vec<String>, Failure> {
    if graph.nodes().iter().any(|node| node.labels.contains(&typed)) {
        return Ok(vec![typed.to_owned()]);
    }
    let target = Target::from(typed);
    let ids = graph.new_parents(&target, Follow::Any).map_err(|error| refusal::plan(&error))?;
    if ids.is_empty() {
        return Err(Failure::new(Kind::Usage, format!("`--depends-on {typed}` names no revision"))
            .help("name one that must come first, or leave the option out"));
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use migrate_runtime::graph::Node;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn bare<'a>(id: &'a str, slug: &'a str, parents: &[&'a str]) -> Node<'a> {
        Node { id, slug, parents: parents.to_vec(), depends_on: Vec::new(), labels: Vec::new() }
    }

    fn decided(graph: &Graph<'_>, line: &[&str]) -> Result<(String, Vec<String>), String> {
        let args = Line::parse_from(["new"].iter().chain(line)).args;
        decide(&args, graph, &Crates::none())
            .map(|decision| (decision.name.to_string(), decision.header.parents))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_parent_is_the_head_or_what_is_named() {
        let line = Graph::new(vec![bare("1001", "a", &[]), bare("1002", "b", &["1001"])]).expect("a graph");
        let fork = Graph::new(vec![bare("1001", "a", &[]), bare("1002", "b", &["1001"]), bare("1003", "c", &["1001"])])
            .expect("a graph");
        let empty = Graph::new(Vec::new()).expect("a graph");
        let with_parents = |parents: &[&str]| {
            Ok(("9_x".to_owned(), parents.iter().map(|parent| (*parent).to_owned()).collect::<Vec<_>>()))
        };
        let x = ["x", "--rev-id", "9"];
        let and = |more: &[&'static str]| [&x, more].concat();
        assert_eq!(decided(&empty, &x), with_parents(&[]));
        assert_eq!(decided(&line, &x), with_parents(&["1002"]));
        assert_eq!(decided(&line, &and(&["--head", "b"])), with_parents(&["1002"]));
        assert_eq!(decided(&fork, &and(&["--head", "c"])), with_parents(&["1003"]));
        for (graph, arguments, expected) in [
            (
                &fork,
                x.to_vec(),
                "there are several heads: 1002, 1003; choose the one to follow, as in `--head 1002`, or join them with \
                 `cargo migrate merge heads`",
            ),
            (&line, and(&["--head", "nope"]), "no revision is called `nope`"),
            (&line, and(&["--head", "1001"]), "revision 1001 is not a head: 1002 follows it already; `--splice`"),
            (&line, and(&["--depends-on", "base"]), "`--depends-on base` names no revision"),
            (&line, and(&["--head", "base"]), "this would make 2 heads that no branch label tells apart"),
            (&line, and(&["--depends-on", "nope"]), "no revision is called `nope`"),
            (&line, and(&["--depends-on", "auth::1001"]), "`auth::1001`: the crate `auth` is not included"),
            (&line, and(&["--branch-label", "A b"]), "`A b` cannot be a branch label"),
            (&line, vec!["b", "--rev-id", "9"], "the name `b` is taken by the revision 1002"),
            (&line, vec!["x", "--rev-id", "1001"], "the id `1001` is taken"),
            (&line, vec!["x", "--rev-id", "../y"], "`../y` cannot be the id of a revision"),
            (&line, vec!["x", "--rev-id", "a_b"], "`a_b` cannot be the id of a revision"),
            (&line, vec!["x", "--rev-id", "head"], "`head` cannot be the id of a revision"),
        ] {
            let refusal = decided(graph, &arguments).expect_err("refused");
            assert!(refusal.starts_with(expected), "{arguments:?}: {refusal}");
        }
    }

    #[test]
    fn a_dependency_is_an_id_unless_a_label_was_typed() {
        let graph = branches();
        for (typed, written) in [("bx", "bx"), ("1002", "1002"), ("by@head", "1003"), ("a", "1001")] {
            let line = ["new", "z", "--rev-id", "9", "--head", "1002", "--depends-on", typed];
            let decision = decide(&Line::parse_from(line).args, &graph, &Crates::none()).expect("made");
            assert_eq!(decision.header.depends_on, [written], "{typed}");
        }
    }

    fn labelled<'a>(id: &'a str, parents: &[&'a str], label: &'a str) -> Node<'a> {
        Node { labels: vec![label], ..bare(id, id, parents) }
    }

    /// Two branches, of 1002 and 1003, that their labels tell apart.
    fn branches() -> Graph<'static> {
        let nodes = vec![bare("1001", "a", &[]), labelled("1002", &["1001"], "bx"), labelled("1003", &["1001"], "by")];
        Graph::new(nodes).expect("a graph")
    }

    #[test]
    fn a_dependency_on_another_branch_is_no_fork() {
        let graph = branches();
        for arguments in [
            &["z", "--rev-id", "9", "--head", "1002"][..],
            &["z", "--rev-id", "9", "--head", "1002", "--depends-on", "1003"],
            &["z", "--rev-id", "9", "--head", "1001", "--splice", "--branch-label", "bz"],
        ] {
            decided(&graph, arguments).expect("made");
        }
    }

    #[test]
    fn the_advice_is_what_is_not_done_yet() {
        let line = Graph::new(vec![bare("1001", "a", &[]), bare("1002", "b", &["1001"])]).expect("a graph");
        let begins = "`branch-label: LABEL` in the header of the revision that begins the branch of 1002";
        for (graph, label, advice) in [
            (&line, &[][..], format!("`--branch-label LABEL` for this one, and {begins}")),
            (&line, &["--branch-label", "bz"], begins.to_owned()),
            (&branches(), &[], "`--branch-label LABEL` for this one".to_owned()),
        ] {
            let refusal = decided(graph, &[&["z", "--rev-id", "9", "--head", "base"], label].concat());
            let refusal = refusal.expect_err("refused");
            let ends = format!("give each branch a label: {advice}; `--splice` makes the fork all the same");
            assert!(refusal.ends_with(&ends), "{refusal}");
        }
    }

    #[test]
    fn a_fork_that_is_there_already_may_stay_but_not_grow() {
        let fork = Graph::new(vec![bare("1001", "a", &[]), bare("1002", "b", &["1001"]), bare("1003", "c", &["1001"])])
            .expect("a graph");
        decided(&fork, &["z", "--rev-id", "9", "--head", "1002"]).expect("made");
        decided(&fork, &["z", "--rev-id", "9", "--head", "1001", "--splice", "--branch-label", "bz"]).expect("made");
        let refusal = decided(&fork, &["z", "--rev-id", "9", "--head", "base"]).expect_err("refused");
        assert!(refusal.starts_with("this would make 3 heads"), "{refusal}");
    }
}
