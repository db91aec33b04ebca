//! Jobs: what a sender function is handed.

use extract::{Chunk, Layout};
use mapping::Action;
use serde::{Deserialize, Serialize};

use crate::{
    Changes, Destination, Document, FormatVersion, JobId, JobPart, Mapping, Rows, RunId, SyncName, Undelivered,
};

/// One chunk × one action: everything a sender needs besides the chunk's bytes and the write key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Form of this document.
    pub version: FormatVersion,
    /// The job within its run.
    pub id: JobId,
    /// Which part of the job this is, from 0; each later part is what the one before it left.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub part: u32,
    /// The run it belongs to.
    pub run: RunId,
    /// The sync it belongs to.
    pub sync: SyncName,
    /// Which call its mappings make.
    pub action: Action,
    /// What the sender needs to know of the sync's source.
    pub source: JobSource,
    /// Where the calls go.
    pub destination: Destination,
    /// The enabled mappings of this action, in the order of the sync document; at least one.
    pub mappings: Vec<Mapping>,
    /// The object that the chunk is a part of.
    pub object: ObjectPin,
    /// How the object's bytes become rows.
    pub layout: Layout,
    /// The part of the object that is this job's; of a later part what was left of it.
    pub chunk: Chunk,
    /// Rows of the planned chunk that earlier parts accounted for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_before: u64,
    /// When this part is to be begun, where the part before could not be delivered. `None`: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<Undelivered>,
    /// Keys of the objects with rejected rows of an earlier run: only these rows are read, and of these only those that the mappings
    /// rejected. None: all rows of the chunk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Why the object cannot be read, where that is known already: the job fails with this, and nothing is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

impl Job {
    /// Returns which part of which job this is.
    #[must_use]
    pub fn job_part(&self) -> JobPart {
        JobPart {
            job: self.id,
            part: self.part,
        }
    }
}

/// Whether a count is left out of a document: those written before jobs had parts have none.
pub(crate) fn is_zero<N: Default + PartialEq>(count: &N) -> bool {
    *count == N::default()
}

impl Document for Job {
    const KIND: &'static str = "job";
}

/// The parts of a sync's source that matter row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSource {
    /// Whether rows are warehouse rows or Segment events.
    pub rows: Rows,
    /// The unique identifier column.
    pub id: Option<String>,
    /// How a row's change is told.
    pub changes: Changes,
}

/// One object, exactly as it was when the run was planned. An object that is not this one any more is an error.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPin {
    /// Where the key is: `s3://<bucket>`, or a folder's absolute path.
    pub store: String,
    /// The object's key in its store.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The content's tag, as the store gave it.
    pub etag: String,
    /// The version's id, where the bucket has versions.
    pub version: Option<String>,
}
