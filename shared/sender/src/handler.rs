//! What invokes a sender function, and what it answers.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use ledger::key;
use mapping::Action;
use platform::Notified;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::{Instrument, field};

use crate::{Context, Deadline, GoesOn, JobEnd, SendError, Terms, run_job};

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
    /// How long to wait before what is continued is named again.
    after_seconds: u64,
}

#[derive(Debug, Serialize)]
struct DirectEnd {
    job: String,
    end: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_seconds: Option<u64>,
}

impl DirectEnd {
    fn new(job: String, end: JobEnd) -> Self {
        let mut after_seconds = None;
        let (end, next) = match end {
            JobEnd::Done => ("done", None),
            JobEnd::Failed => ("failed", None),
            JobEnd::AlreadyDone => ("already_done", None),
            JobEnd::Continued { next } => ("continued", Some(next)),
            JobEnd::Waiting { next, after } => {
                // Not a moment too early.
                after_seconds = Some(after.as_secs() + 1);
                ("continued", Some(next))
            }
        };
        Self {
            job,
            end,
            next,
            after_seconds,
        }
    }

    /// The end of a job that another invocation has to begin.
    fn not_begun(job: String) -> Self {
        let next = job.clone();
        Self::new(job, JobEnd::Continued { next })
    }
}

/// Carries out the jobs that `event` names, all of `action`, one after the other, until they are done or `deadline` is near.
///
/// Of queue messages each is answered on its own (`ReportBatchItemFailures`): one that failed, whose job panicked, or that there
/// was no time for comes again, the others do not. A job that time was up for goes on as another message.
///
/// Jobs that are named directly (`{"jobs": ["jobs/…"]}`) end at the first error. One that time was up for is answered with
/// `{"job": "…", "end": "continued", "next": "jobs/…"}`: the caller names `next` in another request. It is the same job if there
/// was no time to begin it. Where calls could not be delivered, that is to be `after_seconds`, which the answer as a whole says too: as
/// soon as one job may go on.
///
/// # Errors
/// When the event names no job, or a job named directly has no outcome yet; the error names the job.
pub async fn handle(
    context: &Context,
    action: Action,
    event: Value,
    deadline: Option<Deadline>,
) -> Result<Value, SendError> {
    let answer = match parse(event)? {
        Request::Queue(event) => serde_json::to_value(queue(context, action, event, deadline).await),
        Request::Jobs(jobs) => serde_json::to_value(direct(context, action, jobs, deadline).await?),
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

async fn direct(
    context: &Context,
    action: Action,
    jobs: Vec<String>,
    deadline: Option<Deadline>,
) -> Result<DirectAnswer, SendError> {
    let terms = Terms {
        deadline,
        goes_on: GoesOn::Caller,
    };
    let mut ends = Vec::with_capacity(jobs.len());
    for job in jobs {
        // A job that waits for the API takes no time, unless it was found just now that it has to.
        let is_first = ends.iter().all(|end: &DirectEnd| end.after_seconds.is_some()) && terms.is_fresh();
        if !is_first && terms.is_over() {
            ends.push(DirectEnd::not_begun(job));
            continue;
        }
        match carry_out(context, action, &job, &terms).await {
            Ok(end) => ends.push(DirectEnd::new(job, end)),
            // The jobs before it took the time. One that had all of it would come to nothing again.
            Err(SendError::OutOfTime) if !is_first => ends.push(DirectEnd::not_begun(job)),
            Err(source) => {
                let source = Box::new(source);
                return Err(SendError::Job { job, source });
            }
        }
    }
    let left = ends.iter().filter(|end| end.next.is_some());
    let after_seconds = left.map(|end| end.after_seconds.unwrap_or_default()).min();
    Ok(DirectAnswer {
        jobs: ends,
        after_seconds: after_seconds.unwrap_or_default(),
    })
}

async fn queue(context: &Context, action: Action, event: SqsEvent, deadline: Option<Deadline>) -> SqsBatchResponse {
    let terms = Terms {
        deadline,
        goes_on: GoesOn::Queue,
    };
    let mut answer = SqsBatchResponse::default();
    for (index, message) in event.records.into_iter().enumerate() {
        let done = if index > 0 && terms.is_over() {
            tracing::info!("no time is left for this message, it comes again");
            false
        } else {
            deliver(context, action, &message, &terms).await
        };
        if !done {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            answer.batch_item_failures.push(failure);
        }
    }
    answer
}

/// Carries out the jobs of a message and returns whether all of them have an outcome. If not, the message comes again.
async fn deliver(context: &Context, action: Action, message: &SqsMessage, terms: &Terms) -> bool {
    let named = Notified::of_message(message.body.as_deref().unwrap_or_default());
    let jobs = match named {
        Ok(jobs) => jobs,
        Err(error) => {
            tracing::error!(%error, name = %error.name(), "message names no job");
            return false;
        }
    };
    for job in jobs {
        match carry_out(context, action, &job.key, terms).await {
            Err(_) => return false,
            Ok(JobEnd::Waiting { after, .. }) => {
                tracing::info!(
                    job = job.key,
                    ?after,
                    "it is too early for this job, its message comes again"
                );
                return false;
            }
            Ok(_) => {}
        }
    }
    true
}

async fn carry_out(context: &Context, action: Action, job: &str, terms: &Terms) -> Result<JobEnd, SendError> {
    // Each function has the rights for its own action's objects only: say so before S3 does.
    let key = key::parse_job(job)?;
    if key.job.action() != action {
        return Err(SendError::Event {
            reason: format!("job `{job}` is not for this function, which sends {action} calls"),
        });
    }
    let (part, mappings) = (key.job_part(), field::Empty);
    let span = tracing::info_span!("job", sync = %key.sync, run = %key.run, job = %part, mappings);
    // A panic costs its own job alone.
    let done = AssertUnwindSafe(run_job(context, job, terms)).catch_unwind();
    let done = done.instrument(span.clone()).await.unwrap_or(Err(SendError::Panicked));
    if let Err(error) = &done {
        span.in_scope(|| tracing::error!(%error, name = %error.name(), "job has no outcome yet"));
    }
    done
}

#[cfg(test)]
mod tests;
