//! A run that was planned elsewhere, an operator's retry: its plan and jobs into the ledger.

use bytes::Bytes;
use ledger::{Document, Plan, key};
use platform::MAX_SMALL_OBJECT;

use crate::pass::write_jobs;
use crate::{Context, ScheduleError};

/// Writes a plan and, after it, its jobs, each once: the store tells the senders' queues of them.
///
/// # Errors
/// When the plan is too long to be read again, or the ledger cannot be written. Trying again with the same plan changes nothing that
/// was written.
pub async fn enqueue(context: &Context, plan: &Plan) -> Result<(), ScheduleError> {
    let json = plan.to_json()?;
    if json.len() as u64 > MAX_SMALL_OBJECT {
        return Err(ScheduleError::PlanTooLarge {
            sync: plan.sync.name.to_string(),
            objects: plan.objects.len(),
        });
    }
    let key = key::plan(&plan.sync.name, &plan.run);
    context.ledger.create(&key, Bytes::from(json)).await?;
    write_jobs(context, plan).await
}
