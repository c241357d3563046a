//! Each folder in `tests/problems` is a broken migrations folder and the report about it; `UPDATE=1` rewrites the reports.

use std::fs;
use std::path::Path;

use migrate_build::{Crates, History};

fn report(dir: &Path) -> String {
    match History::read(dir, Path::new("migrations"), &Crates::none()) {
        Ok(_) => panic!("{} has no problem", dir.display()),
        Err(problems) => format!("{problems}\n"),
    }
}

#[test]
fn every_case_has_its_report() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems");
    let mut n_cases = 0;
    let mut failures = String::new();
    for case in fs::read_dir(cases).unwrap() {
        let case = case.unwrap().path();
        let (actual, file) = (report(&case.join("migrations")), case.join("expected.txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &actual).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if actual != expected {
            failures += &format!("\n{}\nexpected:\n{expected}actual:\n{actual}", case.display());
        }
        n_cases += 1;
    }
    assert!(n_cases > 20, "only {n_cases} cases");
    assert!(failures.is_empty(), "{failures}\nUPDATE=1 rewrites the reports");
}

/// A folder with one revision whose `up.sql` has these bytes.
fn folder_with(bytes: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("1_a")).unwrap();
    fs::write(dir.path().join("1_a/up.sql"), bytes).unwrap();
    dir
}

#[test]
fn bytes_that_are_no_text() {
    let header = b"--! A.\n--!\n--! parent: base\n\n";
    for (bytes, what) in [
        (&b"SELECT '\xc3\xa9\xe9';\n"[..], "1_a/up.sql:5:10: the byte 0xe9 is not UTF-8"),
        (b"SELECT 1;\nSELECT '\0';\n", "1_a/up.sql:6:9: a NUL byte, which Postgres does not take"),
    ] {
        let dir = folder_with(&[header, bytes].concat());
        let expected = format!("migrations/{what}\n  help: save the file as UTF-8 text\n");
        assert_eq!(report(dir.path()), expected);
    }
}

#[test]
fn a_byte_order_mark_and_windows_lines_shift_nothing() {
    let dir = folder_with("\u{feff}--! A.\r\n--!\r\n--! parent: base\r\n\r\nSELECT 1;\r\n  COMMIT;\r\n".as_bytes());
    assert!(report(dir.path()).starts_with("migrations/1_a/up.sql:6:3: `COMMIT` in a script"));
}

#[test]
fn forked_heads_can_be_read_where_they_are_wanted() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems/two_heads/migrations");
    let history = History::read_forked(&case, Path::new("migrations"), &Crates::none()).unwrap();
    let graph = history.graph();
    assert_eq!(graph.heads().iter().map(|head| head.id).collect::<Vec<_>>(), ["20260810120000", "20260811083000"]);
    let cycle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems/cycle/migrations");
    History::read_forked(&cycle, Path::new("migrations"), &Crates::none()).unwrap_err();
}

#[test]
fn no_folder_to_read() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("migrations");
    assert_eq!(report(&missing), "migrations: there is no such folder\n  help: run `cargo migrate init`\n");
    fs::write(&missing, "").unwrap();
    assert_eq!(
        report(&missing),
        "migrations: this is a file and not a folder of revisions\n  help: move it away and run `cargo migrate init`\n"
    );
}

#[test]
fn a_folder_without_revisions_is_a_history() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(".gitkeep"), "").unwrap();
    let history = History::read(dir.path(), Path::new("migrations"), &Crates::none()).unwrap();
    assert!(history.revisions().is_empty());
    assert!(history.table("x").list().is_empty());
}

#[test]
fn a_revision_folder_without_files() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("1_a")).unwrap();
    assert_eq!(
        report(dir.path()),
        "migrations/1_a: the revision has neither up.sql nor migration.rs\n  help: write one of them, or delete the folder\n"
    );
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    const SQL: &[u8] = b"--! A.\n--!\n--! parent: base\n\nSELECT 1;\n";

    #[test]
    fn out_of_the_folder() {
        let (outside, dir) = (folder_with(SQL), tempfile::tempdir().unwrap());
        symlink(outside.path().join("1_a"), dir.path().join("1_a")).unwrap();
        fs::create_dir(dir.path().join("2_b")).unwrap();
        symlink(outside.path().join("1_a/up.sql"), dir.path().join("2_b/up.sql")).unwrap();
        let help = "put the files themselves into the folder, so that every checkout has them";
        assert_eq!(
            report(dir.path()),
            format!(
                "migrations/1_a: a link that leads out of the migrations folder\n  help: {help}\n\
                 migrations/2_b/up.sql: a link that leads out of the migrations folder\n  help: {help}\n"
            )
        );
    }

    #[test]
    fn to_nowhere_and_in_a_ring() {
        let dir = folder_with(SQL);
        symlink("missing", dir.path().join("1_a/down.sql")).unwrap();
        symlink("ring", dir.path().join("ring")).unwrap();
        let report = report(dir.path());
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines.len(), 4, "{report}");
        assert!(lines[0].starts_with("migrations/1_a/down.sql: a link that leads nowhere: "), "{report}");
        assert!(lines[2].starts_with("migrations/ring: a link that leads nowhere: "), "{report}");
    }

    #[test]
    fn inside_the_folder_and_to_it_are_followed() {
        let (dir, links) = (folder_with(SQL), tempfile::tempdir().unwrap());
        symlink("up.sql", dir.path().join("1_a/down.sql")).unwrap();
        symlink(dir.path(), links.path().join("migrations")).unwrap();
        // The header of up.sql is none for a down.sql, so it was read.
        let report = report(&links.path().join("migrations"));
        assert!(report.starts_with("migrations/1_a/down.sql:1:5: `A.` in the header of a down.sql"), "{report}");
    }

    #[test]
    fn names_and_files_of_other_kinds() {
        use std::os::unix::ffi::OsStrExt;
        let dir = folder_with(SQL);
        fs::create_dir(dir.path().join(std::ffi::OsStr::from_bytes(b"2_\xff"))).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("1_a/down.sql")).unwrap();
        let report = report(dir.path());
        assert!(report.contains("migrations/1_a/down.sql: not a regular file\n"), "{report}");
        assert!(report.contains("the name is not UTF-8\n"), "{report}");
    }
}
