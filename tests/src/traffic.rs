//! What a proxy saw go over the wire, and where on it something happens.

/// Where the proxy cuts a connection, or holds it. Messages are counted over all connections, from one: each Query or Sync, which
/// are what a server answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The n-th message never reaches the server.
    Message(usize),
    /// The n-th message reaches the server, and nobody waits for the answer.
    Sent(usize),
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
    /// How many notices, warnings and the like the server sent.
    pub notices: usize,
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

    /// The notices of all connections.
    #[must_use]
    pub fn notices(&self) -> usize {
        self.connections.iter().map(|connection| connection.notices).sum()
    }

    /// The SQL of all connections, connection by connection.
    #[must_use]
    pub fn statements(&self) -> Vec<&str> {
        self.connections.iter().flat_map(|connection| connection.statements.iter().map(String::as_str)).collect()
    }
}
