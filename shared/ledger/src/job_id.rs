//! Ids of jobs.

use std::{fmt, str::FromStr};

use mapping::Action;
use serde::{Deserialize, Serialize};

use crate::LedgerError;

/// Fewest digits of each number in a job's id, so that ids of ordinary runs sort as text, too.
const DIGITS: usize = 6;

/// A job's id within its run: `<object>-<chunk>-<action>`, both numbers from 0, e.g. `000000-000012-track`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId {
    object: u32,
    chunk: u32,
    action: Action,
}

impl JobId {
    /// Returns the id of the job that carries out `action` on a chunk; the numbers are places in the plan.
    #[must_use]
    pub fn new(object: u32, chunk: u32, action: Action) -> Self {
        Self { object, chunk, action }
    }

    /// Returns the object's place in the plan.
    #[must_use]
    pub fn object(&self) -> u32 {
        self.object
    }

    /// Returns the chunk's place in its object.
    #[must_use]
    pub fn chunk(&self) -> u32 {
        self.chunk
    }

    /// Returns the action that the job carries out.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    fn read(text: &str) -> Option<Self> {
        let (object, rest) = text.split_once('-')?;
        let (chunk, word) = rest.split_once('-')?;
        let action = Action::ALL.into_iter().find(|action| action.as_str() == word)?;
        let id = Self {
            object: object.parse().ok()?,
            chunk: chunk.parse().ok()?,
            action,
        };
        // Refuses other spellings of the same numbers (signs, missing or extra zeros): a job has one key.
        (id.to_string() == text).then_some(id)
    }
}

impl FromStr for JobId {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        Self::read(text).ok_or_else(|| LedgerError::BadJobId { text: text.to_owned() })
    }
}

impl TryFrom<String> for JobId {
    type Error = LedgerError;

    fn try_from(text: String) -> Result<Self, LedgerError> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$}-{:0DIGITS$}-{}", self.object, self.chunk, self.action)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn id_has_the_form_of_its_key() {
        assert_eq!(JobId::new(0, 12, Action::Track).to_string(), "000000-000012-track");
        assert_eq!(
            JobId::new(1_234_567, 0, Action::Screen).to_string(),
            "1234567-000000-screen"
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "0-0-track",
            "000000-000000",
            "000000-000000-alias",
            "000000-000000-track-",
            "0000000-000000-track",
            "+00000-000000-track",
            "000000-000000-Track",
            "../000-000000-track",
            "99999999999-000000-track",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<JobId>("\"0-0-track\"").is_err());
    }

    proptest! {
        #[test]
        fn id_is_read_back_as_written(object: u32, chunk: u32, action in prop::sample::select(&Action::ALL[..])) {
            let id = JobId::new(object, chunk, action);
            prop_assert_eq!(id.to_string().parse::<JobId>().unwrap(), id);
        }
    }
}
