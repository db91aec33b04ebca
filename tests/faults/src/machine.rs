//! The state machine (infra/sync.asl.json): a pass whose jobs it hands out itself.

use std::time::Duration;

use ledger::key;
use mapping::Action;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::extract::SYNC;
use crate::lambda::Function;
use crate::queue::Name;
use crate::world::World;

/// How often a task is tried (`MaxAttempts`, and the first try).
const TRIES: u32 = 5;

/// How often the reporter is asked before the execution fails (`IsClosed`).
const TIMES_ASKED: u32 = 60;

/// One execution.
pub(crate) async fn execute(world: &World) {
    let event = json!({"sync": SYNC, "fan_out": "caller"});
    let Some(planned) = task(world, Function::Scheduler, &event, &[], 2).await else {
        return;
    };
    for run in planned["runs"].as_array().into_iter().flatten() {
        if let Some(batches) = run["batches"].as_str()
            && let Some(object) = world.bucket.get(batches)
            && let Ok(Value::Array(batches)) = serde_json::from_slice(&object.body)
        {
            let sent = batches.iter().map(|batch| send(world, batch));
            futures::future::join_all(sent).await;
        }
        close(world, run).await;
    }
}

/// Hands a batch out until its jobs have ended, or gives it up.
async fn send(world: &World, batch: &Value) {
    let action: Option<Action> = batch["action"].as_str().and_then(|action| action.parse().ok());
    let Some(action) = action else { return };
    let mut jobs = strings(&batch["jobs"]);
    while !jobs.is_empty() {
        let Some(answer) = task(world, Function::Sender(action), &json!({ "jobs": jobs }), &jobs, 30).await else {
            for job in &jobs {
                world.queues.gave_up(std::slice::from_ref(job));
                world
                    .queues
                    .send(Name::DeadJobs(action), std::slice::from_ref(job), Duration::ZERO);
            }
            return;
        };
        let after = answer["after_seconds"].as_u64().unwrap_or_default();
        sleep(Duration::from_secs(after)).await;
        jobs = answer["jobs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|end| Some(end["next"].as_str()?.to_owned()))
            .collect();
    }
}

/// Asks the reporter until the run is closed.
async fn close(world: &World, run: &Value) {
    let event = json!({"sync": run["sync"], "run": run["run"]});
    for _ in 0..TIMES_ASKED {
        match task(world, Function::Reporter, &event, &[], 2).await {
            Some(answer) if answer.get("open").is_some() => sleep(Duration::from_secs(5)).await,
            _ => return,
        }
    }
}

/// One task with its retries; `None`: it failed.
async fn task(world: &World, function: Function, event: &Value, keys: &[String], interval: u64) -> Option<Value> {
    let mut for_nothing = Vec::new();
    for attempt in 0..TRIES {
        let ended = world.lambda.invoke(function, event.clone(), keys).await;
        match ended.answer {
            Ok(answer) => return Some(answer),
            Err(error) if !ended.is_troubled => for_nothing.push(error),
            Err(_) => {}
        }
        sleep(Duration::from_secs(interval << attempt)).await;
    }
    if !keys.is_empty() && !for_nothing.is_empty() {
        world.queues.given_up_for_nothing(keys, for_nothing);
    }
    None
}

fn strings(array: &Value) -> Vec<String> {
    let texts = array.as_array().into_iter().flatten();
    texts
        .filter_map(|text| Some(text.as_str()?.to_owned()))
        .filter(|job| key::parse_job(job).is_ok())
        .collect()
}
