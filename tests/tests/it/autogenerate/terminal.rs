//! The question of a rename, asked on a terminal: `script` of util-linux is one, with a pipe for a keyboard.

use migrate_tests::{Command, Output};

use super::Shop;

const DOWN: &str = "\x1b[B";
const ENTER: &str = "\r";
const LEAVE: &str = "q";

/// A shop in which `name` has become one of two, and `n` is a number.
fn shop() -> Shop {
    let shop = Shop::with("#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String, n: i32 }\n");
    shop.generate("users", &["--rev-id", "u1"]);
    shop.upgrade();
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, first: String, last: String, number: i32 }\n",
    );
    shop
}

/// Generates on a terminal on which these keys are typed.
fn type_keys(shop: &Shop, keys: &str) -> Output {
    let line = format!("{} migrate new --auto names --rev-id u2", env!("CARGO_BIN_EXE_migrate-under-test"));
    let terminal = Command::new("script").args(["-qec", &line, "/dev/null"]).env("TERM", "xterm");
    shop.project.run(terminal).env("DATABASE_URL", shop.database.url()).input(keys).run()
}

#[test]
fn each_old_name_is_asked_once() {
    for (keys, expected) in [
        // The first of two, and yes.
        (
            format!("{ENTER}{ENTER}"),
            &["RENAME COLUMN n TO number;", "RENAME COLUMN name TO first;", "ADD COLUMN last text"][..],
        ),
        // The second of two.
        (
            format!("{ENTER}{DOWN}{ENTER}"),
            &["RENAME COLUMN n TO number;", "RENAME COLUMN name TO last;", "ADD COLUMN first text"],
        ),
        // Neither.
        (
            format!("{DOWN}{ENTER}{DOWN}{DOWN}{ENTER}"),
            &["DROP COLUMN n", "DROP COLUMN name", "ADD COLUMN first text", "ADD COLUMN number integer"],
        ),
    ] {
        let shop = shop();
        let output = type_keys(&shop, &keys).success();
        for question in
            ["`users.n` is gone", "`users.name` is gone", "renamed to `last`", "dropped, and its data with it"]
        {
            assert!(output.stdout.contains(question), "{question}: {output}");
        }
        let up = shop.read("migrations/u2_names", "up.sql");
        for part in expected {
            assert!(up.contains(part), "{keys:?}: {part}: {up}");
        }
    }
}

#[test]
fn who_leaves_makes_nothing() {
    let shop = shop();
    let output = type_keys(&shop, LEAVE).exit(2);
    assert!(output.stdout.contains("nothing was made"), "{output}");
    assert_eq!(shop.revisions().len(), 1);
}
