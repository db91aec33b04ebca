//! Parts of jobs.

use std::{fmt, str::FromStr};

use crate::{JobId, LedgerError};

/// One part of a job: the job as it was planned, or what the part before it left at a checkpoint or near its deadline.
///
/// Written it is the job's id, from the second part on with the part's number: `000000-000012-track`,
/// `000000-000012-track.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobPart {
    /// The job.
    pub job: JobId,
    /// Which part of it, from 0.
    pub part: u32,
}

impl JobPart {
    /// Returns the part that comes after this one.
    #[must_use]
    pub fn next(self) -> Self {
        // Each part has at least one row: nothing has four thousand million of them.
        let part = self.part.saturating_add(1);
        Self { part, ..self }
    }

    /// Returns the part that comes before this one; `None` before the first.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        let part = self.part.checked_sub(1)?;
        Some(Self { part, ..self })
    }

    fn read(text: &str) -> Option<Self> {
        let (job, part) = match text.split_once('.') {
            None => (text, 0),
            Some((job, part)) => (job, part.parse().ok()?),
        };
        let job = job.parse().ok()?;
        let found = Self { job, part };
        // Refuses other spellings of the same part: it has one key.
        (found.to_string() == text).then_some(found)
    }
}

impl From<JobId> for JobPart {
    fn from(job: JobId) -> Self {
        Self { job, part: 0 }
    }
}

impl FromStr for JobPart {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        Self::read(text).ok_or_else(|| LedgerError::BadJobId { text: text.to_owned() })
    }
}

impl fmt::Display for JobPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            0 => self.job.fmt(f),
            part => write!(f, "{}.{part}", self.job),
        }
    }
}

#[cfg(test)]
mod tests {
    use mapping::Action;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn first_part_is_spelled_as_its_job() {
        let job = JobId::new(0, 12, Action::Track);
        assert_eq!(JobPart::from(job).to_string(), job.to_string());
        assert_eq!(JobPart::from(job).next().to_string(), "000000-000012-track.1");
        assert_eq!(JobPart::from(job).previous(), None);
    }

    #[test]
    fn other_spellings_are_refused() {
        for part in [
            "",
            "0",
            "01",
            "+1",
            "-1",
            "1.",
            "1.1",
            "4294967296",
            "a",
            " 1",
            "1-0123456789abcdef",
        ] {
            assert!(
                format!("000000-000000-track.{part}").parse::<JobPart>().is_err(),
                "{part}"
            );
        }
        assert!("0-0-track.1".parse::<JobPart>().is_err());
    }

    proptest! {
        #[test]
        fn part_is_read_back_as_written(
            object: u32, chunk: u32, action in prop::sample::select(&Action::ALL[..]), part: u32,
        ) {
            let part = JobPart { job: JobId::new(object, chunk, action), part };
            prop_assert_eq!(part.to_string().parse::<JobPart>().unwrap(), part);
        }
    }
}
