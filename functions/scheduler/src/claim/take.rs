//! How extracts are shared out among runs.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;

use futures::{StreamExt, TryStreamExt};
use ledger::{Complete, RunId, key};
use platform::pages_after;

use super::{Claims, Holder, OBJECTS_PER_PAGE, Wanted};
use crate::ScheduleError;
use crate::extract::Extract;
use crate::resets::Resets;

impl Claims<'_> {
    /// Shares the extracts out among runs: what some run holds already, and the rest to one more. Of an extract that grew, the runs keep what
    /// they have.
    ///
    /// A run that claimed objects but has no plan died, or is just being planned elsewhere. Its claims stand, and it takes the rest too:
    /// whoever plans it first decides, and what that plan left out is free again for a later pass. A run that was to have one extract alone
    /// takes the rest of that one only. Extracts whose own runs are closed may be left out.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub(crate) async fn take(
        &mut self,
        extracts: Vec<Extract>,
        fresh: RunId,
    ) -> Result<BTreeMap<RunId, Vec<Extract>>, ScheduleError> {
        self.resets = Resets::read(self.ledger, &self.sync.name).await?;
        let extracts = self.leave_open(extracts).await?;
        let own: Vec<RunId> = extracts.iter().map(|extract| self.own_run(extract)).collect();
        let mut wanted = self.wanted(extracts).await?;
        let mut takers = self.takers(&wanted, &own, fresh);
        // One object of each extract first: of two schedulers that see the same extract, one takes all of it.
        self.claim_all(wanted.iter_mut().filter(|wanted| wanted.leads), &takers)
            .await?;
        let lost: Vec<(usize, RunId)> = wanted
            .iter()
            .filter(|wanted| wanted.leads)
            .filter_map(|wanted| Some((wanted.extract, wanted.run()?)))
            .filter(|&(extract, run)| run != takers[extract])
            .collect();
        self.read_plans(lost.iter().map(|&(_, run)| run).collect()).await?;
        for (extract, run) in lost {
            if self.is_unplanned(run) {
                takers[extract] = run;
            }
        }
        self.claim_all(wanted.iter_mut(), &takers).await?;
        Ok(by_run(wanted))
    }

    /// Takes one extract for the run that has it alone, and returns what that run holds of it; `None` if that is nothing.
    ///
    /// An extract that another run is just taking is left to it: to plan that run with one extract only would keep all its others waiting.
    /// If it died, the next whole pass finds it.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub(crate) async fn take_alone(&mut self, extract: Extract) -> Result<Option<(RunId, Extract)>, ScheduleError> {
        let own = self.own_run(&extract);
        self.resets = Resets::read(self.ledger, &self.sync.name).await?;
        if self.resets.names(own) {
            // Its own run has its plan; what a reset makes new is a whole pass's.
            return Ok(None);
        }
        let mut wanted = self.wanted(vec![extract]).await?;
        let others = wanted.iter().filter_map(Wanted::run).filter(|&run| run != own);
        if others.clone().any(|run| self.is_unplanned(run)) {
            return Ok(None);
        }
        self.claim_all(wanted.iter_mut().filter(|wanted| wanted.leads), &[own])
            .await?;
        if wanted.iter().any(|wanted| wanted.leads && wanted.run() != Some(own)) {
            return Ok(None);
        }
        self.claim_all(wanted.iter_mut(), &[own]).await?;
        let held = by_run(wanted).remove(&own);
        Ok(held.and_then(|mut held| held.pop()).map(|extract| (own, extract)))
    }

    /// Leaves out objects that had a run of their own which is closed. Those may be as many as the objects: a listing of runs shows them, a
    /// thousandth of the requests that their claims, plans and reports take. One stays: its plan may show that the document fits.
    async fn leave_open(&self, mut extracts: Vec<Extract>) -> Result<Vec<Extract>, ScheduleError> {
        let most = extracts.len() / OBJECTS_PER_PAGE;
        let own = extracts.iter().map(|extract| self.own_run(extract));
        let Some(oldest) = own.min().filter(|_| self.sync.source.complete == Complete::Object) else {
            return Ok(extracts);
        };
        let name = &self.sync.name;
        let (prefix, after) = (key::run_prefix(name), key::plan(name, &oldest));
        let mut pages = pin!(pages_after(self.ledger, &prefix, Some(after)).take(most));
        let mut closed = HashSet::new();
        while let Some(page) = pages.try_next().await? {
            closed.extend(page.iter().filter_map(|object| key::run_of_report(name, &object.key)));
        }
        let mut has_one = false;
        extracts.retain(|extract| {
            let own = self.own_run(extract);
            !closed.contains(&own) || self.resets.names(own) || !std::mem::replace(&mut has_one, true)
        });
        Ok(extracts)
    }

    /// Returns the run that is to take what nobody holds of each extract.
    fn takers(&self, wanted: &[Wanted], own: &[RunId], fresh: RunId) -> Vec<RunId> {
        let unplanned = |wanted: &Wanted| wanted.run().filter(|&run| self.is_unplanned(run));
        let of_all = wanted
            .iter()
            .find_map(|wanted| unplanned(wanted).filter(|&run| run != own[wanted.extract]));
        let mut takers = vec![of_all.unwrap_or(fresh); own.len()];
        for wanted in wanted {
            if unplanned(wanted) == Some(own[wanted.extract]) {
                takers[wanted.extract] = own[wanted.extract];
            }
        }
        takers
    }

    fn own_run(&self, extract: &Extract) -> RunId {
        extract.own_run(&self.sync.name, self.destination)
    }
}

impl Wanted {
    fn run(&self) -> Option<RunId> {
        match self.holder {
            Holder::Run(run) => Some(run),
            Holder::Nobody(_) => None,
        }
    }
}

/// Returns what each run holds, by extract.
fn by_run(wanted: Vec<Wanted>) -> BTreeMap<RunId, Vec<Extract>> {
    let mut parts: BTreeMap<(RunId, usize), Extract> = BTreeMap::new();
    for object in wanted {
        if let Some(run) = object.run() {
            let part = parts.entry((run, object.extract)).or_default();
            part.objects.push(object.pin);
            part.modified = object.modified;
        }
    }
    let mut runs: BTreeMap<RunId, Vec<Extract>> = BTreeMap::new();
    for ((run, _), part) in parts {
        runs.entry(run).or_default().push(part);
    }
    runs
}
