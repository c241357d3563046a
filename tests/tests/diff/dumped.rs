//! What `cargo migrate dump` writes of each schema, whole and in files, makes the same schema in an empty database.

use crate::cases::{self, Case, Script};
use crate::check::{load_text, read};
use crate::known::Known;
use crate::{are_named, prepare, shared_out, wanted};
use migrate_schema::{Catalog, Options, diff};
use migrate_tests::{Cluster, Command, Corpus, Database, Project, cargo_migrate, schema_dump};
use std::collections::BTreeMap;
use std::fs;

/// Of the schemas in a normal run: every one of so many.
const SAMPLE: usize = 90;

/// A script, and the case that has it.
type Schema = (String, String);

#[test]
fn a_dump_makes_the_same_schema_in_an_empty_database() {
    let Some(corpus) = Corpus::find() else { return };
    let mut schemas = scripts(wanted(cases::read(corpus.folder()), 1));
    if !Corpus::is_full() && !are_named() {
        schemas = schemas.into_iter().step_by(SAMPLE).collect();
    }
    prepare(corpus.folder());
    let problems = shared_out(&schemas, |(_, script), cluster| try_schema(script, cluster).err());
    let known = Known::read();
    let mut wrong = Vec::new();
    for ((name, _), problem) in schemas.iter().zip(&problems) {
        match (problem, known.reason(&format!("dumped/{name}"))) {
            (None, None) | (Some(_), Some(_)) => {}
            (None, Some(_)) => wrong.push(format!("{name}: passes, and is listed as failing")),
            (Some(problem), None) => wrong.push(format!("{name}: {problem}")),
        }
    }
    tell(problems.iter().filter(|problem| problem.is_none()).count(), schemas.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[expect(clippy::print_stderr, reason = "the figures are what a full run is for")]
fn tell(passed: usize, all: usize) {
    eprintln!("dumped                   {passed:>4} / {all}");
}

/// The scripts of the cases, each once.
fn scripts(cases: Vec<Case>) -> Vec<Schema> {
    let mut names = BTreeMap::new();
    for case in cases {
        let sides = [case.before.map(|script| (script, "before")), Some((case.after, "after"))];
        for (script, side) in sides.into_iter().flatten() {
            let script = match script {
                Script::Text(text) => text,
                Script::File(path) => {
                    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                }
            };
            names.entry(script).or_insert_with(|| format!("{}/{side}", case.name));
        }
    }
    let mut schemas: Vec<Schema> = names.into_iter().map(|(script, name)| (name, script)).collect();
    schemas.sort();
    schemas
}

fn try_schema(script: &str, cluster: &Cluster) -> Result<(), String> {
    let original = Database::on(cluster);
    load_text(&original, script);
    let catalog = read(&original);
    let all = diff(&Catalog::fresh(catalog.server_version), &catalog, &Options::default());
    let project = Project::empty();
    let run = |command: Command, words: &[&str]| {
        let output = project.run(command).args(words).env("DATABASE_URL", original.url()).run();
        if output.code == 0 { Ok(output.stdout) } else { Err(output.stderr) }
    };

    let copy = Database::on(cluster);
    let whole = run(cargo_migrate!(), &["dump"]).map_err(|error| format!("dump: {error}"))?;
    copy.try_psql(&whole).map_err(|error| format!("loading the dump: {error}"))?;
    let left = diff(&read(&copy), &catalog, &Options::default());
    if !left.ops.is_empty() {
        return Err(format!("the catalog still differs:\n{}", left.sql()));
    }
    // Only what the dump has told that it leaves out may be missing.
    if left.unsupported != all.unsupported {
        return Err(format!("told {:?}, missing {:?}", all.unsupported, left.unsupported));
    }
    let dumps = [&original, &copy].map(|database| schema_dump::without_privileges(schema_dump::of(database)));
    if let Some(difference) = schema_dump::difference(&dumps[0], &dumps[1]).filter(|_| all.unsupported.is_empty()) {
        return Err(difference);
    }

    run(cargo_migrate!(), &["dump", "--split", "schema"]).map_err(|error| format!("dump --split: {error}"))?;
    if whole.is_empty() {
        return Ok(());
    }
    let left = run(cargo_migrate!(), &["diff", "--from", "database", "--to", "schema"]);
    match left.map_err(|error| format!("loading the files: {error}"))? {
        left if left.is_empty() => Ok(()),
        left => Err(format!("after loading the files:\n{left}")),
    }
}
