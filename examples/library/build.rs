//! Compiles the folder of revisions into the library.

fn main() -> migrate_build::Result {
    migrate_build::compile("migrations")
}
