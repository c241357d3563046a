//! Compiles the revisions that the suite has put here.

fn main() -> migrate_build::Result {
    migrate_build::compile("migrations")
}
