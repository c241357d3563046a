//! What was made for a schema is removed when this program panics.

use std::env;
use std::path::PathBuf;
use std::thread;

use super::cluster::Cluster;
use super::installation::{self, Installation};
use super::session::Session;
use super::temporary::Temporary;
use crate::dsn::Dsn;

/// The one that the other tests use.
fn installed() -> Installation {
    match env::var_os("MIGRATE_TEST_PG_BIN").map(PathBuf::from) {
        Some(folder) => installation::of(&folder).expect("MIGRATE_TEST_PG_BIN names the folder of a server"),
        None => installation::find(None).expect("a PostgreSQL server is installed here"),
    }
}

async fn databases(dsn: &Dsn) -> usize {
    let mut session = Session::open(dsn).await.expect("the server answers");
    let names = "SELECT FROM pg_database WHERE starts_with(datname::text, 'migrate_dev_')";
    session.ask(names).await.expect("the server answers").len()
}

/// Panics in a thread that has this.
fn panic_with<T: Send + 'static>(made: T) {
    let work = move || {
        let _made = made;
        panic!("on purpose");
    };
    assert!(thread::spawn(work).join().is_err());
}

#[tokio::test]
async fn a_panic_leaves_neither_a_database_nor_a_server() {
    let (cluster, dsn) = Cluster::start(&installed()).await.expect("the server starts");
    let mut host = Temporary::on(&dsn).await.expect("the server answers");
    let database = host.create("").await.expect("a database is made");
    assert_eq!(databases(&dsn).await, 1);
    panic_with(database);
    assert_eq!(databases(&dsn).await, 0);
    let folder = cluster.folder().to_owned();
    assert!(folder.exists());
    panic_with(cluster);
    assert!(!folder.exists());
}
