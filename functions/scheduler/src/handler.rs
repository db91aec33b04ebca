//! What invokes the scheduler, and what it answers.

use ledger::{Sync, SyncName, key};
use platform::{Location, Notified, Objects, clock, list_all};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::pass::pass_of;
use crate::{Context, FanOut, Run, ScheduleError, pass, sweep};

/// What a pass is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Request {
    /// All extracts of a sync: from a schedule, a state machine, or by hand.
    Sync(SyncName, FanOut),
    /// One object that was just written: from S3, directly or through EventBridge.
    Object(Notified),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncRequest {
    sync: SyncName,
    #[serde(default)]
    fan_out: FanOut,
}

/// One run, as the answer describes it.
#[derive(Debug, Serialize)]
struct RunAnswer {
    sync: SyncName,
    run: String,
    plan: String,
    objects: usize,
    jobs: usize,
    finished: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    batches: Option<String>,
}

/// Plans the runs that `event` asks for and returns where their plans are and how many jobs they have:
/// `{"runs": [{"sync", "run", "plan", "objects", "jobs", "finished"}]}`, with the key of the jobs in batches beside it
/// (`batches`) where the caller hands them out.
///
/// # Errors
/// When the event asks for nothing known, or a pass fails.
pub async fn handle(context: &Context, event: Value) -> Result<Value, ScheduleError> {
    let mut runs = Vec::new();
    for request in parse(event)? {
        match request {
            Request::Sync(name, fan_out) => {
                let sync = document(&*context.ledger, &name).await?;
                let found = whole_pass(context, &sync, fan_out).await;
                // Also where there is nothing new, or that fails: runs are open whatever becomes of extracts.
                sweep_all(context, &sync, &found).await;
                runs.extend(found?);
            }
            Request::Object(Notified { bucket, key }) => {
                for sync in syncs_over(context, &bucket, &key).await? {
                    match pass_of(context, &sync, &format!("s3://{bucket}"), &key).await {
                        Ok(run) => runs.extend(run),
                        // The sync is switched off.
                        Err(ScheduleError::NothingEnabled { .. }) => {}
                        // What lands there may be for nobody; then there is nothing to try again.
                        Err(error @ ScheduleError::NothingRead { .. }) => {
                            tracing::warn!(sync = %sync.name, error = %error, "nothing planned");
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }
    let answers: Vec<RunAnswer> = runs.iter().map(RunAnswer::of).collect();
    Ok(serde_json::json!({ "runs": answers }))
}

async fn whole_pass(context: &Context, sync: &Sync, fan_out: FanOut) -> Result<Vec<Run>, ScheduleError> {
    let location = Location::parse(&sync.source.extract)?;
    pass(context, sync, &[location], fan_out).await
}

/// Sees to it that the sync's open runs close, but for those that the caller is just told to hand out.
async fn sweep_all(context: &Context, sync: &Sync, found: &Result<Vec<Run>, ScheduleError>) {
    let found = found.iter().flatten();
    let handed_out = found.filter(|run| run.batches.is_some()).map(|run| run.plan.run);
    if let Err(error) = sweep(context, sync, clock::now(), &handed_out.collect()).await {
        tracing::error!(sync = %sync.name, %error, name = %error.name(), "open runs could not be looked for");
    }
}

impl RunAnswer {
    fn of(run: &Run) -> Self {
        let Run {
            plan,
            finished,
            batches,
        } = run;
        Self {
            sync: plan.sync.name.clone(),
            run: plan.run.to_string(),
            plan: key::plan(&plan.sync.name, &plan.run),
            objects: plan.objects.len(),
            jobs: plan.job_count(),
            finished: *finished,
            batches: batches.clone(),
        }
    }
}

fn parse(event: Value) -> Result<Vec<Request>, ScheduleError> {
    if event.get("Records").is_some() || event.get("detail").is_some() || event.get("Event").is_some() {
        let objects = Notified::of_event(&event)?;
        return Ok(objects.into_iter().map(Request::Object).collect());
    }
    let request: SyncRequest = serde_json::from_value(event).map_err(|error| misunderstood(&error))?;
    Ok(vec![Request::Sync(request.sync, request.fan_out)])
}

/// Returns the sync whose document is in the ledger bucket.
///
/// # Errors
/// When there is no document of this name, or it has problems.
pub async fn document(ledger: &dyn Objects, name: &SyncName) -> Result<Sync, ScheduleError> {
    let key = key::sync_document(name);
    let Some(text) = ledger.get(&key).await? else {
        return Err(ScheduleError::SyncMissing {
            sync: name.to_string(),
            key,
        });
    };
    Sync::parse(&String::from_utf8_lossy(&text)).map_err(|problems| ScheduleError::SyncInvalid {
        document: key,
        problems,
    })
}

/// Returns the syncs whose extracts an object is part of.
async fn syncs_over(context: &Context, bucket: &str, object: &str) -> Result<Vec<Sync>, ScheduleError> {
    let location = format!("s3://{bucket}/{object}");
    let mut over = Vec::new();
    for found in list_all(&*context.ledger, "syncs/").await? {
        let Some(name) = sync_of(&found.key) else { continue };
        match document(&*context.ledger, &name).await {
            Ok(sync) if lies_in(&location, &sync.source.extract) => over.push(sync),
            Ok(_) => {}
            // One broken document must not keep the others' extracts waiting.
            Err(error @ ScheduleError::SyncInvalid { .. }) => {
                tracing::error!(sync = %name, error = %error, "sync document skipped");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(over)
}

/// Whether an object is what a sync's `extract` names, or in the folder that it names.
fn lies_in(object: &str, extract: &str) -> bool {
    object
        .strip_prefix(extract)
        .is_some_and(|rest| rest.is_empty() || extract.ends_with('/') || rest.starts_with('/'))
}

fn sync_of(key: &str) -> Option<SyncName> {
    key.strip_prefix("syncs/")?.strip_suffix(".yaml")?.parse().ok()
}

fn misunderstood(error: &serde_json::Error) -> ScheduleError {
    ScheduleError::Event {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::ErrorName;
    use serde_json::json;

    #[test]
    fn all_three_ways_in_are_understood() {
        let users: SyncName = "users".parse().unwrap();
        let object = Request::Object(Notified {
            bucket: "b".into(),
            key: "extracts/users/a b.csv".into(),
        });
        assert_eq!(
            parse(json!({"sync": "users"})).unwrap(),
            [Request::Sync(users.clone(), FanOut::Queue)]
        );
        assert_eq!(
            parse(json!({"sync": "users", "fan_out": "caller"})).unwrap(),
            [Request::Sync(users, FanOut::Caller)]
        );
        let bridge = json!({"detail-type": "Object Created", "source": "aws.s3",
            "detail": {"bucket": {"name": "b"}, "object": {"key": "extracts/users/a b.csv"}}});
        assert_eq!(parse(bridge).unwrap(), std::slice::from_ref(&object));
        let direct = json!({"Records": [{"s3": {
            "bucket": {"name": "b"}, "object": {"key": "extracts/users/a+b.csv"}}}]});
        assert_eq!(parse(direct).unwrap(), [object]);
    }

    #[test]
    fn object_belongs_to_the_sync_whose_folder_it_is_in() {
        let object = "s3://acme/extracts/customers/1.csv";
        for (extract, expected) in [
            ("s3://acme/extracts/customers/", true),
            ("s3://acme/extracts/customers", true),
            ("s3://acme/extracts/customers/1.csv", true),
            ("s3://acme/extracts/custom", false),
            ("s3://acme/extracts/customers/1", false),
        ] {
            assert_eq!(lies_in(object, extract), expected, "{extract}");
        }
    }

    #[test]
    fn event_that_asks_for_nothing_known_is_an_error() {
        for event in [json!({}), json!({"sync": "Users!"}), json!("users")] {
            assert_eq!(parse(event.clone()).unwrap_err().name(), ErrorName::BadEvent, "{event}");
        }
    }
}
