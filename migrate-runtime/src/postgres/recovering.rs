//! A connection that broke: what the server did last is found out by reading it, never assumed.

use std::time::Duration;

use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::frame::Medium;
use crate::postgres::hook::When;
use crate::postgres::lock::Backoff;
use crate::postgres::reading::is_gone;
use crate::postgres::session::Session;
use crate::postgres::state::State;

/// How often it is told that the server is looked for.
const BETWEEN_NEWS: Duration = Duration::from_secs(5);

impl Session<'_> {
    /// Connects again and reads the rows under no lock of anybody's: by then the server has committed what the broken
    /// connection left under way, or rolled it back. `broken` is returned when the server stays away.
    pub(crate) async fn recover(&mut self, broken: Error, revision: &str) -> Result<State, Error> {
        let options = self.frame.options;
        let mut told: Option<Duration> = None;
        let mut looking = Backoff::new(options.reconnect_timeout);
        loop {
            let waited = looking.waited();
            // The tries come fast; that it still tries is news only now and then.
            if told.is_none_or(|told| waited.saturating_sub(told) >= BETWEEN_NEWS) {
                told = Some(waited);
                options.tell(&Event::Reconnecting { revision: revision.to_owned(), waited });
            }
            if let Ok(borrowed) = self.database.connect().await {
                self.conn = borrowed.keep();
                self.frame.medium = Medium::Session(None);
                self.forget_transaction();
                match self.begin_anew().await {
                    Err(Error::Read { source, .. } | Error::SessionSql { source, .. }) if is_gone(&source) => {}
                    seen => return seen,
                }
            }
            match looking.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(broken),
            }
        }
    }

    async fn begin_anew(&mut self) -> Result<State, Error> {
        self.run_sql(When::Before).await?;
        self.wait(&mut Backoff::new(self.frame.options.wait_timeout)).await
    }
}
