//! What a cluster of one's own is started with.

/// How clients prove who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Nobody has to.
    #[default]
    Trust,
    /// With this password, never sent in the clear.
    Scram(String),
}

/// How a cluster is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(crate) auth: Auth,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) is_full: bool,
}

impl Options {
    /// How clients prove who they are; everybody is trusted unless told.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// One line of `postgresql.conf`, stronger than ours.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The system lets the server write no file of more than 8 MiB, as on a disk that is full.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.is_full = true;
        self
    }

    /// The lines of `postgresql.conf`: fast and forgetful, as a cluster is thrown away.
    pub(crate) fn configuration(&self, port: u16, socket_folder: &str) -> String {
        let port = port.to_string();
        let ours = [
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", socket_folder),
            ("max_connections", "200"),
            ("shared_buffers", "64MB"),
            ("fsync", "off"),
            ("synchronous_commit", "off"),
            ("full_page_writes", "off"),
            ("max_wal_size", "2GB"),
            ("autovacuum", "off"),
            ("jit", "off"),
            ("timezone", "UTC"),
            ("log_line_prefix", "%m [%p] %a "),
        ];
        let theirs = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        ours.into_iter()
            .chain(theirs)
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn a_setting_of_the_test_comes_last_and_is_quoted() {
        let options = Options::default().setting("max_connections", "5").setting("search_path", "'a'");
        let configuration = options.configuration(5433, "/socket");
        assert!(configuration.contains("port = '5433'\n"));
        assert!(configuration.ends_with("max_connections = '5'\nsearch_path = '''a'''\n"), "{configuration}");
    }
}
