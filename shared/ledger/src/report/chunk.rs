//! What the outcomes so far say of a plan's chunks.

use mapping::Action;

use crate::{JobId, LedgerError, Plan};

/// What is known of one chunk.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChunkState {
    /// Bit `n` is set once the outcomes of the job of the action `Action::ALL[n]` were added, all its parts.
    seen: u8,
    /// Whether `rows` are all rows of the chunk: a job read it to its end.
    complete: bool,
    /// Rows read; of several jobs, by the one that read the most.
    rows: u64,
}

impl ChunkState {
    pub(super) fn has_seen(self, action: Action) -> bool {
        self.seen & bit(action) != 0
    }

    /// Returns the state once all parts of a job are added, which has read `rows`; `done`: all that there are.
    pub(super) fn with(self, job: JobId, rows: u64, done: bool) -> Result<Self, LedgerError> {
        // The chunk is pinned: whoever read it to its end has read the same rows, and nobody has read more.
        if (self.complete && rows > self.rows) || (done && rows < self.rows) {
            return Err(LedgerError::RowsDiffer {
                job,
                rows,
                other: self.rows,
            });
        }
        Ok(Self {
            seen: self.seen | bit(job.action()),
            complete: self.complete || done,
            rows: self.rows.max(rows),
        })
    }
}

fn bit(action: Action) -> u8 {
    Action::ALL
        .iter()
        .position(|known| *known == action)
        .map_or(0, |place| 1 << place)
}

/// The state of each chunk, by object, then chunk.
#[derive(Debug)]
pub(super) struct Chunks(Vec<Vec<ChunkState>>);

impl Chunks {
    /// Returns the chunks of a plan of which nothing is known yet.
    pub(super) fn of(plan: &Plan) -> Self {
        Self(
            plan.objects
                .iter()
                .map(|object| vec![ChunkState::default(); object.chunks.len()])
                .collect(),
        )
    }

    pub(super) fn get(&self, job: JobId) -> Option<ChunkState> {
        self.0.get(job.object() as usize)?.get(job.chunk() as usize).copied()
    }

    /// Sets the state of a job's chunk, which must be in the plan.
    pub(super) fn set(&mut self, job: JobId, state: ChunkState) {
        let chunks = self.0.get_mut(job.object() as usize);
        if let Some(chunk) = chunks.and_then(|chunks| chunks.get_mut(job.chunk() as usize)) {
            *chunk = state;
        }
    }

    /// Checks that an object whose rows the plan counted was read to the same count, if it was read to its end.
    pub(super) fn check_rows(&self, plan: &Plan) -> Result<(), LedgerError> {
        for (object, chunks) in plan.objects.iter().zip(&self.0) {
            let read: u64 = chunks.iter().map(|chunk| chunk.rows).sum();
            let whole = chunks.iter().all(|chunk| chunk.complete);
            if let Some(planned) = object.rows.filter(|&planned| whole && planned != read) {
                return Err(LedgerError::RowsMiscounted {
                    object: object.key.clone(),
                    planned,
                    read,
                });
            }
        }
        Ok(())
    }

    /// Returns the rows read, each counted once.
    pub(super) fn rows(&self) -> u64 {
        self.0
            .iter()
            .flatten()
            .fold(0, |rows: u64, chunk| rows.saturating_add(chunk.rows))
    }

    /// Returns a row's number in its object: its number in the job, plus the rows of all chunks before where the job
    /// could not know them. `None` if one of those was read to its end by no job.
    pub(super) fn absolute_row(&self, plan: &Plan, job: JobId, row: u64) -> Option<u64> {
        let (object, chunk) = (job.object() as usize, job.chunk() as usize);
        if plan.objects.get(object)?.chunks.get(chunk)?.first_row.is_some() {
            return Some(row);
        }
        if plan.retry_of.is_some() {
            // Its chunks do not tile the object.
            return None;
        }
        let before = self.0.get(object)?.get(..chunk)?;
        before.iter().try_fold(row, |row, chunk| {
            if chunk.complete {
                row.checked_add(chunk.rows)
            } else {
                None
            }
        })
    }
}
