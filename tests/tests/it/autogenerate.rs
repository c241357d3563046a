//! `new --auto` and `check`: what the package says its schema shall be becomes revisions, and is compared with them.

mod checking;
mod everyday;
mod filters;
mod hooks;
mod left_alone;
mod online;
mod options;
mod renames;
mod round_trip;
mod sql_files;
#[cfg(target_os = "linux")]
mod terminal;

use migrate_tests::{Command, Database, Output, Project, cargo_migrate, redact};

/// A package with models and a folder of revisions, and its database.
struct Shop {
    project: Project,
    database: Database<'static>,
}

impl Shop {
    fn new() -> Self {
        let project = Project::library("shop");
        project.make_folder("migrations");
        Self { project, database: Database::new() }
    }

    /// A package with these models.
    fn with(models: &str) -> Self {
        let shop = Self::new();
        shop.models(models);
        shop
    }

    /// Puts these models in the place of those that are there.
    fn models(&self, text: &str) {
        self.project.write("src/lib.rs", &format!("use migrate_runtime::{{Enum, Table}};\n\n{text}"));
    }

    /// Puts these keys into the place of those that are in the manifest.
    fn configure(&self, keys: &str) {
        let manifest = self.project.read("Cargo.toml");
        let own = manifest.split("\n[package.metadata.migrate]").next().unwrap_or_default();
        self.project.write("Cargo.toml", &format!("{own}\n[package.metadata.migrate]\n{keys}\n"));
    }

    /// What is about to be typed, with the database in the environment.
    fn typed(&self, words: &[&str]) -> Command {
        self.without_database(words).env("DATABASE_URL", self.database.url())
    }

    fn without_database(&self, words: &[&str]) -> Command {
        self.project.run(cargo_migrate!()).args(words)
    }

    fn run(&self, words: &[&str]) -> Output {
        self.typed(words).run()
    }

    /// Generates, and returns the folders of the revisions that were made.
    fn generate(&self, message: &str, more: &[&str]) -> Vec<String> {
        let output = self.run(&[&["new", "--auto", message], more].concat()).success();
        output.stdout.lines().map(str::to_owned).collect()
    }

    fn upgrade(&self) -> Output {
        self.run(&["upgrade"]).success()
    }

    /// The folders of the revisions, oldest first.
    fn revisions(&self) -> Vec<String> {
        let folder = self.project.path("migrations");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names.into_iter().map(|name| format!("migrations/{name}")).collect()
    }

    /// A file of a revision, as it is compared.
    fn redacted(&self, folder: &str, file: &str) -> String {
        redact(&self.read(folder, file))
    }

    /// A file of a revision.
    fn read(&self, folder: &str, file: &str) -> String {
        self.project.read(&format!("{folder}/{file}"))
    }
}

/// The id of the revision in a folder.
fn id(folder: &str) -> &str {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    name.split('_').next().unwrap_or(name)
}
