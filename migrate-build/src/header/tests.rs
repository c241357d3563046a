use proptest::prelude::*;

use super::*;
use crate::name::id_fault;

fn one_error(text: &str) -> HeaderError {
    let mut errors = parse(text, Style::Sql).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn everything_a_header_can_say() {
    let text = "--! Join both\n--!   lines.\n--!\n--! parent: a1, b2\n--! branch-label: billing, x_1\n--!depends-on: c3\n--! transaction: none\n--!\n--! breaks-older: true\n\nSELECT 1;\n";
    let parsed = parse(text, Style::Sql).unwrap();
    let mut expected = Header::new("Join both lines.", ["a1", "b2"]);
    expected.branch_labels = vec!["billing".to_owned(), "x_1".to_owned()];
    expected.depends_on = vec!["c3".to_owned()];
    expected.transaction = Transaction::None;
    expected.breaks_older = true;
    assert_eq!(parsed.header, expected);
    assert_eq!(parsed.parent, Position { line: 4, column: 5 });
    assert_eq!(parsed.parents, [Position { line: 4, column: 13 }, Position { line: 4, column: 17 }]);
    assert_eq!(parsed.branch_labels[1], Position { line: 5, column: 28 });
    assert_eq!(parsed.depends_on, [Position { line: 6, column: 16 }]);
    assert_eq!(&text[parsed.body..], "\nSELECT 1;\n");
}

#[test]
fn rust_headers_have_their_own_marker() {
    let text = "//! Fill names.\n//!\n//! parent: base\n\npub async fn up() {}\n";
    assert_eq!(parse(text, Style::Rust).unwrap().header, Header::new("Fill names.", [""; 0]));
    assert_eq!(parse(text, Style::Sql).unwrap_err()[0].message, "the header is missing");
}

#[test]
fn a_header_may_end_the_file_and_follow_blank_lines() {
    let text = "\n\n--! A.\n--!\n--! parent: base";
    let parsed = parse(text, Style::Sql).unwrap();
    assert_eq!(parsed.parent, Position { line: 5, column: 5 });
    assert_eq!(parsed.body, text.len());
}

#[test]
fn summaries_that_look_like_keys() {
    assert_eq!(parse("--! parent: x\n--!\n--! parent: base\n", Style::Sql).unwrap().header.summary, "parent: x");
    assert_eq!(one_error("--! parent: base\n").message, "the header has no summary");
    assert_eq!(one_error("--! transaction: none\n--! parent: base\n").message, "the header has no summary");
    for text in ["--! A.\n--! parent: base\n", "--! parent: x\n--! parent: base\n"] {
        let error = one_error(text);
        assert_eq!(error.message, "no blank `--!` line between the summary and this line");
        assert_eq!(error.position, Position { line: 2, column: 5 });
    }
}

#[test]
fn a_mistyped_parent_is_reported_once() {
    let error = one_error("--! A.\n--!\n--! parnet: base\n");
    assert_eq!(
        (error.message.as_str(), error.help.as_str()),
        ("unknown header key `parnet`", "did you mean `parent`?")
    );
}

#[test]
fn all_errors_are_reported() {
    let errors = parse("--!\n--! colour: red\n--! transaction: all\n", Style::Sql).unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the header has no summary",
            "unknown header key `colour`",
            "`all` is not a value of `transaction`",
            "the header has no `parent`",
        ]
    );
}

#[test]
fn what_is_missing_in_a_blank_line_is_missing_in_that_line() {
    let place = |text| (one_error(text).message, one_error(text).position);
    let missing = "the header has no summary".to_owned();
    assert_eq!(place("--!\n--!\n--! parent: base\n"), (missing.clone(), Position { line: 1, column: 4 }));
    assert_eq!(place("--! \t\r\n--! parent: base"), (missing, Position { line: 1, column: 4 }));
    let empty = "an empty value in `parent`".to_owned();
    assert_eq!(place("--! A.\n--!\n--! parent: 1,  , 2\n"), (empty, Position { line: 3, column: 15 }));
}

#[test]
fn headers_of_down_scripts() {
    assert_eq!(parse_down("DROP TABLE t;\n"), Ok(Transaction::PerRevision));
    for transaction in [Transaction::PerRevision, Transaction::None] {
        assert_eq!(parse_down(&format!("{}\nDROP TABLE t;\n", render_down(transaction))), Ok(transaction));
    }
    let errors = parse_down("--! Drop it.\n--!\n--! parent: base\n--! transaction: none\n--! transaction: none\n");
    let lines: Vec<usize> = errors.unwrap_err().iter().map(|error| error.position.line).collect();
    assert_eq!(lines, [1, 3, 5]);
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    let id = "[0-9a-z]{1,64}".prop_filter("reserved", |id| id_fault(id).is_none());
    proptest::collection::btree_set(id, 0..4).prop_map(|ids| ids.into_iter().collect())
}

fn headers() -> impl Strategy<Value = Header> {
    let labels = proptest::collection::btree_set("[a-z][a-z0-9_]{2,12}[0-9]", 0..3);
    let summary = prop_oneof![any::<String>(), "(parent|transaction|summary|--!|//!): ?[ -~]{0,20}"]
        .prop_filter("empty", |summary| !one_line(summary).is_empty());
    let limit = || proptest::option::of(0..=i32::MAX as u64);
    (summary, ids(), labels, ids(), any::<bool>(), any::<bool>(), limit(), limit()).prop_map(
        |(summary, parents, labels, depends_on, none, breaks_older, lock_timeout, statement_timeout)| {
            let mut header = Header::new(summary, parents);
            header.branch_labels = labels.into_iter().collect();
            header.depends_on = depends_on;
            header.transaction = if none { Transaction::None } else { Transaction::PerRevision };
            header.breaks_older = breaks_older;
            header.lock_timeout = lock_timeout;
            header.statement_timeout = statement_timeout;
            header
        },
    )
}

proptest! {
    // What fails becomes a case above and not a file of failed cases.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_the_same(header in headers(), body in any::<String>(), rust in any::<bool>()) {
        let style = if rust { Style::Rust } else { Style::Sql };
        let rendered = header.render(style);
        let parsed = parse(&format!("{rendered}\n{body}"), style).unwrap();
        prop_assert_eq!(parsed.body, rendered.len());
        prop_assert_eq!(parsed.header, header);
    }

    #[test]
    fn other_parents_change_nothing_else(
        header in headers(), others in ids(), body in any::<String>(),
        rust in any::<bool>(), mark in any::<bool>(), windows in any::<bool>(), space in "[ \t]{0,3}",
    ) {
        let style = if rust { Style::Rust } else { Style::Sql };
        let key = format!("{} parent:", style.marker());
        let spaced = header.render(style).replace(&format!("\n{key} "), &format!("\n{key}{space} "));
        let text = format!("{}{spaced}\n{body}", if mark { "\u{feff}" } else { "" });
        let text = if windows { text.replace('\n', "\r\n") } else { text };
        let texts = |list: &[String]| list.iter().map(|id| id.to_owned()).collect::<Vec<_>>();
        let rewrite = |text: &str, parents: &[String]| {
            let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
            with_parents(text, style, &parents).unwrap()
        };
        let rewritten = rewrite(&text, &others);
        let read = parse(rewritten.trim_start_matches('\u{feff}'), style).unwrap().header;
        prop_assert_eq!(&read, &Header { parents: texts(&others), ..header.clone() });
        prop_assert_eq!(rewrite(&rewritten, &header.parents), text);
    }

    /// Whoever follows an error finds the line that it is about.
    #[test]
    fn whatever_is_wrong_has_a_place_in_the_header(text in prop_oneof![almost_a_header(), any::<String>()]) {
        for style in [Style::Sql, Style::Rust] {
            for error in parse(&text, style).err().unwrap_or_default() {
                check_place(&text, style, &error);
            }
        }
        for error in parse_down(&text).err().unwrap_or_default() {
            check_place(&text, Style::Sql, &error);
        }
    }

    #[test]
    fn other_parents_are_not_written_into_what_cannot_be_read(text in almost_a_header()) {
        prop_assert_eq!(with_parents(&text, Style::Sql, &["1"]).is_ok(), parse(&text, Style::Sql).is_ok());
    }
}

fn almost_a_header() -> impl Strategy<Value = String> {
    let key = "(parent|parnet|depends-on|branch-label|transaction|breaks-older|lock-timeout|replaces|[a-z-]{0,5})";
    let value = "(base|none|true|5s|[0-9]{1,4}|[ a-zA-Z0-9,:_é@]{0,12})";
    let line = prop_oneof![
        4 => proptest::string::string_regex(&format!("--! ?{key}: ?{value} {{0,2}}")).unwrap(),
        2 => "(--!|//!)[ \t\u{a0}]{0,2}",
        1 => "(--!|//!|--|)\\PC{0,10}",
    ];
    let end = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("")];
    proptest::collection::vec((line, end), 0..8)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

#[track_caller]
fn check_place(text: &str, style: Style, error: &HeaderError) {
    let Position { line, column } = error.position;
    let marked = |line: &str| line.starts_with(style.marker());
    let found = text.split('\n').nth(line - 1).unwrap_or_else(|| panic!("{error:?} in {text:?}"));
    assert!((1..=found.chars().count() + 1).contains(&column), "{error:?} in {text:?}");
    assert!(marked(found) || (line == 1 && !text.lines().any(marked)), "{error:?} in {text:?}");
    assert!(!error.message.is_empty() && !error.help.is_empty(), "{error:?}");
}
