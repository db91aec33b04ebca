//! One rate for all clients of a process, and the gate that a rate-limiting API closes for all of them.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How late a request may be let through without the rate falling behind: timers are exact to a millisecond or so.
const LATENESS: Duration = Duration::from_millis(5);

/// Lets requests through at a rate of events per second, in the order they asked. Share it by `Arc` among the clients
/// that are to keep one rate together.
///
/// A request is let through whole, and the next when the time for its events has gone by: no burst is larger than one
/// batch, and idle time is not saved up. Dropping the future of a request that waits gives its turn away, at no cost.
#[derive(Debug)]
pub struct Pace {
    events_per_second: Option<NonZeroU32>,
    /// When the next request may go. Whoever holds the lock waits; tokio's mutex hands it on in order.
    next: tokio::sync::Mutex<Option<Instant>>,
    paused_until: Mutex<Option<Instant>>,
}

impl Pace {
    /// Returns a pace of so many events per second; `None`: as fast as they come.
    #[must_use]
    pub fn new(events_per_second: Option<NonZeroU32>) -> Self {
        Self {
            events_per_second,
            next: tokio::sync::Mutex::default(),
            paused_until: Mutex::default(),
        }
    }

    /// Returns a pace without a rate, which still can be paused.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(None)
    }

    /// Waits until a request of `events` may go.
    pub async fn admit(&self, events: u32) {
        let Some(rate) = self.events_per_second else {
            return self.resumed().await;
        };
        let mut next = self.next.lock().await;
        if let Some(moment) = *next {
            sleep_until(moment).await;
        }
        // After the wait, since the API may have closed the gate during it.
        self.resumed().await;
        let now = Instant::now();
        let earliest = now.checked_sub(LATENESS).unwrap_or(now);
        let from = next.map_or(now, |moment| moment.max(earliest));
        *next = Some(from + Duration::from_secs(1) * events / rate.get());
    }

    /// Lets nothing through before `moment`. Of several pauses the longest holds.
    pub fn pause_until(&self, moment: Instant) {
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(Some(moment));
    }

    /// Waits out the pause, and whatever it is prolonged by meanwhile.
    async fn resumed(&self) {
        while let Some(moment) = self.pause() {
            sleep_until(moment).await;
        }
    }

    fn pause(&self) -> Option<Instant> {
        let paused = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        paused.filter(|moment| *moment > Instant::now())
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::unlimited()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    fn pace(events_per_second: u32) -> Arc<Pace> {
        Arc::new(Pace::new(NonZeroU32::new(events_per_second)))
    }

    /// Asks `count` times at once and returns in which order and after how many milliseconds each went through.
    async fn admissions(pace: &Arc<Pace>, count: usize, events: u32) -> Vec<(usize, u128)> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for index in 0..count {
            let pace = Arc::clone(pace);
            tasks.spawn(async move {
                pace.admit(events).await;
                (index, start.elapsed().as_millis())
            });
        }
        let mut order = Vec::new();
        while let Some(admitted) = tasks.join_next().await {
            order.push(admitted.unwrap());
        }
        order
    }

    #[tokio::test(start_paused = true)]
    async fn goes_at_once_and_then_at_the_rate_in_the_order_asked() {
        let order = admissions(&pace(100), 4, 50).await;
        assert_eq!(order, [(0, 0), (1, 500), (2, 1_000), (3, 1_500)]);
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_save_up_idle_time() {
        let pace = pace(100);
        admissions(&pace, 1, 50).await;
        sleep_until(Instant::now() + Duration::from_mins(1)).await;
        let order = admissions(&pace, 3, 50).await;
        assert_eq!(order.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(order[1].1 >= 495 && order[2].1 >= 995, "{order:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_the_rate_when_timers_are_coarser_than_the_gaps() {
        // 0.4 ms apart, timers of 1 ms.
        let order = admissions(&pace(2_500), 2_501, 1).await;
        let took = order.last().unwrap().1;
        assert!((995..=1_005).contains(&took), "{took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_all_go_at_once() {
        let order = admissions(&Arc::new(Pace::unlimited()), 100, 2_500).await;
        assert!(order.iter().all(|(_, millis)| *millis == 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_stops_those_who_wait_already_and_the_longest_holds() {
        for pace in [pace(100), Arc::default()] {
            let start = Instant::now();
            pace.pause_until(start + Duration::from_secs(2));
            let longer = Arc::clone(&pace);
            tokio::spawn(async move {
                sleep_until(start + Duration::from_secs(1)).await;
                longer.pause_until(start + Duration::from_secs(7));
                longer.pause_until(start + Duration::from_secs(3));
            });
            let order = admissions(&pace, 2, 10).await;
            assert_eq!(order[0], (0, 7_000));
            assert!([7_000, 7_100].contains(&order[1].1), "{order:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_request_gives_its_turn_away() {
        let pace = pace(100);
        admissions(&pace, 1, 100).await;
        let impatient = tokio::time::timeout(Duration::from_millis(10), pace.admit(1_000_000)).await;
        assert!(impatient.is_err());
        assert_eq!(admissions(&pace, 1, 100).await, [(0, 990)]);
    }
}
