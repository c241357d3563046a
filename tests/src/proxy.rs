//! A proxy between a client and the server that counts round trips, keeps the SQL, and can cut the connection.

use crate::database::Database;
use crate::wire::{Message, Opening};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt, BufReader, BufWriter};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy on a port of its own, for one test; it ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// Where the proxy cuts a connection. Messages are counted over all connections, from one: each Query or Sync, which
/// are what a server answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The n-th message never reaches the server.
    Message(usize),
    /// The server does what the n-th message says, and its answer never reaches the client.
    Answer(usize),
}

/// What went over the wire since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// One for each connection that began a session, in their order; one without any message has zeros.
    pub connections: Vec<Connection>,
}

/// What one connection sent, the opening of its session aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// How often the client waited for the server: messages sent before the answer to the last one came count as one.
    pub round_trips: usize,
    /// Query messages, of the simple protocol.
    pub queries: usize,
    /// Sync messages, of the extended protocol.
    pub syncs: usize,
    /// The SQL of each Query and Parse message.
    pub statements: Vec<String>,
}

impl Traffic {
    /// The round trips of all connections.
    #[must_use]
    pub fn round_trips(&self) -> usize {
        self.connections.iter().map(|connection| connection.round_trips).sum()
    }

    /// The Query and Sync messages of all connections.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.connections.iter().map(|connection| connection.queries + connection.syncs).sum()
    }

    /// The SQL of all connections, connection by connection.
    #[must_use]
    pub fn statements(&self) -> Vec<&str> {
        self.connections.iter().flat_map(|connection| connection.statements.iter().map(String::as_str)).collect()
    }
}

#[derive(Debug)]
struct Shared {
    server: (String, u16),
    cut: Option<Cut>,
    /// Whether the server is there again after the cut.
    comes_back: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    traffic: Traffic,
    messages: usize,
}

/// What becomes of a message of the client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    Cut,
    /// Passed on, and the answer withheld.
    Mute,
}

/// One session, as both of its directions see it.
#[derive(Debug, Default)]
struct Session {
    /// `None` until the server is ready for the first time: what comes before belongs to the opening.
    number: Option<usize>,
    unanswered: usize,
    muted: bool,
}

impl Proxy {
    /// Starts a proxy before the server of this database.
    pub async fn start(database: &Database<'_>) -> Self {
        Self::begin(database, None, false).await
    }

    /// Starts a proxy that cuts the connection there, and serves every later one.
    pub async fn start_cutting_once(database: &Database<'_>, cut: Cut) -> Self {
        Self::begin(database, Some(cut), true).await
    }

    /// Starts a proxy that cuts the connection there, and closes every later one at once.
    pub async fn start_cutting(database: &Database<'_>, cut: Cut) -> Self {
        Self::begin(database, Some(cut), false).await
    }

    async fn begin(database: &Database<'_>, cut: Option<Cut>, comes_back: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of 127.0.0.1 is free");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let options = database.options();
        let server = (options.get_host().to_owned(), options.get_port());
        let url = database.url().replacen(&format!("{}:{}", server.0, server.1), &format!("127.0.0.1:{port}"), 1);
        assert_ne!(url, database.url(), "the URL of the test server names no host and port to put a proxy before");
        let shared = Arc::new(Shared { server, cut, comes_back, state: Mutex::default() });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { url, shared, task }
    }

    /// The URL of the database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
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
        !self.comes_back && self.cut.is_some_and(|cut| matches!(cut, Cut::Message(n) | Cut::Answer(n) if messages >= n))
    }

    /// Counts a message of the client and decides what becomes of it.
    fn count(&self, session: &mut Session, message: &Message) -> Fate {
        let Some(number) = session.number else { return Fate::Pass };
        let mut state = self.state();
        let connection = &mut state.traffic.connections[number];
        connection.statements.extend(message.sql());
        match message.kind {
            b'Q' => connection.queries += 1,
            b'S' => connection.syncs += 1,
            _ => return Fate::Pass,
        }
        connection.round_trips += usize::from(session.unanswered == 0);
        session.unanswered += 1;
        state.messages += 1;
        match self.cut {
            Some(Cut::Message(n)) if n == state.messages => Fate::Cut,
            Some(Cut::Answer(n)) if n == state.messages => Fate::Mute,
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
    // Whichever direction ends first closes both.
    tokio::select! {
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
            Fate::Pass => {}
        }
        message.write(&mut server).await?;
        if client.buffer().is_empty() {
            server.flush().await?;
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
    while let Some(message) = Message::read(&mut server).await? {
        let muted = {
            let mut session = lock(session);
            if message.kind == b'Z' {
                shared.ready(&mut session);
                if session.muted && session.unanswered == 0 {
                    return Ok(());
                }
            }
            session.muted
        };
        if !muted {
            message.write(&mut client).await?;
            if server.buffer().is_empty() {
                client.flush().await?;
            }
        }
    }
    client.flush().await
}

fn lock(session: &Mutex<Session>) -> std::sync::MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
