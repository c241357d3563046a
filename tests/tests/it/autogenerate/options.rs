//! The options of `new` beside `--auto`, what is refused, and what is said to programs.

use migrate_tests::Project;
use serde_json::Value;

use super::Shop;

const USERS: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64 }\n";

fn column(name: &str) -> String {
    format!("#[derive(Table)]\nstruct Users {{ #[column(primary_key)] id: i64, {name}: Option<i32> }}\n")
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_first_revision_is_what_the_options_say() {
    let shop = Shop::with(USERS);
    let folders = shop.generate("users", &["--rev-id", "u1", "--branch-label", "shop", "--sql-only-up"]);
    assert_eq!(folders, ["migrations/u1_users"]);
    assert_eq!(
        shop.read("migrations/u1_users", "up.sql"),
        "--! users\n--!\n--! parent: base\n--! branch-label: shop\n\nCREATE TABLE users (\n    id bigint NOT NULL,\n    CONSTRAINT users_pkey PRIMARY KEY (id)\n);\n"
    );
    assert!(!shop.project.path("migrations/u1_users/down.sql").exists());
    shop.upgrade();
    shop.models(&column("a"));
    shop.generate("a", &["--rev-id", "u2", "--head", "shop@head", "--depends-on", "u1"]);
    assert!(shop.read("migrations/u2_a", "up.sql").contains("--! parent: u1\n--! depends-on: u1\n"));
}

#[test]
fn a_branch_is_followed_where_it_is_named() {
    let shop = Shop::with(USERS);
    shop.generate("users", &["--rev-id", "u1"]);
    for (id, label) in [("x1", "bx"), ("y1", "by")] {
        shop.run(&["new", id, "--rev-id", id, "--head", "u1", "--splice", "--branch-label", label]).success();
        shop.project.write(&format!("migrations/{id}_{id}/down.sql"), "SELECT 1;\n");
        let up = format!("migrations/{id}_{id}/up.sql");
        shop.project.write(&up, &(shop.project.read(&up) + "SELECT 1;\n"));
    }
    shop.run(&["upgrade", "heads"]).success();
    shop.models(&column("a"));
    insta::assert_snapshot!(shop.run(&["new", "--auto", "a"]), @"
    exit 2
    --- stdout
    --- stderr
    error: there are several heads: x1, y1
    help: choose the one to follow, as in `--head x1`, or join them with `cargo migrate merge heads`
    ");
    let folders = shop.generate("a", &["--head", "by@head"]);
    assert!(shop.read(&folders[0], "up.sql").contains("--! parent: y1\n"));
    shop.run(&["upgrade", "heads"]).success();
    shop.run(&["check"]).success();
}

#[test]
fn documents_are_held() {
    let shop = Shop::with(USERS);
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @r#"
    exit 5
    --- stdout
    {"ok":false,"problems":[{"kind":"difference","message":"added table 'users'","change":{"change":"added","kind":"table","object":"users","detail":"","file":"src/lib.rs","line":4,"column":8}}]}
    --- stderr
    "#);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "users", "--format", "json", "-q"]), @r#"
    exit 0
    --- stdout
    {"revisions":[{"revision":"[ID-1]","folder":"migrations/[ID-1]_users","files":["migrations/[ID-1]_users/up.sql","migrations/[ID-1]_users/down.sql"]}],"changes":[{"change":"added","kind":"table","object":"users","detail":"","file":"src/lib.rs","line":4,"column":8}]}
    --- stderr
    "#);
    shop.upgrade();
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @r#"
    exit 0
    --- stdout
    {"ok":true,"problems":[]}
    --- stderr
    "#);
    shop.models("#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i32, a: i16 }\n");
    let output = shop.run(&["new", "--auto", "a", "--format", "json"]).success();
    let document = document(&output.stdout);
    assert_eq!(document["changes"].as_array().map(Vec::len), Some(2), "{output}");
    assert_eq!(document["changes"][0]["object"], "users.a", "{output}");
    assert_eq!(document["revisions"][0]["files"].as_array().map(Vec::len), Some(2), "{output}");
}

#[test]
fn an_option_without_auto_is_refused() {
    let shop = Shop::with(USERS);
    for option in [
        &["--rename", "a=b"][..],
        &["--no-renames"],
        &["--online"],
        &["--against", "migrations"],
        &["--against", "database"],
        &["--include", "a"],
        &["--exclude", "a"],
        &["--schema", "a"],
        &["--dev-url", "postgres://localhost/x"],
        &["--release"],
    ] {
        let output = shop.run(&[&["new", "users"], option].concat()).exit(2);
        assert!(
            output.stderr.contains("error: an option of `--auto` is given, and `--auto` is not\n"),
            "{option:?}: {output}"
        );
    }
    shop.run(&["new", "--auto", "--rust", "users"]).exit(2);
    assert!(shop.revisions().is_empty());
}

#[test]
fn what_is_wrong_with_the_revision_is_told_before_a_database_is_asked() {
    let shop = Shop::with(USERS);
    shop.generate("users", &["--rev-id", "u1"]);
    for (words, problem) in [
        (&["Users!"][..], "the name `users` is taken by the revision u1"),
        (&["--", "!?"], "the message has no letter and no digit"),
        (&["more", "--rev-id", "u1"], "the id `u1` is taken"),
        (&["more", "--rev-id", "../x"], "`../x` cannot be the id of a revision"),
        (&["more", "--head", "nope"], "no revision is called `nope`"),
        (&["more", "--depends-on", "nope"], "no revision is called `nope`"),
    ] {
        let unreachable = "postgres://nobody@127.0.0.1:1/none";
        let command = shop.without_database(&[&["new", "--auto"], words].concat()).env("DATABASE_URL", unreachable);
        let output = command.run().exit(2);
        assert!(output.stderr.starts_with(&format!("error: {problem}")), "{words:?}: {output}");
    }
}

#[test]
fn a_database_that_is_not_at_the_heads_is_refused() {
    let shop = Shop::with(USERS);
    shop.generate("users", &[]);
    shop.models(&column("a"));
    insta::assert_snapshot!(shop.run(&["new", "--auto", "a"]), @"
    exit 4
    --- stdout
    --- stderr
    error: postgres://postgres@127.0.0.1:[PORT]/[DATABASE] is not at the heads, and is to be compared with the models: 1 of 1 revision not applied
    note: what it lacks would be written a second time; `--against migrations` compares with the revisions alone
    help: `cargo migrate upgrade` applies them
    ");
    assert_eq!(shop.revisions().len(), 1);
    // The revisions alone say what they make.
    let folders = shop.generate("a", &["--against", "migrations"]);
    assert!(shop.read(&folders[0], "up.sql").ends_with("ALTER TABLE users ADD COLUMN a integer;\n"));
    shop.upgrade();
    shop.run(&["check", "--against", "database"]).success();
}

#[test]
fn without_a_database_the_revisions_are_compared_on_a_server_that_is_started() {
    let shop = Shop::with(USERS);
    insta::assert_snapshot!(shop.without_database(&["new", "--auto", "users"]).run(), @"
    exit 2
    --- stdout
    --- stderr
    error: no database is named: `DATABASE_URL` is not set, and no `.env` sets it
    note: `--against migrations` compares with the revisions alone, and needs no database of yours
    help: pass `--database-url postgres://user@host/database`, or set `DATABASE_URL`
    ");
    assert!(shop.revisions().is_empty());
    let output = shop.without_database(&["new", "--auto", "users", "--against", "migrations"]).run().success();
    let folder = output.stdout.trim().to_owned();
    assert_eq!(shop.revisions(), [folder]);
    shop.without_database(&["check"]).run().success();
}

#[test]
fn a_database_that_changed_on_its_own_is_put_right_or_left_out() {
    let shop = Shop::with(USERS);
    shop.generate("users", &[]);
    shop.upgrade();
    shop.database
        .psql("CREATE TABLE tmp_copy (id int); CREATE INDEX by_hand ON users (id); CREATE VIEW v AS SELECT 1 AS one");
    let output = shop.run(&["check", "--against", "database"]).exit(5);
    insta::assert_snapshot!(output, @"
    exit 5
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected removed table 'tmp_copy'
        Detected removed index 'users.by_hand'
    error: the database and the models differ in 2 objects
    help: `cargo migrate new --auto MESSAGE` writes a revision of it
    ");
    // The revisions are as the models are.
    shop.run(&["check"]).success();
    shop.run(&["check", "--against", "database", "--exclude", "tmp_*", "--exclude", "index:by_hand"]).success();
}

#[test]
fn a_package_that_says_nothing_is_told_how_to() {
    let shop = Shop::with("");
    insta::assert_snapshot!(shop.run(&["new", "--auto", "users"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: the package says nowhere what its schema shall be: it has no model, and names no SQL file
    help: write `#[derive(migrate_runtime::Table)]` on a struct, or `schema = "schema.sql"` under `[package.metadata.migrate]` in Cargo.toml; `cargo migrate dump > schema.sql` begins one
    "#);
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: the package says nowhere what its schema shall be: it has no model, and names no SQL file
    help: write `#[derive(migrate_runtime::Table)]` on a struct, or `schema = "schema.sql"` under `[package.metadata.migrate]` in Cargo.toml; `cargo migrate dump > schema.sql` begins one
    "#);
    let folder = Project::empty();
    folder.make_folder("migrations");
    let words = ["--dir", "migrations", "new", "--auto", "users"];
    let command = folder.run(migrate_tests::cargo_migrate!()).args(words).env("DATABASE_URL", shop.database.url());
    insta::assert_snapshot!(command.run(), @"
    exit 2
    --- stdout
    --- stderr
    error: models are read from a cargo package, and `--dir` names only a folder
    help: run the command in the package, without `--dir`
    ");
}
