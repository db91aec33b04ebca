//! What must hold once nothing moves any more: the invariants of the design.

mod calls;
mod counts;
mod excuse;
mod job;
mod objects;
mod part;
mod report;
mod retry;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ledger::RunId;

use crate::api::Call;
use crate::faults::Kind;
use crate::operator;
use crate::world::{Figures, World};
use retry::Rest;

/// The shortest invocation of a sender that can be deployed (`SenderTimeout` of infra/template.yaml).
const SHORTEST: Duration = Duration::from_mins(1);

/// What is written once, and then never again with other content.
const ONCE: [&str; 4] = ["claims/", "runs/", "outcomes/", "rejected/"];

/// What was found so far.
struct Found<'w> {
    world: &'w World,
    wrong: Vec<String>,
    figures: Figures,
    /// The calls that outcomes count as sent.
    sent: BTreeSet<Call>,
    /// What each run left to be tried again.
    left: BTreeMap<RunId, Vec<Rest>>,
    /// By round of retries: the calls that may be sent in it, and those that must be.
    rounds: BTreeMap<usize, (BTreeSet<Call>, BTreeSet<Call>)>,
}

/// Returns what is wrong with a world, and what was seen in it.
pub(crate) fn all(world: &World) -> (Vec<String>, Figures) {
    let mut found = Found {
        world,
        wrong: world.api.with(|book| std::mem::take(&mut book.wrong)),
        figures: Figures {
            deaths: world.lambda.deaths(),
            rows: world.source.files.iter().map(|file| file.rows.len() as u64).sum(),
            ..Figures::default()
        },
        sent: BTreeSet::new(),
        left: BTreeMap::new(),
        rounds: BTreeMap::new(),
    };
    found.nothing_is_overwritten();
    found.nothing_is_told_again();
    found.nothing_is_given_up_for_nothing();
    let plans = operator::plans(&world.bucket);
    found.every_plan_can_be_read(plans.len());
    found.every_object_is_planned_once(&plans);
    let rounds = operator::rounds(&plans);
    for plan in &plans {
        found.chunks_tile_their_objects(plan);
        found.run(plan, rounds[&plan.run]);
    }
    found.what_is_left_is_tried_again(&plans, &rounds);
    found.calls(&plans);
    found.rounds();
    (found.wrong, found.figures)
}

impl Found<'_> {
    fn say(&mut self, wrong: String) {
        self.wrong.push(wrong);
    }

    fn nothing_is_overwritten(&mut self) {
        for key in self.world.bucket.overwritten() {
            if ONCE.iter().any(|once| key.starts_with(once)) {
                self.say(format!("{key} was written over"));
            }
        }
    }

    /// Where every notification comes and queues hand out all jobs, these and the reporter close all runs: a pass never has to tell of
    /// anything once more.
    fn nothing_is_told_again(&mut self) {
        let faults = &self.world.faults;
        if faults.dropped > 0.0 || faults.vanished.is_some() || self.world.has_machine() {
            return;
        }
        for key in self.world.bucket.again() {
            if !key.starts_with("extracts/") {
                self.say(format!("{key} had to be told of again"));
            }
        }
    }

    /// Of no job that was given up was a try lost to the API: what it fails is waited for. In an invocation that is shorter
    /// than any that is deployed there may be no time for a single row.
    fn nothing_is_given_up_for_nothing(&mut self) {
        if self.world.lambda.sender_limit() < SHORTEST {
            return;
        }
        // Together with other faults, an API that limits the rate may cost one.
        let most = usize::from(self.world.faults.kind == Kind::Any);
        for (keys, tries) in self.world.queues.for_nothing() {
            if tries.len() > most {
                self.say(format!(
                    "{keys:?} given up though nothing but the api failed: {tries:?}"
                ));
            }
        }
    }

    fn every_plan_can_be_read(&mut self, read: usize) {
        let runs = self.world.bucket.all("runs/");
        let written = runs.iter().filter(|(key, _)| key.ends_with("/plan.json")).count();
        if written != read {
            self.say(format!("{read} of {written} plans can be read"));
        }
    }
}
