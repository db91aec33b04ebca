//! Extracts that grew: what earlier runs have of them stays theirs, and only the rest is new.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use ledger::{Complete, ExtractIdentity, ObjectPin, RunId, key};
use platform::pages_after;

use super::{AT_ONCE, Claims, Holder, known_plan};
use crate::ScheduleError;
use crate::extract::{Extract, Planned};

/// How far the clocks of a store and of schedulers may be apart.
const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(24);

impl Claims<'_> {
    /// Divides each extract that nobody holds into what earlier runs have of it, each held by its run, and the rest. An object that
    /// two of them have is left to the first.
    ///
    /// A folder that gets another file is another extract by its identity. Its rows would be sent again with the same message
    /// ids, which Segment tells from new ones for some time only.
    pub(super) async fn divide(
        &mut self,
        extracts: Vec<Extract>,
        holders: Vec<Holder>,
    ) -> Result<(Vec<Extract>, Vec<Holder>), ScheduleError> {
        if self.sync.source.complete == Complete::Object {
            return Ok((extracts, holders));
        }
        self.read_earlier(&extracts, &holders).await?;
        let (mut divided, mut of_whom, mut rests) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for (extract, holder) in extracts.into_iter().zip(holders) {
            if let Holder::Run(_) = holder {
                divided.push(extract);
                of_whom.push(holder);
                continue;
            }
            let count = extract.objects.len();
            let (parts, rest) = self.parts(extract, &mut seen);
            for (run, part) in parts {
                divided.push(part);
                of_whom.push(Holder::Run(run));
            }
            if !rest.objects.is_empty() {
                // The rest is an extract of its own, which some run may have claimed.
                rests.extend((rest.objects.len() < count).then_some(divided.len()));
                divided.push(rest);
                of_whom.push(holder);
            }
        }
        for (place, holder) in self.look_up(&divided, rests).await? {
            of_whom[place] = holder;
        }
        Ok((divided, of_whom))
    }

    /// Returns what runs have of an extract, and what none of them has and is not in `seen`.
    fn parts(&self, extract: Extract, seen: &mut HashSet<ExtractIdentity>) -> (BTreeMap<RunId, Extract>, Extract) {
        let none = Extract {
            objects: Vec::new(),
            ..extract
        };
        let (mut parts, mut rest) = (BTreeMap::<RunId, Extract>::new(), none.clone());
        for object in extract.objects {
            match self.planner(&object) {
                Some(run) => parts.entry(run).or_insert_with(|| none.clone()).objects.push(object),
                None if seen.insert(ExtractIdentity::of([&object])) => rest.objects.push(object),
                None => {}
            }
        }
        (parts, rest)
    }

    /// Returns the run that has the object in its plan, of the plans read so far that tell extracts in the same way.
    pub(super) fn planner(&self, object: &ObjectPin) -> Option<RunId> {
        let run = *self.planned.get(&ExtractIdentity::of([object]))?;
        let (plan, _) = self.plans.get(&run)?.as_ref()?;
        (plan.sync.source.complete == self.sync.source.complete).then_some(run)
    }

    /// Reads the plans that may have objects of the extracts that nobody holds. A run is later than what it read, so runs from before the
    /// oldest of these objects need no look.
    async fn read_earlier(&mut self, extracts: &[Extract], holders: &[Holder]) -> Result<(), ScheduleError> {
        let held = extracts.iter().zip(holders);
        let unheld: Vec<&Extract> = held
            .filter(|(_, holder)| matches!(holder, Holder::Nobody(_)))
            .map(|(extract, _)| extract)
            .collect();
        // Where a store does not tell times, any run may be later.
        let oldest = unheld.iter().map(|extract| extract.oldest).min();
        let Some(oldest) = oldest else { return Ok(()) };
        let wanted: HashSet<ExtractIdentity> = unheld
            .iter()
            .flat_map(|extract| &extract.objects)
            .map(|object| ExtractIdentity::of([object]))
            .collect();
        let (ledger, sync) = (self.ledger, self.sync);
        let runs: Vec<RunId> = self.runs_since(oldest).await?;
        let mut plans = stream::iter(runs)
            .map(|run| async move { Ok::<_, ScheduleError>((run, known_plan(ledger, &sync.name, run).await?)) })
            .buffer_unordered(AT_ONCE);
        while let Some((run, plan)) = plans.try_next().await? {
            let Some(plan) = plan.filter(|plan| plan.sent_to.as_deref() == self.destination) else {
                continue;
            };
            let planned = Planned::of(&plan);
            if planned.objects().any(|object| wanted.contains(&object)) {
                self.planned.extend(planned.objects().map(|object| (object, run)));
                self.plans.insert(run, Some((plan, planned)));
            }
        }
        Ok(())
    }

    /// Returns the runs with a plan that began after `oldest`, in seconds since 1970, and were not read yet.
    async fn runs_since(&self, oldest: Option<i64>) -> Result<Vec<RunId>, ScheduleError> {
        let prefix = key::run_prefix(&self.sync.name);
        let oldest = oldest.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let since = oldest.and_then(|oldest| oldest.checked_sub(CLOCKS_APART).ok());
        let after = since.map(|since| key::plan(&self.sync.name, &RunId::new(since, [0; 10])));
        let mut pages = pin!(pages_after(self.ledger, &prefix, after));
        let mut runs = Vec::new();
        while let Some(page) = pages.try_next().await? {
            let found = page
                .iter()
                .filter_map(|object| key::run_of_plan(&self.sync.name, &object.key));
            runs.extend(found.filter(|run| !self.plans.contains_key(run)));
        }
        Ok(runs)
    }
}
