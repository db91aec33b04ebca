//! The rate that an API seems to take, learnt from what it took until it said 429. Pure: time is passed in.

use std::time::Duration;

use super::meter::{Flow, Meter};

/// The spans, in seconds, over which what was taken is averaged: the first that holds [`ENOUGH`] requests. Over a shorter one a limiter's
/// burst of a second would weigh too much.
const SPANS: [u64; 4] = [20, 40, 80, 120];

/// Requests that make an average.
const ENOUGH: u32 = 20;

/// Fewer requests than these say nothing of a rate: it is halved.
const TOO_FEW: u32 = 4;

/// Of a longer pause so much counts as part of the span before it. During the pause a limiter saves up what was sent too fast, so that
/// what was taken, divided by the time with the pause, is its rate; but a pause of minutes tells when to go on, and not how fast.
const COUNTED_PAUSE: Duration = Duration::from_secs(5);

/// The average lies below the limit by what the pause was longer than it had to be: a second in twenty, or half of it.
const AVERAGE_IS_LOW: f64 = 1.03;

/// Where the rate was so little above the average, the limit is between the two.
const CLOSE: f64 = 1.1;

/// Limited again so soon after a pause, the rate was far off: it falls at least to this share of itself.
const SOON: Duration = Duration::from_secs(5);
const FAR_OFF: f64 = 0.8;

/// Where the rate goes on after a pause, as a share of the ceiling.
const BELOW: f64 = 0.95;

/// By which share of the ceiling the rate passes it after twice the time that it took to reach it; after three times it is eight times that.
const BEYOND: f64 = 0.1;

/// Least and most time in which the ceiling is reached; both are longer where requests are so few that a second has less than
/// [`FEWEST`] and [`MOST`] of them in that time, up to [`LONGEST`].
const QUICKEST: Duration = Duration::from_secs(5);
const SLOWEST: Duration = Duration::from_secs(40);
const FEWEST: f64 = 10.0;
const MOST: f64 = 120.0;
const LONGEST: Duration = Duration::from_mins(4);

/// A ceiling this near to the one before, as a ratio, is the same.
const SAME: f64 = 1.2;

/// The least that a rate falls to, as a share of the one set.
const FLOOR: f64 = 0.05;

/// So long after a request could have gone and none came, what was taken before says nothing any more.
const IDLE: Duration = Duration::from_secs(5);

/// One rate, at most the one set, which falls when the API limits it and rises again with care: quickly up to just below where it was
/// limited, slowly past that, then faster (as CUBIC does with a window, RFC 9438).
#[derive(Debug)]
pub(super) struct Throttle {
    set: f64,
    meter: Meter,
    /// When the next request may go; later ones were idle in between.
    due: Duration,
    /// `None`: never limited.
    curve: Option<Curve>,
}

/// The course of the rate since it was limited.
#[derive(Debug, Clone, Copy)]
struct Curve {
    ceiling: f64,
    start: f64,
    /// When the pause ended.
    from: Duration,
    /// How long it takes from the start to the ceiling.
    reach: Duration,
    /// How often in a row the same ceiling was found.
    confirmed: u32,
}

impl Throttle {
    pub(super) fn new(events_per_second: f64) -> Self {
        Self {
            set: events_per_second,
            meter: Meter::new(),
            due: Duration::ZERO,
            curve: None,
        }
    }

    /// Returns the rate in events a second, `None` for the one set: the API never limited it.
    pub(super) fn rate(&self, now: Duration) -> Option<f64> {
        let curve = self.curve.as_ref()?;
        Some(curve.rate(now).clamp(self.set * FLOOR, self.set))
    }

    /// A request goes, and the next may at `due`.
    pub(super) fn goes(&mut self, now: Duration, due: Duration) {
        if now > self.due + IDLE || self.due.is_zero() {
            self.meter.restart(now);
        }
        self.due = due;
    }

    /// Events of one request were taken.
    pub(super) fn taken(&mut self, now: Duration, events: u32) {
        self.meter.count(now, events);
    }

    /// The API limits the rate and lets nothing through for `pause`.
    pub(super) fn limited(&mut self, now: Duration, pause: Duration) {
        let rate = self.rate(now).unwrap_or(self.set);
        let flow = self.flow(now);
        let span = (flow.span + pause.min(COUNTED_PAUSE)).as_secs_f64();
        let average = |count: u32| if span > 0.0 { f64::from(count) / span } else { 0.0 };
        let mut ceiling = ceiling(rate, average(flow.events), flow.requests);
        if self.curve.is_some_and(|curve| now.saturating_sub(curve.from) < SOON) {
            ceiling = ceiling.min(rate * FAR_OFF);
        }
        let ceiling = ceiling.max(self.set * FLOOR);
        let confirmed = self.confirmed(ceiling);
        self.due = self.due.max(now + pause);
        self.curve = Some(Curve {
            ceiling,
            start: ceiling * BELOW,
            from: now + pause,
            reach: reach(average(flow.requests), ceiling / self.set, confirmed),
            confirmed,
        });
    }

    fn flow(&self, now: Duration) -> Flow {
        let flows = SPANS.map(|seconds| self.meter.recent(now, seconds));
        let enough = flows.iter().find(|flow| flow.requests >= ENOUGH);
        *enough.unwrap_or(&flows[SPANS.len() - 1])
    }

    fn confirmed(&self, ceiling: f64) -> u32 {
        let known = self.curve.filter(|curve| {
            let ratio = ceiling / curve.ceiling;
            (SAME.recip()..SAME).contains(&ratio)
        });
        known.map_or(0, |curve| curve.confirmed.saturating_add(1))
    }
}

impl Curve {
    fn rate(&self, now: Duration) -> f64 {
        let part = now.saturating_sub(self.from).as_secs_f64() / self.reach.as_secs_f64();
        if part < 1.0 {
            self.ceiling - (self.ceiling - self.start) * (1.0 - part).powi(3)
        } else {
            self.ceiling * (1.0 + BEYOND * (part - 1.0).powi(3))
        }
    }
}

/// Returns where the limit seems to be, given the rate at which it was met and what was taken on average.
fn ceiling(rate: f64, average: f64, requests: u32) -> f64 {
    if requests < TOO_FEW {
        return average.max(rate / 2.0).min(rate);
    }
    if rate < average * CLOSE {
        return average.midpoint(rate).min(rate);
    }
    (average * AVERAGE_IS_LOW).min(rate)
}

/// Returns the time to reach a ceiling: the surer it is, the longer. It is told in requests too, which is what refusals are a share of. Of
/// several senders with equal rates set, the one with the lower ceiling rises sooner, so that they come to share a limit evenly.
fn reach(requests_per_second: f64, share_of_set: f64, confirmed: u32) -> Duration {
    let requests = |count: f64| {
        let seconds = (count / requests_per_second).min(LONGEST.as_secs_f64());
        Duration::from_secs_f64(seconds)
    };
    let quickest = QUICKEST.max(requests(FEWEST));
    let slowest = SLOWEST
        .max(requests(MOST))
        .mul_f64((2.0 * share_of_set).clamp(0.5, 1.5));
    quickest.saturating_mul(1 << confirmed.min(10)).min(slowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A throttle of 1,000 events a second that ran at it for so many seconds, of which the API took a share.
    fn after(seconds: u64, taken: u32) -> Throttle {
        let mut throttle = Throttle::new(1_000.0);
        for second in 0..seconds {
            throttle.goes(at(second), at(second + 1));
            throttle.taken(at(second), taken);
        }
        throttle
    }

    fn rate(throttle: &Throttle, now: u64) -> u32 {
        let tenths = (throttle.rate(at(now)).unwrap() * 10.0).round();
        (0..=20_000).find(|number| f64::from(*number) >= tenths).unwrap() / 10
    }

    #[test]
    fn is_the_rate_set_until_the_api_limits_it() {
        assert_eq!(after(100, 1_000).rate(at(100)), None);
    }

    #[test]
    fn falls_below_what_was_taken_and_rises_past_it() {
        let mut throttle = after(30, 600);
        throttle.limited(at(30), at(1));
        // 600 in each of thirty seconds, over these and the pause: 581, and with the allowance for it 598. Ten requests take ten seconds.
        let course = [30, 31, 36, 41, 46, 51, 61, 71].map(|now| rate(&throttle, now));
        assert_eq!(course[..2], [568, 568]);
        assert!(course.is_sorted(), "{course:?}");
        assert!(
            course[2] > 580 && (596..=599).contains(&course[3]) && course[4] < 605,
            "{course:?}"
        );
        assert!(course[5] > 640 && course[7] == 1_000, "{course:?}");
    }

    #[test]
    fn a_ceiling_found_again_is_tried_less_often() {
        let mut throttle = after(30, 600);
        let reach = |throttle: &Throttle| throttle.curve.unwrap().reach.as_secs();
        let mut reaches = Vec::new();
        for minute in 0..5 {
            for second in (30 + minute * 60)..(90 + minute * 60) {
                throttle.goes(at(second), at(second + 1));
                throttle.taken(at(second), 600);
            }
            throttle.limited(at(90 + minute * 60), at(1));
            reaches.push(reach(&throttle));
        }
        assert!(
            reaches.is_sorted() && reaches[0] <= 11 && reaches[4] > 90,
            "{reaches:?}"
        );
    }

    #[test]
    fn knowing_too_little_it_is_halved_and_limited_at_once_again_falls_further() {
        let mut throttle = after(2, 500);
        throttle.limited(at(2), at(1));
        assert_eq!(rate(&throttle, 3), 475);
        throttle.limited(at(4), at(1));
        assert!(rate(&throttle, 5) < 400);
    }

    #[test]
    fn has_a_floor_and_a_pause_of_minutes_is_not_taken_for_a_low_rate() {
        let mut throttle = after(30, 1_000);
        throttle.limited(at(30), at(300));
        assert!(rate(&throttle, 330) > 700);
        for second in 331..500 {
            throttle.limited(at(second), at(1));
        }
        assert_eq!(rate(&throttle, 500), 50);
    }

    #[test]
    fn what_was_taken_before_a_time_without_work_does_not_count() {
        let mut throttle = after(30, 100);
        for second in 100..130 {
            throttle.goes(at(second), at(second + 1));
            throttle.taken(at(second), 900);
        }
        throttle.limited(at(130), at(1));
        assert!(rate(&throttle, 131) > 800);
    }
}
