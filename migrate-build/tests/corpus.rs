//! Splits every SQL file of a corpus of real migrations, and checks that nothing but white space is left between.

use std::path::{Path, PathBuf};
use std::{env, fs};

use migrate_build::statements;

fn scripts(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            scripts(&entry.path(), found);
        } else if entry.path().extension().is_some_and(|ending| ending == "sql") {
            found.push(entry.path());
        }
    }
}

/// What is left of a text between statements, apart from white space, semicolons and comments.
fn rest(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ';');
        if text.starts_with("--") {
            text = text.find('\n').map_or("", |end| &text[end..]);
        } else if text.starts_with("/*") {
            let (mut depth, mut at) = (0, 0);
            loop {
                let two = text.as_bytes().get(at..at + 2);
                depth += i32::from(two == Some(b"/*")) - i32::from(two == Some(b"*/"));
                at += if matches!(two, Some(b"/*" | b"*/")) { 2 } else { 1 };
                if depth == 0 || at >= text.len() {
                    break;
                }
            }
            text = &text[at.min(text.len())..];
        } else {
            return text;
        }
    }
}

/// Scripts for psql and not for a server: with a backslash command, or with rows after `COPY … FROM stdin`.
fn is_for_psql(text: &str) -> bool {
    text.lines().any(|line| line.starts_with('\\') || line.to_ascii_lowercase().ends_with("from stdin;"))
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn real_scripts_split_where_the_server_splits_them() {
    let corpus = env::var_os("MIGRATE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"), PathBuf::from);
    if !corpus.is_dir() {
        eprintln!("skipped: there is no folder {}; MIGRATE_CORPUS names another", corpus.display());
        return;
    }
    let mut found = Vec::new();
    scripts(&corpus, &mut found);
    assert!(!found.is_empty(), "{} has no .sql file", corpus.display());
    let (mut n_scripts, mut n_statements) = (0, 0);
    for path in found {
        let Ok(text) = String::from_utf8(fs::read(&path).unwrap()) else { continue };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let spans = match statements::split(text) {
            Ok(spans) => spans,
            Err(error) => {
                // A dollar quote that nobody closed: the server refuses that script too.
                let is_broken = text.matches("$$").count() % 2 == 1;
                assert!(is_for_psql(text) || is_broken, "{} at byte {}: {error}", path.display(), error.offset);
                continue;
            }
        };
        n_scripts += 1;
        n_statements += spans.len();
        let mut end = 0;
        for span in &spans {
            assert_eq!(rest(&text[end..span.start()]), "", "{}", path.display());
            end = span.end();
        }
        assert_eq!(rest(&text[end..]), "", "{}", path.display());
    }
    eprintln!("{n_scripts} scripts with {n_statements} statements");
}
