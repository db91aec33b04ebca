//! Everything random, from one seed.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A source of chance; clones draw from the same one.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<fastrand::Rng>>);

impl Chance {
    /// Returns the source that `seed` begins: the same seed always gives the same draws.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    /// Returns a source of its own, so that what is drawn from one changes nothing in the other.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(self.with(|rng| rng.u64(..)))
    }

    /// Whether something of probability `odds`, from 0 to 1, happens this time.
    #[must_use]
    pub fn happens(&self, odds: f64) -> bool {
        odds > 0.0 && self.with(fastrand::Rng::f64) < odds
    }

    /// Returns a number of the range.
    #[must_use]
    pub fn between(&self, range: RangeInclusive<u64>) -> u64 {
        self.with(|rng| rng.u64(range))
    }

    /// Returns a number of the range as a place or a count.
    #[must_use]
    pub fn count(&self, range: RangeInclusive<usize>) -> usize {
        self.with(|rng| rng.usize(range))
    }

    /// Returns a number below `most`, small ones as likely as large ones in magnitude.
    #[must_use]
    pub fn magnitude(&self, most: u32) -> u32 {
        let bits = most.max(2).ilog2();
        let shift = self.with(|rng| rng.u32(0..=bits));
        self.with(|rng| rng.u32(0..=(1 << shift))).min(most)
    }

    /// Returns one of `choices`.
    #[must_use]
    pub fn one_of<'c, T>(&self, choices: &'c [T]) -> &'c T {
        &choices[self.count(0..=choices.len() - 1)]
    }

    /// Returns a time between the two, in milliseconds.
    #[must_use]
    pub fn millis(&self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.between(range))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
