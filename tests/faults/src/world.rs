//! One seed's world: a stack, extracts that land in it, and time until nothing moves any more.

mod draw;
mod figures;
mod life;

use std::rc::Rc;
use std::sync::Arc;

use tokio::task::LocalSet;

use crate::api::Api;
use crate::bucket::Bucket;
use crate::chance::Chance;
use crate::extract::Source;
use crate::faults::Faults;
use crate::lambda::Lambda;
use crate::queue::Queues;
use crate::trace::Trace;
use crate::{check, time};

pub use figures::Figures;
pub(crate) use life::put;

/// How many steps a world may take: a hundred times the usual. One that takes more goes round in circles.
const MAX_STEPS: u64 = 2_000_000;

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
        let calm = life::live(&world).await;
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
