//! A world's life: what lands, passes and waits in it.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use mapping::Action;
use serde_json::{Value, json};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::World;
use crate::bucket::NAME;
use crate::extract::{Later, SYNC};
use crate::lambda::{Ended, Function};
use crate::queue::Name;
use crate::{machine, operator, time};

/// How many passes may follow the end of all faults until all runs are closed and one finds nothing left to do.
const MAX_PASSES: u32 = 20;

/// How much later than the one before each of them begins: the scheduler gives jobs that nothing is heard of hours, or a caller a day.
const LATER: Duration = Duration::from_mins(40);

/// How many minutes a pass and what follows from it may take.
const MAX_MINUTES: usize = 5 * 24 * 60;

/// Lets a world live until nothing moves any more. Returns what is in the way of that.
pub(super) async fn live(world: &Rc<World>) -> Vec<String> {
    world.bucket.put(
        &format!("syncs/{SYNC}.yaml"),
        Bytes::from(world.source.document.clone()),
    );
    for action in Action::ALL {
        let senders = world.chance.between(1..=3);
        for _ in 0..senders {
            serve(world, Name::Jobs(action), Function::Sender(action), 1);
        }
        serve(world, Name::DeadJobs(action), Function::Reporter, 10);
    }
    for _ in 0..2 {
        serve(world, Name::Outcomes, Function::Reporter, 100);
    }
    serve(world, Name::DeadOutcomes, Function::Reporter, 10);
    let landing = spawn_local(land(Rc::clone(world)));
    // Nothing is left to chance that an invocation under way may still do.
    while time::elapsed() < world.faults.until {
        let at_once = world.chance.between(1..=2);
        for _ in 0..at_once {
            spawn_local(pass(Rc::clone(world)));
        }
        let longest = if world.faults.vanished.is_some() { 1_440 } else { 90 };
        let pause = world.chance.between(1..=longest);
        for _ in 0..pause {
            if world.is_circling() {
                return vec!["steps never end".to_owned()];
            }
            sleep(Duration::from_mins(1)).await;
        }
    }
    let _ = landing.await;
    let mut wrong = calm_down(world).await;
    for round in 1..=world.rounds {
        if wrong.is_empty() {
            operator::restore(world);
            wrong.extend(operator::retry(world, round).await.err().map(|error| error.to_string()));
            wrong.extend(calm_down(world).await);
        }
    }
    wrong
}

/// Passes until one finds nothing to do.
async fn calm_down(world: &Rc<World>) -> Vec<String> {
    for number in 1..=MAX_PASSES {
        if !is_still(world).await {
            return vec!["messages or invocations never end".to_owned()];
        }
        let writes = world.bucket.writes();
        pass(Rc::clone(world)).await;
        if !is_still(world).await {
            return vec!["messages or invocations never end".to_owned()];
        }
        if world.bucket.writes() == writes && world.are_closed() {
            return Vec::new();
        }
        sleep(LATER * number).await;
    }
    vec!["passes always find something to do".to_owned()]
}

/// Waits until no message is left and no invocation is under way.
async fn is_still(world: &World) -> bool {
    for _ in 0..MAX_MINUTES {
        if world.queues.are_empty() && world.lambda.running() == 0 {
            return true;
        }
        if world.is_circling() {
            return false;
        }
        sleep(Duration::from_mins(1)).await;
    }
    false
}

/// The extracts land, one after the other.
async fn land(world: Rc<World>) {
    let until = world.faults.until.as_secs() / 2;
    let mut changes = Vec::new();
    for file in &world.source.files {
        if world.chance.happens(0.5) {
            // A pass that has listed what there is, and does not know of this one.
            spawn_local(pass(Rc::clone(&world)));
            sleep(world.chance.millis(0..=600)).await;
        }
        put(&world, &file.key, Bytes::from(file.body.clone()));
        if let Some(later) = &file.later {
            changes.push(spawn_local(change(Rc::clone(&world), file.key.clone(), later.clone())));
        }
        if world.source.is_marked
            && let Some((folder, _)) = file.key.rsplit_once('/')
        {
            sleep(world.chance.millis(0..=60_000)).await;
            put(&world, &format!("{folder}/_SUCCESS"), Bytes::new());
        }
        let longest = *world.chance.one_of(&[0, 2, until / 3]);
        sleep(Duration::from_secs(world.chance.between(0..=longest))).await;
    }
    for change in changes {
        let _ = change.await;
    }
}

/// An object gives way to another one, or is taken away.
async fn change(world: Rc<World>, key: String, later: Later) {
    sleep(later.after).await;
    if let Some(then) = later.then {
        put(&world, &key, Bytes::from(then.body));
    } else {
        world.bucket.remove(&key);
        world.trace.step("warehouse", format_args!("removes {key}"));
    }
}

pub(crate) fn put(world: &Rc<World>, key: &str, body: Bytes) {
    world.bucket.put(key, body);
    world.trace.step("warehouse", format_args!("puts {key}"));
    if !world.ways.drop {
        return;
    }
    let times = if world.chance.happens(world.faults.twice) { 2 } else { 1 };
    for _ in 0..times {
        let event = json!({"detail-type": "Object Created", "source": "aws.s3",
            "detail": {"bucket": {"name": NAME}, "object": {"key": key}}});
        let delay = world.chance.millis(100..=20_000);
        let world = Rc::clone(world);
        spawn_local(async move {
            sleep(delay).await;
            schedule(&world, &event).await;
        });
    }
}

/// One pass over all extracts, in one of the ways in.
async fn pass(world: Rc<World>) {
    if world.ways.machine && world.chance.happens(0.5) {
        machine::execute(&world).await;
    } else {
        schedule(&world, &json!({ "sync": SYNC })).await;
    }
}

/// An asynchronous invocation of the scheduler, tried twice more where it fails.
async fn schedule(world: &World, event: &Value) {
    for wait in [60, 120, 0] {
        if world
            .lambda
            .invoke(Function::Scheduler, event.clone(), &[])
            .await
            .answer
            .is_ok()
        {
            return;
        }
        sleep(Duration::from_secs(wait)).await;
    }
}

/// Has a function take what comes into a queue, `most` messages at once, for as long as the world lasts.
fn serve(world: &Rc<World>, name: Name, function: Function, most: usize) {
    let world = Rc::clone(world);
    spawn_local(async move {
        loop {
            let batch = world.queues.receive(name, world.chance.count(1..=most)).await;
            let is_early = batch.keys.iter().any(|key| world.lambda.is_early(key));
            let Ended { answer, is_troubled } = world.lambda.invoke(function, batch.event, &batch.keys).await;
            let failed = match &answer {
                Ok(answer) => failures(answer),
                Err(_) => batch.ids.clone(),
            };
            if !is_troubled {
                world
                    .queues
                    .failed_for_nothing(name, &failed, is_early, &format!("{answer:?}"));
            }
            world.queues.settle(name, &batch.ids, &failed);
        }
    });
}

/// Returns the messages that a function could not do (`ReportBatchItemFailures`).
fn failures(answer: &Value) -> Vec<u64> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures
        .filter_map(|failure| failure["itemIdentifier"].as_str()?.parse().ok())
        .collect()
}
