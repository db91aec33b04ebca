//! One rate for all clients of a process, and the gate that a rate-limiting API closes for all of them.

mod circuit;
mod meter;
mod throttle;

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use circuit::Circuit;
use throttle::Throttle;

/// How late a request may be let through without the rate falling behind: timers are exact to a millisecond or so.
const LATENESS: Duration = Duration::from_millis(5);

/// Longest that one request keeps the next waiting, however low the rate has fallen.
const LONGEST_GAP: Duration = Duration::from_mins(1);

/// Lets requests through at a rate of events per second, in the order they asked. Share it by `Arc` among the clients
/// that are to keep one rate together.
///
/// A request is let through whole, and the next when the time for its events has gone by: no burst is larger than one
/// batch, and idle time is not saved up. Dropping the future of a request that waits gives its turn away, at no cost.
///
/// When the API limits the rate, all requests wait as long as it asks. Then one goes ahead, and the others when it was answered. The rate
/// falls to a little below what the API took and rises again with care, never above the one set; see the crate's documentation.
#[derive(Debug)]
pub struct Pace {
    rate: Option<Rate>,
    /// When the next request may go. Whoever holds the lock waits; tokio's mutex hands it on in order.
    next: tokio::sync::Mutex<Option<Instant>>,
    state: Mutex<State>,
    /// Told when the gate opens earlier than those who wait expect.
    opened: Notify,
    /// Moments are counted from here.
    origin: Instant,
}

/// A rate set for so many senders together, of which this is one.
#[derive(Debug, Clone, Copy)]
struct Rate {
    events_per_second: NonZeroU32,
    senders: NonZeroU32,
}

#[derive(Debug)]
struct State {
    circuit: Circuit,
    /// `None`: no rate is set, and none is kept.
    throttle: Option<Throttle>,
}

impl Pace {
    /// Returns a pace of so many events per second; `None`: as fast as they come.
    #[must_use]
    pub fn new(events_per_second: Option<NonZeroU32>) -> Self {
        Self::of(events_per_second.map(|events_per_second| Rate {
            events_per_second,
            senders: NonZeroU32::MIN,
        }))
    }

    /// Returns the pace of one of so many senders that keep a rate together, each with a pace of its own.
    #[must_use]
    pub fn share(events_per_second: NonZeroU32, senders: NonZeroU32) -> Self {
        Self::of(Some(Rate {
            events_per_second,
            senders,
        }))
    }

    fn of(rate: Option<Rate>) -> Self {
        Self {
            rate,
            next: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                circuit: Circuit::default(),
                throttle: rate.map(|rate| Throttle::new(rate.per_second())),
            }),
            opened: Notify::new(),
            origin: Instant::now(),
        }
    }

    /// Returns a pace without a rate, which still can be paused.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(None)
    }

    /// Returns the rate that is kept now, in events per second: the one set, or less since the API limited it. `None`: none is kept.
    #[must_use]
    pub fn events_per_second(&self) -> Option<f64> {
        let set = self.rate?.per_second();
        let now = self.since_origin(Instant::now());
        let lowered = self.state().throttle.as_ref().and_then(|throttle| throttle.rate(now));
        Some(lowered.unwrap_or(set))
    }

    /// Returns for how long the API keeps all requests waiting yet: zero where it has but made the rate lower than the one set. `None`: nothing
    /// but the rate set keeps them waiting.
    #[must_use]
    pub fn held_for(&self) -> Option<Duration> {
        let now = self.since_origin(Instant::now());
        let state = self.state();
        let rate = state.throttle.as_ref().and_then(|throttle| throttle.rate(now));
        let lowered = rate.filter(|rate| self.rate.is_some_and(|set| *rate < set.per_second()));
        state.circuit.closed_for(now).or(lowered.map(|_| Duration::ZERO))
    }

    /// Waits until a request of `events` may go. Tell what is returned what became of the request: without a word the API is taken to
    /// have given no answer.
    pub async fn admit(&self, events: u32) -> Admitted<'_> {
        if self.rate.is_none() {
            return self.passed().await;
        }
        let mut next = self.next.lock().await;
        if let Some(moment) = *next {
            sleep_until(moment).await;
        }
        // After the wait, since the API may have closed the gate during it.
        let admitted = self.passed().await;
        let now = Instant::now();
        let earliest = now.checked_sub(LATENESS).unwrap_or(now);
        let from = next.map_or(now, |moment| moment.max(earliest));
        *next = Some(from + self.goes(now, events));
        admitted
    }

    /// Waits until a request may go whose events were admitted before, in one that was refused: only an API that limits the rate holds it back.
    pub async fn admit_part(&self) -> Admitted<'_> {
        self.passed().await
    }

    /// Waits until the gate lets one more request through.
    async fn passed(&self) -> Admitted<'_> {
        loop {
            let opened = self.opened.notified();
            let now = Instant::now();
            let entry = self.state().circuit.enter(self.since_origin(now));
            match entry {
                Ok(pass) => {
                    return Admitted {
                        pace: self,
                        pass: Some(pass),
                    };
                }
                // Until then or until told, whichever is first; in both cases look again.
                Err(moment) => drop(timeout_at(self.origin + moment, opened).await),
            }
        }
    }

    /// Returns for how long a request of `events` that goes now keeps the next one waiting.
    fn goes(&self, now: Instant, events: u32) -> Duration {
        let Some(set) = self.rate else {
            return Duration::ZERO;
        };
        let now = self.since_origin(now);
        let mut state = self.state();
        let Some(throttle) = &mut state.throttle else {
            return Duration::ZERO;
        };
        let gap = match throttle.rate(now) {
            None => set.time_for(events),
            Some(rate) => Duration::from_secs_f64((f64::from(events) / rate).min(LONGEST_GAP.as_secs_f64())),
        };
        throttle.goes(now, now + gap);
        gap
    }

    fn since_origin(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.origin)
    }

    /// The lock is held for a few sums alone, and a panic elsewhere leaves nothing half-done in it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rate {
    fn per_second(self) -> f64 {
        f64::from(self.events_per_second.get()) / f64::from(self.senders.get())
    }

    fn time_for(self, events: u32) -> Duration {
        let all = u64::from(events) * u64::from(self.senders.get());
        let rate = u64::from(self.events_per_second.get());
        // Whole seconds apart: in nanoseconds the product might not fit.
        Duration::from_secs(all / rate) + Duration::from_nanos(all % rate * 1_000_000_000 / rate)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::unlimited()
    }
}

/// A request that may go. Dropped without a word, it had no answer that says whether the API lets requests through.
#[derive(Debug)]
#[must_use = "a pace learns from what became of its requests"]
pub struct Admitted<'p> {
    pace: &'p Pace,
    pass: Option<circuit::Pass>,
}

impl Admitted<'_> {
    /// The API took so many events.
    pub fn taken(mut self, events: u32) {
        let now = self.pace.since_origin(Instant::now());
        if let Some(throttle) = &mut self.pace.state().throttle {
            throttle.taken(now, events);
        }
        self.leave(true);
    }

    /// The API answered, and neither took events nor asked to wait.
    pub fn answered(mut self) {
        self.leave(true);
    }

    /// The API limits the rate: nothing goes for `pause`, nor before the end of an earlier pause that is longer.
    pub fn limited(mut self, pause: Duration) {
        let now = self.pace.since_origin(Instant::now());
        let mut state = self.pace.state();
        let Some(pass) = self.pass.take() else { return };
        // What went before the gate was closed is refused for the same reason as the first of it.
        if state.circuit.close(&pass, now + pause)
            && let Some(throttle) = &mut state.throttle
        {
            throttle.limited(now, pause);
            tracing::info!(events_per_second = throttle.rate(now + pause), "the rate was lowered");
        }
    }

    fn leave(&mut self, is_answered: bool) {
        let Some(pass) = self.pass.take() else { return };
        let now = self.pace.since_origin(Instant::now());
        self.pace.state().circuit.leave(&pass, is_answered, now);
        if pass.goes_ahead() {
            self.pace.opened.notify_waiters();
        }
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.leave(false);
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
                pace.admit(events).await.answered();
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
            let [first, second, third] = [pace.admit(0).await, pace.admit(0).await, pace.admit(0).await];
            first.limited(Duration::from_secs(2));
            let late = async {
                sleep_until(Instant::now() + Duration::from_secs(1)).await;
                second.limited(Duration::from_secs(6));
                third.limited(Duration::from_secs(2));
            };
            let (order, ()) = tokio::join!(admissions(&pace, 2, 10), late);
            assert_eq!(order[0].1, 7_000);
            assert!((7_000..=7_300).contains(&order[1].1), "{order:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_one_goes_ahead_and_the_others_follow_its_answer() {
        for pace in [pace(1_000_000), Arc::default()] {
            pace.admit(1).await.limited(Duration::from_secs(2));
            let ahead = pace.admit(1).await;
            let start = Instant::now();
            let answer = async {
                sleep_until(start + Duration::from_millis(300)).await;
                ahead.answered();
            };
            let (order, ()) = tokio::join!(admissions(&pace, 5, 1), answer);
            assert_eq!(order.len(), 5);
            assert!(
                order.iter().all(|(_, millis)| (300..=302).contains(millis)),
                "{order:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_went_ahead_and_is_given_up_lets_the_next_one_go_ahead() {
        for pace in [pace(1_000_000), Arc::default()] {
            pace.admit(1).await.limited(Duration::from_secs(2));
            let start = Instant::now();
            let ahead = pace.admit(1).await;
            let give_up = async {
                sleep_until(start + Duration::from_secs(3)).await;
                drop(ahead);
            };
            let (second, ()) = tokio::join!(pace.admit(1), give_up);
            assert_eq!(start.elapsed().as_millis(), 3_000);
            let third = tokio::time::timeout(Duration::from_secs(1), pace.admit(1)).await;
            assert!(third.is_err(), "the second has no answer yet");
            second.answered();
            pace.admit(1).await.answered();
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
