//! The retry of a run that was begun before.

use futures::{StreamExt, TryStreamExt, stream};
use ledger::Plan;
use platform::Objects;

use crate::error::CliError;
use crate::ledger_place::LedgerPlace;
use crate::runs::{self, Listed};

/// How many runs are looked at at once.
const AT_ONCE: usize = 16;

/// Returns the plan of the retry of `run` that is not finished, if there is one.
///
/// # Errors
/// [`CliError::Retried`] if there is one that is: the rows that it rejected are for a retry of that run.
pub(crate) async fn under_way(ledger: &LedgerPlace, run: &Listed) -> Result<Option<Plan>, CliError> {
    let objects = &*ledger.objects;
    let listed = runs::list(objects, Some(&run.sync)).await?;
    let later = listed.into_iter().filter(|listed| listed.run > run.run);
    let mut found = stream::iter(later)
        .map(|listed| retry_of(objects, listed, run))
        .buffered(AT_ONCE);
    while let Some(retry) = found.try_next().await? {
        if let Some((listed, plan)) = retry {
            return plan.map(Some).ok_or(CliError::Retried {
                run: run.run,
                by: listed.run,
                ledger: ledger.name.clone(),
            });
        }
    }
    Ok(None)
}

/// Returns a run if it is a retry of `run`, with its plan if it is not finished.
async fn retry_of(
    ledger: &dyn Objects,
    listed: Listed,
    run: &Listed,
) -> Result<Option<(Listed, Option<Plan>)>, CliError> {
    if listed.is_closed
        && let Some(report) = runs::report(ledger, &listed).await?
    {
        return Ok((report.retry_of == Some(run.run)).then_some((listed, None)));
    }
    let plan = runs::plan(ledger, &listed).await?;
    Ok((plan.retry_of == Some(run.run)).then_some((listed, Some(plan))))
}
