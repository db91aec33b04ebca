//! Who takes an extract: exactly one run, decided by who writes the claim first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::pin::pin;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ledger::{Claim, Document, ExtractIdentity, FormatVersion, Plan, RunId, Sync, SyncName, key};
use platform::{Created, Objects, pages};
use xxhash_rust::xxh3::xxh3_64;

use crate::ScheduleError;
use crate::extract::{Extract, Planned};

mod earlier;

/// How many claims or plans are read, or claims written, at once.
const AT_ONCE: usize = 32;

/// How many extracts there must be for each page of a listing of claims: that many reads take longer than the page.
const EXTRACTS_PER_PAGE: usize = 100;

/// Who holds an extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// Nobody yet; the number is that of the claim to write.
    Nobody(u32),
    /// A run that has it in its plan, or that died before it had one.
    Run(RunId),
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
}

impl<'l> Claims<'l> {
    pub(crate) fn new(ledger: &'l dyn Objects, sync: &'l Sync, destination: Option<&'l str>) -> Self {
        Self {
            ledger,
            sync,
            destination,
            plans: HashMap::new(),
            planned: HashMap::new(),
        }
    }

    /// Shares the extracts out among runs: those that some run holds already, and the rest to one more. Of an extract that grew, the runs keep
    /// what they have.
    ///
    /// A run that claimed extracts but has no plan died, or is just being planned elsewhere. Its claims stand, and it
    /// takes the rest too: whoever plans it first decides, and what that plan left out is free again for a later pass.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub(crate) async fn take(
        &mut self,
        extracts: Vec<Extract>,
        fresh: RunId,
    ) -> Result<BTreeMap<RunId, Vec<Extract>>, ScheduleError> {
        let holders = self.holders(&extracts).await?;
        let (extracts, holders) = self.divide(extracts, holders).await?;
        let unplanned = |holder: &Holder| match holder {
            Holder::Run(run) if self.plans.get(run).is_some_and(Option::is_none) => Some(*run),
            _ => None,
        };
        let taker = holders.iter().find_map(unplanned).unwrap_or(fresh);
        let claims = stream::iter(extracts.iter().zip(holders))
            .map(|(extract, holder)| self.claim(extract, holder, taker))
            .buffered(AT_ONCE);
        let found: Vec<RunId> = claims.try_collect().await?;
        let mut runs: BTreeMap<RunId, Vec<Extract>> = BTreeMap::new();
        for (extract, run) in extracts.into_iter().zip(found) {
            runs.entry(run).or_default().push(extract);
        }
        Ok(runs)
    }

    /// Returns the plans that were read and what they have, to be used without reading them again.
    pub(crate) fn into_plans(self) -> HashMap<RunId, (Plan, Planned)> {
        let plans = self.plans.into_iter();
        plans.filter_map(|(run, plan)| Some((run, plan?))).collect()
    }

    /// Returns who holds each extract. Extracts are many and runs are few: a claim is read only of an extract that no plan read
    /// so far has, and none where a listing shows that there is none.
    async fn holders(&mut self, extracts: &[Extract]) -> Result<Vec<Holder>, ScheduleError> {
        let listed = self.listed(extracts.len()).await?;
        let mut holders: Vec<Option<Holder>> = extracts
            .iter()
            .map(|extract| listed.lacks(&self.key(extract, 0)).then_some(Holder::Nobody(0)))
            .collect();
        let mut next = 0;
        while next < extracts.len() {
            let mut asked = Vec::with_capacity(AT_ONCE);
            while next < extracts.len() && asked.len() < AT_ONCE {
                if holders[next].is_none() {
                    holders[next] = self.known_holder(&extracts[next]).map(Holder::Run);
                    asked.extend(holders[next].is_none().then_some(next));
                }
                next += 1;
            }
            for (place, holder) in self.look_up(extracts, asked).await? {
                holders[place] = Some(holder);
            }
        }
        Ok(holders
            .into_iter()
            .map(|holder| holder.unwrap_or(Holder::Nobody(0)))
            .collect())
    }

    /// Reads the claims of the extracts at `places`, each from its first to the one that holds.
    async fn look_up(
        &mut self,
        extracts: &[Extract],
        mut places: Vec<usize>,
    ) -> Result<Vec<(usize, Holder)>, ScheduleError> {
        let mut found = Vec::with_capacity(places.len());
        let mut number = 0;
        while !places.is_empty() {
            let keys: Vec<String> = places.iter().map(|&place| self.key(&extracts[place], number)).collect();
            let claims = stream::iter(&keys).map(|key| self.claimed(key)).buffered(AT_ONCE);
            let runs: Vec<Option<RunId>> = claims.try_collect().await?;
            self.read_plans(runs.iter().flatten().copied().collect()).await?;
            let mut left_out = Vec::new();
            for (place, run) in places.into_iter().zip(runs) {
                match run {
                    None => found.push((place, Holder::Nobody(number))),
                    Some(run) if self.keeps(run, &extracts[place]) => found.push((place, Holder::Run(run))),
                    Some(_) => left_out.push(place),
                }
            }
            places = left_out;
            number += 1;
        }
        Ok(found)
    }

    /// Returns the run whose plan, of those read so far, has the extract: it holds it, since no plan has what its run did not
    /// claim. Plans that told extracts in another way say nothing: theirs may have been larger ones.
    fn known_holder(&self, extract: &Extract) -> Option<RunId> {
        let run = self.planner(extract.objects.first()?)?;
        let (_, planned) = self.plans.get(&run)?.as_ref()?;
        planned.has(extract).then_some(run)
    }

    async fn read_plans(&mut self, mut runs: HashSet<RunId>) -> Result<(), ScheduleError> {
        runs.retain(|run| !self.plans.contains_key(run));
        let (ledger, name) = (self.ledger, &self.sync.name);
        let mut plans = stream::iter(runs)
            .map(|run| async move { Ok::<_, ScheduleError>((run, known_plan(ledger, name, run).await?)) })
            .buffer_unordered(AT_ONCE);
        while let Some((run, plan)) = plans.try_next().await? {
            let plan = plan.map(|plan| (Planned::of(&plan), plan));
            if let Some((planned, _)) = &plan {
                self.planned.extend(planned.objects().map(|object| (object, run)));
            }
            self.plans.insert(run, plan.map(|(planned, plan)| (plan, planned)));
        }
        Ok(())
    }

    /// Whether `run`, whose plan was looked for, has the extract in it, or has no plan yet.
    fn keeps(&self, run: RunId, extract: &Extract) -> bool {
        let planned = self.plans.get(&run).and_then(Option::as_ref);
        planned.is_none_or(|(_, planned)| planned.has(extract))
    }

    /// Lists the sync's claims as far as that is less work than to read those of so many extracts.
    async fn listed(&self, extracts: usize) -> Result<Listed, ScheduleError> {
        let prefix = key::claim_prefix(&self.sync.name);
        let mut pages = pin!(pages(self.ledger, &prefix));
        let mut listed = Listed::default();
        for _ in 0..extracts / EXTRACTS_PER_PAGE {
            let Some(page) = pages.try_next().await? else {
                listed.is_whole = true;
                break;
            };
            listed.keys.extend(page.into_iter().map(|claim| claim.key));
        }
        Ok(listed)
    }

    /// Writes a claim on an extract that nobody holds, and returns whose the extract is: another scheduler may have been faster.
    async fn claim(&self, extract: &Extract, holder: Holder, run: RunId) -> Result<RunId, ScheduleError> {
        let number = match holder {
            Holder::Run(run) => return Ok(run),
            Holder::Nobody(number) => number,
        };
        let key = self.key(extract, number);
        let claim = Claim {
            version: FormatVersion,
            sync: self.sync.name.clone(),
            run,
            claimed_at: Timestamp::now(),
        };
        if self.ledger.create(&key, Bytes::from(claim.to_json()?)).await? == Created::New {
            return Ok(run);
        }
        Ok(self.claimed(&key).await?.unwrap_or(run))
    }

    /// Returns the run that the claim `key` is of, if there is one.
    async fn claimed(&self, key: &str) -> Result<Option<RunId>, ScheduleError> {
        let claim = self.ledger.get(key).await?;
        Ok(claim
            .map(|json| Claim::read(key, &json))
            .transpose()?
            .map(|claim| claim.run))
    }

    fn key(&self, extract: &Extract, number: u32) -> String {
        let (sync, extract) = (&self.sync.name, &extract.identity());
        let first = match self.destination {
            None => key::claim(sync, extract),
            Some(destination) => key::claim_for(sync, extract, xxh3_64(destination.as_bytes())),
        };
        if number == 0 {
            first
        } else {
            key::later_claim(&first, number)
        }
    }
}

/// The first of a sync's claims, in the order of their keys.
#[derive(Debug, Default)]
struct Listed {
    keys: BTreeSet<String>,
    /// Whether these are all.
    is_whole: bool,
}

impl Listed {
    /// Whether there was no such claim when they were listed. One may have been written since: that shows when this one is
    /// written.
    fn lacks(&self, key: &str) -> bool {
        let is_within = self.is_whole || self.keys.last().is_some_and(|last| key <= last.as_str());
        is_within && !self.keys.contains(key)
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
