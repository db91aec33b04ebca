//! What operators want forgotten: objects that runs have and that count as not seen.

use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Document, Plan, PlannedObject, Reset, RunId, SyncName, key};
use platform::{Objects, list_all};

use crate::ScheduleError;
use crate::extract::Planned;

/// How many resets are read at once.
const AT_ONCE: usize = 16;

/// The resets of a sync.
#[derive(Debug, Default)]
pub(crate) struct Resets(Vec<Reset>);

impl Resets {
    /// Reads the resets of a sync. Most have none: then this is one listing.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) async fn read(ledger: &dyn Objects, sync: &SyncName) -> Result<Self, ScheduleError> {
        let listed = list_all(ledger, &key::reset_prefix(sync)).await?;
        let resets = stream::iter(listed).map(|object| async move {
            let json = ledger.get(&object.key).await?;
            Ok::<_, ScheduleError>(json.map(|json| Reset::read(&object.key, &json)).transpose()?)
        });
        let resets: Vec<Option<Reset>> = resets.buffered(AT_ONCE).try_collect().await?;
        Ok(Self(resets.into_iter().flatten().collect()))
    }

    /// Whether a reset is about the run.
    pub(crate) fn names(&self, run: RunId) -> bool {
        self.0.iter().any(|reset| reset.runs.contains(&run))
    }

    /// Returns what a plan has that no reset forgot. A retry has nothing: its objects are those of the run that it tries again.
    pub(crate) fn left_of(&self, plan: &Plan) -> Planned {
        if plan.retry_of.is_some() {
            return Planned::of_objects(std::iter::empty());
        }
        let is_forgotten = |object: &PlannedObject| {
            let pin = object.pin();
            self.0.iter().any(|reset| reset.forgets(plan.run, &pin))
        };
        if self.names(plan.run) {
            Planned::of_objects(plan.objects.iter().filter(|object| !is_forgotten(object)))
        } else {
            Planned::of(plan)
        }
    }
}
