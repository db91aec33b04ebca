//! Who takes an extract: exactly one run, decided by who writes the claim first.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use jiff::Timestamp;
use ledger::{Claim, Document, FormatVersion, Plan, RunId, Sync, SyncName, key};
use platform::{Created, Objects};
use xxhash_rust::xxh3::xxh3_64;

use crate::ScheduleError;
use crate::extract::{Extract, Planned};

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
    /// A hash of where calls go; `None` for Segment.
    destination: Option<u64>,
    /// What each run that was met has in its plan; `None`: it has no plan.
    plans: HashMap<RunId, Option<Planned>>,
}

impl<'l> Claims<'l> {
    pub(crate) fn new(ledger: &'l dyn Objects, sync: &'l Sync, destination: Option<&str>) -> Self {
        Self {
            ledger,
            sync,
            destination: destination.map(|name| xxh3_64(name.as_bytes())),
            plans: HashMap::new(),
        }
    }

    /// Shares the extracts out among runs: those that some run holds already, and the rest to one more.
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
        let mut holders = Vec::with_capacity(extracts.len());
        for extract in &extracts {
            holders.push(self.holder(extract).await?);
        }
        let unplanned = |holder: &Holder| match holder {
            Holder::Run(run) if self.plans.get(run).is_some_and(Option::is_none) => Some(*run),
            _ => None,
        };
        let taker = holders.iter().find_map(unplanned).unwrap_or(fresh);
        let mut runs: BTreeMap<RunId, Vec<Extract>> = BTreeMap::new();
        for (extract, holder) in extracts.into_iter().zip(holders) {
            let run = match holder {
                Holder::Run(run) => run,
                Holder::Nobody(number) => self.claim(&extract, number, taker).await?,
            };
            runs.entry(run).or_default().push(extract);
        }
        Ok(runs)
    }

    async fn holder(&mut self, extract: &Extract) -> Result<Holder, ScheduleError> {
        let mut number = 0;
        loop {
            let Some(run) = self.claimed(&self.key(extract, number)).await? else {
                return Ok(Holder::Nobody(number));
            };
            if self.keeps(run, extract).await? {
                return Ok(Holder::Run(run));
            }
            number += 1;
        }
    }

    /// Whether `run` has the extract in its plan, or has no plan yet.
    async fn keeps(&mut self, run: RunId, extract: &Extract) -> Result<bool, ScheduleError> {
        if !self.plans.contains_key(&run) {
            let plan = known_plan(self.ledger, &self.sync.name, run).await?;
            self.plans.insert(run, plan.as_ref().map(Planned::of));
        }
        let planned = self.plans.get(&run).and_then(Option::as_ref);
        Ok(planned.is_none_or(|planned| planned.has(extract)))
    }

    /// Writes the claim and returns whose it is: another scheduler may have been faster.
    async fn claim(&self, extract: &Extract, number: u32, run: RunId) -> Result<RunId, ScheduleError> {
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
            Some(destination) => key::claim_for(sync, extract, destination),
        };
        if number == 0 {
            first
        } else {
            key::later_claim(&first, number)
        }
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
