//! The thread of this process that talks to servers about databases: it outlives the runtimes of the tests.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

/// A runtime on a thread of its own. Each `#[tokio::test]` has a runtime that ends with it, and a connection that was
/// opened in one cannot be used in the next; and a drop cannot await, but it can wait for another thread.
struct Background {
    handle: Handle,
    thread: ThreadId,
}

fn background() -> &'static Background {
    static BACKGROUND: OnceLock<Background> = OnceLock::new();
    BACKGROUND.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
        let handle = runtime.handle().clone();
        // It ends with the process.
        let thread = thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        Background { handle, thread: thread.thread().id() }
    })
}

/// Runs it there, whether or not anybody waits for it.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    background().handle.spawn(future)
}

/// Runs it there to its end, also when the caller is dropped meanwhile; a panic goes on in the caller.
pub(crate) async fn run<F>(future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    spawn(future).await.unwrap_or_else(|end| resume_unwind(end.into_panic()))
}

/// Runs it there and blocks until it has ended, for so long at most. On the thread itself it only begins.
pub(crate) fn wait<F>(future: F, patience: Duration)
where
    F: Future<Output: Send> + Send + 'static,
{
    let (ended, end) = mpsc::channel();
    spawn(async move {
        let output = future.await;
        // Nobody may be waiting any more.
        let _ = ended.send(output);
    });
    if thread::current().id() != background().thread {
        // What is not done by then goes on.
        let _ = end.recv_timeout(patience);
    }
}
