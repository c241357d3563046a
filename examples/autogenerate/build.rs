//! Compiles the folder of revisions into the program.

fn main() -> migrate_build::Result {
    migrate_build::compile("migrations")
}
