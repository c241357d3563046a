//! What a run does when somebody else is in the way: it waits for the lock, and reads what was done meanwhile.

use std::time::Instant;

use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::lock::{Backoff, Lock};
use crate::postgres::message::{Message, Part};
use crate::postgres::reading::read;
use crate::postgres::session::Session;
use crate::postgres::state::State;

impl Session<'_> {
    /// Polls until the lock is free, and reads what its holder has done meanwhile. Each try is a statement of its own and
    /// over at once: nothing waits on the server.
    pub(crate) async fn wait(&mut self, backoff: &mut Backoff) -> Result<State, Error> {
        let options = self.frame.options;
        let mut told: Option<Instant> = None;
        let mut message = self.back_out();
        loop {
            message.push(Part::Read, &self.frame.lock.holder());
            let rows = message.send(&mut self.conn).await.map_err(|failed| options.unreadable(failed.source))?;
            let holder = rows.first().and_then(|row| Lock::read_holder(row).ok());
            if holder.is_none() {
                return self.read_again().await;
            }
            let Some(pause) = backoff.next() else {
                return Err(Error::LockTimeout { limit: options.wait_timeout, holder });
            };
            if told.is_none_or(|told| told.elapsed().as_secs() >= 1) {
                told = Some(Instant::now());
                options.tell(&Event::Waiting { holder, waited: backoff.waited() });
            }
            tokio::time::sleep(pause).await;
            message = Message::default();
        }
    }

    /// Reads the rows on this connection, out of a transaction that failed.
    pub(crate) async fn read_again(&mut self) -> Result<State, Error> {
        let message = self.back_out();
        let state = read(&self.migrations, self.frame.options, &mut self.conn, message).await?;
        self.frame.table_exists = state.table_exists;
        self.backend_pid = state.backend_pid;
        self.server_started.clone_from(&state.server_started);
        Ok(state)
    }
}
