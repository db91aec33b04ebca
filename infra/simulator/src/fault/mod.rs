//! Failures on order: what is drawn for a request, and in which proportion.

mod spec;

use fastrand::Rng;

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
}

/// The failures on order: shares of all requests, drawn with a seeded generator in order of arrival.
///
/// Made from the text of `--fail`, for example `503:20%,reset:2%,seed:7`; see the crate's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// Shares in percent, which add up to at most 100.
    shares: Vec<(Fault, f64)>,
    seed: u64,
    retry_after: u64,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            shares: Vec::new(),
            seed: DEFAULT_SEED,
            retry_after: DEFAULT_RETRY_AFTER,
        }
    }
}

impl Faults {
    /// True if no request is to fail.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
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
        }
    }
}

/// Draws the fault of one request after the other.
#[derive(Debug)]
pub(crate) struct Lots {
    faults: Faults,
    rng: Rng,
}

impl Lots {
    /// The fault of the next request, if it is to have one.
    pub(crate) fn draw(&mut self) -> Option<Fault> {
        if self.faults.is_empty() {
            return None;
        }
        let mut roll = self.rng.f64() * 100.0;
        self.faults.shares.iter().find_map(|&(fault, share)| {
            roll -= share;
            (roll < 0.0).then_some(fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(spec: &str, count: usize) -> Vec<Option<Fault>> {
        let faults: Faults = spec.parse().unwrap();
        let mut lots = faults.lots();
        (0..count).map(|_| lots.draw()).collect()
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
}
