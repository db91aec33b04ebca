//! Who takes an object: exactly one run, decided by who writes the claim first.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::pin::pin;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Claim, Document, ExtractIdentity, FormatVersion, ObjectPin, Plan, RunId, Sync, SyncName, key};
use platform::{Created, Objects, clock, pages};
use xxhash_rust::xxh3::xxh3_64;

use crate::ScheduleError;
use crate::extract::{Extract, Planned};
use crate::resets::Resets;

mod take;

/// How many claims or plans are read, or claims written, at once.
const AT_ONCE: usize = 32;

/// How many objects there must be for each page of a listing of claims or runs: that many reads take longer than the page.
const OBJECTS_PER_PAGE: usize = 100;

/// Who holds an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// Nobody yet; the number is that of the claim to write.
    Nobody(u32),
    /// A run that has it in its plan, or that died before it had one.
    Run(RunId),
}

/// An object of one of the extracts that a pass found.
#[derive(Debug)]
struct Wanted {
    /// The extract's place, and when it was complete.
    extract: usize,
    modified: Option<i64>,
    pin: ObjectPin,
    identity: ExtractIdentity,
    holder: Holder,
    /// Whether it is the first of its extract that nobody holds.
    leads: bool,
}

/// The claims of one pass of a sync.
pub(crate) struct Claims<'l> {
    ledger: &'l dyn Objects,
    sync: &'l Sync,
    /// Where calls go; `None` for Segment.
    destination: Option<&'l str>,
    /// What each run that was met has in its plan; `None`: it has no plan.
    plans: HashMap<RunId, Option<(Plan, Planned)>>,
    /// The run of each object of these plans.
    planned: HashMap<ExtractIdentity, RunId>,
    /// What of these plans counts as not there.
    resets: Resets,
}

impl<'l> Claims<'l> {
    pub(crate) fn new(ledger: &'l dyn Objects, sync: &'l Sync, destination: Option<&'l str>) -> Self {
        Self {
            ledger,
            sync,
            destination,
            plans: HashMap::new(),
            planned: HashMap::new(),
            resets: Resets::default(),
        }
    }

    /// Returns the plans that were read and what they have, to be used without reading them again.
    pub(crate) fn into_plans(self) -> HashMap<RunId, (Plan, Planned)> {
        let plans = self.plans.into_iter();
        plans.filter_map(|(run, plan)| Some((run, plan?))).collect()
    }

    /// Returns the objects of the extracts with who holds each; one that two extracts have is the first one's. Objects are many and runs are
    /// few: a claim is read only of an object that no plan read so far has, and none where a listing shows that there is none.
    async fn wanted(&mut self, extracts: Vec<Extract>) -> Result<Vec<Wanted>, ScheduleError> {
        let mut wanted = flatten(extracts);
        let listed = self.listed(wanted.len()).await?;
        let places = 0..wanted.len();
        let claimed: Vec<usize> = places
            .filter(|&place| !listed.lacks(&self.key(wanted[place].identity, 0)))
            .collect();
        let mut claimed = claimed.into_iter();
        loop {
            let mut asked = Vec::with_capacity(AT_ONCE);
            while asked.len() < AT_ONCE
                && let Some(place) = claimed.next()
            {
                match self.planned.get(&wanted[place].identity) {
                    // It holds it, since no plan has what its run did not claim.
                    Some(run) => wanted[place].holder = Holder::Run(*run),
                    None => asked.push(place),
                }
            }
            if asked.is_empty() {
                break;
            }
            self.look_up(&mut wanted, asked).await?;
        }
        let mut led = HashSet::new();
        for wanted in &mut wanted {
            wanted.leads = matches!(wanted.holder, Holder::Nobody(_)) && led.insert(wanted.extract);
        }
        Ok(wanted)
    }

    /// Reads the claims of the objects at `places`, each from its first to the one that holds.
    async fn look_up(&mut self, wanted: &mut [Wanted], mut places: Vec<usize>) -> Result<(), ScheduleError> {
        let mut number = 0;
        while !places.is_empty() {
            let keys: Vec<String> = places
                .iter()
                .map(|&place| self.key(wanted[place].identity, number))
                .collect();
            let claims = stream::iter(&keys).map(|key| self.claimed(key)).buffered(AT_ONCE);
            let runs: Vec<Option<RunId>> = claims.try_collect().await?;
            self.read_plans(runs.iter().flatten().copied().collect()).await?;
            let mut left_out = Vec::new();
            for (place, run) in places.into_iter().zip(runs) {
                match run {
                    None => wanted[place].holder = Holder::Nobody(number),
                    Some(run) if self.keeps(run, &wanted[place]) => wanted[place].holder = Holder::Run(run),
                    Some(_) => left_out.push(place),
                }
            }
            places = left_out;
            number += 1;
        }
        Ok(())
    }

    async fn read_plans(&mut self, mut runs: BTreeSet<RunId>) -> Result<(), ScheduleError> {
        runs.retain(|run| !self.plans.contains_key(run));
        let (ledger, name) = (self.ledger, &self.sync.name);
        let mut plans = stream::iter(runs)
            .map(|run| async move { Ok::<_, ScheduleError>((run, known_plan(ledger, name, run).await?)) })
            .buffer_unordered(AT_ONCE);
        while let Some((run, plan)) = plans.try_next().await? {
            let plan = plan.map(|plan| (self.resets.left_of(&plan), plan));
            if let Some((planned, _)) = &plan {
                self.planned.extend(planned.objects().map(|object| (object, run)));
            }
            self.plans.insert(run, plan.map(|(planned, plan)| (plan, planned)));
        }
        Ok(())
    }

    /// Whether `run`, whose plan was looked for, has the object in it, or has no plan yet.
    fn keeps(&self, run: RunId, wanted: &Wanted) -> bool {
        self.is_unplanned(run) || self.planned.get(&wanted.identity) == Some(&run)
    }

    /// Whether `run`, whose plan was looked for, has none: it died before it had one, or is just being planned.
    fn is_unplanned(&self, run: RunId) -> bool {
        self.plans.get(&run).is_some_and(Option::is_none)
    }

    /// Lists the sync's claims as far as that is less work than to read those of so many objects.
    async fn listed(&self, objects: usize) -> Result<Listed, ScheduleError> {
        let prefix = key::claim_prefix(&self.sync.name);
        let mut pages = pin!(pages(self.ledger, &prefix));
        let mut listed = Listed::default();
        for _ in 0..objects / OBJECTS_PER_PAGE {
            let Some(page) = pages.try_next().await? else {
                listed.is_whole = true;
                break;
            };
            listed.keys.extend(page.into_iter().map(|claim| claim.key));
        }
        Ok(listed)
    }

    /// Claims those of the objects that nobody holds, each for the taker of its extract.
    async fn claim_all<'w>(
        &self,
        wanted: impl Iterator<Item = &'w mut Wanted>,
        takers: &[RunId],
    ) -> Result<(), ScheduleError> {
        stream::iter(wanted.map(Ok))
            .try_for_each_concurrent(AT_ONCE, |wanted| async move {
                if let Holder::Nobody(number) = wanted.holder {
                    let key = self.key(wanted.identity, number);
                    wanted.holder = Holder::Run(self.claim(&key, takers[wanted.extract]).await?);
                }
                Ok(())
            })
            .await
    }

    /// Writes a claim for a run, and returns whose the object is: another scheduler may have been faster.
    async fn claim(&self, key: &str, run: RunId) -> Result<RunId, ScheduleError> {
        let claim = Claim {
            version: FormatVersion,
            sync: self.sync.name.clone(),
            run,
            claimed_at: clock::now(),
        };
        if self.ledger.create(key, Bytes::from(claim.to_json()?)).await? == Created::New {
            return Ok(run);
        }
        Ok(self.claimed(key).await?.unwrap_or(run))
    }

    /// Returns the run that the claim `key` is of, if there is one.
    async fn claimed(&self, key: &str) -> Result<Option<RunId>, ScheduleError> {
        let claim = self.ledger.get(key).await?;
        Ok(claim
            .map(|json| Claim::read(key, &json))
            .transpose()?
            .map(|claim| claim.run))
    }

    fn key(&self, object: ExtractIdentity, number: u32) -> String {
        let sync = &self.sync.name;
        let first = match self.destination {
            None => key::claim(sync, &object),
            Some(destination) => key::claim_for(sync, &object, xxh3_64(destination.as_bytes())),
        };
        if number == 0 {
            first
        } else {
            key::later_claim(&first, number)
        }
    }
}

/// Returns the objects of extracts, each once.
fn flatten(extracts: Vec<Extract>) -> Vec<Wanted> {
    let mut seen = HashSet::new();
    let mut all = Vec::with_capacity(extracts.iter().map(|extract| extract.objects.len()).sum());
    for (extract, found) in extracts.into_iter().enumerate() {
        let objects = found.objects.into_iter().map(|pin| Wanted {
            extract,
            modified: found.modified,
            identity: ExtractIdentity::of([&pin]),
            pin,
            holder: Holder::Nobody(0),
            leads: false,
        });
        all.extend(objects.filter(|wanted| seen.insert(wanted.identity)));
    }
    all
}

/// The first of a sync's claims, in the order of their keys.
#[derive(Debug, Default)]
struct Listed {
    keys: Vec<String>,
    /// Whether these are all.
    is_whole: bool,
}

impl Listed {
    /// Whether there was no such claim when they were listed. One may have been written since: that shows when this one is
    /// written.
    fn lacks(&self, key: &str) -> bool {
        let is_within = self.is_whole || self.keys.last().is_some_and(|last| key <= last.as_str());
        is_within && self.keys.binary_search_by(|listed| listed.as_str().cmp(key)).is_err()
    }
}

/// Returns the plan of a run, if it has one.
pub(crate) async fn known_plan(
    ledger: &dyn Objects,
    sync: &SyncName,
    run: RunId,
) -> Result<Option<Plan>, ScheduleError> {
    let key = key::plan(sync, &run);
    let json = ledger.get(&key).await?;
    Ok(json.map(|json| Plan::read(&key, &json)).transpose()?)
}
