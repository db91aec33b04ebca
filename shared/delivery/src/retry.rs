//! What to do about an answer, and how long to wait before the next try. Pure: no clock, no I/O.

use std::time::{Duration, SystemTime};

/// What an HTTP status means for the events of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The API took them.
    Accepted,
    /// A passing failure: the same request again, later.
    Again,
    /// Something in the request is wrong or too large: halve it to find what, refuse what stands alone.
    Split,
    /// The key is not accepted; nothing sent with it will be.
    Unauthorized,
    /// The endpoint points elsewhere.
    Redirected,
    /// No retry and no splitting mends it.
    Rejected,
}

/// Returns what `status` means. The statuses to retry are those of Segment's libraries of 2026: 408, 410, 429, 460 and
/// all of 500 to 599 but 501, 505 and 511.
#[must_use]
pub fn classify(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Accepted,
        300..=399 => Verdict::Redirected,
        400 | 413 => Verdict::Split,
        401 | 403 => Verdict::Unauthorized,
        // Not 501, 505 and 511: what they say about the endpoint does not pass.
        408 | 410 | 429 | 460 | 500 | 502..=504 | 506..=510 | 512..=599 => Verdict::Again,
        _ => Verdict::Rejected,
    }
}

/// Returns the wait that a `Retry-After` header asks for, in either of its forms: whole seconds or an HTTP date, which
/// is compared with `now`. `None` when it asks for none: zero, a moment past, or neither form.
#[must_use]
pub fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let text = header.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number beyond 64 bits fails here. The policy's cap applies to it as to any other.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(text).ok()?.duration_since(now).ok()?
    };
    (!wait.is_zero()).then_some(wait)
}

/// The failed tries of one request so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Those that count against [`RetryPolicy::max_tries`].
    pub counted: u32,
    /// Those whose answer asked to wait; they count against [`RetryPolicy::max_waits`].
    pub waited: u32,
}

impl Attempts {
    /// Returns all failed tries.
    #[must_use]
    pub fn total(self) -> u32 {
        self.counted.saturating_add(self.waited)
    }

    /// Counts one more, which asked to wait or did not.
    #[must_use]
    pub fn plus(self, asked_to_wait: bool) -> Self {
        Self {
            counted: self.counted.saturating_add(u32::from(!asked_to_wait)),
            waited: self.waited.saturating_add(u32::from(asked_to_wait)),
        }
    }
}

/// How often and how long to try. All bounds hold for one request; each half of a split batch is a request of its own.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Most tries, the first included, apart from those whose answer asked to wait.
    pub max_tries: u32,
    /// Most waits that the API asked for (`Retry-After`).
    pub max_waits: u32,
    /// Longest time from the first try to the beginning of the last.
    pub max_elapsed: Duration,
    /// Shortest wait after the first failed try; it doubles with each.
    pub base: Duration,
    /// Longest wait that is not asked for.
    pub cap: Duration,
    /// Longest wait that is asked for; what exceeds it is cut to it.
    pub max_wait: Duration,
    /// Source of randomness, from 0 up to 1. Spreads the retries of many clients.
    pub jitter: fn() -> f64,
}

impl RetryPolicy {
    /// Tries as long as Segment's Node library: ten retries, twenty waits, 12 h. For a run that nobody watches.
    pub const PATIENT: Self = Self {
        max_tries: 11,
        max_waits: 20,
        max_elapsed: Duration::from_hours(12),
        base: Duration::from_millis(500),
        cap: Duration::from_mins(1),
        max_wait: Duration::from_mins(5),
        jitter: fastrand::f64,
    };

    /// Gives up after 7 tries or two minutes (refused connections: after 32 to 63 s). For a function with a deadline,
    /// whose queue tries again, and for a person at a terminal.
    pub const BRIEF: Self = Self {
        max_tries: 7,
        max_elapsed: Duration::from_mins(2),
        ..Self::PATIENT
    };

    /// Returns how long to wait after the failed tries `made`, the last of them included, or `None` to give up.
    ///
    /// Asked to wait, that is the wait, at most [`max_wait`](Self::max_wait). Else it is
    /// min([`cap`](Self::cap), [`base`](Self::base) · 2ⁿ · [1, 2)), n counting from 0.
    #[must_use]
    pub fn wait(&self, made: Attempts, asked: Option<Duration>, elapsed: Duration) -> Option<Duration> {
        let (left, wait) = match asked {
            Some(asked) => (made.waited <= self.max_waits, asked.min(self.max_wait)),
            None => (
                made.counted < self.max_tries,
                self.backoff(made.counted.saturating_sub(1)),
            ),
        };
        (left && elapsed.saturating_add(wait) <= self.max_elapsed).then_some(wait)
    }

    fn backoff(&self, doublings: u32) -> Duration {
        // 2^30 half seconds are 17 years: the cap has long decided, and the product stays within Duration.
        let shortest = self.base.saturating_mul(1 << doublings.min(30));
        if shortest >= self.cap {
            return self.cap;
        }
        shortest.mul_f64(1.0 + (self.jitter)().clamp(0.0, 1.0)).min(self.cap)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::PATIENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_verdict() {
        for status in 100..=1_000 {
            let expected = match status {
                200..=299 => Verdict::Accepted,
                300..=399 => Verdict::Redirected,
                400 | 413 => Verdict::Split,
                401 | 403 => Verdict::Unauthorized,
                408 | 410 | 429 | 460 => Verdict::Again,
                _ if status / 100 == 5 && ![501, 505, 511].contains(&status) => Verdict::Again,
                _ => Verdict::Rejected,
            };
            assert_eq!(classify(status), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (header, expected) in [
            ("1", seconds(1)),
            (" 120 ", seconds(120)),
            ("99999999999999999999999", seconds(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", seconds(60)),
            ("Sunday, 06-Nov-94 08:49:38 GMT", seconds(1)),
            ("Sun Nov  6 08:49:47 1994", seconds(10)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), expected, "{header:?}");
        }
    }

    #[test]
    fn waits_double_with_jitter_up_to_the_cap() {
        let low = RetryPolicy {
            jitter: || 0.0,
            ..RetryPolicy::PATIENT
        };
        let high = RetryPolicy {
            jitter: || 0.9375,
            ..RetryPolicy::PATIENT
        };
        for (counted, least, most) in [
            (1, 500, 968),
            (2, 1_000, 1_937),
            (3, 2_000, 3_875),
            (6, 16_000, 31_000),
            (7, 32_000, 60_000),
            (8, 60_000, 60_000),
            (10, 60_000, 60_000),
        ] {
            let made = Attempts { counted, waited: 0 };
            let millis = |policy: RetryPolicy| policy.wait(made, None, Duration::ZERO).unwrap().as_millis();
            assert_eq!((millis(low), millis(high)), (least, most), "after {counted}");
        }
    }

    #[test]
    fn gives_up_at_each_bound_alone() {
        let policy = RetryPolicy {
            jitter: || 0.0,
            ..RetryPolicy::PATIENT
        };
        let asked = Some(Duration::from_secs(7));
        let seconds = Duration::from_secs;
        let made = |counted, waited| Attempts { counted, waited };
        for (made, asked, elapsed, goes_on) in [
            (made(10, 0), None, seconds(0), true),
            (made(11, 0), None, seconds(0), false),
            // What was asked for does not count against the tries, nor the other way round.
            (made(11, 1), asked, seconds(0), true),
            (made(1, 20), None, seconds(0), true),
            (made(0, 20), asked, seconds(0), true),
            (made(0, 21), asked, seconds(0), false),
            (made(1, 0), None, seconds(39_600), true),
            (made(1, 0), None, seconds(43_200), false),
            (made(0, 1), asked, seconds(43_193), true),
            (made(0, 1), asked, seconds(43_194), false),
        ] {
            let wait = policy.wait(made, asked, elapsed);
            assert_eq!(wait.is_some(), goes_on, "{made:?} {asked:?} {elapsed:?}");
        }
    }

    #[test]
    fn what_is_asked_for_is_cut_to_its_cap() {
        let wait = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            RetryPolicy::PATIENT.wait(Attempts { counted: 0, waited: 1 }, asked, Duration::ZERO)
        };
        assert_eq!(wait(299), Some(Duration::from_secs(299)));
        assert_eq!(wait(u64::MAX), Some(RetryPolicy::PATIENT.max_wait));
    }

    #[test]
    fn never_overflows() {
        for counted in [0, 1, 31, 32, 33, u32::MAX - 1, u32::MAX] {
            let policy = RetryPolicy {
                max_tries: u32::MAX,
                base: Duration::MAX,
                ..RetryPolicy::PATIENT
            };
            let made = Attempts {
                counted,
                waited: u32::MAX,
            }
            .plus(true);
            assert_eq!(policy.wait(made, None, Duration::MAX), None);
            assert!(policy.backoff(counted) <= policy.cap);
        }
    }
}
