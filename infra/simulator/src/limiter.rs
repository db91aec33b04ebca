use std::num::NonZeroU32;
use std::time::Duration;

/// One second's worth of requests may come at once.
const BURST: Duration = Duration::from_secs(1);

/// Admits a fixed number of requests per second. Time is passed in, counted from any fixed moment.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// Time that one request pays for.
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

    /// Admits one request.
    ///
    /// # Errors
    /// Whole seconds, at least one, after which a request would be admitted if none came in between.
    pub(crate) fn admit(&mut self, now: Duration) -> Result<(), u64> {
        let paid = self.paid.max(now) + self.interval;
        let wait = paid.saturating_sub(now + BURST);
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
        (0..tries).filter(|_| limiter.admit(now).is_ok()).count()
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
        assert_eq!(limiter.admit(Duration::ZERO), Ok(()));
        assert_eq!(limiter.admit(Duration::from_millis(300)), Err(1));
        assert_eq!(limiter.admit(Duration::from_secs(1)), Ok(()));
    }
}
