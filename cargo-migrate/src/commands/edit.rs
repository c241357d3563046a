//! `cargo migrate edit`.

use std::path::PathBuf;

use crate::editor::Editor;
use crate::invocation::Invocation;
use crate::report::{Failure, Kind};
use crate::selection;

/// Opens the files of a revision, or of several, in $VISUAL or $EDITOR.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate edit head")]
pub(crate) struct Args {
    /// All that `show` takes.
    #[arg(value_name = "REV", required = true, allow_negative_numbers = true)]
    pub(crate) revisions: Vec<String>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let editor = Editor::find("open the files of `cargo migrate show REV` yourself")?;
    let project = invocation.project()?;
    let outline = project.outline()?;
    let graph = outline.graph();
    let mut files: Vec<PathBuf> = Vec::new();
    for revision in &args.revisions {
        for id in selection::of(revision, &graph, invocation)? {
            let slug = graph.node(id).map_or("", |node| node.slug);
            let folder = project.dir.join(format!("{id}_{slug}"));
            let names = ["up.sql", "down.sql", "migration.rs"];
            let there = names.map(|name| folder.join(name)).into_iter().filter(|path| path.is_file());
            files.extend(there.filter(|path| !files.contains(path)).collect::<Vec<_>>());
        }
    }
    if files.is_empty() {
        return Err(Failure::new(Kind::Usage, format!("`{}` is no revision", args.revisions.join(" ")))
            .help("`cargo migrate history` lists them"));
    }
    editor.open(&files, "the files are as the editor left them")
}
