use super::*;

fn statements(sql: &str) -> Vec<&str> {
    split(sql).unwrap().iter().map(|span| &sql[span.start()..span.end()]).collect()
}

#[test]
fn statements_end_at_semicolons() {
    let body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END";
    let nested =
        "create or replace procedure p() begin atomic select case when a then case b when 1 then 2 end end; end";
    let empty = "CREATE PROCEDURE p() BEGIN ATOMIC END";
    let labels = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT a AS end, b end; SELECT t.end; END";
    let inner = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT (SELECT 1 /* ; */); -- END;\n END";
    let rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b;)";
    let quoted = "CREATE FUNCTION f() RETURNS trigger AS $fn$ BEGIN x := $$;$$; END; $fn$ LANGUAGE plpgsql";
    let parameter = "CREATE FUNCTION f(begin atomic) RETURNS int AS 'SELECT 1;'";
    let named = "CREATE FUNCTION \"begin\" () RETURNS int AS 'x'";
    let cases: &[(String, &[&str])] = &[
        (String::new(), &[]),
        (" ; ;; -- a;\n /* ; */ ".to_owned(), &[]),
        ("a".to_owned(), &["a"]),
        ("a;b ; c".to_owned(), &["a", "b", "c"]),
        ("-- x\na -- y\n b -- z\n; -- w".to_owned(), &["a -- y\n b"]),
        ("SELECT ';'; SELECT \";\"; SELECT $$;$$".to_owned(), &["SELECT ';'", "SELECT \";\"", "SELECT $$;$$"]),
        ("SELECT E'\\';'; b".to_owned(), &["SELECT E'\\';'", "b"]),
        (format!("{body}; b"), &[body, "b"]),
        (format!("{nested};\nb;"), &[nested, "b"]),
        (format!("{empty}; b"), &[empty, "b"]),
        (format!("{labels}; b"), &[labels, "b"]),
        (format!("{inner}; b"), &[inner, "b"]),
        (format!("a; {rule}; b"), &["a", rule, "b"]),
        (format!("{quoted}; b"), &[quoted, "b"]),
        (format!("{parameter}; b"), &[parameter, "b"]),
        (format!("{named}; b"), &[named, "b"]),
        // Only a routine has a body: elsewhere these words begin a transaction, or mean nothing.
        ("BEGIN ATOMIC; a; END; b".to_owned(), &["BEGIN ATOMIC", "a", "END", "b"]),
        ("BEGIN; a; END".to_owned(), &["BEGIN", "a", "END"]),
        ("CREATE TABLE atomic (begin int); b".to_owned(), &["CREATE TABLE atomic (begin int)", "b"]),
        ("CREATE VIEW v AS SELECT begin atomic; b".to_owned(), &["CREATE VIEW v AS SELECT begin atomic", "b"]),
        // The server is the judge of parentheses.
        ("a (; b".to_owned(), &["a (; b"]),
        ("a ); b".to_owned(), &["a )", "b"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(statements(sql), *expected, "{sql:?}");
    }
}

#[test]
fn what_does_not_end_has_a_place() {
    let error = split("a; b 'c; d").unwrap_err();
    assert_eq!((error.offset, error.to_string().as_str()), (5, "unterminated string"));
}
