//! Retries: what a run tries again of another one.

use mapping::Action;
use serde::{Deserialize, Serialize};

use crate::Mapping;

/// What one chunk of a retry's plan is for. Such a plan has a chunk for each job whose rows are tried again, and of a job whose rows
/// several mappings rejected one for each of them: a row that only one of them rejected was sent by the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retried {
    /// The action of the job.
    pub action: Action,
    /// The mappings that are tried again, by name.
    pub mappings: Vec<String>,
    /// Keys of the objects with the rejected rows that are tried again; none: all rows of the chunk are, since its job failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
}

impl Retried {
    /// Whether rows go through `mapping` again.
    pub(crate) fn is_for(&self, mapping: &Mapping) -> bool {
        self.action == mapping.action && self.mappings.contains(&mapping.name)
    }
}
