//! `cargo migrate new`: a folder for a revision, with its header filled in.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_build::header::Header;
use migrate_build::name::{FolderName, variant};
use migrate_runtime::graph::Graph;
use serde::Serialize;

use crate::folder_lock::FolderLock;
use crate::fork;
use crate::invocation::Invocation;
use crate::project::Project;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::scaffold;
use crate::slug::{slug, summary};
use crate::staging::Staging;
use crate::timestamp::free_id;

/// Makes a new revision after the current head.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate new \"create users\"\n  \
                        cargo migrate new \"fill display names\" --rust")]
pub(crate) struct Args {
    /// What the revision does; it becomes the summary and the name.
    pub(crate) message: String,
    /// A Rust revision: `migration.rs` instead of SQL files.
    #[arg(long, conflicts_with = "sql_only_up")]
    pub(crate) rust: bool,
    /// The revision to follow instead of the current head: an id, a unique prefix of one, a slug, or `base`.
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,
    /// A label for the branch that starts with this revision.
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,
    /// A revision that must come first without being the parent.
    #[arg(long, value_name = "REV")]
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
}

#[derive(Serialize)]
struct Document<'a> {
    revision: &'a str,
    folder: String,
    files: Vec<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let slug = slug(&args.message).ok_or_else(|| {
        Failure::new(Kind::Usage, "the message has no letter and no digit to name the revision by")
            .help("say what the revision does, as in `cargo migrate new \"create users\"`")
    })?;
    let editor = if args.edit { Some(editor()?) } else { None };
    let project = invocation.project()?;
    let kind = match (args.rust, args.sql_only_up) {
        (true, _) => scaffold::Kind::Rust,
        (false, true) => scaffold::Kind::SqlOnlyUp,
        (false, false) => scaffold::Kind::Sql,
    };

    let lock = FolderLock::of(&project.dir, &project.shown)?;
    let outline = project.outline()?;
    let (name, header) = decide(args, &slug, &outline.graph())?;
    let files = scaffold::files(kind, &header);
    write(project, &name, &files)?;
    drop(lock);

    let folder = project.shown.join(name.to_string());
    let paths: Vec<PathBuf> = files.iter().map(|(file, _)| folder.join(file)).collect();
    for path in &paths {
        invocation.shell.status("Created", path.display());
    }
    if invocation.shell.is_json() {
        let files = paths.iter().map(|path| path.display().to_string()).collect();
        invocation.shell.json(&Document { revision: name.id(), folder: folder.display().to_string(), files });
    } else {
        invocation.shell.data(folder.display());
    }
    match editor {
        Some(editor) => open(&editor, &project.dir.join(name.to_string()).join(files[0].0)),
        None => Ok(()),
    }
}

/// The name and the header of the revision; what they would break in the graph is found here.
fn decide(args: &Args, slug: &str, graph: &Graph<'_>) -> Result<(FolderName, Header), Failure> {
    let parents = parents(args.head.as_deref(), graph)?;
    if let Some(taken) = graph.nodes().iter().find(|node| variant(node.slug) == variant(slug)) {
        return Err(Failure::new(Kind::Usage, format!("the name `{slug}` is taken by the revision {}", taken.id))
            .help("say in other words what this one does; the name becomes an enum variant"));
    }
    let id = match &args.rev_id {
        Some(id) if graph.node(id).is_some() => {
            return Err(Failure::new(Kind::Usage, format!("the id `{id}` is taken"))
                .help("choose another one, or leave `--rev-id` out"));
        }
        Some(id) => id.clone(),
        None => free_id(|id| graph.node(id).is_some()),
    };
    let name = FolderName::parse(&format!("{id}_{slug}")).ok().filter(|name| name.id() == id).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("`{id}` cannot be the id of a revision"))
            .help("use lower-case letters and digits, at most 64, and none of `base`, `head`, `heads`, `current`")
    })?;
    let mut header = Header::new(summary(&args.message), parents);
    header.branch_labels.clone_from(&args.branch_label);
    header.depends_on = args.depends_on.iter().map(|revision| find(revision, graph)).collect::<Result<_, _>>()?;
    fork::check(&name, &header, graph)?;
    Ok((name, header))
}

/// The parents: what `--head` names, else the only head, else none in a history without revisions.
fn parents(head: Option<&str>, graph: &Graph<'_>) -> Result<Vec<String>, Failure> {
    match head {
        Some("base") => Ok(Vec::new()),
        Some("head") | None => {
            let heads = graph.heads();
            if heads.len() < 2 {
                return Ok(heads.iter().map(|head| head.id.to_owned()).collect());
            }
            let names: Vec<String> = heads.iter().map(|head| format!("{} ({})", head.id, head.slug)).collect();
            Err(Failure::new(Kind::Revision, format!("there are {} heads: {}", heads.len(), names.join(", "))).help(
                format!(
                    "choose the one to follow, as in `--head {}`; to merge them, follow one, then write all of them \
                     into the new header by hand: `parent: {}`",
                    heads[0].id,
                    heads.iter().map(|head| head.id).collect::<Vec<_>>().join(", ")
                ),
            ))
        }
        Some(revision) => Ok(vec![find(revision, graph)?]),
    }
}

/// The id of the revision that was typed.
fn find(typed: &str, graph: &Graph<'_>) -> Result<String, Failure> {
    graph.find(typed).map(str::to_owned).map_err(|error| refusal::plan(&error))
}

fn write(project: &Project, name: &FolderName, files: &[scaffold::File]) -> Result<(), Failure> {
    let staging = Staging::new_in(&project.dir, &project.shown)?;
    for (file, text) in files {
        staging.write(Path::new(&name.to_string()).join(file), text)?;
    }
    let folder = project.dir.join(name.to_string());
    fs::rename(staging.path().join(name.to_string()), &folder)
        .map_err(|error| Failure::io("make the folder", &project.shown.join(name.to_string()), &error))
}

/// The editor and its arguments, as the shell would split them in the usual cases.
fn editor() -> Result<Vec<String>, Failure> {
    let set =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var(name).ok().filter(|value| !value.trim().is_empty()));
    set.map(|value| value.split_whitespace().map(str::to_owned).collect()).ok_or_else(|| {
        Failure::new(Kind::Usage, "neither $VISUAL nor $EDITOR is set")
            .help("set one of them, or leave `--edit` out and open the file yourself")
    })
}

fn open(editor: &[String], file: &Path) -> Result<(), Failure> {
    let command = editor.join(" ");
    let status = Command::new(&editor[0]).args(&editor[1..]).arg(file).status().map_err(|error| {
        Failure::io("start the editor", Path::new(&command), &error).help("check $VISUAL and $EDITOR")
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(Kind::Io, format!("the editor `{command}` failed: {status}"))
        .help("the revision was made; open its file yourself"))
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
        let slug = slug(&args.message).expect("a slug");
        decide(&args, &slug, graph)
            .map(|(name, header)| (name.to_string(), header.parents))
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
                "there are 2 heads: 1002 (b), 1003 (c); choose the one to follow, as in `--head 1002`; to merge them, \
                 follow one, then write all of them into the new header by hand: `parent: 1002, 1003`",
            ),
            (&line, and(&["--head", "nope"]), "no revision is called `nope`"),
            (&line, and(&["--head", "1001"]), "this would make 2 heads that no branch label tells apart"),
            (&line, and(&["--head", "base"]), "this would make 2 heads that no branch label tells apart"),
            (&line, and(&["--depends-on", "nope"]), "no revision is called `nope`"),
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
            &["z", "--rev-id", "9", "--head", "1001", "--branch-label", "bz"],
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
            let refusal = decided(graph, &[&["z", "--rev-id", "9", "--head", "1001"], label].concat());
            let refusal = refusal.expect_err("refused");
            assert!(refusal.ends_with(&format!("give each branch a label: {advice}")), "{refusal}");
        }
    }

    #[test]
    fn a_fork_that_is_there_already_may_stay_but_not_grow() {
        let fork = Graph::new(vec![bare("1001", "a", &[]), bare("1002", "b", &["1001"]), bare("1003", "c", &["1001"])])
            .expect("a graph");
        decided(&fork, &["z", "--rev-id", "9", "--head", "1002"]).expect("made");
        decided(&fork, &["z", "--rev-id", "9", "--head", "1001", "--branch-label", "bz"]).expect("made");
        let refusal = decided(&fork, &["z", "--rev-id", "9", "--head", "1001"]).expect_err("refused");
        assert!(refusal.starts_with("this would make 3 heads"), "{refusal}");
    }
}
