//! Making a revision: its name, its header, and its folder, which is there as a whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::header::Header;
use migrate_build::name::{FolderName, variant};
use migrate_runtime::graph::{Follow, Graph};
use serde::Serialize;

use crate::fork::{self, Fork};
use crate::invocation::Invocation;
use crate::project::Project;
use crate::report::{Failure, Kind};
use crate::scaffold;
use crate::slug::{slug, summary};
use crate::staging::Staging;
use crate::timestamp::free_id;

/// What a new revision shall be.
#[derive(Debug)]
pub(crate) struct Wish<'w> {
    pub(crate) message: &'w str,
    pub(crate) rev_id: Option<&'w str>,
    pub(crate) parents: Vec<String>,
    pub(crate) branch_labels: &'w [String],
    pub(crate) depends_on: Vec<String>,
    /// Whether it may fork the history in a way that the build refuses.
    pub(crate) follow: Follow,
}

/// A revision that can be made.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) name: FolderName,
    pub(crate) header: Header,
    /// What the build will refuse, and was asked for all the same.
    pub(crate) fork: Option<Fork>,
}

/// What follows `--splice`.
pub(crate) const fn follow(splice: bool) -> Follow {
    if splice { Follow::Any } else { Follow::Heads }
}

/// The slug of a message; refuses one that gives none.
pub(crate) fn slug_of(message: &str) -> Result<String, Failure> {
    slug(message).ok_or_else(|| {
        Failure::new(Kind::Usage, "the message has no letter and no digit to name the revision by")
            .help("say what the revision does, as in `cargo migrate new \"create users\"`")
    })
}

impl Wish<'_> {
    /// The name and the header of the revision; what they would break in the graph is found here.
    pub(crate) fn decide(self, graph: &Graph<'_>) -> Result<Decision, Failure> {
        let slug = slug_of(self.message)?;
        if let Some(taken) = graph.nodes().iter().find(|node| variant(node.slug) == variant(&slug)) {
            return Err(Failure::new(Kind::Usage, format!("the name `{slug}` is taken by the revision {}", taken.id))
                .help("say in other words what this one does; the name becomes an enum variant"));
        }
        let id = match self.rev_id {
            Some(id) if graph.node(id).is_some() => {
                return Err(Failure::new(Kind::Usage, format!("the id `{id}` is taken"))
                    .help("choose another one, or leave `--rev-id` out"));
            }
            Some(id) => id.to_owned(),
            None => free_id(|id| graph.node(id).is_some()),
        };
        let name = FolderName::parse(&format!("{id}_{slug}")).ok().filter(|name| name.id() == id).ok_or_else(|| {
            Failure::new(Kind::Usage, format!("`{id}` cannot be the id of a revision"))
                .help("use lower-case letters and digits, at most 64, and none of `base`, `head`, `heads`, `current`")
        })?;
        let mut header = Header::new(summary(self.message), self.parents);
        header.branch_labels.extend_from_slice(self.branch_labels);
        header.depends_on = self.depends_on;
        let fork = fork::check(&name, &header, graph)?;
        match fork {
            Some(fork) if self.follow == Follow::Heads => Err(fork.refusal()),
            fork => Ok(Decision { name, header, fork }),
        }
    }
}

/// What is told of a revision that was made.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    revision: String,
    pub(crate) folder: String,
    files: Vec<String>,
}

/// Makes the folders of revisions, parents first; where one cannot be made, those made before it are taken back.
pub(crate) fn write_all(revisions: &[(&Decision, &[scaffold::File])], project: &Project) -> Result<(), Failure> {
    let staging = Staging::new_in(&project.dir, &project.shown)?;
    for (decision, files) in revisions {
        for (file, text) in *files {
            staging.write(Path::new(&decision.name.to_string()).join(file), text)?;
        }
    }
    for (index, (decision, _)) in revisions.iter().enumerate() {
        let name = decision.name.to_string();
        if let Err(error) = fs::rename(staging.path().join(&name), project.dir.join(&name)) {
            for (made, _) in &revisions[..index] {
                let name = made.name.to_string();
                // It goes away with the rest of what is staged.
                let _ = fs::rename(project.dir.join(&name), staging.path().join(&name));
            }
            return Err(Failure::io("make the folder", &project.shown.join(&name), &error));
        }
    }
    Ok(())
}

impl Decision {
    /// Makes the folder, all at once.
    pub(crate) fn write(&self, project: &Project, files: &[scaffold::File]) -> Result<(), Failure> {
        write_all(&[(self, files)], project)
    }

    /// Tells what was made.
    pub(crate) fn tell(&self, invocation: &Invocation, project: &Project, files: &[scaffold::File]) {
        let document = self.tell_files(invocation, project, files);
        if invocation.shell.is_json() {
            invocation.shell.json(&document);
        } else {
            invocation.shell.data(&document.folder);
        }
    }

    /// Tells each file on stderr; what a document says of the revision.
    pub(crate) fn tell_files(&self, invocation: &Invocation, project: &Project, files: &[scaffold::File]) -> Document {
        let paths = self.paths(&project.shown, files);
        for path in &paths {
            invocation.shell.status("Created", path.display());
        }
        if let Some(fork) = &self.fork {
            fork.warn(&invocation.shell);
        }
        Document {
            revision: self.name.id().to_owned(),
            folder: project.shown.join(self.name.to_string()).display().to_string(),
            files: paths.iter().map(|path| path.display().to_string()).collect(),
        }
    }

    /// Where its files are, from a migrations folder on.
    pub(crate) fn paths(&self, dir: &Path, files: &[scaffold::File]) -> Vec<PathBuf> {
        let folder = dir.join(self.name.to_string());
        files.iter().map(|(file, _)| folder.join(file)).collect()
    }
}
