//! What looks like a rename: told, asked, refused, and never guessed.

use super::Shop;

fn users(column: &str) -> String {
    format!("#[derive(Table)]\nstruct Users {{\n    #[column(primary_key)]\n    id: i64,\n    {column}: String,\n}}\n")
}

/// A database with rows, and models in which the column has another name.
fn renamed() -> Shop {
    let shop = Shop::with(&users("name"));
    shop.generate("create users", &[]);
    shop.upgrade();
    shop.database.psql("INSERT INTO users VALUES (1, 'ann')");
    shop.models(&users("full_name"));
    shop
}

#[test]
fn nobody_to_ask_is_told_the_question() {
    let shop = renamed();
    let before = shop.project.files();
    insta::assert_snapshot!(shop.run(&["new", "--auto", "rename"]), @"");
    assert_eq!(shop.project.files(), before);
    let output = shop.run(&["new", "--auto", "rename", "--format", "json"]).exit(2);
    insta::assert_snapshot!(output, @"");
    assert_eq!(shop.project.files(), before);
}

#[test]
fn several_questions_are_told_at_once() {
    let shop = Shop::with(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Orders { #[column(primary_key)] id: i64, n: i32 }\n\
         #[derive(Enum)]\nenum Mood { Sad, Happy }\n",
    );
    shop.generate("first", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, first: String, last: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Purchases { #[column(primary_key)] id: i64, n: i32 }\n\
         #[derive(Enum)]\nenum Feeling { Sad, Happy }\n",
    );
    insta::assert_snapshot!(shop.run(&["new", "--auto", "rename"]), @"");
    // One became one of two: nothing says which.
    shop.run(&["new", "--auto", "rename", "--yes"]).exit(2);
    let told = ["--rename", "users.name=last", "--rename", "app.orders=purchases", "--rename", "mood=feeling"];
    let folder = shop.generate("rename", &told).remove(0);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"");
}

#[test]
fn a_rename_is_told_by_option_by_model_or_by_yes() {
    for (more, column) in [
        (&["--rename", "users.name=full_name"][..], ""),
        (&["--rename", "public.users.name=full_name"], ""),
        (&["--yes"], ""),
        (&[], "#[column(renamed_from = \"name\")] "),
        // What is typed and what the model says are the same.
        (&["--rename", "users.name=full_name"], "#[column(renamed_from = \"name\")] "),
    ] {
        let shop = renamed();
        shop.models(&users(&format!("{column}full_name")));
        let folder = shop.generate("rename", more).remove(0);
        let up = shop.read(&folder, "up.sql");
        assert!(up.ends_with("\n\nALTER TABLE users RENAME COLUMN name TO full_name;\n"), "{more:?} {column}: {up}");
        assert_eq!(shop.read(&folder, "down.sql"), "ALTER TABLE users RENAME COLUMN full_name TO name;\n");
        shop.upgrade();
        assert_eq!(shop.database.ask("SELECT full_name FROM users"), "ann");
        shop.run(&["check"]).success();
        shop.run(&["check", "--against", "database"]).success();
        // What the model says of the past has happened.
        assert_eq!(shop.run(&["new", "--auto", "again"]).success().stdout, "");
    }
}

#[test]
fn no_rename_is_an_end_and_a_beginning() {
    let shop = renamed();
    let output = shop.run(&["new", "--auto", "not a rename", "--no-renames"]).success();
    assert!(output.stderr.contains("warning: the upgrade destroys the values of users.name\n"), "{output}");
    let up = shop.read(output.stdout.trim(), "up.sql");
    assert!(up.contains("-- destroys data: the values of users.name\n"), "{up}");
    assert!(!up.contains("RENAME"), "{up}");
}

#[test]
fn a_rename_that_cannot_be_is_refused() {
    let shop = renamed();
    for (rename, problem) in [
        ("nobody=x", "there is no table, column, type, sequence or view `nobody` to rename"),
        ("users.nothing=x", "there is no table, column, type, sequence or view `users.nothing` to rename"),
        ("users", "`users` is no rename; write `table=new_name` or `table.column=new_name`"),
        ("users.name=", "`users.name=` is no rename; write `table=new_name` or `table.column=new_name`"),
        // The models have no such column: the rename would be undone by what follows it.
        ("users.name=other", "`users.name=other`: the models have no `users.other`"),
        // It is there already.
        ("users.name=id", "`users.name=id`: there is `users.id` already"),
    ] {
        let output = shop.run(&["new", "--auto", "rename", "--rename", rename]).exit(2);
        assert!(output.stderr.starts_with(&format!("error: {problem}\n")) || output.stderr.contains(&format!("\nerror: {problem}\n")), "{output}");
        assert!(!output.stderr.contains("--from"), "{output}");
    }
    assert_eq!(shop.revisions().len(), 1);
}
