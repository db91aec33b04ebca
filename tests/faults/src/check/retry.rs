//! What runs left, and the runs that try it again.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Job, Plan, RunId, Status};

use super::Found;
use super::job::{Part, within};
use super::run::Run;
use crate::extract::{Fate, File, Row};

/// Rows of an object that are to go through mappings again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rest {
    object: (String, String),
    mappings: Vec<String>,
    offsets: BTreeSet<u64>,
}

impl Found<'_> {
    /// Takes note of what a job leaves: of a part that failed all rows, for all mappings; of those before it the rows that a mapping
    /// rejected, for that mapping. And of a retry, what it tries.
    pub(super) fn leave(&mut self, run: &Run<'_>, job: &Job, file: &File, rows: &[&Row], parts: &[Part]) {
        let rest = |mappings: Vec<String>, offsets: BTreeSet<u64>| Rest {
            object: (file.key.clone(), file.etag.clone()),
            mappings,
            offsets,
        };
        let failed = parts.last().filter(|last| is_failed(last)).map(|last| last.chunk.start);
        let known: Vec<&Row> = within(rows, 0, failed.unwrap_or(u64::MAX)).collect();
        let mut left = Vec::new();
        for mapping in self.mappings(job) {
            let fate = |row: &Row| file.fate(row, mapping, self.world.is_mended(run.round));
            let rejected = known
                .iter()
                .filter(|row| matches!(fate(row), Fate::Rejected(_) | Fate::Bad(_)));
            let offsets: BTreeSet<u64> = rejected.map(|row| row.offset).collect();
            if !offsets.is_empty() {
                left.push(rest(vec![mapping.name.clone()], offsets));
            }
        }
        if let Some(start) = failed {
            let offsets = within(rows, start, u64::MAX).map(|row| row.offset).collect();
            left.push(rest(names(job), offsets));
        }
        self.left.entry(run.plan.run).or_default().extend(left);
    }

    /// Every run that left something was tried again, once in each round, and exactly what it left.
    pub(super) fn what_is_left_is_tried_again(&mut self, plans: &[Plan], rounds: &BTreeMap<RunId, usize>) {
        for plan in plans {
            let mut left = self.left.remove(&plan.run).unwrap_or_default();
            let is_due = rounds[&plan.run] < self.world.api.with(|book| book.retried.len());
            let retries: Vec<&Plan> = plans.iter().filter(|retry| retry.retry_of == Some(plan.run)).collect();
            if retries.len() != usize::from(is_due && !left.is_empty()) {
                self.say(format!(
                    "run {} was tried again {} times: {left:?}",
                    plan.run,
                    retries.len()
                ));
            }
            for retry in retries {
                let mut tried: Vec<Rest> = retry.jobs().map(|job| self.tried(&job)).collect();
                left.sort();
                tried.sort();
                if tried != left {
                    self.say(format!("run {} left {left:?}, tried again is {tried:?}", plan.run));
                }
            }
        }
    }

    /// Returns what a job of a retry is for.
    fn tried(&mut self, job: &Job) -> Rest {
        let file = self.world.source.file(&job.object.key, &job.object.etag);
        let rows = file.map(|file| self.rows_of(file, job)).unwrap_or_default();
        Rest {
            object: (job.object.key.clone(), job.object.etag.clone()),
            mappings: names(job),
            offsets: rows.iter().map(|row| row.offset).collect(),
        }
    }

    /// Takes note of the calls that a job of a retry may send, and of those that it must.
    pub(super) fn round(&mut self, run: &Run<'_>, job: &Job, file: &File, rows: &[&Row], parts: &[Part]) {
        if run.round == 0 {
            return;
        }
        let has_failed = parts.last().is_some_and(is_failed);
        let mut calls = BTreeSet::new();
        for mapping in self.mappings(job) {
            let is_sent = |row: &&&Row| file.fate(row, mapping, self.world.is_mended(run.round)) == Fate::Sent;
            let sent = rows.iter().filter(is_sent);
            calls.extend(sent.map(|row| (row.id.clone(), mapping.name.clone())));
        }
        let (may, must) = self.rounds.entry(run.round).or_default();
        if !has_failed {
            must.extend(calls.iter().cloned());
        }
        may.extend(calls);
    }

    /// A round of retries sends exactly what was left: nothing that was sent before, but what failed jobs had under way.
    pub(super) fn rounds(&mut self) {
        let taken = self.world.api.with(|book| std::mem::take(&mut book.retried));
        for (round, taken) in (1..).zip(taken) {
            let (may, must) = self.rounds.remove(&round).unwrap_or_default();
            for call in taken.difference(&may) {
                self.say(format!("round {round} of retries sent {call:?}, which was not left"));
            }
            for call in must.difference(&taken) {
                self.say(format!("round {round} of retries did not send {call:?}"));
            }
        }
    }
}

fn is_failed(part: &Part) -> bool {
    matches!(part.outcome.status, Status::Failed { .. })
}

fn names(job: &Job) -> Vec<String> {
    job.mappings.iter().map(|mapping| mapping.name.clone()).collect()
}
