//! Ids of runs.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid, Version};

use crate::LedgerError;

/// A run's id: a UUID of version 7, so that ids sort by the time their runs began, to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(Uuid);

impl RunId {
    /// Returns the id of a run that begins `now`; `random` keeps runs of one millisecond apart.
    ///
    /// The caller brings clock and chance, so the same arguments give the same id. A time before 1970 counts as 1970.
    #[must_use]
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Returns the millisecond in which the run began, if it is a time that calendars reach.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        let seconds = i64::try_from(seconds).ok()?;
        Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
    }
}

impl FromStr for RunId {
    type Err = LedgerError;

    /// Reads the one spelling that [`RunId`] writes, so that a run has exactly one key.
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let id = Uuid::try_parse(text)
            .ok()
            .filter(|id| id.get_version() == Some(Version::SortRand))
            .map(Self);
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| LedgerError::BadRunId { text: text.to_owned() })
    }
}

impl TryFrom<String> for RunId {
    type Error = LedgerError;

    fn try_from(text: String) -> Result<Self, LedgerError> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> Self {
        run.to_string()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> RunId {
        RunId::new(Timestamp::from_millisecond(millis).unwrap(), [7; 10])
    }

    #[test]
    fn ids_sort_by_time_as_values_and_as_text() {
        let (early, late) = (at(1_700_000_000_000), at(1_700_000_000_001));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn id_tells_the_millisecond_it_was_made_in() {
        let now = Timestamp::from_millisecond(1_764_000_123_456).unwrap();
        assert_eq!(RunId::new(now, [0xff; 10]).created_at(), Some(now));
        assert_eq!(at(-5).created_at(), Timestamp::from_millisecond(0).ok());
    }

    #[test]
    fn id_is_read_back_in_its_one_spelling_only() {
        let run = at(1_764_000_123_456);
        let text = run.to_string();
        assert_eq!(text.parse::<RunId>().unwrap(), run);
        assert_eq!(serde_json::from_str::<RunId>(&format!("\"{text}\"")).unwrap(), run);
        for bad in [
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            String::new(),
        ] {
            assert!(bad.parse::<RunId>().is_err(), "{bad}");
        }
        assert!(
            "936da01f-9abd-4d9d-80c7-02af85c822a8".parse::<RunId>().is_err(),
            "version 4"
        );
    }
}
