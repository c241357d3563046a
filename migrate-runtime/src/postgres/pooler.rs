//! Whether the session on the server is ours alone, or lent by a pooler for one transaction at a time.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use crate::postgres::error::Error;
use crate::postgres::message::{Message, Part};
use crate::postgres::session::Session;
use crate::postgres::step::{Stop, Task};

/// How long a second connection may take; a pooler whose only session is ours lets it wait.
const PATIENCE: Duration = Duration::from_secs(2);

impl Session<'_> {
    /// Refuses a pooler in transaction mode: two connections that are open at once have the same session there. Where it
    /// cannot be told, the lock is looked for with every record.
    pub(crate) async fn refuse_pooler(&mut self, task: Task<'_>) -> Result<(), Stop> {
        if self.is_direct {
            return Ok(());
        }
        let look = async {
            let mut aside = self.database.connect_aside().await.ok()?;
            let ours = pid(&mut self.conn).await?;
            let theirs = pid(&mut aside).await?;
            Some(ours == theirs)
        };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(Some(true)) => {
                let (revision, file) = (task.migration.id().to_owned(), task.action.file().to_owned());
                Err(Error::Pooler { revision, file }.into())
            }
            Ok(Some(false)) => {
                self.is_direct = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

async fn pid(conn: &mut PgConnection) -> Option<i32> {
    let rows =
        Message::default().with(Part::Read, "SELECT pg_catalog.pg_backend_pid() AS pid").send(conn).await.ok()?;
    rows.first()?.try_get("pid").ok()
}
