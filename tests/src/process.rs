//! A running program: its output is collected while it runs, and its time is limited.

use crate::output::Output;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A program that was started by [`crate::Command::spawn`].
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    limit: Duration,
    folder: Option<PathBuf>,
    secrets: Vec<String>,
}

/// One stream of output, read by a thread of its own.
#[derive(Debug)]
struct Stream {
    collected: Arc<(Mutex<Collected>, Condvar)>,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Collected {
    bytes: Vec<u8>,
    ended: bool,
}

impl Process {
    pub(crate) fn new(
        mut child: Child,
        input: Vec<u8>,
        limit: Duration,
        folder: Option<PathBuf>,
        secrets: Vec<String>,
    ) -> Self {
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that does not read its input is no failure, so neither is the broken pipe.
        thread::spawn(move || stdin.write_all(&input));
        let stdout = Stream::collect(child.stdout.take().expect("stdout is piped"));
        let stderr = Stream::collect(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr, limit, folder, secrets }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, such as `INT` or `KILL`, to the program and its children.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits until this text is on stdout.
    ///
    /// # Panics
    ///
    /// Panics when the program closes its output first, or takes too long.
    pub fn wait_for_output(&self, text: &str) {
        self.wait_for(text, |output| output.contains(text));
    }

    /// Waits until this text is on stdout with a whole line, and returns what follows it in that line.
    ///
    /// # Panics
    ///
    /// As [`Process::wait_for_output`].
    #[must_use]
    pub fn rest_of_line(&self, text: &str) -> String {
        self.wait_for(text, |output| rest_of_line(output, text).is_some());
        rest_of_line(&self.stdout.text(), text).unwrap_or_default().to_owned()
    }

    fn wait_for(&self, text: &str, is_there: impl Fn(&str) -> bool) {
        let found = self.stdout.wait_for(is_there, self.limit);
        let so_far = [&self.stdout, &self.stderr].map(Stream::text).concat();
        assert!(found, "the program never printed `{text}`, but:\n{so_far}");
    }

    /// Waits for the end of the program.
    ///
    /// # Panics
    ///
    /// Panics when the program takes too long, which ends it, or when it printed a secret.
    #[must_use]
    pub fn wait(mut self) -> Output {
        let id = self.child.id();
        let limit = self.limit;
        let (ended, watched) = channel::<()>();
        let watchdog = thread::spawn(move || {
            let late = watched.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            if late {
                signal(id, "KILL");
            }
            late
        });
        let status = self.child.wait().expect("a child can be waited for");
        drop(ended);
        let late = watchdog.join().expect("the watchdog does not panic");
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        let (stdout, stderr) = (self.stdout.finish(), self.stderr.finish());
        assert!(!late, "the program did not end within {limit:?}\nstdout:\n{stdout}\nstderr:\n{stderr}");
        for secret in &self.secrets {
            let printed = stdout.contains(secret.as_str()) || stderr.contains(secret.as_str());
            assert!(!printed, "a secret was printed\nstdout:\n{stdout}\nstderr:\n{stderr}");
        }
        Output { code, stdout, stderr, folder: self.folder }
    }
}

impl Stream {
    fn collect(mut pipe: impl Read + Send + 'static) -> Self {
        let collected = Arc::new((Mutex::<Collected>::default(), Condvar::new()));
        let shared = Arc::clone(&collected);
        let reader = thread::spawn(move || {
            let mut chunk = [0; 8192];
            loop {
                let n_bytes = pipe.read(&mut chunk).unwrap_or(0);
                let mut state = lock(&shared.0);
                state.bytes.extend_from_slice(&chunk[..n_bytes]);
                state.ended = n_bytes == 0;
                shared.1.notify_all();
                if state.ended {
                    return;
                }
            }
        });
        Self { collected, reader }
    }

    fn wait_for(&self, is_there: impl Fn(&str) -> bool, limit: Duration) -> bool {
        let waiting = |state: &mut Collected| !state.ended && !is_there(&String::from_utf8_lossy(&state.bytes));
        let waited = self.collected.1.wait_timeout_while(lock(&self.collected.0), limit, waiting);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        is_there(&self.text())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.collected.0).bytes).into_owned()
    }

    fn finish(self) -> String {
        let collected = Arc::clone(&self.collected);
        self.reader.join().expect("reading does not panic");
        String::from_utf8_lossy(&lock(&collected.0).bytes).into_owned()
    }
}

fn rest_of_line<'output>(output: &'output str, text: &str) -> Option<&'output str> {
    let (_, rest) = output.split_once(text)?;
    rest.split_once('\n').map(|(line, _)| line)
}

fn lock(mutex: &Mutex<Collected>) -> MutexGuard<'_, Collected> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Signals a process group. The process may have ended a moment ago, so a failure says nothing.
fn signal(group: u32, name: &str) {
    // The shell's own: a small system has no program of that name.
    let mut kill = std::process::Command::new("/bin/sh");
    kill.args(["-c", r#"kill -s "$0" -- "-$1""#, name, &group.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    kill.status().unwrap_or_else(|error| panic!("/bin/sh: {error}"));
}
