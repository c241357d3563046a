//! Compiles the folder of revisions into the program, with those of the library that it uses.

fn main() -> migrate_build::Result {
    migrate_build::Config::new().include_crate("job_queue").compile("migrations")
}
