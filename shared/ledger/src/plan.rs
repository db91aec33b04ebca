//! Plans: what a run is going to do, fixed before it does anything.

mod written;

use std::sync::Arc;

use extract::{Chunk, Layout};
use jiff::Timestamp;
use mapping::Action;

use crate::{
    Destination, Document, ExtractIdentity, FormatVersion, Job, JobId, JobSource, Mapping, ObjectPin, Retried, RunId,
    Sync,
};

/// The plan of a run: the sync as it was, the objects as they were, and their chunks. The jobs follow from it.
///
/// A run may have a hundred thousand objects: as JSON, what they have in common is written once.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Form of this document.
    pub version: FormatVersion,
    /// The run.
    pub run: RunId,
    /// When the plan was made; reports call it the run's start.
    pub created_at: Timestamp,
    /// The sync document as it was, defaults filled in.
    pub sync: Sync,
    /// Where calls go in place of Segment; `None`: to Segment.
    pub sent_to: Option<String>,
    /// When the first of its extracts was complete; `None` where the store does not tell.
    pub landed_at: Option<Timestamp>,
    /// The run whose rejected and failed rows this one tries again; `None`: it has extracts of its own.
    pub retry_of: Option<RunId>,
    /// The extract's objects, in the order of their keys, or in that of its manifest.
    pub objects: Vec<PlannedObject>,
}

/// One object of the extract and the chunks that it is read in.
#[derive(Debug, Clone)]
pub struct PlannedObject {
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
    /// How the object's bytes become rows. Objects of one warehouse table are alike and share it.
    pub layout: Arc<Layout>,
    /// Chunks that tile the object, in its order. None for an object without rows, or that no mapping reads.
    pub chunks: Vec<Chunk>,
    /// Of a retry, what each chunk is for. Else there is none: each chunk is for all actions.
    pub retried: Vec<Retried>,
    /// Rows in the object, if planning had to count them.
    pub rows: Option<u64>,
    /// Why the object cannot be read, if planning found that out. Its one chunk is all of it, and its jobs fail with this.
    pub unreadable: Option<String>,
}

impl PlannedObject {
    /// Returns what pins the object: where it is and what it contained.
    #[must_use]
    pub fn pin(&self) -> ObjectPin {
        ObjectPin {
            store: self.store.clone(),
            key: self.key.clone(),
            size: self.size,
            etag: self.etag.clone(),
            version: self.version.clone(),
        }
    }

    /// Returns the object's store and key as one path, as [`Mapping::reads`] takes it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.store, self.key)
    }
}

impl Document for Plan {
    const KIND: &'static str = "plan";
}

impl Plan {
    /// Returns the run's jobs, one at a time: by object, then chunk, then action.
    ///
    /// There is a job for each action that an enabled mapping for the object uses; none if the destination is off.
    pub fn jobs(&self) -> impl Iterator<Item = Job> + '_ {
        self.job_ids().filter_map(|id| self.job(id))
    }

    /// Returns the ids of [`Plan::jobs`], in the same order.
    pub fn job_ids(&self) -> impl Iterator<Item = JobId> + '_ {
        (0u32..).zip(&self.objects).flat_map(move |(object, planned)| {
            let actions = self.actions_of(planned);
            let chunks = (0u32..).zip(&planned.chunks);
            chunks.flat_map(move |(chunk, _)| {
                let actions = actions.clone().into_iter();
                let jobs = actions.map(move |action| JobId::new(object, chunk, action));
                jobs.filter(move |job| planned.retried.is_empty() || self.mappings_of_job(*job).next().is_some())
            })
        })
    }

    /// Returns how many jobs the run has.
    #[must_use]
    pub fn job_count(&self) -> usize {
        let jobs = |object: &PlannedObject| object.chunks.len() * self.actions_of(object).len();
        match self.retry_of {
            None => self.objects.iter().map(jobs).sum(),
            Some(_) => self.job_ids().count(),
        }
    }

    /// Returns the enabled mappings for an object, in the order of the document; none if the destination is off.
    pub fn mappings_of(&self, object: &PlannedObject) -> impl Iterator<Item = &Mapping> {
        self.sync.mappings_for(object.path())
    }

    /// Returns the mappings that a job's rows go through, in the order of the document; none if the plan has no such job.
    pub fn mappings_of_job(&self, id: JobId) -> impl Iterator<Item = &Mapping> {
        let object = self.objects.get(id.object() as usize);
        let object = object.filter(|object| object.chunks.len() > id.chunk() as usize);
        object.into_iter().flat_map(move |object| {
            let retried = object.retried.get(id.chunk() as usize);
            let is_meant = move |mapping: &&Mapping| {
                mapping.action == id.action() && retried.is_none_or(|retried| retried.is_for(mapping))
            };
            self.mappings_of(object).filter(is_meant)
        })
    }

    /// Returns the actions that there are jobs of for each chunk of an object, in the order of [`Action::ALL`].
    #[must_use]
    pub fn actions_of(&self, object: &PlannedObject) -> Vec<Action> {
        let used: Vec<Action> = self.mappings_of(object).map(|mapping| mapping.action).collect();
        Action::ALL.into_iter().filter(|action| used.contains(action)).collect()
    }

    /// Returns one job, or `None` if the plan has no such job.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<Job> {
        let object = self.objects.get(id.object() as usize)?;
        let chunk = object.chunks.get(id.chunk() as usize)?;
        let mappings: Vec<Mapping> = self.mappings_of_job(id).cloned().collect();
        let retried = object.retried.get(id.chunk() as usize);
        (!mappings.is_empty()).then(|| Job {
            version: FormatVersion,
            id,
            part: 0,
            run: self.run,
            sync: self.sync.name.clone(),
            action: id.action(),
            source: JobSource {
                rows: self.sync.source.rows,
                id: self.sync.source.id.clone(),
                changes: self.sync.source.changes.clone(),
            },
            destination: Destination {
                max_events_per_second: Some(self.sync.events_per_second_of_an_action()),
                ..self.sync.destination.clone()
            },
            mappings,
            object: object.pin(),
            layout: Layout::clone(&object.layout),
            chunk: *chunk,
            rows_before: 0,
            undelivered: None,
            only: retried.map(|retried| retried.rejected.clone()).unwrap_or_default(),
            unreadable: object.unreadable.clone(),
        })
    }

    /// Returns the identity of the extract that the plan is for.
    #[must_use]
    pub fn extract_identity(&self) -> ExtractIdentity {
        let pins: Vec<ObjectPin> = self.objects.iter().map(PlannedObject::pin).collect();
        ExtractIdentity::of(&pins)
    }

    /// Returns the actions that the run has jobs for, in the order of [`Action::ALL`].
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        let used: Vec<Vec<Action>> = self.objects.iter().map(|object| self.actions_of(object)).collect();
        let has = |action: &Action| used.iter().any(|actions| actions.contains(action));
        Action::ALL.into_iter().filter(has).collect()
    }
}
