//! What takes long on a table in use, in revisions of its own.

use super::{Shop, id};

const BEFORE: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, name: String, code: i32 }\n\
    #[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, user_id: i64, n: i32, state: State }\n\
    #[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum State { New }\n";

const AFTER: &str = "#[derive(Table)]\nstruct Users { #[column(primary_key)] id: i64, #[column(index)] name: String, #[column(unique)] code: i32 }\n\
    #[derive(Table)]\n#[table(index(columns(n), where = \"state = 'paid'\"))]\n\
    struct Orders { #[column(primary_key)] id: i64, #[column(references = \"users\", index)] user_id: i64, #[column(check = \"n > 0\")] n: i32, \
    #[column(default = \"'paid'\")] state: State, note: String }\n\
    #[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum State { New, Paid }\n";

#[test]
fn a_change_becomes_values_schema_and_what_takes_long() {
    let shop = Shop::with(BEFORE);
    // On new tables nobody waits.
    assert_eq!(shop.generate("first", &["--online"]).len(), 1);
    shop.upgrade();
    let first = shop.revisions().remove(0);
    let catalog = shop.database.catalog();
    shop.models(AFTER);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "orders are paid", "--online"]), @"
    exit 0
    --- stdout
    migrations/[ID-1]_orders_are_paid_enum_values
    migrations/[ID-2]_orders_are_paid
    migrations/[ID-3]_orders_are_paid_online
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected changed enum 'state': added value 'paid'
        Detected added column 'orders.note'
        Detected changed column 'orders.state': default 'paid'::state
        Detected added check constraint 'orders.orders_n_check'
        Detected added foreign key 'orders.orders_user_id_fkey'
        Detected added unique constraint 'users.users_code_key'
        Detected added index 'orders.orders_n_idx'
        Detected added index 'orders.orders_user_id_idx'
        Detected added index 'users.users_name_idx'
         Created migrations/[ID-1]_orders_are_paid_enum_values/up.sql
         Created migrations/[ID-1]_orders_are_paid_enum_values/down.sql
         Created migrations/[ID-2]_orders_are_paid/up.sql
         Created migrations/[ID-2]_orders_are_paid/down.sql
         Created migrations/[ID-3]_orders_are_paid_online/up.sql
         Created migrations/[ID-3]_orders_are_paid_online/down.sql
    warning: orders.note refuses NULL and has no default: write in migrations/[ID-3]_orders_are_paid_online/up.sql what rows that are there get
    note: these are 3 revisions, each of which must be committed before the next
    ");
    let revisions = shop.revisions();
    let [_, values, schema, online] = &revisions[..] else { panic!("{revisions:?}") };
    insta::assert_snapshot!(shop.redacted(values, "up.sql"), @"
    --! orders are paid: enum values
    --!
    --! parent: [ID-1]

    ALTER TYPE state ADD VALUE 'paid';
    ");
    insta::assert_snapshot!(shop.redacted(schema, "up.sql"), @"
    --! orders are paid
    --!
    --! parent: [ID-1]

    ALTER TABLE orders
        ALTER COLUMN state SET DEFAULT 'paid'::state,
        ADD COLUMN note text,
        ADD CONSTRAINT orders_n_check CHECK ((n > 0)) NOT VALID,
        ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) NOT VALID;
    ");
    insta::assert_snapshot!(shop.redacted(online, "up.sql"), @"
    --! orders are paid: online
    --!
    --! parent: [ID-1]
    --! transaction: none

    ALTER TABLE orders ADD CONSTRAINT orders_note_is_set CHECK (note IS NOT NULL) NOT VALID;

    -- backfill: give each row that has none a value for note here, as in
    -- UPDATE orders SET note = … WHERE note IS NULL;
    ALTER TABLE orders VALIDATE CONSTRAINT orders_note_is_set;

    ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

    ALTER TABLE orders DROP CONSTRAINT orders_note_is_set;

    ALTER TABLE orders VALIDATE CONSTRAINT orders_n_check;

    ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;

    CREATE INDEX CONCURRENTLY orders_n_idx ON orders (n)
        WHERE (state = 'paid'::state);

    CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);

    CREATE UNIQUE INDEX CONCURRENTLY users_code_key ON users (code);

    ALTER TABLE users ADD CONSTRAINT users_code_key UNIQUE USING INDEX users_code_key;

    CREATE INDEX CONCURRENTLY users_name_idx ON users (name);
    ");
    insta::assert_snapshot!(shop.redacted(online, "down.sql"), @"
    --! transaction: none

    DROP INDEX CONCURRENTLY IF EXISTS orders_n_idx;

    DROP INDEX CONCURRENTLY IF EXISTS orders_user_id_idx;

    ALTER TABLE users DROP CONSTRAINT IF EXISTS users_code_key;

    DROP INDEX CONCURRENTLY IF EXISTS users_code_key;

    DROP INDEX CONCURRENTLY IF EXISTS users_name_idx;

    ALTER TABLE orders
        DROP CONSTRAINT IF EXISTS orders_note_is_set,
        ALTER COLUMN note DROP NOT NULL;
    ");
    insta::assert_snapshot!(shop.redacted(schema, "down.sql"), @"
    -- destroys data: the values of orders.note
    ALTER TABLE orders
        DROP CONSTRAINT orders_n_check,
        DROP CONSTRAINT orders_user_id_fkey,
        ALTER COLUMN state DROP DEFAULT,
        DROP COLUMN note;
    ");
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
    assert!(folder.ends_with("_an_index"), "{folder}");
    insta::assert_snapshot!(shop.redacted(folder, "up.sql"), @"
    --! an index
    --!
    --! parent: [ID-1]
    --! transaction: none

    CREATE INDEX CONCURRENTLY users_name_idx ON users (name);
    ");
    insta::assert_snapshot!(shop.redacted(folder, "down.sql"), @"
    --! transaction: none

    DROP INDEX CONCURRENTLY IF EXISTS users_name_idx;
    ");
    shop.upgrade();
    shop.run(&["check"]).success();
    shop.run(&["downgrade", "base"]).success();
}

/// Without a transaction what was done stays, so a failure is mended in place.
#[test]
fn what_fails_goes_on_when_its_rows_are_mended() {
    let shop = Shop::with(BEFORE);
    shop.generate("first", &[]);
    shop.upgrade();
    shop.database
        .psql("INSERT INTO users VALUES (1, 'ann', 7), (2, 'bob', 7); INSERT INTO orders VALUES (1, 1, 1, 'new')");
    shop.models(AFTER);
    let folder = shop.generate("paid", &["--online"]).remove(2);
    let output = shop.run(&["upgrade"]).exit(1);
    assert!(
        output
            .stderr
            .contains("check constraint \"orders_note_is_set\" of relation \"orders\" is violated by some row"),
        "{output}"
    );
    // The values are written where the file says.
    let file = format!("{folder}/up.sql");
    let text = shop.project.read(&file);
    let line = "\n-- UPDATE orders SET note = … WHERE note IS NULL;\n";
    assert!(text.contains(line), "{text}");
    shop.project.write(&file, &text.replace(line, "\nUPDATE orders SET note = 'none' WHERE note IS NULL;\n\n"));
    let output = shop.run(&["upgrade"]).exit(1);
    assert!(output.stderr.contains("could not create unique index \"users_code_key\""), "{output}");
    shop.database.psql("UPDATE users SET code = 8 WHERE id = 2");
    shop.upgrade();
    shop.run(&["check"]).success();
    shop.run(&["check", "--against", "database"]).success();
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
    let keys: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("--! "))
        .filter(|line| line.contains(": ") && !line.starts_with("paid"))
        .collect();
    keys.join("; ")
}

/// A shop whose schema is SQL: as it is, with its rows, and as it shall be.
fn with_rows(before: &str, rows: &str, after: &str) -> Shop {
    let shop = Shop::with("");
    shop.configure("schema = [\"schema.sql\"]\nonline = true");
    shop.project.write("schema.sql", before);
    shop.generate("first", &[]);
    shop.upgrade();
    shop.database.psql(rows);
    shop.project.write("schema.sql", after);
    shop
}

impl Shop {
    /// Writes the values where a file asks for them.
    fn fill(&self, folder: &str, remark: &str, update: &str) {
        let file = format!("{folder}/up.sql");
        let text = self.project.read(&file);
        let line = format!("\n{remark}\n");
        assert!(text.contains(&line), "{text}");
        self.project.write(&file, &text.replace(&line, &format!("\n{update};\n\n")));
    }

    /// Runs what is pending, and all of it back to the first and again.
    fn goes_up_and_down(&self) {
        let first = self.revisions().remove(0);
        for _ in 0..2 {
            self.upgrade();
            self.run(&["check"]).success();
            self.run(&["check", "--against", "database"]).success();
            self.run(&["downgrade", id(&first)]).success();
        }
    }
}

const NAMES: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n";

#[test]
fn a_column_that_refuses_null_is_one_revision() {
    let shop = with_rows(NAMES, "INSERT INTO users VALUES (1, NULL)", &NAMES.replace("text", "text NOT NULL"));
    let catalog = shop.database.catalog();
    let folders = shop.generate("names", &[]);
    let [folder] = &folders[..] else { panic!("{folders:?}") };
    shop.fill(
        folder,
        "-- UPDATE users SET name = … WHERE name IS NULL;",
        "UPDATE users SET name = '' WHERE name IS NULL",
    );
    shop.goes_up_and_down();
    assert_eq!(shop.database.catalog(), catalog);
}

#[test]
fn a_column_comes_to_number_rows() {
    let shop = with_rows(
        "CREATE TABLE t (id integer);\n",
        "INSERT INTO t VALUES (1), (NULL)",
        "CREATE TABLE t (id integer NOT NULL GENERATED ALWAYS AS IDENTITY);\n",
    );
    let catalog = shop.database.catalog();
    let folder = shop.generate("numbers", &[]).remove(0);
    shop.fill(&folder, "-- UPDATE t SET id = … WHERE id IS NULL;", "UPDATE t SET id = 2 WHERE id IS NULL");
    shop.goes_up_and_down();
    assert_eq!(shop.database.catalog(), catalog);
}

#[test]
fn a_key_that_something_refers_to_has_its_values_first() {
    let shop = with_rows(
        "CREATE TABLE users (name text NOT NULL);\n",
        "INSERT INTO users VALUES ('ann'), ('bob')",
        "CREATE TABLE users (name text NOT NULL, id bigint PRIMARY KEY, code integer UNIQUE);\n\
         CREATE TABLE orders (user_id bigint REFERENCES users (id));\n",
    );
    let catalog = shop.database.catalog();
    let folder = shop.generate("keys", &[]).remove(0);
    let update = "UPDATE users SET id = CASE name WHEN 'ann' THEN 1 ELSE 2 END";
    shop.fill(&folder, "-- UPDATE users SET id = … WHERE id IS NULL;", update);
    shop.goes_up_and_down();
    assert_eq!(shop.database.catalog(), catalog);
}

#[test]
fn what_fails_is_undone_and_done_again() {
    let after = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, n integer,\n\
                 CONSTRAINT users_name_key UNIQUE (name));\nCREATE INDEX users_n_idx ON users (n);\n";
    let shop = with_rows(NAMES, "INSERT INTO users VALUES (1, 'ann'), (2, NULL), (3, 'ann')", after);
    let (first, catalog) = (shop.revisions().remove(0), shop.database.catalog());
    shop.generate("names", &[]);
    // The values are forgotten, and then they are not unique.
    for (update, error) in [
        ("", "check constraint \"users_name_is_set\" of relation \"users\" is violated by some row"),
        ("UPDATE users SET name = 'bob' WHERE id = 2", "could not create unique index \"users_name_key\""),
    ] {
        shop.database.psql(update);
        let output = shop.run(&["upgrade"]).exit(1);
        assert!(output.stderr.contains(error), "{output}");
        shop.run(&["downgrade", id(&first)]).success();
        assert_eq!(shop.database.catalog(), catalog);
    }
    shop.database.psql("UPDATE users SET name = 'cid' WHERE id = 3");
    shop.goes_up_and_down();
    assert_eq!(shop.database.catalog(), catalog);
}

/// The new ones are ready before the old ones end, and a failure leaves the old ones.
#[test]
fn what_is_unique_stays_so_until_it_is_so_otherwise() {
    let schema = |key: &str| {
        format!(
            "CREATE TABLE t (a integer, b integer, c integer, CONSTRAINT t_key UNIQUE ({key}));\n\
             CREATE UNIQUE INDEX t_idx ON t (c, {key});\nCOMMENT ON INDEX t_idx IS 'it is {key}';\n"
        )
    };
    let shop = with_rows(&schema("a"), "INSERT INTO t VALUES (1, 1, 1), (2, 1, 2)", &schema("b"));
    let (first, catalog) = (shop.revisions().remove(0), shop.database.catalog());
    let folders = shop.generate("keys", &[]);
    let [folder] = &folders[..] else { panic!("{folders:?}") };
    insta::assert_snapshot!(shop.redacted(folder, "up.sql"), @"
    --! keys
    --!
    --! parent: [ID-1]
    --! transaction: none

    CREATE UNIQUE INDEX CONCURRENTLY t_key_new ON t (b);

    ALTER TABLE t
        DROP CONSTRAINT t_key,
        ADD CONSTRAINT t_key UNIQUE USING INDEX t_key_new;

    CREATE UNIQUE INDEX CONCURRENTLY t_idx_new ON t (c, b);

    DROP INDEX CONCURRENTLY t_idx;

    ALTER INDEX t_idx_new RENAME TO t_idx;

    COMMENT ON INDEX t_idx IS 'it is b';
    ");
    insta::assert_snapshot!(shop.redacted(folder, "down.sql"), @"
    --! transaction: none

    DROP INDEX CONCURRENTLY IF EXISTS t_key_new;

    CREATE UNIQUE INDEX CONCURRENTLY t_key_new ON t (a);

    ALTER TABLE t
        DROP CONSTRAINT IF EXISTS t_key,
        ADD CONSTRAINT t_key UNIQUE USING INDEX t_key_new;

    DROP INDEX CONCURRENTLY IF EXISTS t_idx_new;

    CREATE UNIQUE INDEX CONCURRENTLY t_idx_new ON t (c, a);

    DROP INDEX CONCURRENTLY IF EXISTS t_idx;

    ALTER INDEX t_idx_new RENAME TO t_idx;

    COMMENT ON INDEX t_idx IS 'it is a';
    ");
    let output = shop.run(&["upgrade"]).exit(1);
    assert!(output.stderr.contains("could not create unique index \"t_key_new\""), "{output}");
    let output = shop.database.try_psql("INSERT INTO t VALUES (1, 3, 3)").unwrap_err();
    assert!(output.contains("\"t_key\""), "{output}");
    shop.run(&["downgrade", id(&first)]).success();
    assert_eq!(shop.database.catalog(), catalog);
    shop.database.psql("UPDATE t SET b = 2 WHERE a = 2");
    shop.goes_up_and_down();
    assert_eq!(shop.database.catalog(), catalog);
}
