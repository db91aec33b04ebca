//! How a part of a job ended.

use extract::Chunk;
use serde::{Deserialize, Serialize};

use crate::Undelivered;

/// How a job, or a part of it, ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", deny_unknown_fields)]
pub enum Status {
    /// Every row of the chunk was read and has a fate in every mapping.
    Done,
    /// The job ended early. Its tallies hold the rows whose fate was known by then.
    Failed {
        /// A stable word for the kind of failure.
        code: String,
        /// What happened and what to do, for people. Holds no row and no write key.
        message: String,
    },
    /// A checkpoint, or time was up. Exactly the rows before `rest` have a fate in every mapping; the job's next part goes on from there.
    Continued {
        /// What is left of the chunk. It begins with the first row that has no fate yet, or right behind the last that has.
        rest: Chunk,
        /// Rows of the planned chunk before the rest: those of this part and of all earlier ones.
        rows_before: u64,
        /// Calls could not be delivered: the next part is to wait. `None`: it is to be begun at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undelivered: Option<Undelivered>,
    },
}

impl Status {
    /// Whether this ends the job: no part comes after it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Continued { .. })
    }
}
