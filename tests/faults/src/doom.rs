//! A process that may die, and whoever runs it sees to that.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::time::timeout;

/// Whether a process is to die.
#[derive(Debug, Default)]
pub struct Doom {
    struck: AtomicBool,
    told: Notify,
    troubled: AtomicBool,
}

/// How an invocation ended other than by its own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Killed {
    /// The process died.
    Died,
    /// Its time was up.
    TimedOut,
}

impl Doom {
    /// Kills the process; whoever calls this in it gets no further.
    pub async fn strike(&self) {
        self.struck.store(true, Ordering::Relaxed);
        self.told.notify_one();
        futures::future::pending::<()>().await;
    }

    /// Takes note that something failed this process that its work has a right to need: anything but the API.
    pub fn trouble(&self) {
        self.troubled.store(true, Ordering::Relaxed);
    }

    /// Whether something failed it since this was asked last.
    pub fn take_trouble(&self) -> bool {
        self.troubled.swap(false, Ordering::Relaxed)
    }

    /// Whether the process was killed.
    #[must_use]
    pub fn is_struck(&self) -> bool {
        self.struck.load(Ordering::Relaxed)
    }
}

/// Runs `work` for `limit` at most, unless it is killed or, where that is given, polled so often: then it is dropped at the await
/// point where it is.
///
/// # Errors
/// When it has no answer.
pub async fn mortal<W: Future>(work: W, doom: &Doom, polls: Option<u32>, limit: Duration) -> Result<W::Output, Killed> {
    let mut left = polls;
    let mut work = pin!(work);
    let mut told = pin!(doom.told.notified());
    let run = std::future::poll_fn(|context| {
        if let Some(left) = &mut left {
            if *left == 0 {
                return Poll::Ready(Err(Killed::Died));
            }
            *left -= 1;
        }
        if let Poll::Ready(answer) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(answer));
        }
        if doom.is_struck() || told.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Killed::Died));
        }
        Poll::Pending
    });
    timeout(limit, run).await.unwrap_or(Err(Killed::TimedOut))
}
