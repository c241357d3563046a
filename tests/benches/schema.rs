//! How long it takes to read a schema, to compare it, and to write it as SQL, for schemas of growing size: each table has
//! ten columns, a primary key, three indexes and a foreign key.
//!
//! ```text
//! cargo bench -p migrate-tests --bench schema [-- TABLES…]
//! ```

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use cargo_migrate::catalog::{self, Filter};
use migrate_schema::kind::comment::Comment;
use migrate_schema::{Aspect, Catalog, Id, Name, Object, Options, diff};
use migrate_tests::Database;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::runtime::Builder;

/// How many times each is measured.
const N_RUNS: usize = 5;

fn script(tables: std::ops::Range<usize>) -> String {
    let mut script = String::new();
    for table in tables {
        _ = write!(
            script,
            "CREATE TABLE table_{table} (
                 id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                 parent_id bigint REFERENCES table_{}(id),
                 name text NOT NULL, email character varying(200), state text NOT NULL DEFAULT 'new',
                 amount numeric(12,2) NOT NULL DEFAULT 0 CHECK (amount >= 0), details jsonb,
                 created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz, is_active boolean DEFAULT true
             );
             CREATE INDEX ON table_{table} (parent_id);
             CREATE INDEX ON table_{table} (lower(name)) WHERE is_active;
             CREATE UNIQUE INDEX ON table_{table} (email, state);\n",
            table.saturating_sub(1)
        );
    }
    script
}

async fn fill(connection: &mut PgConnection, n_tables: usize) {
    for first in (0..n_tables).step_by(250) {
        let script = script(first..n_tables.min(first + 250));
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *connection).await.expect("the tables are made");
    }
}

fn best(mut work: impl FnMut()) -> Duration {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..N_RUNS).map(|_| time(&mut work)).min().unwrap_or_default()
}

/// The most memory that this process had at any time.
fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    peak.unwrap_or(0_u64) / 1024
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 1_000, 10_000] } else { sizes };
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    println!("tables     read   diff of equals   of two changes   diff from empty   as SQL   peak MB");
    for n_tables in sizes {
        let database = Database::new();
        let mut connection = runtime.block_on(database.connect());
        runtime.block_on(fill(&mut connection, n_tables));
        let mut read = Catalog::default();
        let reading = best(|| {
            let catalog = runtime.block_on(catalog::read(&mut connection, &Filter::default()));
            read = catalog.expect("the schema is read");
        });
        let other = read.clone();
        let options = Options::default();
        let comparing = best(|| assert!(diff(&read, &other, &options).is_empty()));
        let mut changed = read.clone();
        let column = Id::column(&Name::new("public", "table_7"), "amount");
        changed.objects.insert(column.aspect(Aspect::Comment), Object::Comment(Comment("changed".to_owned())));
        changed.objects.remove(&Id::column(&Name::new("public", "table_8"), "details"));
        let changing = best(|| assert_eq!(diff(&read, &changed, &options).ops.len(), 2));
        let fresh = Catalog::fresh(read.server_version);
        let making = best(|| assert!(!diff(&fresh, &read, &options).is_empty()));
        let made = diff(&fresh, &read, &options);
        let rendering = best(|| assert!(!made.sql().is_empty()));
        println!(
            "{n_tables:>6} {reading:>8.0?} {comparing:>16.1?} {changing:>16.1?} {making:>17.0?} {rendering:>8.1?} {:>9}",
            peak_megabytes()
        );
    }
}
