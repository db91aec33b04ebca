//! One seed's world: a stack, extracts that land in it, and time until nothing moves any more.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mapping::Action;
use scheduler::Splitting;
use serde_json::{Value, json};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::api::Api;
use crate::bucket::{Bucket, NAME};
use crate::chance::Chance;
use crate::extract::{Later, SYNC, Source};
use crate::faults::{Faults, Kind};
use crate::lambda::{Ended, Function, Lambda, Setup};
use crate::queue::{Name, Queues};
use crate::trace::Trace;
use crate::{check, time};
use crate::{machine, operator};

/// How many passes may follow the end of all faults until all runs are closed and one finds nothing left to do.
const MAX_PASSES: u32 = 20;

/// How much later than the one before each of them begins: the scheduler gives jobs that nothing is heard of hours, or a caller a day.
const LATER: Duration = Duration::from_mins(40);

/// How many steps a world may take: a hundred times the usual. One that takes more goes round in circles.
const MAX_STEPS: u64 = 600_000;

/// How many minutes one of them may take.
const MAX_MINUTES: usize = 5 * 24 * 60;

/// What a world came to.
#[derive(Debug)]
pub struct End {
    /// What is wrong with it.
    pub wrong: Vec<String>,
    /// Its steps' hash.
    pub digest: u64,
    /// Its steps, if they were kept.
    pub steps: Vec<String>,
    /// What was seen, in numbers.
    pub figures: Figures,
}

/// What was seen, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Steps of the trace.
    pub steps: u64,
    /// Rows of the extracts.
    pub rows: u64,
    /// Different events that the API took.
    pub events: u64,
    /// Events that it took once more.
    pub repeats: u64,
    /// Requests to the API.
    pub requests: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Runs.
    pub runs: u64,
    /// Jobs.
    pub jobs: u64,
    /// Later parts of jobs.
    pub parts: u64,
    /// Jobs that ended as failed: all of them, and by the reasons that take a world of their own.
    pub failed: u64,
    /// Jobs whose calls could not be delivered for a day.
    pub undeliverable: u64,
    /// Jobs that nothing was heard of for days.
    pub lost: u64,
    /// Jobs whose object was changed or taken away.
    pub stale: u64,
    /// Runs that try again what others left.
    pub retries: u64,
}

/// What a world consists of.
pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) faults: Arc<Faults>,
    pub(crate) trace: Trace,
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) api: Arc<Api>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) lambda: Lambda,
    pub(crate) source: Source,
    ways: Ways,
    /// How often what was left is tried again once everything is quiet.
    rounds: usize,
    /// In which of these rounds the API begins to take what it used to refuse.
    mends: Option<usize>,
}

/// How passes begin.
#[derive(Debug, Clone, Copy)]
struct Ways {
    drop: bool,
    machine: bool,
}

/// Runs the world of a seed to its end and checks it.
#[must_use]
pub fn run(seed: u64, keeps_steps: bool) -> End {
    fastrand::seed(seed);
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = match built {
        Ok(runtime) => runtime,
        Err(error) => unreachable!("a runtime without I/O: {error}"),
    };
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        time::begin();
        let world = Rc::new(World::draw(seed, keeps_steps));
        let calm = live(&world).await;
        let (mut wrong, mut figures) = check::all(&world);
        wrong.extend(calm);
        let (digest, steps) = world.trace.digest();
        figures.steps = steps;
        End {
            wrong,
            digest,
            steps: world.trace.steps(),
            figures,
        }
    })
}

impl World {
    /// Whether the API takes what it used to refuse by the round `round` of retries.
    pub(crate) fn is_mended(&self, round: usize) -> bool {
        self.mends.is_some_and(|mends| mends <= round)
    }

    fn is_circling(&self) -> bool {
        self.trace.digest().1 > MAX_STEPS
    }

    /// Whether a state machine hands jobs out, too.
    pub(crate) fn has_machine(&self) -> bool {
        self.ways.machine
    }

    /// Whether every run that has a plan has a report.
    fn are_closed(&self) -> bool {
        let runs = self.bucket.all("runs/");
        let named = |name: &str| runs.iter().filter(|(key, _)| key.ends_with(name)).count();
        named("/plan.json") == named("/report.json")
    }

    fn draw(seed: u64, keeps_steps: bool) -> Self {
        let chance = Chance::new(seed);
        let trace = Trace::new(keeps_steps);
        let mut faults = Faults::draw(&chance.fork());
        let source = Source::draw(&chance.fork());
        let vanishing = match faults.kind {
            Kind::Queue => 0.3,
            Kind::Any if faults.outage.is_none() => 0.03,
            _ => 0.0,
        };
        if chance.happens(vanishing) {
            faults.vanish(chance.one_of(&source.mappings).action, chance.between(10..=13));
        }
        let faults = Arc::new(faults);
        let bucket = Arc::new(Bucket::default());
        let most = *chance.one_of(&[2_500, 2_500, 100, 7]);
        let api = Arc::new(Api::new(Arc::clone(&faults), chance.fork(), trace.clone(), most));
        // A job that waits for a day has parts by the hundred in short invocations.
        let (limits, sizes): (&[u64], &[Option<u64>]) = if faults.is_long() {
            (&[60, 300, 300], &[None, Some(8_000)])
        } else {
            (&[12, 60, 300], &[None, Some(600), Some(2_000), Some(8_000)])
        };
        let sender_limit = Duration::from_secs(*chance.one_of(limits));
        let setup = Setup {
            splitting: Splitting {
                chunk_bytes: *chance.one_of(sizes),
                senders: NonZeroU32::MIN,
                number_rows: chance.happens(0.3),
                ..Splitting::default()
            },
            requests_in_flight: chance.count(1..=3),
            checkpoint_calls: *chance.one_of(&[20, 100, 20_000]),
            sender_limit,
            page: *chance.one_of(&[1_000, 50, 7]),
        };
        let queues = Arc::new(Queues::new(
            Arc::clone(&faults),
            chance.fork(),
            trace.clone(),
            sender_limit * 6,
        ));
        let told = Arc::clone(&queues);
        bucket.tell(Box::new(move |key| told.notify(key)));
        let lambda = Lambda::new(
            Arc::clone(&bucket),
            Arc::clone(&api),
            Arc::clone(&faults),
            chance.fork(),
            trace.clone(),
            setup,
        );
        let ways = Ways {
            drop: chance.happens(0.5),
            machine: chance.happens(0.3),
        };
        let is_restless = source.files.iter().any(|file| file.later.is_some());
        let rounds = if faults.is_long() || is_restless {
            chance.count(1..=2)
        } else {
            *chance.one_of(&[0, 0, 1, 2])
        };
        let mends = *chance.one_of(&[None, Some(1), Some(2)]);
        trace.step(
            "world",
            format_args!("{faults:?} {setup:?} {ways:?} at most {most} events"),
        );
        trace.step("world", format_args!("{}", source.document));
        Self {
            chance,
            faults,
            trace,
            bucket,
            api,
            queues,
            lambda,
            source,
            ways,
            rounds,
            mends,
        }
    }
}

/// Lets a world live until nothing moves any more. Returns what is in the way of that.
async fn live(world: &Rc<World>) -> Vec<String> {
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

impl Figures {
    /// Adds the figures of another world.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.rows += other.rows;
        self.events += other.events;
        self.repeats += other.repeats;
        self.requests += other.requests;
        self.deaths += other.deaths;
        self.runs += other.runs;
        self.jobs += other.jobs;
        self.parts += other.parts;
        self.failed += other.failed;
        self.undeliverable += other.undeliverable;
        self.lost += other.lost;
        self.stale += other.stale;
        self.retries += other.retries;
    }
}

/// Returns what is wrong with a seed's world, and the command that shows how it came to that.
#[must_use]
pub fn told(seed: u64, wrong: &[String]) -> String {
    const MOST: usize = 10;
    let shown = wrong.iter().take(MOST).map(|wrong| format!("  {wrong}\n"));
    let shown: String = shown.collect();
    format!(
        "seed {seed}: {} things are wrong\n{shown}  show its steps: cargo run -p fault-tests -- --from {seed} --trace",
        wrong.len()
    )
}
