//! The README's tour, typed as it stands: every command is run, every file written, every output compared.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use migrate_tests::{Command, Database, Project, redact, workspace};

/// A fenced block of the README.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    /// Commands, each with the output that is shown for it.
    Console(Vec<(String, String)>),
    /// A file, by a path in which `*` stands for the id of a revision.
    File { path: String, text: String },
}

fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut path = None;
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->")) {
            path = Some(name.to_owned());
        } else if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match path.take() {
                Some(path) => blocks.push(Block::File { path, text: body.join("\n") + "\n" }),
                None if language == "console" => blocks.push(Block::Console(commands(&body))),
                None => {}
            }
        }
    }
    blocks
}

fn commands(body: &[&str]) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in body {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => *output += &format!("{line}\n"),
            (None, None) => panic!("output before the first command: {line}"),
        }
    }
    commands
}

/// The one file that a path with a `*` in it means.
fn resolve(root: &Path, path: &str) -> PathBuf {
    let Some((folder, rest)) = path.split_once("/*") else { return root.join(path) };
    let (suffix, file) = rest.split_once('/').expect("a file in the folder");
    let mut found = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let folder = found.find(|path| path.to_str().unwrap().ends_with(suffix)).unwrap_or_else(|| panic!("no {path}"));
    folder.join(file)
}

/// The ids of the tour's revisions in the order in which they are made: those of the README become ours.
fn ids(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 14);
    let mut ids: Vec<String> = Vec::new();
    for word in words {
        if !ids.iter().any(|id| id == word) {
            ids.push(word.to_owned());
        }
    }
    ids
}

#[test]
fn the_tour_is_as_it_is_told() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let tour =
        readme.split("## Five minutes").nth(1).and_then(|rest| rest.split("\n## A revision").next()).expect("the tour");
    let shown_ids = ids(tour);
    let database = Database::new();
    let project = Project::empty();
    let programs = project.path("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_migrate-under-test"), programs.join("cargo-migrate")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    // `cargo new` makes it; the lock of the workspace must be there first, or newer versions would be taken.
    let root = project.path("tour");
    let mut made: Vec<String> = Vec::new();

    for block in blocks(tour) {
        match block {
            Block::File { path, text } => {
                let renamed = shown_ids.iter().zip(&made).fold(text, |text, (shown, ours)| text.replace(shown, ours));
                fs::write(resolve(&root, &path), renamed).unwrap();
            }
            Block::Console(commands) => {
                for (command, shown) in commands {
                    let shell = Command::new("sh").args(["-c", &format!("{{ {command}; }} 2>&1")]);
                    let folder = if root.is_dir() { root.clone() } else { project.folder().to_owned() };
                    let output = project
                        .run(shell)
                        .folder(folder)
                        .env("PATH", &path)
                        .env("DATABASE_URL", database.url())
                        .limit(std::time::Duration::from_secs(600))
                        .run();
                    if command.starts_with("cargo new") {
                        fs::copy(project.path("Cargo.lock"), root.join("Cargo.lock")).unwrap();
                    }
                    ids(&output.stdout).into_iter().for_each(|id| {
                        if !made.contains(&id) {
                            made.push(id);
                        }
                    });
                    assert_eq!(comparable(&output.stdout), comparable(&shown), "$ {command}");
                }
            }
        }
    }
    assert_eq!(made.len(), shown_ids.len());
    assert_eq!(database.psql("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'users'"), "id,email,display_name,age\n");
}

/// stdout and stderr reach a terminal in an order that is not ours to keep, so lines are compared as a set.
fn comparable(text: &str) -> Vec<String> {
    let text = redact(text);
    let server = text.replace("@127.0.0.1:[PORT]/[DATABASE]", "@localhost:[PORT]/tour");
    let mut lines: Vec<String> = server.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn blocks_are_found_as_they_stand() {
    let text =
        "x\n```console\n$ a\nout\n$ b\n```\n<!-- file: m/*_c/up.sql -->\n```sql\nS;\n```\n```sh\nleft out\n```\n";
    let console = Block::Console(vec![("a".into(), "out\n".into()), ("b".into(), String::new())]);
    let file = Block::File { path: "m/*_c/up.sql".into(), text: "S;\n".into() };
    assert_eq!(blocks(text), [console, file]);
}
