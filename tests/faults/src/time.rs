//! Virtual time: the runtime's paused clock, as moments of the calendar.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use sender::Clock;
use tokio::time::Instant;

/// When every world begins: 2026-01-01, in seconds since 1970.
pub const BEGINNING: i64 = 1_767_225_600;

thread_local! {
    static STARTED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Begins a world's time on this thread, whose runtime must be paused, and has all code on it live in that time.
pub fn begin() {
    STARTED.set(Some(Instant::now()));
    platform::clock::pretend(now);
}

/// Returns how long the world has lasted.
#[must_use]
pub fn elapsed() -> Duration {
    STARTED.get().map_or(Duration::ZERO, |start| Instant::now() - start)
}

/// Returns the moment that it is in the world.
#[must_use]
pub fn now() -> Timestamp {
    moment(elapsed())
}

/// Returns the moment that it is in a world that has lasted so long.
#[must_use]
pub fn moment(elapsed: Duration) -> Timestamp {
    let beginning = Timestamp::constant(BEGINNING, 0);
    beginning.saturating_add(elapsed).unwrap_or(beginning)
}

/// The world's time as senders take it.
#[derive(Debug)]
pub struct Virtual;

impl Clock for Virtual {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> Timestamp {
        now()
    }
}
