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
    insta::assert_snapshot!(shop.run(&["new", "--auto", "rename"]), @"
    exit 2
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: this may be a rename, which keeps the data, or an end and a beginning
    note: `users.name` → `full_name`: rename, or drop and add?
    help: say so with `--rename users.name=full_name`, or `renamed_from` in the model; `--no-renames` drops and adds
    ");
    assert_eq!(shop.project.files(), before);
    let output = shop.run(&["new", "--auto", "rename", "--format", "json"]).exit(2);
    insta::assert_snapshot!(output, @r#"
    exit 2
    --- stdout
    {"error":{"kind":"usage","message":"this may be a rename, which keeps the data, or an end and a beginning","notes":["`users.name` → `full_name`: rename, or drop and add?"],"help":"say so with `--rename users.name=full_name`, or `renamed_from` in the model; `--no-renames` drops and adds","file":null,"line":null,"column":null}}
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    "#);
    assert_eq!(shop.project.files(), before);
}

#[test]
fn several_questions_are_told_at_once() {
    let shop = Shop::with(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Orders { #[column(primary_key)] id: i64, n: i32 }\n\
         #[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Mood { Sad, Happy }\n",
    );
    shop.generate("first", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, first: String, last: String }\n\
         #[derive(Table)]\n#[table(schema = \"app\")]\nstruct Purchases { #[column(primary_key)] id: i64, n: i32 }\n\
         #[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Feeling { Sad, Happy }\n",
    );
    insta::assert_snapshot!(shop.run(&["new", "--auto", "rename"]), @"
    exit 2
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: 4 of these may be renames, which keep the data, or ends and beginnings
    note: `mood` → `feeling`: rename, or drop and add?
    note: `app.orders` → `purchases`: rename, or drop and add?
    note: `users.name` → `first`: rename, or drop and add?
    note: `users.name` → `last`: rename, or drop and add?
    help: say so with `--rename mood=feeling`, or `renamed_from` in the model; `--no-renames` drops and adds
    ");
    // One became one of two: nothing says which.
    shop.run(&["new", "--auto", "rename", "--yes"]).exit(2);
    let told = ["--rename", "users.name=last", "--rename", "app.orders=purchases", "--rename", "mood=feeling"];
    let folder = shop.generate("rename", &told).remove(0);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! rename
    --!
    --! parent: [ID-1]

    ALTER TABLE app.orders RENAME TO purchases;

    ALTER TYPE mood RENAME TO feeling;

    ALTER TABLE users RENAME COLUMN name TO last;

    ALTER TABLE app.purchases RENAME CONSTRAINT orders_pkey TO purchases_pkey;

    ALTER TABLE users ADD COLUMN first text;

    ALTER TABLE users ADD CONSTRAINT users_first_is_set CHECK (first IS NOT NULL) NOT VALID;

    -- backfill: give each row that has none a value for first here, as in
    -- UPDATE users SET first = … WHERE first IS NULL;
    ALTER TABLE users VALIDATE CONSTRAINT users_first_is_set;

    ALTER TABLE users ALTER COLUMN first SET NOT NULL;

    ALTER TABLE users DROP CONSTRAINT users_first_is_set;
    ");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"
    ALTER TABLE app.purchases RENAME TO orders;

    ALTER TYPE feeling RENAME TO mood;

    ALTER TABLE users RENAME COLUMN last TO name;

    ALTER TABLE app.orders RENAME CONSTRAINT purchases_pkey TO orders_pkey;

    -- destroys data: the values of users.first
    ALTER TABLE users DROP COLUMN first;
    ");
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
        ("users.name=other", "`users.name=other`: there is to be no `users.other`"),
        // It is there already.
        ("users.name=id", "`users.name=id`: there is `users.id` already"),
    ] {
        let output = shop.run(&["new", "--auto", "rename", "--rename", rename]).exit(2);
        assert!(output.stderr.contains(&format!("\nerror: {problem}\n")), "{output}");
        assert!(!output.stderr.contains("--from"), "{output}");
    }
    assert_eq!(shop.revisions().len(), 1);
}

/// A value of an enum that stands where another one stood.
#[test]
fn a_value_that_looks_renamed_is_asked() {
    let mood = |labels: &str| {
        format!(
            "#[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Mood {{ {labels} }}\n#[derive(Table)]\nstruct Users {{ #[column(primary_key)] id: i64, mood: Mood }}\n"
        )
    };
    let shop = Shop::with(&mood("Sad, Happy"));
    shop.generate("moods", &[]);
    shop.upgrade();
    shop.database.psql("INSERT INTO users VALUES (1, 'happy')");
    shop.models(&mood("Sad, Glad"));
    insta::assert_snapshot!(shop.run(&["new", "--auto", "glad"]), @"
    exit 2
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: this may be a rename, which keeps the data, or an end and a beginning
    note: `mood.happy` → `glad`: rename, or drop and add?
    help: say so with `--rename mood.happy=glad`, or `renamed_from` in the model; `--no-renames` drops and adds
    ");
    let folder = shop.generate("glad", &["--rename", "mood.happy=glad"]).remove(0);
    assert!(shop.read(&folder, "up.sql").ends_with("\n\nALTER TYPE mood RENAME VALUE 'happy' TO 'glad';\n"));
    shop.upgrade();
    assert_eq!(shop.database.ask("SELECT mood::text FROM users"), "glad");
    // One more value is no rename.
    shop.models(&mood("Sad, Calm, Glad"));
    shop.generate("calm", &[]);
}

#[test]
fn diff_takes_what_the_models_say() {
    let shop = renamed();
    shop.models(&users("#[column(renamed_from = \"name\")] full_name"));
    for (words, sql) in [
        (&["--from", "database", "--to", "models"][..], "ALTER TABLE users RENAME COLUMN name TO full_name;\n"),
        (&["--from", "database", "--to", "models", "--down"], "ALTER TABLE users RENAME COLUMN full_name TO name;\n"),
        (&["--from", "models", "--to", "database"], "ALTER TABLE users RENAME COLUMN full_name TO name;\n"),
    ] {
        assert_eq!(shop.run(&[&["diff"], words].concat()).success().stdout, sql, "{words:?}");
    }
}

#[test]
fn renames_that_wait_for_each_other_are_told_by_option_or_by_model() {
    let columns = |attributes: [&str; 2], names: [&str; 2]| {
        let columns: String =
            attributes.iter().zip(names).map(|(attribute, name)| format!("{attribute} {name}: String, ")).collect();
        format!("#[derive(Table)]\nstruct Users {{ #[column(primary_key)] id: i64, {columns} }}\n")
    };
    let names = ["#[column(renamed_from = \"first\")]", "#[column(renamed_from = \"second\")]"];
    for (attributes, more) in [
        (["", ""], &["--rename", "users.first=second", "--rename", "users.second=third"][..]),
        (names, &[]),
        // One is typed and waits for one that the model tells.
        (["", names[1]], &["--rename", "users.first=second"]),
    ] {
        let shop = Shop::with(&columns(["", ""], ["first", "second"]));
        shop.generate("create users", &[]);
        shop.upgrade();
        shop.database.psql("INSERT INTO users VALUES (1, 'a', 'b')");
        shop.models(&columns(attributes, ["second", "third"]));
        if attributes[1].is_empty() {
            let output = shop.run(&["new", "--auto", "half", "--rename", "users.first=second"]).exit(2);
            assert!(output.stderr.contains("`users.first=second`: there is `users.second` already"), "{output}");
        }
        shop.generate("rename", more);
        shop.upgrade();
        assert_eq!(shop.database.ask("SELECT second || third FROM users"), "ab");
        shop.run(&["check"]).success();
        assert_eq!(shop.run(&["new", "--auto", "again"]).success().stdout, "");
    }
}
