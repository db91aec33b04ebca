//! When an invocation ends, and what has to be done before that.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::time::Instant;

/// What the time looks like to a job: tests have one of their own.
pub trait Clock: Debug + Send + Sync {
    /// Returns the moment that it is.
    fn now(&self) -> Instant;

    /// Returns the time of day, which outlives an invocation.
    fn wall(&self) -> Timestamp {
        platform::clock::now()
    }
}

/// The machine's clock.
#[derive(Debug)]
struct Monotonic;

impl Clock for Monotonic {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// The moments at which jobs near the end of an invocation stop one thing after the other, so that their outcomes are written
/// before it.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// From then on no row is read.
    stop_at: Instant,
    /// From then on no answer of the API is waited for.
    answer_by: Instant,
    /// From then on nothing is waited for.
    land_by: Instant,
    /// How long the invocation is.
    length: Duration,
    clock: Arc<dyn Clock>,
}

impl Deadline {
    /// Returns the deadline of an invocation that begins now and is ended at `end`.
    ///
    /// `None` if that is past already, which stands for no deadline: `cargo lambda watch` says 600,000 ms of 1970.
    #[must_use]
    pub fn of_invocation(end: SystemTime) -> Option<Self> {
        let left = end.duration_since(SystemTime::now()).ok()?;
        (!left.is_zero()).then(|| Self::in_time(left, Arc::new(Monotonic)))
    }

    /// Returns the deadline of an invocation that begins now, as `clock` has it, and is ended after `left`.
    #[must_use]
    pub fn in_time(left: Duration, clock: Arc<dyn Clock>) -> Self {
        let Margins { landing, writing } = Margins::of(left);
        let land_by = clock.now() + left.saturating_sub(writing);
        Self {
            stop_at: land_by.checked_sub(landing).unwrap_or(land_by),
            // What was refused is read once more.
            answer_by: land_by.checked_sub(landing / 8).unwrap_or(land_by),
            land_by,
            length: left,
            clock,
        }
    }

    /// Whether it is too late to read a row or begin a job.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.clock.now() >= self.stop_at
    }

    /// Whether less than half of the invocation's time has gone.
    pub(crate) fn is_fresh(&self) -> bool {
        self.clock.now() + self.length / 2 <= self.land_by
    }

    /// Returns the moment from which on nothing more is read.
    pub(crate) fn stop_at(&self) -> Instant {
        self.stop_at
    }

    /// Returns the moment from which on no answer of the API is waited for.
    pub(crate) fn answer_by(&self) -> Instant {
        self.answer_by
    }

    /// Returns the moment from which on nothing is waited for but the ledger.
    pub(crate) fn land_by(&self) -> Instant {
        self.land_by
    }

    /// Returns the time of day.
    pub(crate) fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Returns how long a part may wait whose message comes back after six times the length of an invocation and dies after the fifth time:
    /// so that it is begun at the third.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.length * 12
    }

    /// Whether there is time to wait for so long, and then for as much again to work.
    pub(crate) fn has_time_to_wait(&self, wait: Duration) -> bool {
        wait <= Self::LONGEST_SLEEP && self.clock.now() + 2 * wait <= self.stop_at
    }

    /// What is waited for inside of an invocation at most, which is paid for.
    const LONGEST_SLEEP: Duration = Duration::from_mins(1);
}

/// What an invocation keeps free of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Margins {
    /// For requests that are under way when reading stops.
    landing: Duration,
    /// For rejected rows, outcome and continuation.
    writing: Duration,
}

impl Margins {
    /// Longest time to land what is under way: that of one request ([`delivery::REQUEST_TIMEOUT`]).
    const LANDING: Duration = Duration::from_secs(30);

    /// Longest time to write: some ten megabytes of rejected rows over a slow connection, or a store that answers at the third try.
    const WRITING: Duration = Duration::from_secs(10);

    /// Returns the margins of an invocation that has `left`. One of less than two minutes keeps a third of it.
    fn of(left: Duration) -> Self {
        Self {
            landing: Self::LANDING.min(left / 4),
            writing: Self::WRITING.min(left / 12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_a_third_of_a_short_invocation_and_bounded_in_a_long_one() {
        let seconds = Duration::from_secs;
        for (left, landing, writing) in [
            (seconds(900), seconds(30), seconds(10)),
            (seconds(120), seconds(30), seconds(10)),
            (seconds(60), seconds(15), seconds(5)),
            (seconds(12), seconds(3), seconds(1)),
            (seconds(3), Duration::from_millis(750), Duration::from_millis(250)),
            (Duration::ZERO, Duration::ZERO, Duration::ZERO),
        ] {
            assert_eq!(Margins::of(left), Margins { landing, writing }, "{left:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn reading_stops_before_landing_and_landing_before_the_end() {
        let deadline = Deadline::in_time(Duration::from_mins(2), Arc::new(Monotonic));
        let start = Instant::now();
        assert!(deadline.is_fresh());
        assert_eq!(deadline.stop_at() - start, Duration::from_secs(80));
        assert_eq!(deadline.answer_by() - start, Duration::from_millis(106_250));
        assert_eq!(deadline.land_by() - start, Duration::from_secs(110));
        tokio::time::advance(Duration::from_secs(79)).await;
        assert!(!deadline.is_over() && !deadline.is_fresh());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(deadline.is_over());
    }

    #[tokio::test]
    async fn deadline_that_is_past_is_none() {
        assert!(Deadline::of_invocation(SystemTime::UNIX_EPOCH + Duration::from_mins(10)).is_none());
        assert!(Deadline::of_invocation(SystemTime::now() + Duration::from_mins(1)).is_some());
    }
}
