use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

use crate::Faults;

/// Message ids that a long-lived server remembers: about a day of a busy workspace in at most 250 MB.
pub const SERVER_REMEMBERED_IDS: usize = 8_000_000;

/// Message ids to remember when the simulator shares a process with the client it serves: about 4 MB at most.
pub const EMBEDDED_REMEMBERED_IDS: usize = 131_072;

/// How the simulator is to behave. The default accepts any write key, keeps nothing, limits nothing and never fails.
#[derive(Clone)]
pub struct Settings {
    /// The only write key of a known source; events under any other key are dropped as `unknown_source`.
    /// `None`: every key is known.
    pub write_key: Option<String>,
    /// Failures on order.
    pub faults: Faults,
    /// Folder that gets accepted events in `events.jsonl` and dropped ones in `dropped.jsonl`; made if missing.
    /// `None`: events are checked and counted, not kept.
    pub out: Option<PathBuf>,
    /// How many of the newest message ids are remembered for deduplication, at about 30 bytes each.
    /// Memory grows only with ids seen.
    pub remembered_ids: usize,
    /// Requests admitted per second, with a burst of one second's worth; more are answered 429. `None`: no limit.
    pub max_requests_per_second: Option<NonZeroU32>,
    /// Events admitted per second, with a burst of one second's worth or one batch, whichever is more; a request with more is answered 429
    /// and not taken. `None`: no limit.
    pub max_events_per_second: Option<NonZeroU32>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            write_key: None,
            faults: Faults::default(),
            out: None,
            remembered_ids: SERVER_REMEMBERED_IDS,
            max_requests_per_second: None,
            max_events_per_second: None,
        }
    }
}

/// Written by hand so that the write key never reaches a log.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("write_key", &self.write_key.as_ref().map(|_| "redacted"))
            .field("faults", &self.faults)
            .field("out", &self.out)
            .field("remembered_ids", &self.remembered_ids)
            .field("max_requests_per_second", &self.max_requests_per_second)
            .field("max_events_per_second", &self.max_events_per_second)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_shows_the_write_key() {
        let settings = Settings {
            write_key: Some("canary-key".into()),
            ..Settings::default()
        };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("canary-key"), "{shown}");
        assert!(shown.contains("redacted"));
    }
}
