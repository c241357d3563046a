//! What is not ours to change: of other programs, of included crates, of whoever made it by hand.

use super::Shop;

const ITEM: &str = "#[derive(Table)]\nstruct Item { #[column(primary_key)] id: i64 }\n";

/// A database at its heads, in which somebody has made more by hand.
fn shop_with(by_hand: &str) -> Shop {
    let shop = Shop::with(ITEM);
    shop.generate("items", &["--rev-id", "i1"]);
    shop.upgrade();
    shop.database.psql(by_hand);
    shop
}

#[test]
fn a_sequence_that_a_column_owns_and_does_not_use_keeps_counting() {
    let shop =
        shop_with("CREATE SEQUENCE number_seq OWNED BY item.id; SELECT nextval('number_seq'), nextval('number_seq')");
    let output = shop.run(&["new", "--auto", "nothing"]).success();
    assert_eq!(output.stdout, "", "{output}");
    // With SQL that describes all of the schema it is one too many.
    shop.project.write("schema.sql", "CREATE TABLE item (id bigint PRIMARY KEY);\n");
    shop.project.write("src/lib.rs", "");
    shop.configure("schema = \"schema.sql\"");
    let output = shop.run(&["check", "--against", "database"]).exit(5);
    assert!(output.stderr.contains("Detected removed sequence 'number_seq'\n"), "{output}");
}

#[test]
fn what_belongs_to_a_table_that_is_passed_over_is_passed_over_too() {
    let shop = shop_with("CREATE TABLE logs (id serial, n int); CREATE SEQUENCE logs_seq OWNED BY logs.n");
    shop.project.write("schema.sql", "CREATE TABLE item (id bigint PRIMARY KEY);\n");
    shop.project.write("src/lib.rs", "");
    shop.configure("schema = \"schema.sql\"");
    let output = shop.run(&["check", "--against", "database", "--exclude", "logs"]).success();
    assert!(!output.stderr.contains("Detected"), "{output}");
    shop.run(&["check", "--against", "database"]).exit(5);
}

#[test]
fn a_schema_of_others_is_passed_over_as_a_whole() {
    let shop = shop_with("CREATE SCHEMA audit; CREATE TABLE audit.log (id int); CREATE TABLE audit.item (id int)");
    // Models alone have nothing in it.
    shop.run(&["check", "--against", "database"]).success();
    shop.project.write("schema.sql", "CREATE TABLE item (id bigint PRIMARY KEY);\n");
    shop.project.write("src/lib.rs", "");
    shop.configure("schema = \"schema.sql\"");
    shop.run(&["check", "--against", "database", "--exclude", "audit.*"]).success();
    let output = shop.run(&["check", "--against", "database", "--exclude", "audit.log"]).exit(5);
    assert!(output.stderr.contains("Detected removed schema 'audit'\n"), "{output}");
}

#[test]
fn row_level_security_that_no_model_speaks_of_stays_on() {
    let shop = shop_with("ALTER TABLE item ENABLE ROW LEVEL SECURITY");
    shop.models(&ITEM.replace("id: i64", "id: i64, name: Option<String>"));
    let folder = shop.generate("names", &[]).remove(0);
    assert!(!shop.read(&folder, "up.sql").contains("ROW LEVEL SECURITY"));
    shop.upgrade();
    assert_eq!(shop.database.ask("SELECT relrowsecurity::text FROM pg_class WHERE relname = 'item'"), "true");
}

#[test]
fn a_table_that_no_model_names_may_be_another_programs() {
    let shop = shop_with("CREATE TABLE cars (id int)");
    let output = shop.run(&["new", "--auto", "gone"]).success();
    let advice = "note: `cars` is in the database and in no model: if it is another program's, leave it out with \
                  `--exclude cars`, or compare with the revisions alone, `--against migrations`\n";
    assert!(output.stderr.contains(advice), "{output}");
    std::fs::remove_dir_all(shop.project.path(output.stdout.trim())).expect("the revision can be removed");
    for advised in [["--exclude", "cars"], ["--against", "migrations"]] {
        let output = shop.run(&[&["new", "--auto", "gone"], &advised[..]].concat()).success();
        assert_eq!(output.stdout, "", "{output}");
    }
}

#[test]
fn a_view_that_is_made_again_may_be_of_this_database_alone() {
    let shop = shop_with("CREATE VIEW seen AS SELECT id FROM item");
    shop.models(&ITEM.replace("i64", "i32"));
    let output = shop.run(&["new", "--auto", "smaller"]).success();
    let advice = "note: `seen` is made again around the change: where no revision has made it, other databases lack it, and \
                  the revision fails there\n";
    assert!(output.stderr.contains(advice), "{output}");
}

#[test]
fn a_name_that_nothing_has_is_no_clean_check() {
    let shop = shop_with("SELECT 1");
    for narrowed in [["--schema", "pubilc"], ["--include", "itme"]] {
        let output = shop.run(&[&["check"], &narrowed[..]].concat()).exit(2);
        let expected = "error: neither schema has anything that `--schema` and `--include` name\n";
        assert!(output.stderr.contains(expected), "{output}");
    }
}

#[test]
fn what_follows_no_head_is_not_what_was_compared() {
    let shop = shop_with("SELECT 1");
    shop.models(&ITEM.replace("id: i64", "id: i64, name: Option<String>"));
    let output = shop.run(&["new", "--auto", "names", "--head", "base", "--splice", "--branch-label", "b"]).exit(2);
    assert_eq!(
        output.stderr,
        "error: `--auto` writes what the heads lack, so the revision must follow a head\nhelp: leave `--head` out, or name one: i1\n"
    );
    assert_eq!(shop.revisions(), ["migrations/i1_items"]);
}

#[test]
fn a_value_is_committed_before_a_column_can_hold_it() {
    let color = |values: &str, column: &str| {
        format!(
            "#[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Color {{ {values} }}\n\
             #[derive(Table)]\nstruct Item {{ #[column(primary_key)] id: i64, {column} }}\n"
        )
    };
    let shop = Shop::with(&color("Red", "color: String"));
    shop.generate("items", &["--rev-id", "c1"]);
    shop.upgrade();
    shop.database.psql("INSERT INTO item VALUES (1, 'blue')");
    shop.models(&color("Red, Blue", "color: Color"));
    assert_eq!(
        shop.generate("colors", &["--rev-id", "c2"]),
        ["migrations/c2_colors_enum_values", "migrations/c22_colors"]
    );
    shop.upgrade();
    shop.models(&color("Red, Blue, Green", "color: Color, #[column(default = \"'{green}'\")] others: Vec<Color>"));
    assert_eq!(shop.generate("others", &["--rev-id", "c3"]).len(), 2);
    shop.upgrade();
    assert_eq!(shop.database.ask("SELECT color::text || others::text FROM item"), "blue{green}");
}

#[test]
fn a_value_that_was_removed_comes_back_before_it_is_the_default_again() {
    let color = |values: &str, default: &str| {
        format!(
            "#[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum Color {{ {values} }}\n\
             #[derive(Table)]\nstruct Item {{ #[column(primary_key)] id: i64, #[column(default = \"'{default}'\")] color: Color }}\n"
        )
    };
    let shop = Shop::with(&color("Red, Green, Blue", "green"));
    shop.generate("items", &["--rev-id", "r1"]);
    shop.upgrade();
    shop.models(&color("Red, Blue", "red"));
    let folder = shop.generate("no green", &["--rev-id", "r2"]).remove(0);
    assert!(shop.read(&folder, "down.sql").starts_with("--! transaction: none\n"));
    shop.upgrade();
    shop.run(&["downgrade", "r1"]).success();
    shop.database.psql("INSERT INTO item (id) VALUES (1)");
    assert_eq!(shop.database.ask("SELECT color::text FROM item"), "green");
}
