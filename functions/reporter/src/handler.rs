//! What invokes the reporter, and what it answers.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use futures::FutureExt;
use ledger::{RunId, SyncName, key};
use platform::Notified;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dead::bury;
use crate::{Context, ReportError, RunState, close};

/// One run, named directly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunName {
    sync: SyncName,
    run: RunId,
}

/// Closes the runs that `event` is about, where all their jobs have outcomes.
///
/// From the queue of outcomes a batch is folded into its runs first, so that a run is looked at once per batch; a message whose
/// run could not be looked at comes again. Messages that a queue of jobs gave up on come here too: such a job gets the outcome that
/// it died, and its run is looked at. A run named directly (`{"sync": "…", "run": "…"}`) is answered with its report, or with how
/// many jobs it waits for.
///
/// # Errors
/// When the event names no run, or the run that it names directly cannot be looked at.
pub async fn handle(context: &Context, event: Value) -> Result<Value, ReportError> {
    if event.get("Records").is_some() {
        let event = serde_json::from_value(event).map_err(|error| misunderstood(&error))?;
        return serde_json::to_value(queue(context, event).await).map_err(|error| misunderstood(&error));
    }
    let RunName { sync, run } = serde_json::from_value(event).map_err(|error| misunderstood(&error))?;
    match close(context, &sync, &run).await? {
        RunState::Closed(report) => serde_json::to_value(report).map_err(|error| misunderstood(&error)),
        RunState::Open(open) => Ok(json!({"sync": sync, "run": run, "open": open.missing.len()})),
    }
}

async fn queue(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    let mut answer = SqsBatchResponse::default();
    let mut fail = |id: String| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        answer.batch_item_failures.push(failure);
    };
    let mut messages = Vec::with_capacity(event.records.len());
    for record in event.records {
        let id = record.message_id.unwrap_or_default();
        match caught(take_in(context, record.body.as_deref().unwrap_or_default())).await {
            Ok(runs) => messages.push((id, runs)),
            Err(error) => {
                tracing::error!(message = id, error = %error, name = %error.name(), "message could not be taken in");
                fail(id);
            }
        }
    }
    let named: BTreeSet<&RunName> = messages.iter().flat_map(|(_, runs)| runs).collect();
    let mut failed = BTreeSet::new();
    for name in named {
        if let Err(error) = caught(look_at(context, name)).await {
            tracing::error!(sync = %name.sync, run = %name.run, error = %error, "run could not be looked at");
            failed.insert(name.clone());
        }
    }
    for (id, runs) in messages {
        if runs.iter().any(|run| failed.contains(run)) {
            fail(id);
        }
    }
    answer
}

/// Waits for `work`. A panic costs its own message, or run, alone; what it said is left out: it may quote the ledger.
async fn caught<T>(work: impl Future<Output = Result<T, ReportError>>) -> Result<T, ReportError> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or(Err(ReportError::Panicked))
}

async fn look_at(context: &Context, RunName { sync, run }: &RunName) -> Result<(), ReportError> {
    if !context.waiting.is_certain(&*context.ledger, sync, run).await? {
        close(context, sync, run).await?;
    }
    Ok(())
}

/// Returns the runs of the outcomes, dead jobs and plans that an S3 notification names. A dead job has an outcome then. Plans are told
/// of because nothing else tells of a run without jobs.
async fn take_in(context: &Context, body: &str) -> Result<Vec<RunName>, ReportError> {
    let mut runs = Vec::new();
    // What cannot be understood may be anything: none of it goes into the log.
    let objects = Notified::of_message(body).map_err(|_| ReportError::Event {
        reason: "a message's body is no notification of S3".to_owned(),
    })?;
    for Notified { key, .. } in objects {
        if let Some((sync, run)) = key::parse_plan(&key) {
            runs.push(RunName { sync, run });
            continue;
        }
        let told = match key::parse_job(&key) {
            Ok(dead) => {
                bury(&*context.ledger, &dead).await?;
                dead
            }
            Err(_) => key::parse_outcome(&key)?,
        };
        runs.push(RunName {
            sync: told.sync,
            run: told.run,
        });
    }
    Ok(runs)
}

fn misunderstood(error: &serde_json::Error) -> ReportError {
    ReportError::Event {
        reason: error.to_string(),
    }
}
