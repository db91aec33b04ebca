//! Counts of rows, calls and requests, and what follows from a sample for the whole.

use ledger::{DEFAULT_EVENTS_PER_SECOND, Distinct, PlannedObject, Sync};
use mapping::Action;
use scheduler::Survey;
use serde::Serialize;

use super::cost::{Cost, Deployment};
use super::reading::ratio;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(super) rows: u64,
    pub(super) mappings: Vec<MappingFigures>,
    pub(super) users: Distinct,
    pub(super) requests: u64,
    pub(super) read: u64,
    pub(super) json: u64,
    pub(super) wire: u64,
}

/// What becomes of one mapping's rows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MappingFigures {
    pub(super) name: String,
    pub(super) action: Action,
    pub(super) rows: u64,
    pub(super) sent: u64,
    pub(super) filtered: u64,
    pub(super) rejected: u64,
}

/// The counts of what was read, and how much of the whole that is.
#[derive(Debug)]
pub(crate) struct Sampled {
    pub(super) figures: Figures,
    survey: Survey,
    /// Objects looked into.
    objects: usize,
    /// Bytes that they have, as far as their rows were taken in.
    bytes: f64,
    /// Jobs that read these objects whole.
    jobs: u64,
    /// Bytes that these objects have.
    size: u64,
    is_whole: bool,
}

/// How much of the extract an estimate is made of.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Basis {
    pub(super) whole: bool,
    pub(super) objects: u64,
    pub(super) of_objects: u64,
    /// Rows that were mapped.
    pub(super) rows: u64,
    /// The part of the extract's bytes that these rows are.
    pub(super) share: f64,
}

/// What one run over the extracts would send.
#[derive(Debug, Serialize)]
pub(crate) struct Estimate {
    pub(super) sync: String,
    pub(super) basis: Basis,
    pub(super) rows: u64,
    pub(super) mappings: Vec<MappingFigures>,
    pub(super) api_calls: u64,
    /// Different user or anonymous ids: an upper bound of the monthly tracked users that the run adds.
    pub(super) users: u64,
    pub(super) users_exact: bool,
    pub(super) requests: u64,
    pub(super) bytes: EstimatedBytes,
    pub(super) jobs: u64,
    pub(super) events_per_second: u32,
    /// At that rate.
    pub(super) seconds: f64,
    pub(super) aws: Cost,
}

/// Bytes of a run.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct EstimatedBytes {
    pub(super) read: u64,
    pub(super) json: u64,
    pub(super) wire: u64,
}

impl Sampled {
    /// Returns the counts of nothing, of `objects` objects out of those surveyed.
    pub(super) fn new(sync: &Sync, survey: Survey, objects: usize) -> Self {
        let enabled = sync.mappings.iter().filter(|mapping| mapping.enabled);
        let mappings = enabled.map(|mapping| MappingFigures {
            name: mapping.name.clone(),
            action: mapping.action,
            rows: 0,
            sent: 0,
            filtered: 0,
            rejected: 0,
        });
        Self {
            figures: Figures {
                mappings: mappings.collect(),
                ..Figures::default()
            },
            survey,
            objects,
            bytes: 0.0,
            jobs: 0,
            size: 0,
            is_whole: objects == survey.objects,
        }
    }

    /// Notes that `part` of an object was taken in, which `jobs` jobs would read.
    #[expect(clippy::cast_precision_loss, reason = "an estimate needs no more digits")]
    pub(super) fn add(&mut self, object: &PlannedObject, part: f64, jobs: u64) {
        self.bytes += object.size as f64 * part;
        self.size += object.size;
        self.jobs += jobs;
        self.is_whole &= part >= 1.0;
    }

    /// Returns what follows for a run of `sync` over all of it.
    pub(crate) fn estimate(self, sync: &Sync, deployment: Deployment) -> Estimate {
        let Figures {
            rows,
            mut mappings,
            users,
            requests,
            json,
            wire,
            ..
        } = self.figures;
        let share = if self.is_whole {
            1.0
        } else {
            self.bytes / ratio(self.survey.bytes, 1).max(1.0)
        };
        let whole = |count: u64| scaled(count, share);
        for mapping in &mut mappings {
            for count in [&mut mapping.sent, &mut mapping.filtered, &mut mapping.rejected] {
                *count = whole(*count);
            }
            // The parts are rounded, so they say what the whole is.
            mapping.rows = mapping.sent + mapping.filtered + mapping.rejected;
        }
        let api_calls = mappings.iter().map(|mapping| mapping.sent).sum::<u64>();
        let rate = sync
            .destination
            .max_events_per_second
            .unwrap_or(DEFAULT_EVENTS_PER_SECOND);
        let jobs = scaled(self.jobs, ratio(self.size, self.survey.bytes).min(1.0));
        let bytes = EstimatedBytes {
            read: self.survey.bytes,
            json: whole(json),
            wire: whole(wire),
        };
        let mut estimate = Estimate {
            sync: sync.name.to_string(),
            basis: Basis {
                whole: self.is_whole,
                objects: self.objects as u64,
                of_objects: self.survey.objects as u64,
                rows,
                share,
            },
            rows: whole(rows),
            mappings,
            api_calls,
            users: whole(users.estimate()).min(api_calls),
            users_exact: self.is_whole && users.is_exact(),
            requests: whole(requests),
            bytes,
            jobs,
            events_per_second: rate,
            seconds: ratio(api_calls, u64::from(rate)),
            aws: Cost::default(),
        };
        estimate.aws = Cost::of(&estimate, deployment);
        estimate
    }
}

/// Returns the whole that a part's count stands for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an estimate needs no more digits, and counts are not negative"
)]
fn scaled(count: u64, share: f64) -> u64 {
    if share >= 1.0 || share <= 0.0 {
        return count;
    }
    (count as f64 / share).round() as u64
}
