//! Compiles the revisions that the measurement has put here.

fn main() -> migrate_build::Result {
    migrate_build::compile("revisions")
}
