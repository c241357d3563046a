//! `examples/rust-revision`: SQL and Rust in one history, by the program and by the command line.

use migrate_tests::{Database, Output, example};

use super::cargo_migrate_in;

fn program(database: &Database<'_>) -> Output {
    example("rust-revision").env("DATABASE_URL", database.url()).run()
}

fn typed(database: &Database<'_>, words: &str) -> Output {
    cargo_migrate_in("rust-revision", words).env("DATABASE_URL", database.url()).run()
}

const CONVERTED: &str = "SELECT string_agg(name || ' ' || round(latitude::numeric, 4) || ' ' || round(longitude::numeric, 4), ', ' ORDER BY name) FROM stations";

#[test]
fn the_program_upgrades_itself_and_tells_how_far_the_batches_are() {
    let database = Database::new();
    let output = program(&database).success().stdout;
    for line in [
        "20261012110000 Store every temperature in degrees Celsius too.\n  0 of 20001 rows\n  1000 of 20001 rows\n",
        "  20001 of 20001 rows\n  20001 readings have their temperature in degrees Celsius\n",
        "database upgraded by 6 revisions to 20261020090000\n",
        "Vienna        48.2083    16.3731  19.7 °C\n",
    ] {
        assert!(output.contains(line), "{line}\n{output}");
    }
    assert_eq!(database.ask(CONVERTED), "Hobart -42.8806 147.3250, Reykjavík 64.1467 -21.9400, Vienna 48.2083 16.3731");
    assert_eq!(
        database.ask("SELECT count(*)::text FROM readings WHERE round(celsius * 1.8 + 32) = fahrenheit"),
        "20001"
    );
    assert!(program(&database).success().stdout.starts_with("database current at 20261020090000\n"));
}

#[test]
fn a_position_that_cannot_be_read_rolls_the_revision_back() {
    let database = Database::new();
    typed(&database, "upgrade first_readings").success();
    let _ = database.ask("INSERT INTO stations (name, position) VALUES ('Atlantis', 'nowhere')");
    let output = program(&database).exit(1);
    let expected = "error: revision 20261010070000 failed at migrations/20261010070000_convert_positions/migration.rs: station 4: `nowhere` is no position\n";
    assert_eq!(output.stderr, expected);
    assert_eq!(database.ask("SELECT count(*)::text FROM migrate_revisions"), "2");
    let columns = "SELECT count(*)::text FROM information_schema.columns WHERE column_name = 'latitude'";
    assert_eq!(database.ask(columns), "0");
}

#[test]
fn the_command_line_compiles_the_revisions_when_one_in_rust_is_due() {
    let database = Database::new();
    let output = typed(&database, "upgrade first_readings").success();
    assert!(!output.stderr.contains("Compiling"), "{output}");
    let output = typed(&database, "upgrade").success();
    assert!(output.stderr.contains("Compiling the revisions of rust-revision, some of which are Rust\n"), "{output}");
    assert!(output.stderr.contains("Progress 20261012110000 20001 of 20001 (100 %)\n"), "{output}");
    assert!(output.stderr.contains("Finished upgraded by 4 revisions to 20261020090000 in "), "{output}");

    typed(&database, "downgrade require_celsius").success();
    assert_eq!(database.ask("SELECT to_regclass('archive')::text"), "");
    // Of functions that only execute SQL, that is printed; psql runs it.
    let sql = typed(&database, "upgrade --sql require_celsius:heads").success().stdout;
    database.psql(&sql);
    assert_eq!(database.ask("SELECT to_regclass('archive_2026_12')::text"), "archive_2026_12");
    assert!(typed(&database, "status").success().stdout.starts_with("current: 6 revisions applied"));

    typed(&database, "downgrade base").success();
    assert_eq!(database.ask("SELECT to_regclass('stations')::text"), "");
    // Of one that reads rows, nobody can tell.
    let output = typed(&database, "upgrade --sql").exit(1);
    let place = "migrations/20261010070000_convert_positions/migration.rs:10: it asks for the connection";
    assert!(output.stderr.contains(place), "{output}");
}
