use std::num::NonZeroU32;
use std::time::Duration;

/// One second's worth may come at once.
const BURST: Duration = Duration::from_secs(1);

/// Admits a fixed number of requests, or of events, per second. Time is passed in, counted from any fixed moment.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// Time that one of them pays for.
    interval: Duration,
    /// When all that was admitted has been paid for.
    paid: Duration,
}

impl Limiter {
    pub(crate) fn new(per_second: NonZeroU32) -> Limiter {
        Limiter {
            interval: BURST / per_second.get(),
            paid: Duration::ZERO,
        }
    }

    /// Admits so many at once, or none of them. More than a second's worth are admitted when nothing is owed, and owed for.
    ///
    /// # Errors
    /// Whole seconds, at least one, after which they would be admitted if none came in between.
    pub(crate) fn admit(&mut self, count: u32, now: Duration) -> Result<(), u64> {
        let price = self.interval.saturating_mul(count);
        let paid = self.paid.max(now) + price;
        let wait = paid.saturating_sub(now + BURST.max(price));
        if wait.is_zero() {
            self.paid = paid;
            return Ok(());
        }
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(limiter: &mut Limiter, now: Duration, tries: usize) -> usize {
        (0..tries).filter(|_| limiter.admit(1, now).is_ok()).count()
    }

    #[test]
    fn admits_a_second_of_requests_at_once_and_then_the_rate() {
        let mut limiter = Limiter::new(NonZeroU32::new(100).unwrap());
        assert_eq!(admitted(&mut limiter, Duration::ZERO, 500), 100);
        assert_eq!(admitted(&mut limiter, Duration::from_millis(250), 500), 25);
        assert_eq!(admitted(&mut limiter, Duration::from_mins(1), 500), 100);
    }

    #[test]
    fn tells_the_wait_in_whole_seconds() {
        let mut limiter = Limiter::new(NonZeroU32::new(1).unwrap());
        assert_eq!(limiter.admit(1, Duration::ZERO), Ok(()));
        assert_eq!(limiter.admit(1, Duration::from_millis(300)), Err(1));
        assert_eq!(limiter.admit(1, Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn counts_what_comes_together_and_lets_more_than_a_second_of_it_through_when_nothing_is_owed() {
        let mut limiter = Limiter::new(NonZeroU32::new(100).unwrap());
        let at = Duration::from_millis;
        assert_eq!(limiter.admit(60, at(0)), Ok(()));
        assert_eq!(limiter.admit(60, at(0)), Err(1));
        assert_eq!(limiter.admit(40, at(0)), Ok(()));
        assert_eq!(limiter.admit(250, at(900)), Err(1));
        assert_eq!(limiter.admit(250, at(1_000)), Ok(()));
        assert_eq!(limiter.admit(1, at(1_000)), Err(2));
        assert_eq!(limiter.admit(1, at(2_510)), Ok(()));
    }
}
