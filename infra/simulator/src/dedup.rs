use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use crate::EMBEDDED_REMEMBERED_IDS;

/// "At least 24 hours" of ids are kept (Segment docs, Handling duplicate data).
const WINDOW_SECONDS: u64 = 24 * 60 * 60;

/// The message ids accepted within the last 24 hours, as fingerprints of 64 bits.
///
/// Two different ids share a fingerprint with a chance below 10⁻⁵ among 8 million. Time is passed in, counted from any
/// fixed moment, and must not run backwards.
#[derive(Debug)]
pub(crate) struct Dedup {
    seen: HashSet<u64, BuildHasherDefault<Identity>>,
    /// The same fingerprints, oldest first.
    order: VecDeque<u64>,
    /// How many of them came in which second, oldest first.
    seconds: VecDeque<(u64, usize)>,
    limit: usize,
}

impl Dedup {
    /// Remembers at most the newest `limit` ids.
    pub(crate) fn new(limit: usize) -> Dedup {
        // Small windows take their room at once: growing step by step they would need half as much again on the way. A set
        // that is more than half full grows, rather than tidying up, when it has forgotten enough.
        let room = limit.min(EMBEDDED_REMEMBERED_IDS) + 1;
        Dedup {
            seen: HashSet::with_capacity_and_hasher(2 * room, BuildHasherDefault::default()),
            order: VecDeque::with_capacity(room),
            seconds: VecDeque::new(),
            limit,
        }
    }

    /// True if the id is new within the window, and remembered from now on. A repeat does not renew the first sight.
    pub(crate) fn admit(&mut self, fingerprint: u64, now: Duration) -> bool {
        self.expire(now.as_secs());
        if self.limit == 0 {
            return true;
        }
        if !self.seen.insert(fingerprint) {
            return false;
        }
        if self.order.len() == self.limit {
            self.forget_oldest(1);
        }
        self.order.push_back(fingerprint);
        match self.seconds.back_mut() {
            Some((second, count)) if *second == now.as_secs() => *count += 1,
            _ => self.seconds.push_back((now.as_secs(), 1)),
        }
        true
    }

    /// Forgets the newest `count` ids: those of a batch that could not be kept after all.
    pub(crate) fn retract(&mut self, count: usize) {
        for _ in 0..count {
            let Some(fingerprint) = self.order.pop_back() else {
                return;
            };
            self.seen.remove(&fingerprint);
            if let Some((_, left)) = self.seconds.back_mut() {
                *left -= 1;
                if *left == 0 {
                    self.seconds.pop_back();
                }
            }
        }
    }

    fn expire(&mut self, now: u64) {
        while let Some(&(second, count)) = self.seconds.front() {
            if now < second + WINDOW_SECONDS {
                return;
            }
            self.forget_oldest(count);
        }
    }

    fn forget_oldest(&mut self, count: usize) {
        for fingerprint in self.order.drain(..count) {
            self.seen.remove(&fingerprint);
        }
        if let Some((_, left)) = self.seconds.front_mut() {
            *left -= count;
            if *left == 0 {
                self.seconds.pop_front();
            }
        }
    }
}

/// What stands for a message id.
pub(crate) fn fingerprint(message_id: &str) -> u64 {
    xxh3_64(message_id.as_bytes())
}

/// Fingerprints are spread evenly already; hashing them again would cost time only.
#[derive(Debug, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn drops_a_repeat_within_a_day() {
        let mut dedup = Dedup::new(10);
        assert!(dedup.admit(1, Duration::ZERO));
        assert!(!dedup.admit(1, HOUR));
        assert!(!dedup.admit(1, Duration::from_secs(24 * 60 * 60 - 1)));
    }

    #[test]
    fn accepts_a_repeat_after_a_day_though_it_was_repeated_within() {
        let mut dedup = Dedup::new(10);
        assert!(dedup.admit(1, Duration::ZERO));
        assert!(!dedup.admit(1, HOUR * 23));
        assert!(dedup.admit(1, HOUR * 24));
        assert!(!dedup.admit(1, HOUR * 25));
    }

    #[test]
    fn remembers_only_the_newest_ids() {
        let mut dedup = Dedup::new(2);
        assert!((1..=3).all(|id| dedup.admit(id, Duration::ZERO)));
        assert!(!dedup.admit(2, Duration::ZERO));
        assert!(!dedup.admit(3, Duration::ZERO));
        assert!(dedup.admit(1, Duration::ZERO), "the oldest had to go");
        assert_eq!(dedup.seen.len(), 2);
    }

    #[test]
    fn remembers_nothing_with_a_limit_of_zero() {
        let mut dedup = Dedup::new(0);
        assert!(dedup.admit(1, Duration::ZERO));
        assert!(dedup.admit(1, Duration::ZERO));
    }

    #[test]
    fn retracted_ids_are_new_again() {
        let mut dedup = Dedup::new(10);
        assert!(dedup.admit(1, Duration::ZERO));
        assert!(dedup.admit(2, HOUR));
        assert!(dedup.admit(3, HOUR));
        dedup.retract(2);
        assert!(!dedup.admit(1, HOUR));
        assert!(dedup.admit(2, HOUR));
        assert!(dedup.admit(3, HOUR));
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_list(steps in prop::collection::vec((0_u64..20, 0_u64..20_000), 1..300), limit in 1_usize..12) {
            let (mut dedup, mut list, mut now) = (Dedup::new(limit), Vec::<(u64, u64)>::new(), 0);
            for (id, pause) in steps {
                now += pause;
                list.retain(|&(_, at)| now < at + WINDOW_SECONDS);
                let fresh = list.iter().all(|&(known, _)| known != id);
                prop_assert_eq!(dedup.admit(id, Duration::from_secs(now)), fresh);
                if fresh {
                    list.push((id, now));
                    if list.len() > limit {
                        list.remove(0);
                    }
                }
                prop_assert_eq!(dedup.seen.len(), list.len());
                prop_assert_eq!(dedup.seconds.iter().map(|&(_, count)| count).sum::<usize>(), list.len());
            }
        }
    }
}
