//! Probe: brings the embedded server up and asks it what the executor will ask.
use pglite_oxide::PgliteServer;
use sqlx::{Connection, Executor, Row};
use std::time::{Duration, Instant};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let dir = std::env::temp_dir().join("quickstart-probe-data");
    let server = PgliteServer::builder().path(&dir).start()?;
    println!("url {} in {:?}", server.database_url(), start.elapsed());
    let start = Instant::now();
    let mut conn = sqlx::PgConnection::connect(&server.database_url()).await?;
    println!("connected in {:?}", start.elapsed());
    let row = sqlx::query("SELECT version()").fetch_one(&mut conn).await?;
    println!("{}", row.try_get::<String, _>(0)?);
    let probes = [
        ("drop", "DROP TABLE IF EXISTS a, b, c"),
        ("multi", "BEGIN; CREATE TABLE a (id int); INSERT INTO a VALUES (1); COMMIT"),
        ("multi 2", "BEGIN; SELECT 1; CREATE TABLE b (id int); COMMIT; BEGIN; CREATE TABLE c (id int); COMMIT"),
        ("lock", "BEGIN; SELECT pg_catalog.pg_try_advisory_xact_lock(42); COMMIT"),
        ("xid", "BEGIN; INSERT INTO a VALUES (2); SELECT xmin = pg_catalog.pg_current_xact_id()::xid FROM a WHERE id = 2; COMMIT"),
        ("set_config", "SELECT pg_catalog.set_config('lock_timeout', '2s', false)"),
        ("set_config local", "BEGIN; SELECT pg_catalog.set_config('search_path', 'public', true); COMMIT"),
        ("client_connection_check_interval", "SET client_connection_check_interval = '1s'"),
        ("idle", "SET idle_in_transaction_session_timeout = '60s'"),
        ("idle session", "SET idle_session_timeout = '60s'"),
        ("statement_timeout", "SET statement_timeout = '60s'"),
        ("pid", "SELECT pg_backend_pid()::text || ' ' || (SELECT count(*) FROM pg_stat_activity)"),
        ("locks", "SELECT count(*)::text FROM pg_locks"),
        ("error multi", "BEGIN; CREATE TABLE a (id int); INSERT INTO a VALUES (1); COMMIT"),
        ("after error", "ROLLBACK"),
        ("plpgsql", "DO $$ BEGIN RAISE NOTICE 'hello'; END $$"),
        ("concurrently", "CREATE INDEX CONCURRENTLY a_id ON a (id)"),
        ("lock session", "SELECT pg_try_advisory_lock(7), pg_advisory_unlock(7)"),
    ];
    for (name, sql) in probes {
        let start = Instant::now();
        let outcome = tokio::time::timeout(Duration::from_secs(20), conn.fetch_all(sqlx::raw_sql(sql))).await;
        match outcome {
            Ok(Ok(rows)) => {
                let text: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        row.try_get_unchecked::<String, _>(0).unwrap_or_else(|error| format!("{error}"))
                    })
                    .collect();
                println!("{name}: ok {text:?} {:?}", start.elapsed());
            }
            Ok(Err(error)) => println!("{name}: ERROR {error} {:?}", start.elapsed()),
            Err(_) => println!("{name}: TIMEOUT"),
        }
    }
    let n: (i64,) = sqlx::query_as("SELECT count(*) FROM a WHERE id > $1").bind(0).fetch_one(&mut conn).await?;
    println!("rows {}", n.0);
    let start = Instant::now();
    let second = tokio::time::timeout(Duration::from_secs(5), sqlx::PgConnection::connect(&server.database_url())).await;
    println!("second connection: {} in {:?}", match &second { Ok(Ok(_)) => "ok".to_string(), Ok(Err(e)) => e.to_string(), Err(_) => "hangs".to_string() }, start.elapsed());
    drop(second);
    let start = Instant::now();
    conn.close().await?;
    println!("closed {:?}", start.elapsed());
    let start = Instant::now();
    let again = tokio::time::timeout(Duration::from_secs(20), sqlx::PgConnection::connect(&server.database_url())).await;
    println!("connect after close: {} in {:?}", match &again { Ok(Ok(_)) => "ok".to_string(), Ok(Err(e)) => e.to_string(), Err(_) => "hangs".to_string() }, start.elapsed());
    if let Ok(Ok(mut conn)) = again {
        let n: (i64,) = sqlx::query_as("SELECT count(*) FROM a").fetch_one(&mut conn).await?;
        println!("rows {}", n.0);
        conn.close().await?;
    }
    let start = Instant::now();
    server.shutdown()?;
    println!("shut down {:?}", start.elapsed());
    Ok(())
}
