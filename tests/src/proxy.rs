//! A proxy between a client and the server that counts round trips, keeps the SQL, and can cut or hold the connection.

use crate::database::Database;
use crate::traffic::{Connection, Cut, Traffic};
use crate::wire::{Message, Opening};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt, BufReader, BufWriter};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy on a port of its own, for one test; it ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    server: (String, u16),
    stop: Stop,
    state: Mutex<State>,
    hold: watch::Sender<Hold>,
    /// How often all connections were severed.
    severed: watch::Sender<usize>,
}

/// What the proxy is there for.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Never,
    /// Every later connection is closed at once.
    CutForGood(Cut),
    /// Later connections pass.
    CutOnce(Cut),
    Hold(Cut),
}

/// How far a proxy that holds has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    #[default]
    Ahead,
    Held,
    Released,
}

#[derive(Debug, Default)]
struct State {
    traffic: Traffic,
    messages: usize,
    answers: usize,
    /// The SQL of each message, the last Parse's for a Sync.
    texts: Vec<String>,
}

/// What becomes of a message of the client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    Cut,
    /// Passed on, and the connection closed.
    CutBehind,
    /// Passed on, and the answer withheld.
    Mute,
    /// Passed on when the test says so.
    Hold,
}

/// One session, as both of its directions see it.
#[derive(Debug, Default)]
struct Session {
    /// `None` until the server is ready for the first time: what comes before belongs to the opening.
    number: Option<usize>,
    unanswered: usize,
    muted: bool,
    /// The SQL of the last Parse message.
    parsed: String,
}

impl Proxy {
    /// Starts a proxy before the server of this database.
    pub async fn start(database: &Database<'_>) -> Self {
        Self::begin(database, Stop::Never).await
    }

    /// Starts a proxy that cuts the connection there, and closes every later one at once.
    pub async fn start_cutting(database: &Database<'_>, cut: Cut) -> Self {
        Self::begin(database, Stop::CutForGood(cut)).await
    }

    /// Starts a proxy that cuts the connection there, and lets every later one pass.
    pub async fn start_cutting_once(database: &Database<'_>, cut: Cut) -> Self {
        Self::begin(database, Stop::CutOnce(cut)).await
    }

    /// Starts a proxy that holds the connection there until [`Proxy::release`]; see [`Proxy::held`].
    pub async fn start_holding(database: &Database<'_>, cut: Cut) -> Self {
        assert!(!matches!(cut, Cut::Sent(_)), "between a message and its answer there is nothing to hold");
        Self::begin(database, Stop::Hold(cut)).await
    }

    async fn begin(database: &Database<'_>, stop: Stop) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of 127.0.0.1 is free");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let options = database.options();
        let server = (options.get_host().to_owned(), options.get_port());
        let url = database.url().replacen(&format!("{}:{}", server.0, server.1), &format!("127.0.0.1:{port}"), 1);
        assert_ne!(url, database.url(), "the URL of the test server names no host and port to put a proxy before");
        let shared = Arc::new(Shared {
            server,
            stop,
            state: Mutex::default(),
            hold: watch::Sender::default(),
            severed: watch::Sender::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { url, shared, task }
    }

    /// The URL of the database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the connection is held: the message has not reached the server, or its answer not the client.
    pub async fn held(&self) {
        let mut hold = self.shared.hold.subscribe();
        hold.wait_for(|hold| *hold >= Hold::Held).await.expect("the proxy outlives its tasks");
    }

    /// Lets pass what is held, now or later.
    pub fn release(&self) {
        self.shared.hold.send_replace(Hold::Released);
    }

    /// Cuts every connection that there is, and lets later ones pass.
    pub fn sever(&self) {
        self.shared.severed.send_modify(|n| *n += 1);
        self.shared.hold.send_replace(Hold::Released);
    }

    /// Whether the server has answered the n-th message.
    #[must_use]
    pub fn is_answered(&self, n: usize) -> bool {
        self.shared.state().answers >= n
    }

    /// The SQL of every message since the proxy started, in their order over all connections.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.shared.state().texts.clone()
    }

    /// What went over the wire since the proxy started or since the last call.
    #[must_use]
    pub fn take(&self) -> Traffic {
        let mut state = self.shared.state();
        let empty = Traffic { connections: vec![Connection::default(); state.traffic.connections.len()] };
        std::mem::replace(&mut state.traffic, empty)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether the connection was cut already: the server stays away from then on.
    fn is_cut(&self) -> bool {
        let messages = self.state().messages;
        match self.stop {
            Stop::CutForGood(Cut::Message(n) | Cut::Sent(n) | Cut::Answer(n)) => messages >= n,
            _ => false,
        }
    }

    /// Holds what is under way until the test lets it go on.
    async fn wait(&self) {
        self.hold.send_if_modified(|hold| {
            let ahead = *hold == Hold::Ahead;
            *hold = (*hold).max(Hold::Held);
            ahead
        });
        let mut hold = self.hold.subscribe();
        // The sender is ours, so there is no error to come.
        let _ = hold.wait_for(|hold| *hold == Hold::Released).await;
    }

    /// Counts a message of the client and decides what becomes of it.
    fn count(&self, session: &mut Session, message: &Message) -> Fate {
        let Some(number) = session.number else { return Fate::Pass };
        let mut state = self.state();
        let connection = &mut state.traffic.connections[number];
        let sql = message.sql();
        connection.statements.extend(sql.clone());
        if message.kind == b'P' {
            session.parsed = sql.clone().unwrap_or_default();
        }
        match message.kind {
            b'Q' => connection.queries += 1,
            b'S' => connection.syncs += 1,
            _ => return Fate::Pass,
        }
        connection.round_trips += usize::from(session.unanswered == 0);
        session.unanswered += 1;
        state.messages += 1;
        let text = sql.unwrap_or_else(|| session.parsed.clone());
        state.texts.push(text);
        let (cut, holds) = match self.stop {
            Stop::Never => return Fate::Pass,
            Stop::CutForGood(cut) | Stop::CutOnce(cut) => (cut, false),
            Stop::Hold(cut) => (cut, true),
        };
        match cut {
            Cut::Message(n) if n == state.messages => {
                if holds {
                    Fate::Hold
                } else {
                    Fate::Cut
                }
            }
            Cut::Sent(n) if n == state.messages => Fate::CutBehind,
            Cut::Answer(n) if n == state.messages => Fate::Mute,
            _ => Fate::Pass,
        }
    }

    /// Notes that the server is ready for the next message.
    fn ready(&self, session: &mut Session) {
        if session.number.is_none() {
            let connections = &mut self.state().traffic.connections;
            session.number = Some(connections.len());
            connections.push(Connection::default());
        } else {
            self.state().answers += 1;
            session.unanswered = session.unanswered.saturating_sub(1);
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and each session with it: nothing outlives the test.
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        sessions.spawn(async move {
            // A connection that breaks is what clients and servers do at their end; the test sees it at its own.
            let _ = serve(client, &shared).await;
        });
    }
}

async fn serve(client: TcpStream, shared: &Shared) -> io::Result<()> {
    if shared.is_cut() {
        return Ok(());
    }
    client.set_nodelay(true)?;
    let (read, mut to_client) = client.into_split();
    let mut from_client = BufReader::new(read);
    let opening = loop {
        match Opening::read(&mut from_client).await? {
            Opening::Encryption => to_client.write_all(b"N").await?,
            Opening::Packet(packet) => break packet,
        }
    };
    let server = TcpStream::connect((shared.server.0.as_str(), shared.server.1)).await?;
    server.set_nodelay(true)?;
    let (read, mut to_server) = server.into_split();
    to_server.write_all(&opening).await?;
    let session = Mutex::new(Session::default());
    let mut severed = shared.severed.subscribe();
    // Whichever direction ends first closes both.
    tokio::select! {
        biased;
        _ = severed.changed() => Ok(()),
        end = send(from_client, to_server, &session, shared) => end,
        end = answer(BufReader::new(read), to_client, &session, shared) => end,
    }
}

async fn send(
    mut client: BufReader<OwnedReadHalf>,
    server: OwnedWriteHalf,
    session: &Mutex<Session>,
    shared: &Shared,
) -> io::Result<()> {
    let mut server = BufWriter::new(server);
    while let Some(message) = Message::read(&mut client).await? {
        // Two statements: the guard of the first would live through a `match` on it.
        let fate = shared.count(&mut lock(session), &message);
        match fate {
            Fate::Cut => return Ok(()),
            Fate::Mute => lock(session).muted = true,
            Fate::Hold => shared.wait().await,
            Fate::CutBehind | Fate::Pass => {}
        }
        message.write(&mut server).await?;
        if client.buffer().is_empty() || fate == Fate::CutBehind {
            server.flush().await?;
        }
        if fate == Fate::CutBehind {
            return Ok(());
        }
    }
    Ok(())
}

async fn answer(
    mut server: BufReader<OwnedReadHalf>,
    client: OwnedWriteHalf,
    session: &Mutex<Session>,
    shared: &Shared,
) -> io::Result<()> {
    let mut client = BufWriter::new(client);
    let mut withheld = Vec::new();
    while let Some(message) = Message::read(&mut server).await? {
        let (muted, whole) = {
            let mut session = lock(session);
            match (message.kind, session.number) {
                (b'Z', _) => shared.ready(&mut session),
                (b'N', Some(number)) => shared.state().traffic.connections[number].notices += 1,
                _ => {}
            }
            (session.muted, session.unanswered == 0)
        };
        if !muted {
            message.write(&mut client).await?;
            if server.buffer().is_empty() {
                client.flush().await?;
            }
            continue;
        }
        withheld.push(message);
        if whole {
            if !matches!(shared.stop, Stop::Hold(_)) {
                return Ok(());
            }
            shared.wait().await;
            lock(session).muted = false;
            for message in withheld.drain(..) {
                message.write(&mut client).await?;
            }
            client.flush().await?;
        }
    }
    client.flush().await
}

fn lock(session: &Mutex<Session>) -> std::sync::MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
