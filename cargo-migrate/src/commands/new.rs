//! `cargo migrate new`: a folder for a revision, with its header filled in.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_build::Outline;
use migrate_build::header::{self, Header, Style};
use migrate_build::name::{FolderName, variant};
use migrate_runtime::graph::Graph;
use serde::Serialize;

use crate::folder_lock::FolderLock;
use crate::invocation::Invocation;
use crate::project::Project;
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
            .help("use lower-case letters and digits, at most 64, and none of `base`, `head`, `heads`")
    })?;
    let mut header = Header::new(summary(&args.message), parents);
    header.branch_labels.clone_from(&args.branch_label);
    header.depends_on = args
        .depends_on
        .iter()
        .map(|revision| graph.find(revision).map(str::to_owned).map_err(|error| unknown(&error)))
        .collect::<Result<_, _>>()?;
    check(&name, &header, graph)?;
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
            Err(Failure::new(Kind::Revision, format!("there are {} heads: {}", heads.len(), names.join(", ")))
                .help(format!("choose the one to follow, as in `--head {}`", heads[0].id)))
        }
        Some(revision) => Ok(vec![graph.find(revision).map_err(|error| unknown(&error))?.to_owned()]),
    }
}

fn unknown(error: &migrate_runtime::plan::PlanError) -> Failure {
    Failure::new(Kind::Revision, error.to_string()).help("`cargo migrate history` lists the revisions")
}

/// Builds the graph as it would be, so that a refused label or a new fork is found before anything is written.
fn check(name: &FolderName, header: &Header, graph: &Graph<'_>) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(Kind::Usage, message);
    if let Err(errors) = header::parse(&header.render(Style::Sql), Style::Sql) {
        let failures = errors.into_iter().map(|error| usage(error.message).help(error.help)).collect();
        return Failure::all(failures);
    }
    let mut nodes = graph.nodes().to_vec();
    nodes.push(Outline::node(name, header));
    let after = match Graph::new(nodes) {
        Ok(after) => after,
        Err(errors) => return Failure::all(errors.into_iter().map(|error| usage(error.to_string())).collect()),
    };
    match after.check_heads() {
        Err(fork) if after.heads().len() > graph.heads().len().max(1) => {
            let follow =
                graph.heads().iter().map(|head| format!("`--head {}`", head.id)).collect::<Vec<_>>().join(" or ");
            Err(usage(format!("this would make {fork}"))
                .help(format!("follow a head with {follow}, or give each branch a `--branch-label`")))
        }
        _ => Ok(()),
    }
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
            (&fork, x.to_vec(), "there are 2 heads: 1002 (b), 1003 (c); choose the one to follow, as in `--head 1002`"),
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
}
