//! What invokes a sender function, and what it answers.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use ledger::key;
use mapping::Action;
use platform::Notified;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Context, JobEnd, SendError, run_job};

/// What a sender function is invoked with.
#[derive(Debug, Clone)]
enum Request {
    /// Messages of the action's queue, each an S3 notification of job objects.
    Queue(SqsEvent),
    /// Jobs by their keys: from Step Functions, or by hand.
    Jobs(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectRequest {
    jobs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct DirectAnswer {
    jobs: Vec<DirectEnd>,
}

#[derive(Debug, Serialize)]
struct DirectEnd {
    job: String,
    end: JobEnd,
}

/// Carries out the jobs that `event` names, all of `action`, one after the other.
///
/// Of queue messages each is answered on its own (`ReportBatchItemFailures`): one that failed, or whose job panicked, comes
/// again, the others do not. Jobs that are named directly (`{"jobs": ["jobs/…"]}`) end at the first error.
///
/// # Errors
/// When the event names no job, or a job named directly has no outcome yet.
pub async fn handle(context: &Context, action: Action, event: Value) -> Result<Value, SendError> {
    let answer = match parse(event)? {
        Request::Queue(event) => serde_json::to_value(queue(context, action, event).await),
        Request::Jobs(jobs) => serde_json::to_value(direct(context, action, jobs).await?),
    };
    answer.map_err(|error| SendError::Event {
        reason: error.to_string(),
    })
}

fn parse(event: Value) -> Result<Request, SendError> {
    let queue = event.get("Records").is_some();
    let parsed = if queue {
        serde_json::from_value(event).map(Request::Queue)
    } else {
        serde_json::from_value(event).map(|request: DirectRequest| Request::Jobs(request.jobs))
    };
    parsed.map_err(|error| SendError::Event {
        reason: error.to_string(),
    })
}

async fn direct(context: &Context, action: Action, jobs: Vec<String>) -> Result<DirectAnswer, SendError> {
    let mut ends = Vec::with_capacity(jobs.len());
    for job in jobs {
        let end = carry_out(context, action, &job).await?;
        ends.push(DirectEnd { job, end });
    }
    Ok(DirectAnswer { jobs: ends })
}

async fn queue(context: &Context, action: Action, event: SqsEvent) -> SqsBatchResponse {
    let mut answer = SqsBatchResponse::default();
    for message in event.records {
        // A panic costs its own message alone.
        let done = AssertUnwindSafe(deliver(context, action, &message))
            .catch_unwind()
            .await;
        if let Err(error) = done.unwrap_or(Err(SendError::Panicked)) {
            tracing::error!(error = %error, name = %error.name(), "job failed, its message comes again");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            answer.batch_item_failures.push(failure);
        }
    }
    answer
}

async fn deliver(context: &Context, action: Action, message: &SqsMessage) -> Result<(), SendError> {
    for object in Notified::of_message(message.body.as_deref().unwrap_or_default())? {
        carry_out(context, action, &object.key).await?;
    }
    Ok(())
}

async fn carry_out(context: &Context, action: Action, job: &str) -> Result<JobEnd, SendError> {
    // Each function has the rights for its own action's objects only: say so before S3 does.
    if key::parse_job(job)?.job.action() != action {
        return Err(SendError::Event {
            reason: format!("job `{job}` is not for this function, which sends {action} calls"),
        });
    }
    // Boxed: a job's future is large, and nested by value it is more than the compiler takes.
    Box::pin(run_job(context, job)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::ErrorName;
    use serde_json::json;

    #[test]
    fn event_that_names_no_job_is_an_error() {
        let error = parse(json!({"sync": "users"})).unwrap_err();
        assert_eq!(error.name(), ErrorName::BadEvent);
        assert!(error.to_string().contains("sync"), "{error}");
    }
}
