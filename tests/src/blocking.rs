//! Runs a future to its end from anywhere, also from within another runtime and from `Drop`.

use std::future::Future;
use std::thread;
use tokio::runtime::Builder;

/// Runs the future on a runtime of its own, on a thread of its own: a runtime cannot be started inside another.
pub(crate) fn block_on<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    thread::scope(|scope| {
        let runner = scope.spawn(|| {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
            runtime.block_on(future)
        });
        runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::block_on;

    #[tokio::test]
    async fn a_future_runs_inside_another_runtime() {
        assert_eq!(block_on(async { 42 }), 42);
    }
}
