//! What is looked at, and what is passed over: `include` and `exclude`, of the package and of the command line.

use super::Shop;

/// Of a schema that no model is in, nothing is looked at: one is in `audit`.
const USERS: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String }\n\
                     #[derive(Table)]\n#[table(schema = \"audit\")]\nstruct Visits { id: i64 }\n";

/// A database in which somebody has made more by hand.
fn drifted() -> Shop {
    let shop = Shop::with(USERS);
    shop.generate("users", &["--rev-id", "u1"]);
    shop.upgrade();
    shop.database.psql(
        "CREATE TABLE tmp_a (id int); CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.log (id int); CREATE TABLE audit.log (id int PRIMARY KEY);\n\
         CREATE INDEX by_hand ON users (name); ALTER TABLE users ADD legacy int, ADD CONSTRAINT odd CHECK (legacy > 0);\n\
         CREATE TYPE color AS ENUM ('red')",
    );
    shop
}

/// What a check finds, as names.
fn found(shop: &Shop, options: &[&str]) -> Vec<String> {
    let output = shop.run(&[&["check", "--against", "database", "--format", "json", "-q"], options].concat());
    let document: serde_json::Value = serde_json::from_str(output.stdout.lines().next().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {output}"));
    let problems = document["problems"].as_array().unwrap_or_else(|| panic!("{output}"));
    let name = |problem: &serde_json::Value| {
        format!(
            "{} {}",
            problem["change"]["kind"].as_str().unwrap_or("?"),
            problem["change"]["object"].as_str().unwrap_or("?")
        )
    };
    let mut names: Vec<String> = problems.iter().map(name).collect();
    names.sort();
    names
}

const ALL: [&str; 6] = [
    "check constraint users.odd",
    "column users.legacy",
    "enum color",
    "index users.by_hand",
    "table audit.log",
    "table tmp_a",
];

#[test]
fn a_pattern_passes_over_what_it_names() {
    let shop = drifted();
    for (options, left) in [
        (&[][..], &ALL[..]),
        (
            &["--exclude", "tmp_*"],
            &[
                "check constraint users.odd",
                "column users.legacy",
                "enum color",
                "index users.by_hand",
                "table audit.log",
            ],
        ),
        (
            &["--exclude", "table:tmp_*", "--exclude", "schema:audit", "--exclude", "audit.*"],
            &["check constraint users.odd", "column users.legacy", "enum color", "index users.by_hand"],
        ),
        (
            &["--exclude", "index:by_hand", "--exclude", "enum:*"],
            &["check constraint users.odd", "column users.legacy", "table audit.log", "table tmp_a"],
        ),
        (
            &["--exclude", "type:color", "--exclude", "index:users"],
            &[
                "check constraint users.odd",
                "column users.legacy",
                "index users.by_hand",
                "table audit.log",
                "table tmp_a",
            ],
        ),
        // What is a pattern of views is about no table.
        (&["--exclude", "view:*"], &ALL),
        (&["--include", "table:users"], &["check constraint users.odd", "column users.legacy", "index users.by_hand"]),
        (
            &["--include", "users", "--exclude", "constraint:users.odd", "--exclude", "column:users.legacy"],
            &["index users.by_hand"],
        ),
        (&["--schema", "public", "--exclude", "users"], &["enum color", "table tmp_a"]),
    ] {
        assert_eq!(found(&shop, options), left, "{options:?}");
    }
}

#[test]
fn the_package_and_the_command_line_say_it_together() {
    let shop = drifted();
    shop.configure("exclude = [\"tmp_*\", \"audit.*\", \"schema:audit\"]");
    assert_eq!(
        found(&shop, &["--exclude", "enum:color"]),
        ["check constraint users.odd", "column users.legacy", "index users.by_hand"]
    );
    shop.configure("include = \"table:users\"\nexclude = \"constraint:*\"");
    assert_eq!(found(&shop, &["--exclude", "index:*"]), ["column users.legacy"]);
    // A revision is made of what is looked at alone.
    let folder = shop.generate("by hand", &[]).remove(0);
    let up = shop.read(&folder, "up.sql");
    assert!(up.contains("DROP COLUMN legacy") && !up.contains("DROP TABLE") && !up.contains("TYPE"), "{up}");
}

#[test]
fn a_kind_that_is_none_is_refused_where_it_is_written() {
    let shop = drifted();
    insta::assert_snapshot!(shop.run(&["check", "--exclude", "tabel:tmp_*"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'tabel:tmp_*' for '--exclude <PATTERN>': `tabel:tmp_*`: there is no kind `tabel`; the kinds are column, constraint, domain, enum, extension, function, index, matview, policy, publication, rule, schema, sequence, table, trigger, type, view
    For more information, try '--help'.
    ");
    insta::assert_snapshot!(shop.run(&["new", "--auto", "x", "--include", "table:"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'table:' for '--include <PATTERN>': `table:` is no pattern of a name; for example `tmp_*`
    For more information, try '--help'.
    ");
    shop.configure("exclude = [\"tmp_*\", \"tabel:tmp_*\"]");
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: `tabel:tmp_*`: there is no kind `tabel`; the kinds are column, constraint, domain, enum, extension, function, index, matview, policy, publication, rule, schema, sequence, table, trigger, type, view
     --> Cargo.toml:9:11
      |
    9 | exclude = ["tmp_*", "tabel:tmp_*"]
      |           ^^^^^^^^
    "#);
    shop.configure("include = 3");
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: `include` must be patterns of names
     --> Cargo.toml:9:11
      |
    9 | include = 3
      |           ^
      |
      = help: for example `include = ["tmp_*", "audit.*", "view:report_*"]`
    "#);
    shop.configure("online = \"yes\"");
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: `online` must be `true` or `false`
     --> Cargo.toml:9:10
      |
    9 | online = "yes"
      |          ^^^^^
    "#);
}
