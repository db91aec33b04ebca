//! What Test Mapping says of one row and one mapping.

use sender::{Reason, remedy};
use serde::Serialize;
use serde_json::value::RawValue;

/// One row × one mapping.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The row's place among those tested, from 0.
    pub row: u64,
    /// The mapping's name.
    pub mapping: String,
    /// What would become of the row.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What would become of a row.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Verdict {
    /// It would be sent, and the Tracking API would take it.
    Sent {
        /// The call.
        event: Box<RawValue>,
        /// How many bytes the call takes of the [`delivery::MAX_EVENT_BYTES`] that it may.
        bytes: usize,
    },
    /// The mapping's trigger leaves it out.
    Filtered {
        /// Always `true`.
        filtered: bool,
        /// The trigger, and what the row has in the fields that it tests.
        why: String,
    },
    /// It cannot be sent.
    Rejected {
        /// Why.
        rejected: Rejected,
    },
}

/// Why a row cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// A stable word for the reason.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The field or column in question, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do about it.
    pub remedy: &'static str,
}

impl From<Reason> for Rejected {
    fn from(reason: Reason) -> Self {
        Self::new(reason.code, reason.message, reason.detail, reason.field)
    }
}

impl Rejected {
    /// Returns a rejection whose message shows the content in question: a test is for the eyes of whoever has the row.
    pub(crate) fn new(code: String, message: String, detail: Option<String>, field: Option<String>) -> Self {
        let message = match detail {
            Some(detail) => format!("{message}: {detail}"),
            None => message,
        };
        let remedy = remedy(&code);
        Self {
            code,
            message,
            field,
            remedy,
        }
    }
}
