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
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i32, #[column(index, unique, check = \"name <> ''\", default = \"'x'\", comment = \"Of somebody\")] name: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Orders { #[column(primary_key)] id: i64, #[column(references = \"users\", index)] users: i32 }\n\
         #[derive(Enum)]\nenum Mood { Sad }\n",
    );
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @"");
    insta::assert_snapshot!(shop.run(&["check", "-q"]), @"");
}

#[test]
fn several_heads_need_labels() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "SELECT 1;");
    write(&shop, "b1", "--! parent: u1", "SELECT 1;");
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]), @"");
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
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    insta::assert_snapshot!(shop.run(&["check", "--format", "json", "-q"]).exit(5), @"");
    shop.run(&["check", "--against", "database"]).exit(5);
}

#[test]
fn a_database_that_is_behind_is_found_where_it_is_asked() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "SELECT 1;");
    shop.run(&["check"]).success();
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"");
    insta::assert_snapshot!(shop.run(&["check", "--against", "database", "--format", "json", "-q"]), @"");
    shop.upgrade();
    shop.run(&["check", "--against", "database"]).success();
}

#[test]
fn what_cannot_be_read_ends_as_it_does_elsewhere() {
    let shop = clean();
    write(&shop, "a1", "--! parnet: u1", "SELECT 1;");
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    shop.project.remove("migrations/a1_a1");
    shop.models("#[derive(Table)]\nstruct Users { #[column(primary_kye)] id: i64 }\n");
    let output = shop.run(&["check"]);
    insta::assert_snapshot!(output, @"");
    assert_eq!(shop.run(&["diff", "--from", "database", "--to", "models"]).code, output.code);
    assert_eq!(shop.run(&["new", "--auto", "x"]).code, output.code);
    // What the server refuses of the models has the place in the models.
    shop.models("#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, #[column(type = \"nonsense\")] x: i64 }\n");
    insta::assert_snapshot!(shop.run(&["check"]), @"");
}

#[test]
fn a_revision_that_fails_is_told_by_its_place() {
    let shop = clean();
    write(&shop, "a1", "--! parent: u1", "CREATE TABLE users ();");
    let output = shop.run(&["check"]);
    insta::assert_snapshot!(output, @"");
}

#[test]
fn a_database_that_cannot_be_reached_is_told_and_done_without() {
    let shop = clean();
    let unreachable = "postgres://nobody:secret@127.0.0.1:1/none";
    let check = |more: &[&str]| {
        let words = [&["check"], more].concat();
        shop.without_database(&words).env("DATABASE_URL", unreachable).secret("secret").run()
    };
    insta::assert_snapshot!(check(&[]), @"");
    insta::assert_snapshot!(check(&["--against", "database"]), @"");
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
    // No PostgreSQL is installed where nothing is.
    let command = command.env("PATH", nowhere.folder()).env("MIGRATE_PG_BIN", nowhere.folder());
    insta::assert_snapshot!(command.run(), @"");
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
    project.write("Cargo.toml", &manifest.replace("migrate-runtime = \"0.1.0\"", "migrate-runtime = { version = \"0.1.0\", features = [\"derive\"] }"));
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
