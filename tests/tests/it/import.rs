//! Real histories, imported from sqlx's layout, end where psql ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use migrate_tests::{Command, Corpus, Database, History, Project, cargo_migrate};

/// A migration of a sqlx folder.
#[derive(Debug)]
struct Original {
    /// As it is written, leading zeros included.
    version: String,
    up: PathBuf,
    down: Option<PathBuf>,
}

fn originals(history: &History) -> Vec<Original> {
    let mut originals: Vec<Original> = fs::read_dir(&history.folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|up| {
            let name = up.file_name()?.to_str()?.strip_suffix(".sql")?.to_owned();
            let stem = name.strip_suffix(".up").unwrap_or(&name);
            let version = stem.split('_').next()?.to_owned();
            let down = up.with_file_name(format!("{stem}.down.sql"));
            (!name.ends_with(".down")).then(|| Original {
                version,
                down: down.is_file().then_some(down),
                up: up.clone(),
            })
        })
        .collect();
    originals.sort_by_key(|original| original.version.parse::<i64>().unwrap());
    originals
}

fn transaction(file: &Path) -> String {
    format!("BEGIN;\n{}\n;\nCOMMIT;\n", fs::read_to_string(file).unwrap())
}

fn typed(project: &Project, words: &[&str]) -> Command {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words)
}

/// Imports, upgrades, and downgrades as far as psql gets with the same files: so many revisions are returned.
fn check(history: &History) -> usize {
    let project = Project::empty();
    let originals = originals(history);
    assert_eq!(originals.len(), history.n_migrations, "{}", history.project);
    let from = history.folder.to_str().unwrap();
    let output = typed(&project, &["import", "--from", "sqlx", from]).run().success();
    let counts = format!("Imported {} revisions ({} with a downgrade", originals.len(), history.n_downs);
    assert!(output.stderr.contains(&counts), "{output}");
    check_bytes(&project, &originals);

    let (ours, theirs) = (Database::new(), Database::new());
    for database in [&ours, &theirs] {
        history.setup.iter().for_each(|setup| drop(database.psql(setup)));
    }
    let run = |words: &[&str]| typed(&project, words).env("DATABASE_URL", ours.url()).run();
    run(&["upgrade", "heads"]).success();
    theirs.psql(&originals.iter().map(|original| transaction(&original.up)).collect::<String>());
    assert_eq!(ours.catalog(), theirs.catalog(), "{}: after the upgrade", history.project);
    // Offline mode ends there too, with the same rows.
    let offline = Database::new();
    offline.psql(history.setup.as_deref().unwrap_or_default());
    offline.psql(&typed(&project, &["upgrade", "--sql", "heads"]).run().success().stdout);
    assert_eq!(offline.catalog(), ours.catalog(), "{}: offline", history.project);
    assert_eq!(offline.version_rows(), ours.version_rows(), "{}: offline", history.project);
    let expected = format!("{}\n", originals.len());
    assert_eq!(ours.psql("SELECT count(*) FROM migrate_revisions WHERE statements_done = statements"), expected);

    let mut undone = 0;
    let stopped = originals.iter().rev().find(|original| {
        let worked = original.down.as_ref().is_some_and(|down| theirs.try_psql(&transaction(down)).is_ok());
        undone += usize::from(worked);
        !worked
    });
    let version = stopped.map(|original| original.version.as_str());
    run(&["downgrade", version.unwrap_or("base")]).success();
    assert_eq!(ours.catalog(), theirs.catalog(), "{}: after {undone} downgrades", history.project);
    if let Some(version) = version {
        // Where psql fails, so do we: with the revision's name, and without a trace. What has no downgrade at all is
        // seen before the first step.
        let output = run(&["downgrade", "base"]).exit(1);
        let left = &originals[..originals.len() - undone];
        let said = match left.iter().all(|original| original.down.is_some()) {
            true => format!("revision {version} failed"),
            false => "cannot be undone: it has no downgrade".to_owned(),
        };
        assert!(output.stderr.contains(&said), "{}: {output}", history.project);
        assert_eq!(ours.catalog(), theirs.catalog(), "{}: after the failure", history.project);
    }
    undone
}

/// Below the header, each script is what it was.
fn check_bytes(project: &Project, originals: &[Original]) {
    let files = project.files();
    for original in originals {
        let folder = format!("migrations/{}_", original.version);
        let imported = |name: &str| {
            let file = files.iter().find(|(path, _)| path.starts_with(&folder) && path.ends_with(name));
            file.unwrap_or_else(|| panic!("{folder}…/{name}")).1.clone()
        };
        let up = fs::read_to_string(&original.up).unwrap();
        assert!(imported("up.sql").ends_with(up.trim_start_matches('\u{feff}')), "{folder}");
        if let Some(down) = &original.down {
            assert!(imported("down.sql").ends_with(&fs::read_to_string(down).unwrap()), "{folder}");
        }
    }
}

#[test]
fn real_sqlx_histories_end_where_psql_ends() {
    let Some(corpus) = Corpus::find() else { return };
    let histories = corpus.sqlx_histories();
    assert!(histories.len() >= 5, "{histories:?}");
    for history in &histories {
        let begun = Instant::now();
        let undone = check(history);
        if Corpus::is_full() {
            tell(&format!(
                "{}: {} revisions imported and applied, {undone} undone, equal to psql, in {:.1} s",
                history.project,
                history.n_migrations,
                begun.elapsed().as_secs_f64()
            ));
        }
    }
}

#[expect(clippy::print_stderr, reason = "`tests/run --corpus` is asked for its figures")]
fn tell(line: &str) {
    eprintln!("{line}");
}

#[test]
fn sqlx_files_become_revisions() {
    let project = Project::empty();
    project.write("old/2_second.up.sql", "CREATE TABLE second ();\r\n");
    project.write("old/2_second.down.sql", "DROP TABLE second;");
    project.write("old/10_build_index.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON second ((1));\n");
    project.write("old/1_first.sql", "CREATE TABLE first ();\n");
    project.write("old/README.md", "not a migration");
    project.write("old/notes.sql", "SELECT 1");
    project.write("old/7_orphan.down.sql", "SELECT 1");
    insta::assert_snapshot!(typed(&project, &["import", "--from", "sqlx", "old"]).run(), @"
    exit 0
    --- stdout
    migrations
    --- stderr
    warning: passed over `old/notes.sql`: its name is not `<version>_<description>.sql`
    warning: passed over `old/7_orphan.down.sql`: it has no upgrade of the same version
        Imported 3 revisions (1 with a downgrade, 1 without a transaction) from old
    ");
    insta::assert_snapshot!(project.read("migrations/10_build_index/up.sql"), @"
    --! build index
    --!
    --! parent: 2
    --! transaction: none

    -- no-transaction
    CREATE INDEX CONCURRENTLY i ON second ((1));
    ");
    assert!(project.read("migrations/2_second/up.sql").ends_with("parent: 1\n\nCREATE TABLE second ();\r\n"));
    let database = Database::new();
    typed(&project, &["upgrade"]).env("DATABASE_URL", database.url()).run().success();
    assert_eq!(database.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t\n");
    insta::assert_snapshot!(typed(&project, &["import", "--from", "sqlx", "old"]).run().exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: `migrations` is not empty: it has `10_build_index`
    help: import into another folder with `--dir DIR`, or move what is there away
    ");
}

#[test]
fn what_cannot_be_imported_is_named_and_nothing_is_written() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("old/1_a.sql", "SELECT 1"), ("old/1_b.sql", "SELECT 1")], "1_b.sql"),
        (&[("old/1_a.sql", "CREATE TABLE t ();\nCOMMIT;")], "1_a.sql:2:1"),
        (&[("old/1_a.sql", "SELECT 'unfinished")], "1_a.sql:1:8"),
        (&[("old/README.md", "")], "old"),
        (&[("elsewhere", "")], "old"),
        (&[("old", "a file")], "old"),
    ];
    for (files, said) in cases {
        let project = Project::empty();
        files.iter().for_each(|(path, text)| project.write(path, text));
        let output = typed(&project, &["import", "--from", "sqlx", "old"]).run();
        assert!([1, 2, 3].contains(&output.code) && output.stderr.contains(said), "{files:?}: {output}");
        let left = project.files().iter().any(|(path, _)| path.starts_with("migrations/"));
        assert!(!left, "{files:?}");
    }
}
