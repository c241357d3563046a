//! The everyday workflow: edit the models, generate, read, upgrade, check.

use super::{Shop, id};

const USERS: &str = "#[derive(Table)]\nstruct Users {\n    #[column(primary_key, identity)]\n    id: i64,\n    name: String,\n}\n";

const WITH_EMAIL: &str =
    "#[derive(Table)]\nstruct Users {\n    #[column(primary_key, identity)]\n    id: i64,\n    name: String,\n    email: String,\n}\n";

#[test]
fn tables_are_made_changed_and_checked() {
    let shop = Shop::with(USERS);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "create users"]), @"");
    let [first] = &shop.revisions()[..] else { panic!("one revision: {:?}", shop.revisions()) };
    insta::assert_snapshot!(shop.redacted(first, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(first, "down.sql"), @"");
    shop.upgrade();
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"");

    // Nothing is left to do.
    insta::assert_snapshot!(shop.run(&["new", "--auto", "nothing"]), @"");
    insta::assert_snapshot!(shop.run(&["new", "--auto", "nothing", "--format", "json", "-q"]), @"");
    assert_eq!(shop.revisions().len(), 1);

    shop.models(&format!(
        "{USERS}\n#[derive(Table)]\nstruct Orders {{\n    #[column(primary_key)]\n    id: i64,\n    \
         #[column(references = \"users\", index)]\n    user_id: i64,\n}}\n"
    ));
    insta::assert_snapshot!(shop.run(&["check"]), @"");
    let second = shop.generate("add orders", &[]).remove(0);
    insta::assert_snapshot!(shop.redacted(&second, "up.sql"), @"");
    shop.upgrade();
    insta::assert_snapshot!(shop.run(&["check"]), @"");
}

#[test]
fn a_column_that_refuses_null_wants_its_rows_filled() {
    let shop = Shop::with(USERS);
    shop.generate("create users", &[]);
    shop.upgrade();
    shop.database.psql("INSERT INTO users (name) VALUES ('ann'), ('bob')");
    shop.models(WITH_EMAIL);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "add email"]), @"");
    let folder = shop.revisions().remove(1);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"");

    // Unread, it fails where the rows are looked at, and changes nothing.
    let output = shop.run(&["upgrade"]).exit(1);
    insta::assert_snapshot!(output, @"");
    assert_eq!(shop.database.ask("SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0"), "id,name");

    let file = format!("{folder}/up.sql");
    let text = shop.project.read(&file);
    let line = text.find("\nALTER TABLE users ADD CONSTRAINT").expect("the check");
    let (before, after) = text.split_at(line);
    shop.project.write(&file, &format!("{before}\nUPDATE users SET email = name || '@example.org' WHERE email IS NULL;\n{after}"));
    shop.upgrade();
    assert_eq!(shop.database.ask("SELECT string_agg(email, ',' ORDER BY id) FROM users"), "ann@example.org,bob@example.org");
    shop.run(&["check"]).success();
    shop.run(&["check", "--against", "database"]).success();
    shop.run(&["downgrade", "-1"]).success();
    assert_eq!(shop.database.ask("SELECT count(*)::text FROM users"), "2");
}

#[test]
fn what_ends_comes_last_and_is_told() {
    let shop = Shop::with(
        "#[derive(Table)]\nstruct A { #[column(primary_key)] id: i64, gone: Option<i32> }\n\
         #[derive(Table)]\nstruct Gone { #[column(primary_key)] id: i64 }\n",
    );
    shop.generate("first", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Table)]\nstruct A { #[column(primary_key)] id: i64, note: Option<String> }\n\
         #[derive(Table)]\nstruct Fresh { #[column(primary_key)] id: i64, n: i32, more: Option<String> }\n",
    );
    insta::assert_snapshot!(shop.run(&["new", "--auto", "second"]), @"");
    let folder = shop.revisions().remove(1);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"");
}

#[test]
fn a_value_of_an_enum_that_is_used_at_once_gets_a_revision_of_its_own() {
    let shop = Shop::with(
        "#[derive(Enum)]\nenum State { New }\n#[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, #[column(default = \"'new'\")] state: State }\n",
    );
    shop.generate("orders", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Enum)]\nenum State { New, Draft }\n#[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, #[column(default = \"'draft'\")] state: State }\n",
    );
    insta::assert_snapshot!(shop.run(&["new", "--auto", "drafts"]), @"");
    let revisions = shop.revisions();
    insta::assert_snapshot!(shop.redacted(&revisions[1], "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&revisions[1], "down.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&revisions[2], "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&revisions[2], "down.sql"), @"");
    // One run applies both, since each revision has a transaction of its own.
    shop.upgrade();
    shop.run(&["check"]).success();
    assert_eq!(shop.database.ask("SHOW server_version_num").is_empty(), false);
    shop.run(&["downgrade", id(&revisions[0])]).success();
    assert_eq!(shop.database.ask("SELECT enum_range(NULL::state)::text"), "{new}");
}

#[test]
fn constraints_and_indexes_on_tables_in_use_are_added_in_steps() {
    let shop = Shop::with(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64 }\n\
         #[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, user_id: i64, n: i32 }\n",
    );
    shop.generate("first", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64 }\n\
         #[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, #[column(references = \"users\", index)] user_id: i64, #[column(check = \"n > 0\")] n: i32 }\n",
    );
    let folder = shop.generate("references", &[]).remove(0);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"");
    // A row that breaks the rule is named by the server, and nothing is changed.
    shop.database.psql("INSERT INTO orders VALUES (1, 7, 1)");
    let output = shop.run(&["upgrade"]).exit(1);
    assert!(output.stderr.contains("violates foreign key constraint \"orders_user_id_fkey\""), "{output}");
    shop.database.psql("INSERT INTO users VALUES (7)");
    shop.upgrade();
    shop.run(&["check"]).success();
}
