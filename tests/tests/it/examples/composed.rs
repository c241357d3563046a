//! `examples/composed` and `examples/library`: an application with the revisions of a library in its own.

use migrate_tests::{Database, example};

use super::cargo_migrate_in;

#[test]
fn the_program_upgrades_both_and_the_command_line_sees_both() {
    let database = Database::new();
    let output = example("composed").env("DATABASE_URL", database.url()).run().success();
    assert_eq!(
        output.stdout,
        "job-queue::20260801090000 Create the table of jobs.\n\
         job-queue::20260915083000 Count how often a job was taken.\n\
         20261002101500 Create the table of orders.\n\
         20261003140000 Queue a confirmation for each order.\n\
         database upgraded by 4 revisions to 20261003140000, job-queue::20260915083000\n\
         confirmed the order of Ada\n\
         confirmed the order of Grace\n"
    );
    let typed = |example, words| cargo_migrate_in(example, words).env("DATABASE_URL", database.url()).run();
    typed("composed", "current --check-heads").success();
    // On its own the library knows nothing of the application, but its rows do.
    let output = typed("library", "downgrade base").exit(4);
    let said = "20260801090000 cannot be undone: composed::20261003140000, which is applied, depends on it";
    assert!(output.stderr.contains(said), "{output}");
    let output = typed("composed", "downgrade job-queue@base").success();
    assert!(output.stderr.contains("downgraded by 3 revisions to 20261002101500"), "{output}");
    typed("library", "upgrade").success();
    let status = typed("composed", "status").success().stdout;
    assert!(status.starts_with("pending: 1 of 4 revisions not applied\n"), "{status}");
}
