//! The everyday workflow: edit the models, generate, read, upgrade, check.

use super::{Shop, id};

const USERS: &str =
    "#[derive(Table)]\nstruct Users {\n    #[column(primary_key, identity)]\n    id: i64,\n    name: String,\n}\n";

const WITH_EMAIL: &str = "#[derive(Table)]\nstruct Users {\n    #[column(primary_key, identity)]\n    id: i64,\n    name: String,\n    email: String,\n}\n";

#[test]
fn tables_are_made_changed_and_checked() {
    let shop = Shop::with(USERS);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "create users"]), @"
    exit 0
    --- stdout
    migrations/[ID-1]_create_users
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added table 'users'
         Created migrations/[ID-1]_create_users/up.sql
         Created migrations/[ID-1]_create_users/down.sql
    ");
    let [first] = &shop.revisions()[..] else { panic!("one revision: {:?}", shop.revisions()) };
    insta::assert_snapshot!(shop.redacted(first, "up.sql"), @"
    --! create users
    --!
    --! parent: base

    CREATE TABLE users (
        id bigint GENERATED ALWAYS AS IDENTITY,
        name text NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id)
    );
    ");
    insta::assert_snapshot!(shop.redacted(first, "down.sql"), @"
    -- destroys data: the rows of users
    DROP TABLE users;
    ");
    shop.upgrade();
    insta::assert_snapshot!(shop.run(&["check", "--against", "database"]), @"
    exit 0
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Checked the models want nothing that the database lacks
    ");

    // Nothing is left to do.
    insta::assert_snapshot!(shop.run(&["new", "--auto", "nothing"]), @"
    exit 0
    --- stdout
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
       Unchanged the models want nothing that the database lacks: no revision was made
    ");
    insta::assert_snapshot!(shop.run(&["new", "--auto", "nothing", "--format", "json", "-q"]), @r#"
    exit 0
    --- stdout
    {"revisions":[],"changes":[]}
    --- stderr
    "#);
    assert_eq!(shop.revisions().len(), 1);

    shop.models(&format!(
        "{USERS}\n#[derive(Table)]\nstruct Orders {{\n    #[column(primary_key)]\n    id: i64,\n    \
         #[column(references = \"users\", index)]\n    user_id: i64,\n}}\n"
    ));
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 5
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added table 'orders'
    error: the migrations and the models differ in 1 object
    help: `cargo migrate new --auto MESSAGE` writes a revision of it
    ");
    let second = shop.generate("add orders", &[]).remove(0);
    insta::assert_snapshot!(shop.redacted(&second, "up.sql"), @"
    --! add orders
    --!
    --! parent: [ID-1]

    CREATE TABLE orders (
        id bigint NOT NULL,
        user_id bigint NOT NULL,
        CONSTRAINT orders_pkey PRIMARY KEY (id),
        CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
    );

    CREATE INDEX orders_user_id_idx ON orders (user_id);
    ");
    shop.upgrade();
    insta::assert_snapshot!(shop.run(&["check"]), @"
    exit 0
    --- stdout
    --- stderr
       Replaying migrations into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
         Checked the models want nothing that the migrations lack
    ");
}

#[test]
fn a_column_that_refuses_null_wants_its_rows_filled() {
    let shop = Shop::with(USERS);
    shop.generate("create users", &[]);
    shop.upgrade();
    shop.database.psql("INSERT INTO users (name) VALUES ('ann'), ('bob')");
    shop.models(WITH_EMAIL);
    insta::assert_snapshot!(shop.run(&["new", "--auto", "add email"]), @"
    exit 0
    --- stdout
    migrations/[ID-1]_add_email
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added column 'users.email'
         Created migrations/[ID-1]_add_email/up.sql
         Created migrations/[ID-1]_add_email/down.sql
    warning: users.email refuses NULL and has no default: write in migrations/[ID-1]_add_email/up.sql what rows that are there get
    ");
    let folder = shop.revisions().remove(1);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! add email
    --!
    --! parent: [ID-1]

    ALTER TABLE users ADD COLUMN email text;

    ALTER TABLE users ADD CONSTRAINT users_email_is_set CHECK (email IS NOT NULL) NOT VALID;

    -- backfill: give each row that has none a value for email here, as in
    -- UPDATE users SET email = … WHERE email IS NULL;
    ALTER TABLE users VALIDATE CONSTRAINT users_email_is_set;

    ALTER TABLE users ALTER COLUMN email SET NOT NULL;

    ALTER TABLE users DROP CONSTRAINT users_email_is_set;
    ");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"
    -- destroys data: the values of users.email
    ALTER TABLE users DROP COLUMN email;
    ");

    // Unread, it fails where the rows are looked at, and changes nothing.
    let output = shop.run(&["upgrade"]).exit(1);
    insta::assert_snapshot!(output, @r#"
    exit 1
    --- stdout
    --- stderr
       Upgrading [ID-1] add email (1/1)
    error: revision [ID-1] failed: check constraint "users_email_is_set" of relation "users" is violated by some row (SQLSTATE 23514)
      --> migrations/[ID-1]_add_email/up.sql:11:1
       |
    11 | ALTER TABLE users VALIDATE CONSTRAINT users_email_is_set;
       | ^^^^^
       |
       = note: table: public.users
       = note: constraint: users_email_is_set
       = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
    assert_eq!(
        shop.database
            .ask("SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0"),
        "id,name"
    );

    let file = format!("{folder}/up.sql");
    let text = shop.project.read(&file);
    let line = text.find("\nALTER TABLE users ADD CONSTRAINT").expect("the check");
    let (before, after) = text.split_at(line);
    shop.project.write(
        &file,
        &format!("{before}\nUPDATE users SET email = name || '@example.org' WHERE email IS NULL;\n{after}"),
    );
    shop.upgrade();
    assert_eq!(
        shop.database.ask("SELECT string_agg(email, ',' ORDER BY id) FROM users"),
        "ann@example.org,bob@example.org"
    );
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
    insta::assert_snapshot!(shop.run(&["new", "--auto", "second"]), @"
    exit 0
    --- stdout
    migrations/[ID-1]_second
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected added table 'fresh'
        Detected removed table 'gone'
        Detected removed column 'a.gone'
        Detected added column 'a.note'
         Created migrations/[ID-1]_second/up.sql
         Created migrations/[ID-1]_second/down.sql
    warning: the upgrade destroys the values of a.gone
    warning: the upgrade destroys the rows of gone
    note: `gone` is in the database and in no model: if it is another program's, leave it out with `--exclude gone`, or compare with the revisions alone, `--against migrations`
    ");
    let folder = shop.revisions().remove(1);
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! second
    --!
    --! parent: [ID-1]

    ALTER TABLE a ADD COLUMN note text;

    CREATE TABLE fresh (
        id bigint NOT NULL,
        n integer NOT NULL,
        more text,
        CONSTRAINT fresh_pkey PRIMARY KEY (id)
    );

    -- destroys data: the values of a.gone
    ALTER TABLE a DROP COLUMN gone;

    -- destroys data: the rows of gone
    DROP TABLE gone;
    ");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"
    ALTER TABLE a ADD COLUMN gone integer;

    CREATE TABLE gone (
        id bigint NOT NULL,
        CONSTRAINT gone_pkey PRIMARY KEY (id)
    );

    -- destroys data: the values of a.note
    ALTER TABLE a DROP COLUMN note;

    -- destroys data: the rows of fresh
    DROP TABLE fresh;
    ");
}

#[test]
fn a_value_of_an_enum_that_is_used_at_once_gets_a_revision_of_its_own() {
    let shop = Shop::with(
        "#[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum State { New }\n#[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, #[column(default = \"'new'\")] state: State }\n",
    );
    shop.generate("orders", &[]);
    shop.upgrade();
    shop.models(
        "#[derive(Enum)]\n#[enumeration(rename_all = \"lowercase\")]\nenum State { New, Draft }\n#[derive(Table)]\nstruct Orders { #[column(primary_key)] id: i64, #[column(default = \"'draft'\")] state: State }\n",
    );
    insta::assert_snapshot!(shop.run(&["new", "--auto", "drafts"]), @"
    exit 0
    --- stdout
    migrations/[ID-1]_drafts_enum_values
    migrations/[ID-2]_drafts
    --- stderr
         Loading models into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
        Detected changed enum 'state': added value 'draft'
        Detected changed column 'orders.state': default 'draft'::state, it was 'new'::state
         Created migrations/[ID-1]_drafts_enum_values/up.sql
         Created migrations/[ID-1]_drafts_enum_values/down.sql
         Created migrations/[ID-2]_drafts/up.sql
         Created migrations/[ID-2]_drafts/down.sql
    note: these are 2 revisions, each of which must be committed before the next
    ");
    let revisions = shop.revisions();
    insta::assert_snapshot!(shop.redacted(&revisions[1], "up.sql"), @"
    --! drafts: enum values
    --!
    --! parent: [ID-1]

    ALTER TYPE state ADD VALUE 'draft';
    ");
    insta::assert_snapshot!(shop.redacted(&revisions[1], "down.sql"), @"
    ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;

    -- destroys data: the value 'draft' of state, which no row may hold
    ALTER TYPE state RENAME TO state_old;

    CREATE TYPE state AS ENUM (
        'new'
    );

    -- locks: orders against reads and writes while every row is rewritten
    ALTER TABLE orders
        ALTER COLUMN state TYPE state USING state::text::state,
        ALTER COLUMN state SET DEFAULT 'new'::state;

    DROP TYPE state_old;
    ");
    insta::assert_snapshot!(shop.redacted(&revisions[2], "up.sql"), @"
    --! drafts
    --!
    --! parent: [ID-1]

    ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'draft'::state;
    ");
    insta::assert_snapshot!(shop.redacted(&revisions[2], "down.sql"), @"
    ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new'::state;
    ");
    // One run applies both, since each revision has a transaction of its own.
    shop.upgrade();
    shop.run(&["check"]).success();
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
    insta::assert_snapshot!(shop.redacted(&folder, "up.sql"), @"
    --! references
    --!
    --! parent: [ID-1]

    ALTER TABLE orders ADD CONSTRAINT orders_n_check CHECK ((n > 0)) NOT VALID;

    -- locks: orders against reads and writes while every row is checked
    ALTER TABLE orders VALIDATE CONSTRAINT orders_n_check;

    ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) NOT VALID;

    -- locks: orders against writes while every row is checked
    -- locks: users against writes while every row is checked
    ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;

    -- locks: orders against writes while the index is built
    CREATE INDEX orders_user_id_idx ON orders (user_id);
    ");
    insta::assert_snapshot!(shop.redacted(&folder, "down.sql"), @"
    ALTER TABLE orders
        DROP CONSTRAINT orders_n_check,
        DROP CONSTRAINT orders_user_id_fkey;

    DROP INDEX orders_user_id_idx;
    ");
    // A row that breaks the rule is named by the server, and nothing is changed.
    shop.database.psql("INSERT INTO orders VALUES (1, 7, 1)");
    let output = shop.run(&["upgrade"]).exit(1);
    assert!(output.stderr.contains("violates foreign key constraint \"orders_user_id_fkey\""), "{output}");
    shop.database.psql("INSERT INTO users VALUES (7)");
    shop.upgrade();
    shop.run(&["check"]).success();
}
