//! Claims: who took an object of an extract.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Document, FormatVersion, RunId, SyncName};

/// The content of a claim: the run that took an object. It is written once, so an object belongs to one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Form of this document.
    pub version: FormatVersion,
    /// The sync whose extract the object is of.
    pub sync: SyncName,
    /// The run that took it.
    pub run: RunId,
    /// When it was taken.
    pub claimed_at: Timestamp,
}

impl Document for Claim {
    const KIND: &'static str = "claim";
}
