//! Each folder in `tests/generated` is a migrations folder and the code made of it; `UPDATE=1` rewrites the code.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use migrate_build::{Config, Crates};

/// The generated code, with the same text wherever the checkout is.
fn generated(manifest_dir: &Path) -> String {
    let out_dir = tempfile::tempdir().unwrap();
    Config::new().manifest_dir(manifest_dir).out_dir(out_dir.path()).compile("migrations").unwrap();
    let text = fs::read_to_string(out_dir.path().join("migrations.rs")).unwrap();
    text.replace(&manifest_dir.display().to_string(), "[manifest_dir]")
}

#[test]
fn every_case_has_its_code() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    for case in fs::read_dir(cases).unwrap() {
        let case = case.unwrap().path();
        let (actual, file) = (generated(&case), case.join("expected.rs"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &actual).unwrap();
        }
        assert_eq!(actual, fs::read_to_string(&file).unwrap(), "{}; UPDATE=1 rewrites it", case.display());
    }
}

/// What the table of a package says of the crates that it includes.
#[test]
fn crates_are_included_and_what_depends_on_them_is_left_to_the_compiler() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("migrations/1_a")).unwrap();
    let up = "--! A.\n--!\n--! parent: base\n--! depends-on: auth::7\n\nSELECT 1;\n";
    fs::write(dir.path().join("migrations/1_a/up.sql"), up).unwrap();
    let config = Config::new().manifest_dir(dir.path()).out_dir(dir.path());
    config.include_crate("jobs").include_crate("auth::schema").compile("migrations").unwrap();
    let text = fs::read_to_string(dir.path().join("migrations.rs")).unwrap();
    for part in [
        "(\"jobs\", &::jobs::migrations::MIGRATIONS)",
        "(\"auth\", &::auth::schema::MIGRATIONS)",
        "::auth::schema::Revision::from_id(\"7\").is_some()",
        "\"migrations/1_a/up.sql:4:17: the crate `auth` has no revision `7`\"",
        ".depends_on(&[\"auth::7\"])",
        ".including(&COMPOSITION);",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

fn revision(manifest_dir: &Path, id: &str, parent: &str, newline: &str) {
    let folder = manifest_dir.join(format!("migrations/{id}_r{id}"));
    fs::create_dir_all(&folder).unwrap();
    let lines = ["--! A revision.", "--!", &format!("--! parent: {parent}"), "", "SELECT 'é',", "  1;", ""];
    fs::write(folder.join("up.sql"), lines.join(newline)).unwrap();
}

#[test]
fn neither_the_order_of_the_folder_nor_line_ends_matter() {
    let revisions = [("3", "base"), ("2", "3"), ("9", "2"), ("1", "9"), ("a", "1")];
    let one = tempfile::tempdir().unwrap();
    for (id, parent) in revisions {
        revision(one.path(), id, parent, "\n");
    }
    let other = tempfile::tempdir().unwrap();
    for (id, parent) in revisions.iter().rev() {
        revision(other.path(), id, parent, "\r\n");
    }
    let text = generated(one.path());
    assert_eq!(text, generated(other.path()));
    assert!(text.contains("&[Self::R3, Self::R2, Self::R9, Self::R1, Self::Ra]"), "{text}");
}

#[test]
fn what_is_unchanged_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    revision(dir.path(), "1", "base", "\n");
    let compile = || {
        Config::new().manifest_dir(dir.path()).out_dir(dir.path()).compile("migrations").unwrap();
    };
    compile();
    let file = dir.path().join("migrations.rs");
    File::options().write(true).open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    compile();
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), SystemTime::UNIX_EPOCH);
    revision(dir.path(), "2", "1", "\n");
    compile();
    assert_ne!(fs::metadata(&file).unwrap().modified().unwrap(), SystemTime::UNIX_EPOCH);
}

#[test]
fn an_unwritable_place_is_a_problem() {
    let dir = tempfile::tempdir().unwrap();
    revision(dir.path(), "1", "base", "\n");
    let out_dir = dir.path().join("missing");
    let problems = Config::new().manifest_dir(dir.path()).out_dir(&out_dir).compile("migrations").unwrap_err();
    assert!(format!("{problems:?}").contains("/missing/migrations.rs: cannot be written: "), "{problems:?}");
}

/// The table that the command line uses is the one that is compiled.
#[test]
fn the_table_from_files_is_the_generated_one() {
    use migrate_build::History;
    use migrate_runtime::table::{Action, Transaction};

    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated/everything/migrations");
    let history = History::read(&case, Path::new("migrations"), &Crates::none()).unwrap();
    let table = history.table("app");
    let ids: Vec<&str> = table.list().iter().map(|migration| migration.id()).collect();
    assert_eq!(ids, ["20260101000000", "20260102000000", "20260102000001", "20260103000000", "20260104000000"]);
    assert_eq!(ids, history.graph().nodes().iter().map(|node| node.id).collect::<Vec<_>>());

    let [users, names, index, merge, _] = table.list() else { panic!("five revisions") };
    let Action::Sql(up) = users.up_action() else { panic!("SQL") };
    assert_eq!(up.file(), "migrations/20260101000000_create_users/up.sql");
    assert_eq!(up.statements().len(), 2);
    assert!(up.statement(1).starts_with("CREATE FUNCTION one()") && up.statement(1).ends_with("$fn$"));
    assert!(matches!(names.up_action(), Action::Uncompiled(file) if file.file().ends_with("_fill_names/migration.rs")));
    assert!(names.down_action().is_some());
    assert_eq!(names.summary_text(), "Fill names from the `email`.");
    assert_eq!(index.down_action().unwrap().transaction(), Transaction::None);
    assert!(index.is_breaking());
    assert_eq!(index.branch_labels(), ["indexes", "more"]);
    assert_eq!(merge.parent_ids(), ["20260102000000", "20260102000001"]);
    assert_eq!(merge.dependency_ids(), ["20260101000000"]);
    assert!(merge.down_action().is_none());

    let text = generated(case.parent().unwrap());
    for migration in table.list() {
        for checksum in [migration.checksum(), migration.token_checksum()] {
            let bytes: Vec<String> = checksum.as_bytes().iter().map(u8::to_string).collect();
            let squeezed: String = text.split_whitespace().collect();
            assert!(squeezed.contains(&bytes.join(",")), "{}", migration.id());
        }
    }
}
