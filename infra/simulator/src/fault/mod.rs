//! Failures on order: what is drawn for a request, and in which proportion.

mod spec;
mod storm;

use std::time::Duration;

use fastrand::Rng;
use storm::Storm;

/// Seed used when the specification names none, so that every run can be repeated.
const DEFAULT_SEED: u64 = 1;

/// Seconds that a 429 on order asks to wait, unless the specification says otherwise.
const DEFAULT_RETRY_AFTER: u64 = 1;

/// One way to fail a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status; the request is not taken.
    Status(u16),
    /// The connection is reset without an answer; the request is not taken.
    Reset,
    /// The request is taken, then the connection is reset without an answer.
    ResetAfter,
    /// The request is not taken and gets no answer for five minutes; then the connection is reset.
    Stall,
    /// The request is taken, and the answer's body comes one byte every half second.
    Slow,
    /// The request is taken, and the answer is not what it should be.
    Broken(Broken),
}

/// One way to answer 200 to a request that was taken, with a body that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The connection is closed before the body has its announced length.
    Cut,
    /// The body is announced in chunks, and the first has no size.
    Chunks,
    /// The body is longer than its announced length.
    Length,
    /// A page of HTML.
    Html,
    /// Bytes that are no JSON, under the name of JSON.
    Garbage,
    /// JSON of 16 MiB.
    Huge,
}

/// The failures on order: shares of all requests, drawn with a seeded generator in order of arrival.
///
/// Made from the text of `--fail`, for example `503:20%,reset:2%,seed:7`; see the crate's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// Shares in percent, which add up to at most 100.
    shares: Vec<(Fault, f64)>,
    storm: Option<Storm>,
    seed: u64,
    retry_after: u64,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            shares: Vec::new(),
            storm: None,
            seed: DEFAULT_SEED,
            retry_after: DEFAULT_RETRY_AFTER,
        }
    }
}

impl Faults {
    /// True if no request is to fail.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty() && self.storm.is_none()
    }

    /// Seconds that a 429 on order asks to wait.
    pub(crate) fn retry_after(&self) -> u64 {
        self.retry_after
    }

    /// The lots for one run, from the start.
    pub(crate) fn lots(&self) -> Lots {
        Lots {
            faults: self.clone(),
            rng: Rng::with_seed(self.seed),
            drawn: 0,
        }
    }
}

/// Draws the fault of one request after the other.
#[derive(Debug)]
pub(crate) struct Lots {
    faults: Faults,
    rng: Rng,
    drawn: u64,
}

impl Lots {
    /// The fault of the next request, if it is to have one. `now` counts from the start. Each request draws its lot, in a storm too, so that
    /// what comes after it does not depend on when it came.
    pub(crate) fn draw(&mut self, now: Duration) -> Option<Fault> {
        if self.faults.is_empty() {
            return None;
        }
        let number = self.drawn;
        self.drawn += 1;
        let mut roll = self.rng.f64() * 100.0;
        let lot = self.faults.shares.iter().find_map(|&(fault, share)| {
            roll -= share;
            (roll < 0.0).then_some(fault)
        });
        let storm = self.faults.storm.and_then(|storm| storm.strikes(number, now));
        storm.map(Fault::Status).or(lot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(spec: &str, count: usize) -> Vec<Option<Fault>> {
        let faults: Faults = spec.parse().unwrap();
        let mut lots = faults.lots();
        (0..count).map(|_| lots.draw(Duration::ZERO)).collect()
    }

    #[test]
    fn same_seed_fails_the_same_requests() {
        let spec = "503:20%,reset:10%,seed:7";
        assert_eq!(draws(spec, 500), draws(spec, 500));
        assert_ne!(draws(spec, 500), draws("503:20%,reset:10%,seed:8", 500));
    }

    #[test]
    fn fails_the_share_asked_for() {
        let drawn = draws("503:20%,slow:5%", 20_000);
        let share = |fault| drawn.iter().filter(|&&d| d == fault).count();
        assert!((3_800..4_200).contains(&share(Some(Fault::Status(503)))));
        assert!((850..1_150).contains(&share(Some(Fault::Slow))));
        assert!((14_600..15_400).contains(&share(None)));
    }

    #[test]
    fn full_share_fails_every_request() {
        assert!(draws("reset:100%", 1_000).iter().all(|&d| d == Some(Fault::Reset)));
    }

    #[test]
    fn no_faults_on_order_fail_none() {
        assert!(draws("", 1_000).iter().all(Option::is_none));
    }

    #[test]
    fn storms_strike_at_the_end_of_each_period() {
        let storm = Some(Fault::Status(429));
        assert_eq!(
            draws("storm:429:2/5", 11),
            [None, None, None, storm, storm, None, None, None, storm, storm, None]
        );
        let faults: Faults = "storm:429:5s/20s".parse().unwrap();
        let mut lots = faults.lots();
        let struck: Vec<u64> = (0..45)
            .filter(|second| lots.draw(Duration::from_secs(*second)) == storm)
            .collect();
        assert_eq!(struck, [15, 16, 17, 18, 19, 35, 36, 37, 38, 39]);
    }

    #[test]
    fn a_storm_leaves_the_lots_of_other_requests_as_they_are() {
        let calm = draws("503:50%,seed:3", 100);
        let stormy = draws("503:50%,seed:3,storm:429:10/50", 100);
        assert!((0..100).filter(|at| at % 50 < 40).all(|at| calm[at] == stormy[at]));
    }
}
