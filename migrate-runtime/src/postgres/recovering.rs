//! A connection that broke: what the server did last is found out by reading it, never assumed.

use std::time::Duration;

use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::frame::Medium;
use crate::postgres::lock::Backoff;
use crate::postgres::reading::is_gone;
use crate::postgres::session::Session;
use crate::postgres::state::State;

/// For how long a server that is away is looked for: a restart or a failover takes seconds.
const PATIENCE: Duration = Duration::from_secs(20);

impl Session<'_> {
    /// Connects again and reads the rows under no lock of anybody's: by then the server has committed what the broken
    /// connection left under way, or rolled it back. `broken` is returned when the server stays away.
    pub(crate) async fn recover(
        &mut self,
        broken: Error,
        revision: &str,
        waiting: &mut Backoff,
    ) -> Result<State, Error> {
        let mut looking = Backoff::new(PATIENCE);
        loop {
            self.frame.options.tell(&Event::Reconnecting { revision: revision.to_owned(), waited: looking.waited() });
            if let Ok(borrowed) = self.database.connect().await {
                self.conn = borrowed.keep();
                self.frame.medium = Medium::Session(None);
                self.forget_transaction();
                match self.wait(waiting).await {
                    Err(Error::Read { source, .. }) if is_gone(&source) => {}
                    seen => return seen,
                }
            }
            match looking.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(broken),
            }
        }
    }
}
