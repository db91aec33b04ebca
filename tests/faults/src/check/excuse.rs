//! Which jobs may fail, and which must.

use jiff::{SignedDuration, Timestamp};
use ledger::{Job, Outcome, Status, Undelivered, key};

use super::Found;
use super::job::Part;
use super::run::Run;
use crate::faults::Kind;
use crate::time;

/// For how long calls are tried that cannot be delivered (README.md of `sender`).
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// How much later than that the last try may be: the longest wait, half an hour, rounded up to a queue's visibility, half an hour
/// too, behind other jobs, each of which may take all of an invocation's five minutes. A message may come an hour late.
const SLACK: SignedDuration = SignedDuration::from_hours(4);

/// How much later it may be where a message never came: a pass hands out again what nothing was heard of for nine hours.
const UNHEARD: SignedDuration = SignedDuration::from_hours(11);

/// How long after an outage a try may end that met it.
const ECHO: SignedDuration = SignedDuration::from_mins(2);

/// After how long a silence jobs are lost (README.md of `scheduler`).
const LOST: SignedDuration = SignedDuration::from_hours(8 * 24);

/// How much later than that a pass finds them where nothing fails: passes are a day apart at most.
const NEXT_PASSES: SignedDuration = SignedDuration::from_hours(48);

impl Found<'_> {
    /// Says where a job failed that should not have, or did not fail that should have.
    pub(super) fn ending(&mut self, run: &Run<'_>, job: &Job, parts: &[Part]) {
        let Some(last) = parts.last() else { return };
        let why = match &last.outcome.status {
            Status::Failed { code, .. } => self.not_excused(run, job, parts, code),
            _ => self.overdue(run, job, parts),
        };
        if let Some(why) = why {
            self.say(format!(
                "{}: {:?}: {why}",
                key::job(&job.sync, &job.run, last.outcome.job_part()),
                last.outcome.status
            ));
        }
    }

    /// Returns why a job should not have failed with `code`.
    fn not_excused(&self, run: &Run<'_>, job: &Job, parts: &[Part], code: &str) -> Option<String> {
        let ended = parts.last()?.outcome.work.finished_at;
        match code {
            "job_died" => (!self.was_given_up(job)).then(|| "nobody gave it up".to_owned()),
            "undeliverable" => self.not_undeliverable(parts, ended),
            "job_lost" => self.not_lost(run, job, parts, ended),
            "object_changed" | "object_missing" => self.not_stale(job, code == "object_changed", ended),
            _ => Some("no job here may".to_owned()),
        }
    }

    /// Whether the queue of a job, or who handed it out, gave it up. Each try that came to nothing had a reason, or it is told of
    /// ([`Found::nothing_is_given_up_for_nothing`]).
    fn was_given_up(&self, job: &Job) -> bool {
        let prefix = key::job(&job.sync, &job.run, job.id);
        let prefix = prefix.trim_end_matches("json");
        self.world.queues.dead().iter().any(|key| key.starts_with(prefix))
    }

    fn not_undeliverable(&self, parts: &[Part], ended: Timestamp) -> Option<String> {
        let Some(outage) = &self.world.faults.outage else {
            return Some("the api was never down".to_owned());
        };
        let Some(wait) = parts
            .len()
            .checked_sub(2)
            .and_then(|before| wait(&parts[before].outcome))
        else {
            return Some("it did not wait".to_owned());
        };
        let waited = ended.duration_since(wait.since) - unattended(&wait, ended);
        let is_met = time::moment(outage.during.start) <= wait.since && ended <= time::moment(outage.during.end) + ECHO;
        let is_a_day = (A_DAY..A_DAY + self.slack()).contains(&waited);
        (!is_met || !is_a_day).then(|| format!("after {waited:#}, the api was down {:?}", outage.during))
    }

    /// The object of a job that failed for its sake was changed, or taken away, before that.
    fn not_stale(&self, job: &Job, is_changed: bool, ended: Timestamp) -> Option<String> {
        let stays = self.world.bucket.extracts();
        let of_key: Vec<_> = stays.iter().filter(|stay| stay.key == job.object.key).collect();
        let is_so = of_key.iter().enumerate().any(|(at, stay)| {
            let is_over = stay.until.is_some_and(|until| time::moment(until) <= ended);
            let is_replaced = of_key.get(at + 1).is_some_and(|next| Some(next.from) == stay.until);
            stay.etag == job.object.etag && is_over && is_replaced == is_changed
        });
        (!is_so).then(|| format!("its object was {of_key:?}"))
    }

    /// A job is lost of which no queue was ever told, once nothing was heard of its run for so long.
    fn not_lost(&self, run: &Run<'_>, job: &Job, parts: &[Part], ended: Timestamp) -> Option<String> {
        if self.world.faults.vanished != Some(job.action) {
            return Some("its queue was told of it".to_owned());
        }
        let heard = heard(run, parts);
        let silent = ended.duration_since(heard);
        (silent < LOST).then(|| format!("after {silent:#}"))
    }

    /// Returns why a job that has not failed should have.
    fn overdue(&self, run: &Run<'_>, job: &Job, parts: &[Part]) -> Option<String> {
        let faults = &self.world.faults;
        if let Some(outage) = &faults.outage {
            let end = time::moment(outage.during.end);
            let next = parts.iter().skip(1).map(|part| part.outcome.work.finished_at);
            let ends = parts
                .iter()
                .zip(next)
                .filter_map(|(part, end)| Some(unattended(&wait(&part.outcome)?, end)));
            let slack = ends.fold(self.slack(), |all, late| all + late);
            let mut waits = parts.iter().filter_map(|part| wait(&part.outcome));
            if let Some(wait) = waits.find(|wait| wait.since + A_DAY + slack < end) {
                return Some(format!("waited since {}, the api was down until {end}", wait.since));
            }
        }
        let is_due = run.plan.created_at + LOST + NEXT_PASSES < time::moment(faults.until);
        let is_lost = faults.kind == Kind::Queue && faults.vanished == Some(job.action) && !self.world.has_machine();
        (is_lost && run.round == 0 && is_due).then(|| "no queue was told of it".to_owned())
    }

    /// Tries that fail for other reasons come after the visibility timeout, five times at most.
    fn slack(&self) -> SignedDuration {
        let faults = &self.world.faults;
        let lost = if faults.dropped > 0.0 {
            UNHEARD
        } else {
            SignedDuration::ZERO
        };
        match faults.kind {
            Kind::Any => SLACK * 2 + lost,
            _ => SLACK + lost,
        }
    }
}

/// Returns when the run was heard of last but for what lost jobs came to.
fn heard(run: &Run<'_>, parts: &[Part]) -> Timestamp {
    let before = parts.iter().rev().skip(1).map(|part| part.outcome.work.finished_at);
    before.max().unwrap_or(run.plan.created_at).max(run.plan.created_at)
}

/// Returns how long a part that ended then had been lying about: an hour is what it may be late.
fn unattended(wait: &Undelivered, ended: Timestamp) -> SignedDuration {
    let late = ended.duration_since(wait.not_before) - SignedDuration::from_hours(1);
    late.max(SignedDuration::ZERO)
}

fn wait(outcome: &Outcome) -> Option<Undelivered> {
    match outcome.status {
        Status::Continued { undelivered, .. } => undelivered,
        _ => None,
    }
}
