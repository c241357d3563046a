//! Compiles each folder of revisions into the program.

use migrate_build::Config;

fn main() -> migrate_build::Result {
    Config::new().database("users").compile("migrations/users")?;
    Config::new().database("orders").compile("migrations/orders")
}
