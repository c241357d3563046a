use proptest::prelude::*;
use proptest::sample::select;

use super::{Alone, tokens};

fn build(name: Option<&str>, table: &str) -> Alone {
    Alone::BuildIndex { name: name.map(str::to_owned), table: table.to_owned() }
}

#[test]
fn names_are_read_as_postgres_reads_them() {
    for (statement, expected) in [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", build(Some("i"), "t")),
        ("create unique index\n concurrently If Not Exists Big ON ONLY s.T (a)", build(Some("big"), "s.T")),
        (
            "CREATE INDEX /* a /* b */ c */ CONCURRENTLY -- x\n\"A \"\"b\" ON \"S 1\".\"t.u\"(a)",
            build(Some("A \"b"), "\"S 1\".\"t.u\""),
        ),
        ("CREATE INDEX CONCURRENTLY ON t (a)", build(None, "t")),
        ("DROP INDEX CONCURRENTLY IF EXISTS s.i", Alone::DropIndex { name: "s.i".into() }),
        ("REINDEX (VERBOSE) TABLE CONCURRENTLY t", Alone::Reindex { is_table: true, name: "t".into() }),
        ("REINDEX INDEX CONCURRENTLY s.i", Alone::Reindex { is_table: false, name: "s.i".into() }),
        ("REINDEX DATABASE CONCURRENTLY d", Alone::Other),
        (
            "ALTER TABLE ONLY s.p DETACH PARTITION \"q\" CONCURRENTLY",
            Alone::Detach { table: "s.p".into(), partition: "\"q\"".into() },
        ),
        ("VACUUM", Alone::Other),
        ("ALTER SYSTEM SET x = 1", Alone::Other),
        ("CREATE DATABASE d", Alone::Object { is_drop: false }),
        ("drop subscription s", Alone::Object { is_drop: true }),
    ] {
        assert_eq!(Alone::of(statement), Some(expected), "{statement}");
    }
    for between in [" -- x\r", "--\r\n", "/*/**/*/", &"-- x\n".repeat(100_000), &"/**/".repeat(100_000)] {
        let statement = format!("CREATE{between} INDEX{between} CONCURRENTLY{between} i ON t (a)");
        assert_eq!(Alone::of(&statement), Some(build(Some("i"), "t")), "{:.60}", statement);
    }
    // Only ASCII has white space for the server; another is a letter.
    let odd = Alone::of("CREATE INDEX CONCURRENTLY \u{a0}i ON \u{3000} (a)");
    assert_eq!(odd, Some(build(Some("\u{a0}i"), "\u{3000}")));
    let long = "é".repeat(40);
    assert_eq!(
        Alone::of(&format!("CREATE INDEX CONCURRENTLY {long} ON t (a)")),
        Some(build(Some(&"é".repeat(31)), "t"))
    );
    // What a transaction may or may not allow is left to the server.
    for statement in [
        "do $$ begin commit; end $$",
        "CALL p()",
        "REINDEX TABLE t",
        "CREATE INDEX i ON t (a)",
        "UPDATE t SET a = 'CONCURRENTLY'",
        "ALTER TABLE t ADD concurrently int",
        "",
        "/*",
    ] {
        assert_eq!(Alone::of(statement), None, "{statement}");
    }
}

/// Statements whose words stand alone, with what they are.
fn known() -> impl Strategy<Value = (&'static str, Alone)> {
    let name = |text: &str| text.to_owned();
    select(vec![
        ("CREATE INDEX CONCURRENTLY i ON t ( a )", build(Some("i"), "t")),
        ("create unique index concurrently IF NOT EXISTS \"I\"\"--\" on only s . t ( a )", build(Some("I\"--"), "s.t")),
        ("CREATE INDEX CONCURRENTLY ON \"t;\" ( a )", build(None, "\"t;\"")),
        ("DROP INDEX CONCURRENTLY IF EXISTS s . \"/*\"", Alone::DropIndex { name: name("s.\"/*\"") }),
        ("REINDEX ( VERBOSE ) TABLE CONCURRENTLY größe", Alone::Reindex { is_table: true, name: name("größe") }),
        (
            "ALTER TABLE ONLY s . p DETACH PARTITION q CONCURRENTLY",
            Alone::Detach { table: name("s.p"), partition: name("q") },
        ),
        ("DROP TABLESPACE s", Alone::Object { is_drop: true }),
        ("VACUUM t", Alone::Other),
    ])
}

proptest! {
    // What fails becomes a case above and not a file of failed cases.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_between_the_words_changes_nothing(
        (statement, expected) in known(),
        gaps in proptest::collection::vec(
            "([ \t\r\n\u{c}]|--( ;'CONCURRENTLY|\"é| ON |/\\*){0,2}[\r\n]|/\\*( ON |'|--|\"|/\\* ; \\*/|é){0,3}\\*/){1,4}", 1..6,
        ),
    ) {
        let mut words = statement.split(' ');
        let first = words.next().unwrap_or_default().to_owned();
        let text = words.zip(gaps.iter().cycle()).fold(first, |text, (word, gap)| text + gap + word);
        prop_assert_eq!(Alone::of(&text), Some(expected), "{:?}", text);
    }

    #[test]
    fn any_text_has_tokens_in_order(
        text in prop_oneof![
            any::<String>(),
            r#"(CREATE INDEX CONCURRENTLY |REINDEX |ALTER TABLE |DETACH |['"/*.\n\r -]|/\*|\*/|--|\PC| ){0,40}"#,
        ],
        n in 0..50_usize,
    ) {
        let _ = Alone::of(&text);
        let found = tokens(&text, n);
        prop_assert!(found.len() <= n);
        let mut rest = text.as_str();
        for token in found {
            let at = rest.find(token);
            prop_assert!(!token.is_empty() && at.is_some(), "{:?} of {:?}", token, text);
            rest = &rest[at.unwrap_or_default() + token.len()..];
        }
    }
}
