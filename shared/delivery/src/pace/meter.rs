//! What the API took in the last two minutes.

use std::time::Duration;

/// Seconds that are remembered.
const SECONDS: usize = 128;

/// What was taken, second by second, in a ring of fixed size: counting a request takes no memory.
#[derive(Debug)]
pub(super) struct Meter {
    ring: [Second; SECONDS],
    /// When counting began.
    since: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    /// Which one it is, counted from 1, so that none is taken for what the ring held before.
    number: u64,
    requests: u32,
    events: u32,
}

/// What was taken in the time just gone by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flow {
    pub(super) requests: u32,
    pub(super) events: u32,
    pub(super) span: Duration,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            ring: [Second::default(); SECONDS],
            since: Duration::ZERO,
        }
    }

    /// Forgets all and begins anew.
    pub(super) fn restart(&mut self, now: Duration) {
        *self = Self {
            since: now,
            ..Self::new()
        };
    }

    /// Counts one request whose events were taken.
    pub(super) fn count(&mut self, now: Duration, events: u32) {
        let number = now.as_secs() + 1;
        let second = &mut self.ring[slot(number)];
        if second.number != number {
            *second = Second {
                number,
                ..Second::default()
            };
        }
        second.requests = second.requests.saturating_add(1);
        second.events = second.events.saturating_add(events);
    }

    /// Returns what was taken in the last `seconds`, at most 120, the one under way included, or since counting began.
    pub(super) fn recent(&self, now: Duration, seconds: u64) -> Flow {
        let last = now.as_secs() + 1;
        let first = (last + 1).saturating_sub(seconds).max(self.since.as_secs() + 1);
        let start = Duration::from_secs(first - 1).max(self.since);
        let counted = (first..=last).map(|number| (number, self.ring[slot(number)]));
        let counted = counted.filter(|(number, second)| second.number == *number);
        let empty = Flow {
            requests: 0,
            events: 0,
            span: now.saturating_sub(start),
        };
        counted.fold(empty, |flow, (_, second)| Flow {
            requests: flow.requests.saturating_add(second.requests),
            events: flow.events.saturating_add(second.events),
            ..flow
        })
    }
}

fn slot(number: u64) -> usize {
    usize::try_from(number % SECONDS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(meter: &Meter, now: u64, seconds: u64) -> (u32, u32, u64) {
        let flow = meter.recent(Duration::from_millis(now), seconds);
        (flow.requests, flow.events, flow.span.as_secs())
    }

    #[test]
    fn counts_what_was_taken_in_the_seconds_asked_for() {
        let mut meter = Meter::new();
        for second in 0..300 {
            meter.count(Duration::from_secs(second), 10);
        }
        assert_eq!(flow(&meter, 299_999, 1), (1, 10, 0));
        assert_eq!(flow(&meter, 299_999, 20), (20, 200, 19));
        assert_eq!(flow(&meter, 299_999, 120), (120, 1_200, 119));
        // Nothing came for a while; what the ring holds of the time before is not counted.
        assert_eq!(flow(&meter, 310_999, 20), (9, 90, 19));
        assert_eq!(flow(&meter, 900_999, 120), (0, 0, 119));
    }

    #[test]
    fn knows_nothing_of_the_time_before_it_began() {
        let mut meter = Meter::new();
        meter.count(Duration::from_millis(500), 7);
        assert_eq!(flow(&meter, 2_000, 20), (1, 7, 2));
        meter.restart(Duration::from_millis(90_250));
        meter.count(Duration::from_millis(90_750), 3);
        assert_eq!(flow(&meter, 92_250, 20), (1, 3, 2));
    }
}
