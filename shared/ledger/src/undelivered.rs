//! Waiting for a Tracking API that cannot be reached.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The first wait, and the shortest one.
const SHORTEST_WAIT: Duration = Duration::from_mins(1);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(30);

/// For how long a job waits altogether.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

/// How late a part may be begun, behind other jobs and with what queues round up. Beyond that nobody had told a sender of it, and what nobody
/// tried is not what could not be delivered.
const LATE: Duration = Duration::from_hours(1);

/// Why a part of a job is not to be begun at once: calls could not be delivered, which may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undelivered {
    /// When that was found first; later, by as much, if the part lay about for more than an hour after it was to be begun. No call was
    /// delivered since, of the rows that come first.
    pub since: Timestamp,
    /// The part is not to be begun before.
    pub not_before: Timestamp,
}

impl Undelivered {
    /// Returns what is to be waited for after calls could not be delivered at `now`, or `None` once a day has passed.
    ///
    /// The wait is a minute at first, and then as long as all waits before it: 1, 1, 2, 4, 8, 16 minutes and so on, up to half an hour, and
    /// no shorter than the API `asked` for. Whoever hands the part out cannot wait longer than `longest`.
    #[must_use]
    pub fn again(before: Option<Self>, now: Timestamp, asked: Option<Duration>, longest: Duration) -> Option<Self> {
        let since = before.map_or(now, |before| before.tried_since(now));
        let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if waited >= GIVE_UP_AFTER {
            return None;
        }
        let wait = waited.max(SHORTEST_WAIT).max(asked.unwrap_or_default());
        let wait = wait.min(LONGEST_WAIT).min(longest);
        Some(Self {
            since,
            not_before: now.checked_add(wait).unwrap_or(now),
        })
    }

    fn tried_since(self, now: Timestamp) -> Timestamp {
        let late = Duration::try_from(now.duration_since(self.not_before)).unwrap_or_default();
        self.since.checked_add(late.saturating_sub(LATE)).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_hours(1);

    fn wait(minutes: u64, asked: Option<u64>, longest: Duration) -> Option<u64> {
        let since = Timestamp::UNIX_EPOCH;
        let now = since + Duration::from_mins(minutes);
        let before = Undelivered { since, not_before: now };
        let again = Undelivered::again(Some(before), now, asked.map(Duration::from_mins), longest)?;
        assert_eq!(again.since, since);
        Some(
            Duration::try_from(again.not_before.duration_since(now))
                .unwrap()
                .as_secs()
                / 60,
        )
    }

    #[test]
    fn wait_grows_to_half_an_hour_and_ends_after_a_day() {
        for (minutes, expected) in [
            (0, Some(1)),
            (1, Some(1)),
            (2, Some(2)),
            (16, Some(16)),
            (40, Some(30)),
            (24 * 60 - 1, Some(30)),
            (24 * 60, None),
        ] {
            assert_eq!(wait(minutes, None, LONGEST), expected, "{minutes}");
        }
    }

    #[test]
    fn time_in_which_nobody_tried_is_not_counted() {
        let hour = Duration::from_hours(1);
        let since = Timestamp::UNIX_EPOCH;
        let before = Undelivered {
            since,
            not_before: since + hour,
        };
        let again = |hours: u32| Undelivered::again(Some(before), since + hour * hours, None, LONGEST);
        assert_eq!(again(2).unwrap().since, since);
        assert_eq!(again(40).unwrap().since, since + hour * 38);
        let later = Undelivered::again(again(40), since + hour * 40 + LONGEST_WAIT, None, LONGEST);
        assert_eq!(later.unwrap().since, since + hour * 38);
    }

    #[test]
    fn api_s_word_is_kept_within_the_bounds() {
        assert_eq!(wait(0, Some(5), LONGEST), Some(5));
        assert_eq!(wait(16, Some(5), LONGEST), Some(16));
        assert_eq!(wait(0, Some(90), LONGEST), Some(30));
        assert_eq!(wait(40, None, Duration::from_mins(12)), Some(12));
    }

    #[test]
    fn first_wait_is_counted_from_now() {
        let now = Timestamp::UNIX_EPOCH;
        let first = Undelivered::again(None, now, None, LONGEST).unwrap();
        assert_eq!((first.since, first.not_before), (now, now + Duration::from_mins(1)));
    }
}
