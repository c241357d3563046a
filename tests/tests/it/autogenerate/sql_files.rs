//! The key `schema`: SQL files beside models or in their place, and what models alone leave as it is.

use super::Shop;

const USERS: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String, age: i32 }\n";

#[test]
fn a_file_a_folder_or_a_list_of_both() {
    for schema in ["\"schema.sql\"", "[\"db\"]", "[\"db/a.sql\", \"db/b\"]"] {
        let shop = Shop::with("");
        shop.configure(&format!("schema = {schema}"));
        shop.project.write("schema.sql", "CREATE TABLE a (id int);\nCREATE VIEW b AS SELECT id FROM a;\n");
        shop.project.write("db/a.sql", "CREATE TABLE a (id int);\n");
        shop.project.write("db/b/b.sql", "CREATE VIEW b AS SELECT id FROM a;\n");
        shop.generate("first", &[]);
        shop.upgrade();
        assert_eq!(shop.database.ask("SELECT pg_get_viewdef('b'::regclass)"), " SELECT a.id\n   FROM a;", "{schema}");
        shop.run(&["check", "--against", "database"]).success();
        // All of the schema is described: what is not is taken away.
        shop.database.psql("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        let output = shop.run(&["check", "--against", "database"]).exit(5);
        assert!(output.stderr.contains("removed function 'f()'"), "{output}");
    }
}

#[test]
fn a_file_that_is_missing_empty_or_wrong_is_told() {
    let shop = Shop::with("");
    shop.configure("schema = [\"schema.sql\"]");
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 1
    --- stdout
    --- stderr
    error: failed to read `schema.sql`: no such file or directory
    help: `schema` under `[package.metadata.migrate]` in Cargo.toml names it; `cargo migrate dump` writes one
    ");
    shop.project.make_folder("schema.sql");
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 2
    --- stdout
    --- stderr
    error: `schema.sql` has no `.sql` file
    help: `schema` under `[package.metadata.migrate]` in Cargo.toml names it
    ");
    shop.project.remove("schema.sql");
    shop.project.write("schema.sql", "CREATE TABLE t (id int);\nCREATE VIEW v AS SELECT nothing FROM t;\n");
    insta::assert_snapshot!(shop.run(&["check"]), @r#"
    exit 1
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: column "nothing" does not exist (SQLSTATE 42703)
     --> schema.sql:2:25
      |
    2 | CREATE VIEW v AS SELECT nothing FROM t;
      |                         ^^^^^^^
      |
      = note: this was loaded into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    "#);
    for value in ["3", "\"\"", "[1]", "\"/etc/schema.sql\""] {
        shop.configure(&format!("schema = {value}"));
        let output = shop.run(&["check"]).exit(2);
        assert!(output.stderr.contains("`schema` must be paths relative to the package"), "{value}: {output}");
        assert!(output.stderr.contains("Cargo.toml:9:10"), "{value}: {output}");
    }
}

#[test]
fn models_and_files_are_one_schema() {
    let shop = Shop::with(
        "#[derive(Table)]\n#[table(row_level_security)]\nstruct Users {\n    #[column(primary_key)]\n    id: i64,\n    #[column(type = \"citext\", unique)]\n    email: String,\n    \
         #[column(default = \"next_code()\")]\n    code: i64,\n    #[column(type = \"positive\")]\n    age: i32,\n}\n",
    );
    shop.configure("schema = \"db\"");
    shop.project.write(
        "db/before.sql",
        "CREATE EXTENSION citext;\nCREATE SEQUENCE codes;\nCREATE DOMAIN positive AS integer CHECK (value > 0);\n\
         CREATE FUNCTION next_code() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('codes') $$;\n",
    );
    shop.project.write(
        "db/after.sql",
        "CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;\n\
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n\
         CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n\
         CREATE POLICY own ON users USING (id = 1);\nCOMMENT ON VIEW adults IS 'Of age';\n",
    );
    let folder = shop.generate("all", &[]).remove(0);
    shop.upgrade();
    shop.run(&["check"]).success();
    shop.run(&["check", "--against", "database"]).success();
    shop.database.psql("INSERT INTO users (id, email, age) VALUES (1, 'A@b.c', 20)");
    assert_eq!(shop.database.ask("SELECT id::text FROM adults WHERE email = 'a@B.C'"), "1");
    assert!(shop.read(&folder, "up.sql").contains("CREATE POLICY own ON users"));

    // The view is made again around the column that it reads.
    let retyped = shop.project.read("src/lib.rs").replace("type = \"positive\"", "type = \"bigint\"");
    shop.models(retyped.split_once("\n\n").expect("the imports end").1);
    let folder = shop.generate("age", &[]).remove(0);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! age
    --!
    --! parent: [ID-1]

    DROP VIEW adults;

    -- destroys data: what does not fit bigint in users.age
    -- locks: users against reads and writes while every row is rewritten
    ALTER TABLE users ALTER COLUMN age TYPE bigint USING age::text::bigint;

    CREATE VIEW adults AS
     SELECT users.id,
        users.email
       FROM users
      WHERE (users.age >= 18);

    COMMENT ON VIEW adults IS 'Of age';
    ");
    shop.upgrade();
    shop.run(&["check", "--against", "database"]).success();
    shop.run(&["downgrade", "base"]).success();
    assert_eq!(shop.database.ask("SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname <> 'migrate_revisions' AND relname NOT LIKE 'migrate_%'"), "0");
}

/// What models cannot say, as revisions by hand have made it.
const BY_HAND: &str = "CREATE VIEW adults AS SELECT id, name FROM users WHERE age >= 18;
COMMENT ON VIEW adults IS 'Of age';
GRANT SELECT ON adults TO PUBLIC;
CREATE MATERIALIZED VIEW counted AS SELECT age, count(*) AS n FROM users GROUP BY age;
CREATE UNIQUE INDEX counted_age ON counted (age);
COMMENT ON INDEX counted_age IS 'Once';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER aged BEFORE UPDATE OF age ON users FOR EACH ROW WHEN (NEW.age > 0) EXECUTE FUNCTION touch();
ALTER TABLE users DISABLE TRIGGER aged;
CREATE FUNCTION titled(users) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_age ON users FOR UPDATE USING (age > 0);
CREATE POLICY own ON users USING (id > 0);
CREATE SEQUENCE tickets;
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TYPE pair AS (a int, b int);
CREATE STATISTICS users_stats ON name, age FROM users;
CREATE RULE quiet AS ON DELETE TO users DO INSTEAD NOTHING;
CREATE EXTENSION citext;
CREATE FOREIGN DATA WRAPPER nobody;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nobody;
CREATE FOREIGN TABLE far (id int DEFAULT 7 CHECK (id > 0)) SERVER elsewhere;
COMMENT ON COLUMN far.id IS 'Far';
ALTER VIEW adults ALTER COLUMN name SET DEFAULT 'x';
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
";

/// A shop in which a revision by hand has made all that models cannot say.
fn by_hand() -> Shop {
    let shop = Shop::with(USERS);
    shop.generate("users", &["--rev-id", "u1"]);
    shop.project.write("migrations/u2_by_hand/up.sql", &format!("--! by hand\n--!\n--! parent: u1\n\n{BY_HAND}"));
    shop.upgrade();
    shop
}

#[test]
fn models_alone_leave_the_rest_as_it_is() {
    let shop = by_hand();
    shop.run(&["check"]).success();
    shop.run(&["check", "--against", "database"]).success();
    assert_eq!(shop.run(&["new", "--auto", "nothing"]).success().stdout, "");
    assert_eq!(shop.run(&["diff", "--from", "database", "--to", "models", "--exit-code"]).success().stdout, "");
}

#[test]
fn what_is_kept_is_made_again_around_what_changes() {
    for (models, options, expected) in [
        // Renamed: the server follows by itself.
        (
            USERS.replace("name: String", "#[column(renamed_from = \"name\")] title: String"),
            &[][..],
            " SELECT users.id,\n    users.title AS name\n   FROM users\n  WHERE (users.age >= 18);",
        ),
        // Retyped: dropped and made again.
        (
            USERS.replace("age: i32", "age: i64"),
            &[],
            " SELECT users.id,\n    users.name\n   FROM users\n  WHERE (users.age >= 18);",
        ),
        (
            USERS.replace("struct Users", "#[table(renamed_from = \"users\")]\nstruct People"),
            &[],
            " SELECT people.id,\n    people.name\n   FROM people\n  WHERE (people.age >= 18);",
        ),
    ] {
        let shop = by_hand();
        let before = shop.database.catalog();
        shop.models(&models);
        shop.generate("change", options);
        shop.upgrade();
        assert_eq!(shop.database.ask("SELECT pg_get_viewdef('adults'::regclass)"), expected, "{models}");
        assert_eq!(shop.database.ask("SELECT obj_description('adults'::regclass)"), "Of age");
        assert_eq!(shop.database.ask("SELECT count(*)::text FROM pg_policy"), "2");
        shop.run(&["check"]).success();
        shop.run(&["check", "--against", "database"]).success();
        shop.run(&["downgrade", "u2"]).success();
        assert_eq!(shop.database.catalog(), before, "{models}");
    }
}

#[test]
fn what_stands_on_a_column_that_ends_is_told_and_ends_with_it() {
    let shop = by_hand();
    shop.models(&USERS.replace(", age: i32", ""));
    let output = shop.run(&["new", "--auto", "no age"]).success();
    insta::assert_snapshot!(output, @"
    exit 0
    --- stdout
    migrations/[ID-1]_no_age
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected removed view 'adults'
        Detected removed materialized view 'counted'
        Detected removed column 'users.age'
        Detected removed statistics 'users_stats'
        Detected removed trigger 'users.aged'
        Detected removed policy 'users.of_age'
         Created migrations/[ID-1]_no_age/up.sql
         Created migrations/[ID-1]_no_age/down.sql
    warning: the upgrade destroys the values of users.age
    ");
    let folder = output.stdout.trim().to_owned();
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! no age
    --!
    --! parent: u2

    DROP MATERIALIZED VIEW counted;

    DROP VIEW adults;

    DROP TRIGGER aged ON users;

    DROP POLICY of_age ON users;

    -- destroys data: the values of users.age
    ALTER TABLE users DROP COLUMN age;
    ");
    shop.upgrade();
    shop.run(&["check"]).success();
    assert_eq!(shop.database.ask("SELECT to_regclass('adults')::text"), "");
}

#[test]
fn partitions_that_are_made_as_time_passes_are_left_alone() {
    let event = |more: &str| {
        format!(
            "#[derive(Table)]\n#[table(partition_by = \"range (at)\", primary_key = \"id, at\")]\n\
             #[table(partition(name = \"event_2026\", values = \"from ('2026-01-01') to ('2027-01-01')\"))]\n\
             struct Event {{ id: i64, at: chrono::NaiveDate{more} }}\n"
        )
    };
    let shop = Shop::with(&event(""));
    shop.generate("events", &["--rev-id", "e1"]);
    shop.upgrade();
    shop.database.psql(
        "CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01') PARTITION BY RANGE (at);\n\
         CREATE TABLE event_2027_01 PARTITION OF event_2027 FOR VALUES FROM ('2027-01-01') TO ('2027-02-01');\n\
         CREATE INDEX of_its_own ON event_2027_01 (at);\nINSERT INTO event VALUES (1, '2027-01-05')",
    );
    shop.run(&["check", "--against", "database"]).success();
    // A change of the parent reaches them all.
    shop.models(&event(", #[column(index)] note: Option<String>"));
    let folder = shop.generate("note", &[]).remove(0);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! note
    --!
    --! parent: e1

    ALTER TABLE event ADD COLUMN note text;

    -- locks: event_2026 against writes while the index is built
    CREATE INDEX event_2026_note_idx ON event_2026 (note);

    -- locks: event against writes while the index is built
    CREATE INDEX event_note_idx ON event (note);
    ");
    shop.upgrade();
    shop.run(&["check", "--against", "database"]).success();
    assert_eq!(shop.database.ask("SELECT count(*)::text FROM event_2027_01 WHERE note IS NULL"), "1");
    shop.run(&["downgrade", "e1"]).success();
    shop.run(&["downgrade", "base"]).success();
}
