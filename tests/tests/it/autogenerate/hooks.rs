//! Commands that are run on the files of a new revision.

use migrate_tests::{Project, cargo_migrate};

use super::Shop;

const USERS: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64 }\n";

/// A program that says its name and its files, and adds a line to each.
const MARK: &str = "#!/bin/sh\nname=$1\nshift\necho \"$name saw $# files in $(pwd)\"\nfor file; do echo \"-- $name\" >> \"$file\"; done\n";

fn shop(hooks: &str) -> Shop {
    let shop = Shop::with(USERS);
    shop.project.write("mark.sh", MARK);
    shop.configure(&format!("post-write-hooks = {hooks}"));
    shop
}

#[test]
fn they_run_one_after_the_other_on_all_files() {
    let shop = shop(r#"["sh mark.sh first", "sh mark.sh 'the second'"]"#);
    let output = shop.run(&["new", "--auto", "users", "--rev-id", "u1"]).success();
    insta::assert_snapshot!(output, @"
    exit 0
    --- stdout
    migrations/u1_users
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added table 'users'
         Created migrations/u1_users/up.sql
         Created migrations/u1_users/down.sql
         Running sh mark.sh first
    first saw 2 files in [DIR]
         Running sh mark.sh 'the second'
    the second saw 2 files in [DIR]
    ");
    for file in ["up.sql", "down.sql"] {
        assert!(shop.read("migrations/u1_users", file).ends_with(";\n-- first\n-- the second\n"), "{file}");
    }
    // The document is all that is printed.
    shop.upgrade();
    shop.models(&USERS.replace("id: i64", "id: i64, a: Option<i32>"));
    let output = shop.run(&["new", "--auto", "a", "--format", "json"]).success();
    let document: Result<serde_json::Value, _> = serde_json::from_str(&output.stdout);
    assert!(document.is_ok(), "{output}");
    // From another folder of the package, too: they run in that of the package.
    shop.project.make_folder("src/inner");
    let command = shop.typed(&["new", "by hand", "--rev-id", "h1"]).folder(shop.project.path("src/inner"));
    let output = command.run().success();
    assert!(
        output
            .stderr
            .contains(&format!("first saw 2 files in {}\n", shop.project.folder().canonicalize().unwrap().display())),
        "{output}"
    );
    assert!(shop.read("migrations/h1_by_hand", "down.sql").ends_with("-- first\n-- the second\n"));
}

#[test]
fn they_run_after_merge_too() {
    let shop = shop(r#""sh mark.sh only""#);
    let up = |id: &str, header: &str| {
        shop.project.write(&format!("migrations/{id}_{id}/up.sql"), &format!("--! {id}\n--!\n{header}\nSELECT 1;\n"));
        shop.project.write(&format!("migrations/{id}_{id}/down.sql"), "SELECT 1;\n");
    };
    up("a1", "--! parent: base\n");
    up("b1", "--! parent: a1\n");
    up("c1", "--! parent: a1\n");
    let output = shop.run(&["merge", "heads", "--rev-id", "m1"]).success();
    assert!(output.stderr.contains("only saw 2 files in "), "{output}");
    let folder = output.stdout.trim().to_owned();
    assert!(shop.read(&folder, "up.sql").ends_with("-- only\n"), "{output}");
}

#[test]
fn one_that_fails_is_named_and_the_files_stay() {
    for (hooks, problem) in [
        (r#"["false", "sh mark.sh never"]"#, "the post-write hook `false` failed: exit status: 1"),
        (r#"["no-such-program --fix"]"#, "the post-write hook `no-such-program --fix` could not be run: "),
    ] {
        let shop = shop(hooks);
        let output = shop.run(&["new", "--auto", "users", "--rev-id", "u1"]).exit(1);
        assert!(output.stderr.contains(&format!("error: {problem}")), "{output}");
        assert!(output.stderr.contains("help: the revision was made; see to its files"), "{output}");
        assert_eq!(output.stdout, "migrations/u1_users\n", "{output}");
        assert!(!shop.read("migrations/u1_users", "up.sql").contains("never"));
        // The revision is there, and is used as any other.
        shop.upgrade();
    }
}

#[test]
fn what_is_no_command_is_refused_with_its_place() {
    let project = Project::library("hooks-refused");
    project.make_folder("migrations");
    let manifest = project.read("Cargo.toml");
    for value in ["3", "[\"\"]", "[\"unclosed 'quote\"]", "[1]"] {
        project.write("Cargo.toml", &format!("{manifest}\n[package.metadata.migrate]\npost-write-hooks = {value}\n"));
        let output = project.run(cargo_migrate!()).args(["new", "users"]).run().exit(2);
        assert!(
            output.stderr.contains("`post-write-hooks` must be commands") && output.stderr.contains("Cargo.toml:9:20"),
            "{value}: {output}"
        );
    }
}
