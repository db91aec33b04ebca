//! The operator, who has what runs left tried again once that may help (`backhaul retry`).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use ledger::{Document, Plan, RunId, key};
use platform::Stores;
use scheduler::Splitting;

use crate::bucket::{Bucket, PLACE};
use crate::doom::Doom;
use crate::world::{World, put};

/// Puts back what was changed or taken away, where a run has it: what was never planned would be another extract.
pub(crate) fn restore(world: &Rc<World>) {
    let plans = plans(&world.bucket);
    let objects = plans.iter().flat_map(|plan| &plan.objects);
    let planned: BTreeSet<(&str, &str)> = objects
        .map(|object| (object.key.as_str(), object.etag.as_str()))
        .collect();
    for file in &world.source.files {
        let comes_back = file.later.as_ref().is_some_and(|later| later.comes_back);
        let is_there = world
            .bucket
            .get(&file.key)
            .is_some_and(|object| object.meta.etag == file.etag);
        if comes_back && !is_there && planned.contains(&(file.key.as_str(), file.etag.as_str())) {
            put(world, &file.key, Bytes::from(file.body.clone()));
        }
    }
}

/// Plans and enqueues a retry of every run that left something: in the first round of those that have extracts of their own, in
/// each further one of the retries before.
pub(crate) async fn retry(world: &World, round: usize) -> anyhow::Result<()> {
    world.api.with(|book| {
        book.is_mended = world.is_mended(round);
        book.retried.push(BTreeSet::new());
    });
    let store = world.lambda.store("operator".to_owned(), Arc::new(Doom::default()));
    let stores = Arc::new(Stores::default().with(PLACE, Arc::clone(&store)));
    let context = scheduler::Context::new(stores, Arc::clone(&store), Splitting::default());
    let plans = plans(&world.bucket);
    let rounds = rounds(&plans);
    for old in plans.iter().filter(|plan| rounds[&plan.run] + 1 == round) {
        let left = scheduler::retry::left(&*store, &old.sync.name, &old.run).await?;
        let sync = scheduler::document(&*store, &old.sync.name).await?;
        let mut note = |text: &str| world.trace.step("operator", format_args!("is told: {text}"));
        let plan = scheduler::retry::plan(old, &sync, &left, &mut note);
        if plan.job_count() > 0 {
            scheduler::enqueue(&context, &plan).await?;
        }
    }
    Ok(())
}

/// Returns the plans that can be read, in the order of time.
pub(crate) fn plans(bucket: &Bucket) -> Vec<Plan> {
    let runs = bucket.all("runs/");
    let plans = runs.iter().filter(|(key, _)| key::parse_plan(key).is_some());
    plans.filter_map(|(key, json)| Plan::read(key, json).ok()).collect()
}

/// Returns of each run in which round of retries it was begun; 0: it has extracts of its own.
pub(crate) fn rounds(plans: &[Plan]) -> BTreeMap<RunId, usize> {
    let mut rounds = BTreeMap::new();
    for plan in plans {
        let round = plan
            .retry_of
            .map_or(0, |old| rounds.get(&old).map_or(0, |round| round + 1));
        rounds.insert(plan.run, round);
    }
    rounds
}
