//! What holds of the split of every script: of known ones that it is right, of all texts that it is sound.

mod script;

use std::fs;
use std::path::Path;

use migrate_build::statements::split;
use migrate_build::{Crates, History};
use proptest::prelude::*;

use crate::script::scripts;

/// Without files of failed cases: what fails becomes a case of an ordinary test.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// How many semicolons a text has that is else white space and comments; none where there is anything else.
fn semicolons(mut text: &str) -> Option<usize> {
    let mut n_semicolons = 0;
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
        if let Some(rest) = text.strip_prefix(';') {
            n_semicolons += 1;
            text = rest;
        } else if let Some(rest) = text.strip_prefix("--") {
            text = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
        } else if text.starts_with("/*") {
            text = after_comment(text)?;
        } else {
            return text.is_empty().then_some(n_semicolons);
        }
    }
}

fn after_comment(text: &str) -> Option<&str> {
    let (mut depth, mut rest) = (0, text);
    loop {
        if let Some(inside) = rest.strip_prefix("/*") {
            (depth, rest) = (depth + 1, inside);
        } else if let Some(after) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, after);
        } else {
            rest = &rest[rest.chars().next()?.len_utf8()..];
        }
        if depth == 0 {
            return Some(rest);
        }
    }
}

/// Statements in order, with a semicolon between any two and nothing else around them; or a place that is in the text.
#[track_caller]
fn check_sound(sql: &str) {
    match split(sql) {
        Ok(spans) => {
            let mut end = 0;
            for (n, span) in spans.iter().enumerate() {
                // That an index is no character's beginning is a panic here.
                let n_semicolons = semicolons(&sql[end..span.start()]);
                assert!(n_semicolons.is_some_and(|found| n == 0 || found > 0), "before {span:?} of {sql:?}");
                assert!(!sql[span.start()..span.end()].is_empty(), "{span:?} of {sql:?}");
                end = span.end();
            }
            assert!(semicolons(&sql[end..]).is_some(), "after byte {end} of {sql:?}");
        }
        Err(error) => assert!(!sql[error.offset..].is_empty(), "{error:?} in {sql:?}"),
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn known_statements_are_found(script in scripts()) {
        let sql = &script.text;
        let spans = split(sql).unwrap();
        let found: Vec<&str> = spans.iter().map(|span| &sql[span.start()..span.end()]).collect();
        prop_assert_eq!(found, script.statements);
        check_sound(sql);
    }

    #[test]
    fn any_text_is_split_or_told_where_it_is_wrong(sql in any::<String>()) {
        check_sound(&sql);
    }

    #[test]
    fn any_tokens_are_split_or_told_where_they_are_wrong(
        sql in r#"(['"$;();()/*eEuU&\\ \n\r-]|\$[a-zé]?\$|--|/\*|\*/|[a-zé0-9.:+@]|[eEuU]&?['"]|CREATE FUNCTION|BEGIN ATOMIC |END){0,40}"#
    ) {
        check_sound(&sql);
    }
}

proptest! {
    #![proptest_config(cases(48))]

    /// A file may begin with a byte order mark and have Windows's ends of lines.
    #[test]
    fn known_statements_are_found_in_files(script in scripts(), mark in any::<bool>(), windows in any::<bool>()) {
        prop_assume!(!script.statements.is_empty());
        // A carriage return of its own before a line feed would be taken for an end of line.
        let unix = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        let text = format!("--! A.\n--!\n--! parent: base\n\n{}", unix(&script.text));
        let text = if windows { text.replace('\n', "\r\n") } else { text };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("1_a/up.sql");
        fs::create_dir(folder.path().join("1_a")).unwrap();
        fs::write(&file, format!("{}{text}", if mark { "\u{feff}" } else { "" })).unwrap();
        fs::write(file.with_file_name("down.sql"), "SELECT 1;").unwrap();

        let history = History::read(folder.path(), Path::new("migrations"), &Crates::none()).unwrap();
        let up = history.revisions()[0].up();
        let found: Vec<&str> = up.statements().iter().map(|span| &up.text()[span.start()..span.end()]).collect();
        let statements: Vec<String> = script.statements.iter().map(|statement| unix(statement)).collect();
        prop_assert_eq!(found, statements);
    }
}
