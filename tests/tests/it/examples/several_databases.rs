//! `examples/several-databases`: a program and a command line for two histories.

use migrate_tests::{Command, Database, example};

use super::cargo_migrate_in;

fn with(command: Command, users: &str, orders: &str) -> Command {
    command.env("USERS_DATABASE_URL", users).env("ORDERS_DATABASE_URL", orders)
}

fn applied(database: &Database<'_>) -> String {
    database
        .ask("SELECT string_agg(package || ' ' || revision, ', ' ORDER BY package, revision) FROM migrate_revisions")
}

const USERS: &str = "several-databases/users 20261003080000, several-databases/users 20261009120000";
const ORDERS: &str = "several-databases/orders 20261003081500, several-databases/orders 20261012140000";

#[test]
fn the_program_upgrades_both() {
    let (users, orders) = (Database::new(), Database::new());
    let run = || with(example("several-databases"), users.url(), orders.url()).run().success().stdout;
    let first = run();
    assert!(first.contains("database of the users upgraded by 2 revisions to 20261009120000\n"), "{first}");
    assert!(first.contains("database of the orders upgraded by 2 revisions to 20261012140000\n"), "{first}");
    assert!(first.ends_with("user 1 has ordered 1 times\n"), "{first}");
    assert_eq!((applied(&users).as_str(), applied(&orders).as_str()), (USERS, ORDERS));
    let second = run();
    assert!(second.contains("database of the users current at 20261009120000\n"), "{second}");
}

#[test]
fn both_may_be_one() {
    let database = Database::new();
    with(example("several-databases"), database.url(), database.url()).run().success();
    assert_eq!(applied(&database), format!("{ORDERS}, {USERS}"));
}

#[test]
fn one_that_is_away_does_not_keep_the_other_from_its_upgrade() {
    let users = Database::new();
    let away = "postgres://me:hunter2@127.0.0.1:1/orders";
    let output = with(example("several-databases"), users.url(), away).secret("hunter2").run().exit(1);
    assert!(
        output.stderr.starts_with("error: database of the orders: could not connect to the database: "),
        "{output}"
    );
    assert_eq!(applied(&users), USERS);
    let output = example("several-databases").env("USERS_DATABASE_URL", users.url()).run().exit(1);
    assert_eq!(output.stderr, "error: ORDERS_DATABASE_URL names no database, as in postgres://me@host/orders\n");
}

#[test]
fn the_command_line_takes_one_or_each_in_turn() {
    let (users, orders) = (Database::new(), Database::new());
    let typed = |words| with(cargo_migrate_in("several-databases", words), users.url(), orders.url()).run();
    typed("upgrade").exit(2);
    typed("upgrade -n orders").success();
    assert_eq!((applied(&orders).as_str(), users.ask("SELECT to_regclass('users')::text").as_str()), (ORDERS, ""));
    let output = typed("status --all --exit-code").exit(5);
    assert!(output.stdout.contains("current: 2 revisions applied"), "{output}");
    assert!(output.stdout.contains("pending: 2 of 2 revisions not applied"), "{output}");
    typed("upgrade --all").success();
    assert_eq!(applied(&users), USERS);
    typed("downgrade base -n orders").success();
    assert_eq!((applied(&users).as_str(), applied(&orders).as_str()), (USERS, ""));
}
