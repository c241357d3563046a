//! `check`: what is found, how it ends, and what it says to programs.

use std::time::Duration;

use migrate_tests::{Cluster, Database, Options, Project};

use super::Shop;

const USERS: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64 }\n";

/// A shop whose only revision is applied.
fn clean() -> Shop {
    let shop = Shop::with(USERS);
    shop.generate("users", &["--rev-id", "u1"]);
    shop.upgrade();
    shop
}

fn write(shop: &Shop, id: &str, header: &str, up: &str) {
    shop.project.write(&format!("migrations/{id}_{id}/up.sql"), &format!("--! {id}\n--!\n{header}\n\n{up}\n"));
    shop.project.write(&format!("migrations/{id}_{id}/down.sql"), "SELECT 1;\n");
}

#[test]
fn differences_are_told_one_by_one() {
    let shop = clean();
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 0
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Checked the models want nothing that the migrations lack
    ");
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i32, #[column(index, unique, check = \"name <> ''\", default = \"'x'\", comment = \"Of somebody\")] name: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Orders { #[column(primary_key)] id: i64, #[column(references = \"users\", index)] users: i32 }\n\
         #[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Mood { Sad }\n",
    );
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 5
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added schema 'app'
        Detected added enum 'mood'
        Detected added table 'app.orders'
        Detected changed column 'users.id': type integer, it was bigint
        Detected added column 'users.name'
        Detected added check constraint 'users.users_name_check'
        Detected added unique constraint 'users.users_name_key'
        Detected added index 'users.users_name_idx'
    error: the migrations and the models differ in 8 objects
    help: `cargo migrate new --auto MESSAGE` writes a revision of it
    ");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @r#"
    exit 5
    --- stdout
    {"ok":false,"problems":[{"kind":"difference","message":"added schema 'app'","change":{"change":"added","kind":"schema","object":"app","detail":"","file":null,"line":null,"column":null}},{"kind":"difference","message":"added enum 'mood'","change":{"change":"added","kind":"enum","object":"mood","detail":"","file":"src/lib.rs","line":10,"column":6}},{"kind":"difference","message":"added table 'app.orders'","change":{"change":"added","kind":"table","object":"app.orders","detail":"","file":"src/lib.rs","line":7,"column":8}},{"kind":"difference","message":"changed column 'users.id': type integer, it was bigint","change":{"change":"changed","kind":"column","object":"users.id","detail":"type integer, it was bigint","file":"src/lib.rs","line":4,"column":39}},{"kind":"difference","message":"added column 'users.name'","change":{"change":"added","kind":"column","object":"users.name","detail":"","file":"src/lib.rs","line":4,"column":137}},{"kind":"difference","message":"added check constraint 'users.users_name_check'","change":{"change":"added","kind":"check constraint","object":"users.users_name_check","detail":"","file":"src/lib.rs","line":4,"column":72}},{"kind":"difference","message":"added unique constraint 'users.users_name_key'","change":{"change":"added","kind":"unique constraint","object":"users.users_name_key","detail":"","file":"src/lib.rs","line":4,"column":64}},{"kind":"difference","message":"added index 'users.users_name_idx'","change":{"change":"added","kind":"index","object":"users.users_name_idx","detail":"","file":"src/lib.rs","line":4,"column":57}}]}
    --- stderr
    "#);
    insta::assert_snapshot!(shop.run(&["check", "-q"]), @"
    exit 5
    --- stdout
    --- stderr
    error: the migrations and the models differ in 8 objects
    help: `cargo migrate new --auto MESSAGE` writes a revision of it
    ");
}

#[test]
fn several_heads_need_labels() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "SELECT 1;");
    write(&shop, "b1", "--! parent: u1", "SELECT 1;");
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 5
    --- stdout
    --- stderr
    error: there are several heads: a1, b1
    help: `cargo migrate merge heads` joins them, `cargo migrate rebase REV` puts one after the other
    ");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @r#"
    exit 5
    --- stdout
    {"ok":false,"problems":[{"kind":"heads","message":"there are several heads: a1, b1"}]}
    --- stderr
    "#);
    // Without any database, too.
    shop.without_database(&["check"]).run().exit(5);
    write(&shop, "a1", "--! parent: u1\n--! branch-label: ba", "SELECT 1;");
    write(&shop, "b1", "--! parent: u1\n--! branch-label: bb", "SELECT 1;");
    shop.run(&["check"]).success();
}

#[test]
fn an_edited_file_is_found_where_a_database_is_named() {
    let shop = clean();
    let file = "migrations/u1_users/up.sql";
    let text = shop.project.read(file);
    // Comments and white space are nothing.
    shop.project.write(file, &format!("{text}\n-- a comment\n"));
    shop.run(&["check"]).success();
    shop.project.write(file, &text.replace("bigint NOT NULL", "bigint  DEFAULT 7 NOT NULL"));
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 5
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected changed column 'users.id': no default, it was 7
    error: edited after it was applied: u1; the migrations and the models differ in 1 object
    help: restore the file, and write the change as a new revision with `cargo migrate new`
    ");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]).exit(5), @r#"
    exit 5
    --- stdout
    {"ok":false,"problems":[{"kind":"edited","message":"edited after it was applied: u1"},{"kind":"difference","message":"changed column 'users.id': no default, it was 7","change":{"change":"changed","kind":"column","object":"users.id","detail":"no default, it was 7","file":"src/lib.rs","line":4,"column":39}}]}
    --- stderr
    "#);
    // What the edit would have made is not compared with what the first text did.
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"
    exit 5
    --- stdout
    --- stderr
    error: edited after it was applied: u1
    help: restore the file, and write the change as a new revision with `cargo migrate new`
    ");
}

#[test]
fn a_database_that_is_behind_is_found_where_it_is_asked() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "SELECT 1;");
    shop.run(&["check"]).success();
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"
    exit 5
    --- stdout
    --- stderr
    error: the database is not at the heads: 1 of 2 revisions not applied
    help: `cargo migrate upgrade` applies them
    ");
    insta::assert_snapshot!(shop.run(&["check", "--against", "database", "--format", "json", "-q"]), @r#"
    exit 5
    --- stdout
    {"ok":false,"problems":[{"kind":"pending","message":"the database is not at the heads: 1 of 2 revisions not applied"}]}
    --- stderr
    "#);
    shop.upgrade();
    shop.run(&["check", "--against", "database"]).success();
    // One that is ahead is not brought to the heads by an upgrade.
    shop.project.remove("migrations/a1_a1");
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"
    exit 5
    --- stdout
    --- stderr
    error: the database is not at the heads: applied and not in the files: a1
    help: a newer release was here; use its files
    ");
}

#[test]
fn what_cannot_be_read_ends_as_it_does_elsewhere() {
    let shop = clean();
    write(&shop, "a1", "--! parnet: u1", "SELECT 1;");
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 3
    --- stdout
    --- stderr
    error: unknown header key `parnet`
     --> migrations/a1_a1/up.sql:3:5
      |
    3 | --! parnet: u1
      |     ^^^^^^^
      |
      = help: did you mean `parent`?
    ");
    shop.project.remove("migrations/a1_a1");
    shop.models("#[derive(Table)]\nstruct Users { #[column(primary_kye)] id: i64 }\n");
    let output = shop.run(&["check"]);
    insta::assert_snapshot!(output, @"
    exit 2
    --- stdout
    --- stderr
    error: unknown key `primary_kye` of `column`
     --> src/lib.rs:4:25
      |
    4 | struct Users { #[column(primary_kye)] id: i64 }
      |                         ^^^^^^^^^^^
      |
      = help: did you mean `primary_key`?
    ");
    assert_eq!(shop.run(&["diff", "--from", "database", "--to", "models"]).code, output.code);
    assert_eq!(shop.run(&["new", "--auto", "x"]).code, output.code);
    // What the server refuses of the models has the place in the models.
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, #[column(type = \"nonsense\")] x: i64 }\n",
    );
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 1
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: type "nonsense" does not exist (SQLSTATE 42704)
     --> src/lib.rs:4:65
      |
    4 | struct Users { #[column(primary_key)] id: i64, #[column(type = "nonsense")] x: i64 }
      |                                                                 ^^^^^^^^^
      |
      = note: this was loaded into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      = help: correct it, or make it in a file that `schema` names under `[package.metadata.migrate]`
    "#);
}

#[test]
fn a_revision_that_fails_is_told_by_its_place() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "CREATE TABLE users ();");
    let output = shop.run(&["check"]);
    insta::assert_snapshot!(output, @r#"
    exit 1
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: revision a1 failed: relation "users" already exists (SQLSTATE 42P07)
     --> migrations/a1_a1/up.sql:5:1
      |
    5 | CREATE TABLE users ();
      | ^^^^^^
      |
      = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
}

#[test]
fn a_database_that_cannot_be_reached_is_told_and_done_without() {
    let shop = clean();
    let unreachable = "postgres://nobody:secret@127.0.0.1:1/none";
    let check = |more: &[&str]| {
        let words = [&["check"], more].concat();
        shop.without_database(&words).env("DATABASE_URL", unreachable).secret("secret").run()
    };
    insta::assert_snapshot!(check(&[]), @"
    exit 0
    --- stdout
    --- stderr
    warning: whether files were edited was not looked at: could not connect to postgres://nobody@127.0.0.1:[PORT]/none: Connection refused (os error 111); is PostgreSQL running there? check the host and port in the database URL
       Replaying migrations into a temporary PostgreSQL 15
         Loading models into a temporary PostgreSQL 15
         Checked the models want nothing that the migrations lack
    ");
    insta::assert_snapshot!(check(&["--against", "database"]), @"
    exit 4
    --- stdout
    --- stderr
    error: could not connect to postgres://nobody@127.0.0.1:[PORT]/none: Connection refused (os error 111)
    help: is PostgreSQL running there? check the host and port in the database URL
    ");
}

#[test]
fn where_no_database_can_be_made_it_says_what_was_tried() {
    let cluster = Cluster::start_own(Options::default());
    let database = Database::on(&cluster);
    database.psql("CREATE ROLE poor LOGIN; GRANT ALL ON SCHEMA public TO poor");
    let shop = clean();
    let url = database.url().replace("postgres@", "poor@");
    let nowhere = Project::empty();
    let command = shop.without_database(&["check"]).env("DATABASE_URL", &url);
    // None is installed, as far as the program is told.
    let command = command.env("MIGRATE_PG_BIN", nowhere.folder());
    let output = command.run().exit(4);
    // What else there is depends on how the program was built.
    for part in [
        "error: there is no database to load a schema into, and none could be made\n",
        "the role poor may not create databases\n",
        &format!("`MIGRATE_PG_BIN` names {}, which has no `initdb`\n", nowhere.folder().display()),
        "help: name a server where your role may create databases, or an empty database, with `--dev-url URL`",
    ] {
        assert!(output.stderr.contains(part), "{part}: {output}");
    }
}

/// One of the two databases has failed while the other was still filled.
#[test]
fn nothing_is_left_of_a_check_that_fails() {
    let cluster = Cluster::start_own(Options::default());
    let shop = Shop::with("#[derive(Table)]\nstruct Users { #[column(type = \"nonsense\")] id: i64 }\n");
    write(&shop, "a1", "--! parent: base", "SELECT count(*) FROM generate_series(1, 300000); CREATE TABLE users ();");
    let database = Database::on(&cluster);
    shop.without_database(&["check"]).env("DATABASE_URL", database.url()).run().exit(1);
    assert_eq!(
        database.ask("SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE 'migrate\\_dev\\_%'"),
        ""
    );
}

#[test]
fn rust_revisions_are_compiled_and_replayed() {
    let project = Project::application("check-rust", "fn main() {}\n");
    project.write(
        "src/main.rs",
        "#![allow(dead_code)]\npub mod migrations {\n    migrate_runtime::include_migrations!();\n}\n\n\
         #[derive(migrate_runtime::Table)]\nstruct Users {\n    #[column(primary_key)]\n    id: i64,\n    name: Option<String>,\n}\n\nfn main() {}\n",
    );
    let manifest = project.read("Cargo.toml");
    project.write(
        "Cargo.toml",
        &manifest.replace(
            "migrate-runtime = \"0.1.0\"",
            "migrate-runtime = { version = \"0.1.0\", features = [\"derive\"] }",
        ),
    );
    let shop = Shop { project, database: Database::new() };
    let run = |words: &[&str]| shop.typed(words).limit(Duration::from_secs(900)).run();
    run(&["new", "--auto", "users", "--rev-id", "u1"]).success();
    shop.project.write(
        "migrations/u2_fill/migration.rs",
        "//! Fill.\n//!\n//! parent: u1\nuse migrate_runtime::{Context, Result};\n\n\
         pub async fn up(cx: &mut Context<'_>) -> Result<()> {\n    cx.execute(\"UPDATE users SET name = 'x'\").await\n}\n",
    );
    run(&["check"]).success();
    run(&["upgrade"]).success();
    run(&["check", "--against", "database"]).success();
    assert_eq!(run(&["new", "--auto", "more"]).success().stdout, "");
}
