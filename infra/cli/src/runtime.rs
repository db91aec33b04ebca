//! Worker threads, and the wish to stop.

use tokio::runtime::{Builder, Runtime};
use tokio::signal;

use crate::error::CliError;

/// Threads for file work beside the workers. Each has its own share of the allocator's memory, so they are few.
const FILE_THREADS: usize = 2;

/// Returns a runtime with this many worker threads.
///
/// # Errors
/// When the system gives no threads.
pub(crate) fn start(threads: usize) -> Result<Runtime, CliError> {
    Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .max_blocking_threads(threads.max(1) + FILE_THREADS)
        .enable_all()
        .build()
        .map_err(CliError::Runtime)
}

/// Ends when the user interrupts the program, or the system asks it to end.
pub(crate) async fn stopped() {
    let interrupted = signal::ctrl_c();
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        },
        // Without the signal there is still Ctrl-C.
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}
