//! A folder of revisions made for one test, as the table that the executor runs.

use migrate_build::{Crates, History};
use migrate_runtime::{Event, Migrations, Options};
use migrate_tests::Project;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A folder of revisions, in a line.
#[derive(Debug)]
pub(super) struct Folder {
    project: Project,
    last: Option<String>,
}

impl Folder {
    pub(super) fn new() -> Self {
        let project = Project::empty();
        project.make_folder("migrations");
        Self { project, last: None }
    }

    /// Three revisions that make tables `t1`, `t2`, `t3`, each with what undoes it.
    pub(super) fn of_three_tables() -> Self {
        let mut folder = Self::new();
        for n in 1..=3 {
            folder.add(&format!("r{n}"), &format!("CREATE TABLE t{n} (a int);"), Some(&format!("DROP TABLE t{n};")));
        }
        folder
    }

    /// Adds a revision after the last one.
    pub(super) fn add(&mut self, id: &str, up: &str, down: Option<&str>) -> &mut Self {
        self.add_with(id, "", up, down)
    }

    /// Adds a revision with more header lines.
    pub(super) fn add_with(&mut self, id: &str, header: &str, up: &str, down: Option<&str>) -> &mut Self {
        let parent = self.last.replace(id.to_owned()).unwrap_or_else(|| "base".to_owned());
        self.write(id, "up.sql", &format!("--! Revision {id}.\n--!\n--! parent: {parent}\n{header}\n{up}\n"));
        if let Some(down) = down {
            self.write(id, "down.sql", down);
        }
        self
    }

    pub(super) fn write(&self, id: &str, file: &str, text: &str) {
        self.project.write(&format!("migrations/{id}_{id}x/{file}"), text);
    }

    pub(super) fn read(&self, id: &str, file: &str) -> String {
        self.project.read(&format!("migrations/{id}_{id}x/{file}"))
    }

    pub(super) fn remove(&self, id: &str) {
        self.project.remove(&format!("migrations/{id}_{id}x"));
    }

    /// Where its `migrations` is.
    pub(super) fn place(&self) -> &Path {
        self.project.folder()
    }

    pub(super) fn table(&self) -> Migrations {
        let history = History::read(&self.project.path("migrations"), Path::new("migrations"), &Crates::none());
        history.unwrap_or_else(|problems| panic!("{problems}")).table("app")
    }
}

/// Events as they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Vec<Event>>>);

impl Heard {
    pub(super) fn options(&self) -> Options {
        let heard = Arc::clone(&self.0);
        Options::default().on_event(move |event| heard.lock().unwrap().push(event.clone()))
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}
