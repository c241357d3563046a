//! What takes long on a table in use, in revisions of its own.

use super::{Shop, id};

const BEFORE: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String, code: i32 }\n\
    #[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, user_id: i64, n: i32, state: State }\n\
    #[derive(Enum)]\nenum State { New }\n";

const AFTER: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, #[column(index)] name: String, #[column(unique)] code: i32 }\n\
    #[derive(Table)]\n#[table(index(columns(n), where = \"state = 'paid'\"))]\n\
    struct Orders { #[column(primary_key)] id: i64, #[column(references = \"users\", index)] user_id: i64, #[column(check = \"n > 0\")] n: i32, \
    #[column(default = \"'paid'\")] state: State, note: String }\n\
    #[derive(Enum)]\nenum State { New, Paid }\n";

#[test]
fn a_change_becomes_values_schema_and_what_takes_long() {
    let shop = Shop::with(BEFORE);
    // On new tables nobody waits.
    assert_eq!(shop.generate("first", &["--online"]).len(), 1);
    shop.upgrade();
    let first = shop.revisions().remove(0);
    let catalog = shop.database.catalog();
    shop.models(AFTER);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "orders are paid", "--online"]), @"");
    let revisions = shop.revisions();
    let [_, values, schema, online] = &revisions[..] else { panic!("{revisions:?}") };
    insta::assert_snapshot!(shop.redacted(values, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(schema, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(online, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(online, "down.sql"), @"");
    insta::assert_snapshot!(shop.redacted(schema, "down.sql"), @"");
    for _ in 0..2 {
        shop.upgrade();
        shop.run(&["check"]).success();
        shop.run(&["check", "--against", "database"]).success();
        shop.run(&["downgrade", id(&first)]).success();
        assert_eq!(shop.database.catalog(), catalog);
        shop.run(&["downgrade", "base"]).success();
    }
}

#[test]
fn the_key_makes_it_the_rule() {
    let shop = Shop::with(BEFORE);
    shop.configure("online = true");
    shop.generate("first", &[]);
    shop.upgrade();
    shop.models(&BEFORE.replace("name: String", "#[column(index)] name: String"));
    let folders = shop.generate("an index", &[]);
    // The only revision has the name that was typed, whatever is in it.
    let [folder] = &folders[..] else { panic!("{folders:?}") };
    assert!(folder.ends_with("_an_index_online") || folder.ends_with("_an_index"), "{folder}");
    insta::assert_snapshot!(shop.redacted(folder, "up.sql"), @"");
    insta::assert_snapshot!(shop.redacted(folder, "down.sql"), @"");
    shop.upgrade();
    shop.run(&["check"]).success();
    shop.run(&["downgrade", "base"]).success();
}

#[test]
fn ids_labels_and_dependencies_are_those_of_the_first() {
    let shop = Shop::with(BEFORE);
    shop.generate("first", &["--rev-id", "a1"]);
    shop.upgrade();
    shop.models(AFTER);
    let words = ["--online", "--rev-id", "b", "--branch-label", "shop", "--depends-on", "a1", "--sql-only-up"];
    let folders = shop.generate("paid", &words);
    assert_eq!(folders, ["migrations/b_paid_enum_values", "migrations/b2_paid", "migrations/b3_paid_online"]);
    let headers: Vec<String> = folders.iter().map(|folder| header(&shop, folder)).collect();
    assert_eq!(
        headers,
        ["parent: a1; branch-label: shop; depends-on: a1", "parent: b", "parent: b2; transaction: none"]
    );
    assert!(folders.iter().all(|folder| !shop.project.path(folder).join("down.sql").exists()));
    shop.upgrade();
    shop.run(&["check"]).success();
}

/// The keys of a header.
fn header(shop: &Shop, folder: &str) -> String {
    let text = shop.read(folder, "up.sql");
    let lines = text.lines().take_while(|line| line.starts_with("--!"));
    let keys: Vec<&str> = lines.filter_map(|line| line.strip_prefix("--! ")).filter(|line| line.contains(": ") && !line.starts_with("paid")).collect();
    keys.join("; ")
}
