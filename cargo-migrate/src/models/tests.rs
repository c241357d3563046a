//! Models from text to SQL, and every message that a model can be answered with.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::module_tree::Tree;
use super::package::Package;
use super::source::Problems;
use super::*;

/// Reads a package of these files; the first is its root.
fn read(files: &[(&str, &str)]) -> Result<Models, String> {
    let folder = TempDir::new().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let mut problems = Problems::default();
    let mut tree = Tree::new(folder.path(), None, &mut problems);
    tree.read_root(&folder.path().join(files[0].0));
    let modules = tree.modules;
    let package = Package::new(modules, vec!["migrate_runtime".to_owned()], Some("shop".to_owned()));
    // The folder's name is another one each time.
    let shown = format!("{}/", folder.path().canonicalize().expect("it is there").display());
    of_package(&package, problems).map_err(|failure| failure.to_string().replace(&shown, ""))
}

fn sql(text: &str) -> String {
    read(&[("lib.rs", text)]).unwrap_or_else(|problem| panic!("{text}\n{problem}")).sql().to_owned()
}

/// A struct with this attribute and these fields, as SQL.
fn table(attribute: &str, fields: &str) -> String {
    sql(&format!("use migrate_runtime::*;\n#[derive(Table)]\n{attribute}\nstruct Product {{ {fields} }}"))
}

#[test]
fn a_struct_is_a_table() {
    let expected = "CREATE TABLE products (\n    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,\n    \
                    product_name text NOT NULL,\n    description text,\n    \
                    price numeric(12,2) DEFAULT 0 NOT NULL,\n    CHECK (price >= 0),\n    PRIMARY KEY (id),\n    \
                    UNIQUE (product_name)\n);\nCREATE INDEX ON products USING gin (product_name gin_trgm_ops);\n";
    let text = r#"
        use migrate_runtime::Table;
        #[derive(Table, sqlx::FromRow)]
        #[table(name = "products", check = "price >= 0", index(columns(product_name), using = "gin", opclass = "gin_trgm_ops"))]
        pub struct Product {
            #[column(primary_key, identity)]
            pub id: i64,
            #[column(unique, renamed_from = "name")]
            pub product_name: String,
            pub description: Option<String>,
            #[column(type = "numeric(12,2)", default = "0")]
            pub price: Decimal,
        }"#;
    assert_eq!(sql(text), expected);
}

#[test]
fn every_attribute_has_its_sql() {
    let field = "id: i64, price: i32, name: String";
    for (attribute, expected) in [
        ("primary_key(columns(id, price), name = \"pk\")", "CONSTRAINT pk PRIMARY KEY (id, price)"),
        ("primary_key = \"id\"", "PRIMARY KEY (id)"),
        ("unique(columns(id), nulls_not_distinct)", "UNIQUE NULLS NOT DISTINCT (id)"),
        ("unique(columns(id), include(name))", "UNIQUE (id) INCLUDE (name)"),
        ("unique(columns(id), initially_deferred)", "UNIQUE (id) DEFERRABLE INITIALLY DEFERRED"),
        ("check(name = \"c\", expression = \"id > 0\", no_inherit)", "CONSTRAINT c CHECK (id > 0) NO INHERIT"),
        (
            "foreign_key(columns(id), references = \"o (x)\", on_delete = \"set null\", match = \"full\")",
            "ALTER TABLE product ADD FOREIGN KEY (id) REFERENCES o (x) MATCH FULL ON DELETE SET NULL;",
        ),
        (
            "exclude(using = \"gist\", elements(\"id with =\", \"name with &&\"), where = \"id > 0\")",
            "EXCLUDE USING gist (id with =, name with &&) WHERE (id > 0)",
        ),
        (
            "index(columns(id(desc, nulls = \"last\"), \"lower(name)\"), unique, where = \"id > 0\", include(price))",
            "CREATE UNIQUE INDEX ON product (id DESC NULLS LAST, lower(name)) INCLUDE (price) WHERE id > 0;",
        ),
        (
            "index(columns(name), name = \"i\", collate = \"C\", options = \"fillfactor = 70\")",
            "CREATE INDEX i ON product (name COLLATE \"C\") WITH (fillfactor = 70);",
        ),
        ("index(columns(id), comment = \"c\")", "COMMENT ON INDEX product_id_idx IS 'c';"),
        ("unlogged", "CREATE UNLOGGED TABLE"),
        ("inherits = \"base\"", ") INHERITS (base);"),
        ("options = \"fillfactor = 70\"", ") WITH (fillfactor = 70);"),
        ("partition_by = \"range (id)\"", ") PARTITION BY range (id);"),
        (
            "partition_by = \"list (id)\", partition(name = \"p\", values = \"default\")",
            "CREATE TABLE p PARTITION OF product default;",
        ),
        ("row_level_security", "ALTER TABLE product ENABLE ROW LEVEL SECURITY;"),
        ("force_row_level_security", "ALTER TABLE product FORCE ROW LEVEL SECURITY;"),
        ("replica_identity = \"full\"", "ALTER TABLE product REPLICA IDENTITY full;"),
        ("comment = \"it's\"", "COMMENT ON TABLE product IS 'it''s';"),
        ("schema = \"app\"", "CREATE SCHEMA IF NOT EXISTS app;\nCREATE TABLE app.product"),
    ] {
        let sql = table(&format!("#[table({attribute})]"), field);
        assert!(sql.contains(expected), "{attribute}\n{sql}");
    }
    for (attribute, expected) in [
        ("column(name = \"order\")", "\"order\" bigint NOT NULL"),
        ("column(nullable)", "f bigint\n"),
        ("column(type = \"bigserial\")", "f bigserial NOT NULL"),
        ("column(default = -1)", "f bigint DEFAULT -1 NOT NULL"),
        ("column(identity = \"by default\")", "GENERATED BY DEFAULT AS IDENTITY"),
        ("column(identity(by_default, options = \"start 9\"))", "GENERATED BY DEFAULT AS IDENTITY (start 9)"),
        ("column(generated = \"1 + 1\")", "GENERATED ALWAYS AS (1 + 1) STORED"),
        ("column(generated(expression = \"1\", virtual))", "GENERATED ALWAYS AS (1) VIRTUAL"),
        ("column(collate = \"C\")", "f bigint COLLATE \"C\" NOT NULL"),
        ("column(storage = \"external\")", "ALTER COLUMN f SET STORAGE EXTERNAL;"),
        ("column(compression = \"lz4\")", "ALTER COLUMN f SET COMPRESSION lz4;"),
        ("column(statistics = 500)", "ALTER COLUMN f SET STATISTICS 500;"),
        ("column(check = \"f > 0\")", "CHECK (f > 0)"),
        ("column(check = \"f > 0 -- as always\")", "CHECK (f > 0 -- as always\n)"),
        ("column(index)", "CREATE INDEX ON product (f);"),
        ("column(references = \"s.t (id) on delete cascade\")", "REFERENCES s.t (id) on delete cascade;"),
        ("column(references = Product::f, unique, deferrable)", "REFERENCES product (f) DEFERRABLE;"),
        ("column(comment = \"c\")", "COMMENT ON COLUMN product.f IS 'c';"),
        ("sqlx(rename = \"x\")", "x bigint NOT NULL"),
        ("sqlx(json)", "f jsonb NOT NULL"),
        ("sqlx(json(nullable))", "f jsonb\n"),
        ("sqlx(try_from = \"i16\")", "f smallint NOT NULL"),
    ] {
        let sql = table("", &format!("#[{attribute}] f: i64"));
        assert!(sql.contains(expected), "{attribute}\n{sql}");
    }
}

#[test]
fn the_order_of_files_is_no_difference() {
    let b = "use migrate_runtime::*; #[derive(Table)] pub struct Beta { #[column(primary_key)] id: i32 }";
    let a = "use migrate_runtime::*; #[derive(Table)] pub struct Alpha { #[column(references = crate::b::Beta)] b: i32, mood: crate::Mood } ";
    let root = "mod a; mod b; #[derive(migrate_runtime::Enum)] pub enum Mood { Sad, Happy }";
    let one = read(&[("lib.rs", root), ("a.rs", a), ("b/mod.rs", b)]).expect("valid");
    let other =
        format!("mod x {{ {a} }} pub mod b {{ {b} }} #[derive(migrate_runtime::Enum)] pub enum Mood {{ Sad, Happy }}");
    assert_eq!(one.sql(), sql(&other));
    let starts: Vec<usize> = ["CREATE TYPE mood", "CREATE TABLE alpha", "CREATE TABLE beta", "ALTER TABLE"]
        .iter()
        .map(|text| one.sql().find(text).expect(text))
        .collect();
    assert!(starts.is_sorted(), "{}", one.sql());
}

#[test]
fn types_of_the_package_are_followed() {
    let text = r#"
        use migrate_runtime::{Enum, Table};
        #[derive(sqlx::Type)] #[sqlx(transparent)] pub struct Id(i64);
        type Key = Id;
        #[derive(sqlx::Type, Enum)] #[sqlx(type_name = "mood", rename_all = "lowercase")] pub enum Mood { Sad, #[sqlx(rename = "OK")] Ok }
        #[derive(sqlx::Type)] #[repr(i16)] pub enum Level { Low = 1 }
        #[derive(sqlx::FromRow)] pub struct Times { created_at: chrono::DateTime<chrono::Utc> }
        #[derive(Table)] #[sqlx(rename_all = "camelCase")]
        pub struct User<'a> {
            user_id: Key, r#type: &'a str, moods: Vec<Mood>, level: Option<Level>,
            #[sqlx(flatten)] times: Times, #[sqlx(skip)] cache: std::collections::HashMap<u8, u8>,
        }"#;
    let expected = "CREATE TYPE mood AS ENUM ('sad', 'OK');\nCREATE TABLE \"user\" (\n    \"userId\" bigint NOT NULL,\n    \
                    type text NOT NULL,\n    moods mood[] NOT NULL,\n    level smallint,\n    \
                    created_at timestamptz NOT NULL\n);\n";
    assert_eq!(sql(text), expected);
}

#[test]
fn renames_places_and_comments_are_found() {
    let text = "use migrate_runtime::*;\n/// A thing.\n#[derive(Table)]\n#[table(renamed_from = \"old\", doc_comments)]\n\
                struct Thing {\n    #[column(renamed_from = \"a\", check = \"b >\")]\n    b: i32,\n}\n\
                #[derive(Enum)]\nenum Mood {\n    #[variant(renamed_from = \"sad\")]\n    Sad,\n}";
    let models = read(&[("lib.rs", text)]).expect("valid");
    let thing = Name::new(None, "thing");
    let mood = Name::new(None, "mood");
    assert_eq!(
        models.renames(),
        [
            Rename::Table { table: thing.clone(), from: "old".to_owned() },
            Rename::Column { table: thing.clone(), column: "b".to_owned(), from: "a".to_owned() },
            Rename::Label { of: mood, label: "Sad".to_owned(), from: "sad".to_owned() },
        ]
    );
    assert!(models.sql().contains("COMMENT ON TABLE thing IS 'A thing.';"), "{}", models.sql());
    let line = |place: Option<Place>| place.and_then(|place| place.position).map(|position| position.line);
    assert_eq!(line(models.place_of(&Object::Table(thing.clone()))), Some(5));
    assert_eq!(line(models.place_of(&Object::Column(thing.clone(), "b".to_owned()))), Some(7));
    assert_eq!(line(models.place_of(&Object::Constraint(thing, "thing_b_check".to_owned()))), Some(6));
    let offset = models.sql().find("b >").expect("the check");
    assert_eq!(line(models.script().place_at(offset)), Some(6));
}

#[test]
fn what_is_no_model_is_not_read() {
    assert_eq!(sql("use cli_table::Table; #[derive(Table)] struct Row { a: u32 }"), "");
    assert_eq!(sql("#[cfg(test)] mod tests { #[derive(migrate_runtime::Table)] struct T { a: u32 } }"), "");
    assert_eq!(sql("#[test] fn works() { #[derive(migrate_runtime::Table)] struct T { a: u32 } }"), "");
}

/// Each message, with the place and the way out.
#[test]
fn every_fault_has_a_place_and_a_way_out() {
    let column = |attribute: &str| format!("#[derive(Table)] struct T {{\n{attribute}\na: i32 }}");
    let on_table = |attribute: &str| format!("#[derive(Table)]\n#[table({attribute})] struct T {{ a: i32 }}");
    let mut wrong = Vec::new();
    for (text, expected) in [
        (column("#[column(defualt = \"0\")]"), "lib.rs:3:10: unknown key `defualt` of `column`; did you mean `default`?"),
        (on_table("nam = \"x\""), "lib.rs:3:9: unknown key `nam` of `table`; did you mean `name`?"),
        (column("#[column(type = 3)]"), "lib.rs:3:17: `type` takes a text in quotes; write `type = \"…\"`"),
        (column("#[column(primary_key = \"a\")]"), "lib.rs:3:24: `primary_key` takes no value, or `true` or `false`; write `primary_key`"),
        (column("#[column(storage = \"big\")]"), "lib.rs:3:20: `storage` cannot be `big`; write `plain`, `external`, `extended`, `main` or `default`"),
        (column("#[column(default = 1, identity)]"), "lib.rs:3:23: a column with `default` cannot have `identity`; its value comes from one of them: remove the other"),
        (column("#[column(default = 1, default = 2)]"), "lib.rs:3:23: `default` is said twice; remove one of the two"),
        (column("#[column = 1]"), "lib.rs:3:1: the attribute `column` takes a list; write `#[column(KEY = \"VALUE\")]`"),
        (column("#[column(default = 1u8)]"), "lib.rs:3:20: the attribute `column` cannot be read: expected a text in quotes, a number, `true` or `false`; write `#[column(flag, key = \"text\", key(…))]`"),
        (on_table("name = \"\""), "lib.rs:3:16: `name` is empty; say what it is, or remove it"),
        (on_table("name = \"s.t\""), "lib.rs:3:16: the name `s.t` has a dot in it; write `schema = \"s\", name = \"t\"`"),
        ("#[derive(Table)] struct T { a: Strange<u8> }".to_owned(), "lib.rs:2:32: the Postgres type of `Strange<u8>` is not known; say it with `#[column(type = \"…\")]` on the field; a newtype of the package is followed with `#[sqlx(transparent)]`, an enum with `#[derive(Enum)]`, and what is stored as JSON is `sqlx::types::Json<…>`"),
        ("#[derive(Table)] struct T { a: Option<u64> }".to_owned(), "lib.rs:2:39: the Postgres type of `u64` is not known; sqlx stores no `u64`: use `i64`, or say the type of the column with `#[column(type = \"…\")]`"),
        ("#[derive(Table)] struct T { a: Vec<Vec<i32>> }".to_owned(), "lib.rs:2:36: sqlx reads no arrays of arrays; store it as JSON, `sqlx::types::Json<…>`, or say its type: `#[column(type = \"…\")]`"),
        ("#[derive(Table)] struct T { a: i32 }\nmod m { #[derive(migrate_runtime::Table)]\n#[table(name = \"t\")] struct U { a: i32 } }".to_owned(), "lib.rs:4:29: there are two models of the table `t`; the other is at lib.rs:2:25: give one another `name`"),
        ("#[derive(Table)] struct T { a: i32 }\n#[derive(Enum)] enum T { A }".to_owned(), "lib.rs:2:25: a type and a table are called `t`: a table has a type of its own name; the other is at lib.rs:3:22: give one another `name`"),
        ("#[derive(Table)] struct T { a: i32,\n#[column(name = \"a\")] b: i32 }".to_owned(), "lib.rs:3:23: two columns of `t` are called `a`; the other is at lib.rs:2:29: give one another name, `#[column(name = \"…\")]`"),
        ("#[derive(Table)] struct T { #[column(primary_key)] a: i32,\n#[column(primary_key)] b: i32 }".to_owned(), "lib.rs:3:10: `t` has several primary keys; the other is at lib.rs:2:38; one of several columns is written on the struct: `#[table(primary_key(columns(a, b)))]`"),
        (on_table("unique(columns(a, c))"), "lib.rs:3:27: `t` has no column `c`; did you mean `a`?"),
        (on_table("index(columns(nothing))"), "lib.rs:3:23: `t` has no column `nothing`; its columns are `a`"),
        (on_table("unique"), "lib.rs:3:9: `unique` without `columns`; write `unique(columns(a, b))`"),
        (on_table("unique(column(a))"), "lib.rs:3:16: unknown key `column` of `unique`; did you mean `columns`?"),
        (column("#[column(references = \"t (b)\")]"), "lib.rs:3:23: `t` has no column `b`; did you mean `a`?"),
        (column("#[column(references = \"t\")]"), "lib.rs:3:23: `t` has no primary key that could be referenced; name the columns that are meant: `references = \"t (…)\"`"),
        (column("#[column(references = Supplier)]"), "lib.rs:3:23: the reference leads to no model of the package; write a struct with `#[derive(Table)]`, or a text: `references = \"suppliers (id)\"`"),
        (column("#[column(references = \"(a)\")]"), "lib.rs:3:23: `(a)` does not begin with the name of a table; write what follows REFERENCES in SQL: `references = \"suppliers (id) on delete cascade\"`"),
        (column("#[column(on_delete = \"cascade\")]"), "lib.rs:4:1: what happens to a reference is said, and no reference; add `references = \"suppliers (id)\"`"),
        ("#[cfg(unix)] mod m { #[derive(migrate_runtime::Table)] struct T { a: i32 } }".to_owned(), "lib.rs:2:3: whether `T` is a model depends on how the package is compiled, and that cannot be read; remove the condition; the markers have no code, so they need none"),
        (column("#[cfg(unix)]"), "lib.rs:3:3: whether `a` is a column depends on how the package is compiled, and that cannot be read; remove the condition; the markers have no code, so they need none"),
        (column("#[cfg_attr(x, column(unique))]"), "lib.rs:3:3: what the column `a` is depends on how the package is compiled, and that cannot be read; remove the condition; the markers have no code, so they need none"),
        ("#[cfg_attr(unix, derive(migrate_runtime::Table))] struct T { a: i32 }".to_owned(), "lib.rs:2:3: whether `T` is a model depends on how the package is compiled, and that cannot be read; remove the condition; the markers have no code, so they need none"),
        ("#[derive(Table)] struct T<X> { a: X }".to_owned(), "lib.rs:2:25: the struct `T` is generic, and a table has columns of one type each; write a struct for each table, or remove `Table` from its derives"),
        ("#[derive(Table)] struct T(i32);".to_owned(), "lib.rs:2:25: `T` is a tuple struct: its columns have no names; give its fields names, or remove `Table` from its derives"),
        ("#[derive(Table)] struct T {}".to_owned(), "lib.rs:2:25: the struct `T` has no fields; a table needs a column: add a field, or remove `Table` from its derives"),
        ("#[derive(Enum)] enum E { A(i32) }".to_owned(), "lib.rs:2:26: the variant `A` has data, and a value of an enum in Postgres has none; store the enum as JSON, `sqlx::types::Json<…>`, and remove `Enum` from its derives"),
        ("#[derive(Enum)] enum E {}".to_owned(), "lib.rs:2:22: the enum `E` has no variants; give it one, or remove its marker"),
        ("#[derive(Enum)] #[repr(i32)] enum E { A }".to_owned(), "lib.rs:2:35: `E` is stored as a number: it has `#[repr(i32)]`; remove `Enum` from its derives: its columns are numbers; or remove the `repr`"),
        ("#[derive(Enum)] enum E { A, #[variant(name = \"A\")] B }".to_owned(), "lib.rs:2:52: two variants of `E` are called `A`; the other is at lib.rs:2:26: give one another name"),
        ("#[derive(Enum)] enum E { #[variant(nam = \"A\")] B }".to_owned(), "lib.rs:2:36: unknown key `nam` of `variant`; did you mean `name`?"),
        ("#[derive(Table, sqlx::FromRow)] struct T { #[column(name = \"price\")] cost: i32 }".to_owned(), "lib.rs:2:60: sqlx looks for the column `cost`, and the model calls it `price`; write `#[sqlx(rename = \"price\")]` in place of `name`: both go by it"),
        ("#[derive(Enum, sqlx::Type)] #[enumeration(name = \"feeling\")] enum Mood { A }".to_owned(), "lib.rs:2:50: sqlx looks for the type `mood`, and the model calls it `feeling`; write `#[sqlx(type_name = \"feeling\")]` in place of `name`: both go by it"),
        ("#[derive(Enum, sqlx::Type)] enum Mood { #[variant(name = \"a\")] A }".to_owned(), "lib.rs:2:58: sqlx looks for the value `A`, and the model calls it `a`; write `#[sqlx(rename = \"a\")]` in place of `name`: both go by it"),
        ("#[derive(Enum, sqlx::Type)] #[enumeration(rename_all = \"lowercase\")] enum Mood { A }".to_owned(), "lib.rs:2:56: sqlx does not rename the values so; write `rename_all` in `#[sqlx(…)]` in place of this: both go by it"),
        ("#[derive(Enum)] struct E { a: i32 }".to_owned(), "lib.rs:2:24: `E` is a struct, and derives `Enum`; derive `Table`"),
        ("#[derive(Table)] enum E { A }".to_owned(), "lib.rs:2:23: `E` is an enum, and derives `Table`; derive `Enum`"),
        ("fn f() { #[derive(Table)] struct T { a: i32 } }".to_owned(), "lib.rs:2:34: `T` is inside a function, where it is no part of the package's schema; move it to a module, or remove `Table` from its derives"),
        ("struct T {".to_owned(), "lib.rs:2:10: the file is not valid Rust: a bracket or a text here has no other end; mend it, then run the command again"),
    ] {
        let text = format!("use migrate_runtime::*;\n{text}");
        match read(&[("lib.rs", &text)]) {
            Ok(models) => wrong.push(format!("{text}\nis read as\n{}", models.sql())),
            Err(problem) if problem != expected => wrong.push(format!("{text}\n  said: {problem}\nnot as: {expected}")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = "use migrate_runtime::*;\n#[derive(Table)] struct A { a: u8, b: u16 }\n#[derive(Table)] struct B(i32);";
    let problem = read(&[("lib.rs", text)]).expect_err("nothing is right");
    assert_eq!(problem.lines().count(), 3, "{problem}");
}

/// The reference is what users read: no key may be missing there.
#[test]
fn every_key_is_in_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate-runtime/derive/src/lib.rs");
    let documentation = fs::read_to_string(&path).expect("the markers are beside this package");
    let lists = [
        about::KEYS,
        about::PARTITION_KEYS,
        column::KEYS,
        column::IDENTITY_KEYS,
        column::GENERATED_KEYS,
        constraint::PRIMARY_KEY_KEYS,
        constraint::UNIQUE_KEYS,
        constraint::CHECK_KEYS,
        constraint::FOREIGN_KEY_KEYS,
        constraint::EXCLUDE_KEYS,
        index::KEYS,
        index::ELEMENT_KEYS,
        enumeration::KEYS,
        enumeration::VARIANT_KEYS,
    ];
    // The words of what is in backquotes.
    let code = documentation.split('`').skip(1).step_by(2);
    let words: Vec<&str> = code.flat_map(|code| code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')).collect();
    for key in lists.concat() {
        assert!(words.contains(&key), "`{key}` is not described in {}", path.display());
    }
}
