//! What must hold once nothing moves any more: the invariants of the design.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use extract::Chunk;
use flate2::read::GzDecoder;
use ledger::{Document, Job, JobPart, Outcome, Plan, RejectedRow, Report, RunStatus, Status, key};

use crate::extract::{Fate, File, Mapped, Row};
use crate::world::{Figures, World};

/// What is written once, and then never again with other content.
const ONCE: [&str; 4] = ["claims/", "runs/", "outcomes/", "rejected/"];

/// What was found so far.
struct Found<'w> {
    world: &'w World,
    wrong: Vec<String>,
    figures: Figures,
    /// Rows, by object and offset, and mappings whose jobs did not get to them.
    open: BTreeSet<(String, u64, String)>,
}

/// Counts of one mapping: rows, sent, filtered, rejected by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    rows: u64,
    sent: u64,
    filtered: u64,
    reasons: BTreeMap<String, u64>,
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
        open: BTreeSet::new(),
    };
    found.nothing_is_overwritten();
    found.nothing_is_told_again();
    let plans = found.plans();
    found.every_object_is_planned_once(&plans);
    for plan in &plans {
        found.run(plan);
    }
    found.calls();
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
        if self.world.faults.dropped == 0.0 && !self.world.has_machine() {
            for key in self.world.bucket.again() {
                self.say(format!("{key} had to be told of again"));
            }
        }
    }

    fn plans(&mut self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for (key, json) in self.world.bucket.all("runs/") {
            if key::parse_plan(&key).is_some() {
                match Plan::read(&key, &json) {
                    Ok(plan) => plans.push(plan),
                    Err(error) => self.say(error.to_string()),
                }
            }
        }
        plans
    }

    fn every_object_is_planned_once(&mut self, plans: &[Plan]) {
        for file in &self.world.source.files {
            let objects = plans.iter().flat_map(|plan| &plan.objects);
            let times = objects.filter(|object| object.key == file.key).count();
            if times != 1 {
                self.say(format!("{} is in {times} plans", file.key));
            }
        }
    }

    /// A run is closed, and its report is the sum of its outcomes, and these are what the rows are to become.
    fn run(&mut self, plan: &Plan) {
        self.figures.runs += 1;
        let (sync, run) = (&plan.sync.name, &plan.run);
        let mut totals: BTreeMap<String, Counts> = BTreeMap::new();
        let mut outcomes = BTreeSet::new();
        let (mut failed, mut planned) = (0, 0);
        for id in plan.job_ids() {
            planned += 1;
            let Some(job) = plan.job(id) else { continue };
            failed += u64::from(self.job(plan, &job, &mut totals, &mut outcomes));
        }
        self.figures.jobs += planned;
        self.figures.failed += failed;
        for (key, _) in self.world.bucket.all(&key::outcome_prefix(sync, run)) {
            if !outcomes.contains(&key) {
                self.say(format!("{key} is no part of its job"));
            }
        }
        if self.world.bucket.get(&key::report_html(sync, run)).is_none() {
            self.say(format!("run {run} has no page"));
        }
        let report_key = key::report_json(sync, run);
        match self
            .world
            .bucket
            .get(&report_key)
            .map(|object| Report::read(&report_key, &object.body))
        {
            None => self.say(format!("run {run} is not closed")),
            Some(Err(error)) => self.say(error.to_string()),
            Some(Ok(report)) => self.report(plan, &report, &totals, failed),
        }
    }

    fn report(&mut self, plan: &Plan, report: &Report, totals: &BTreeMap<String, Counts>, failed: u64) {
        let (run, planned) = (report.run, plan.job_count() as u64);
        for mapping in &report.mappings {
            let told = Counts {
                rows: mapping.rows,
                sent: mapping.sent,
                filtered: mapping.filtered,
                reasons: mapping.reasons.clone(),
            };
            let sum = totals.get(&mapping.name).cloned().unwrap_or_default();
            if told != sum || told.rows != told.sent + told.filtered + mapping.rejected {
                self.say(format!(
                    "run {run}: report of {} {told:?}, outcomes {sum:?}",
                    mapping.name
                ));
            }
        }
        self.rows_told(report);
        let jobs = report.jobs;
        if (jobs.planned, jobs.failed, jobs.done) != (planned, failed, planned - failed) {
            self.say(format!("run {run}: {jobs:?}, but {failed} of {planned} jobs failed"));
        }
        let told = report.failures.len() as u64;
        if told != failed.min(100) {
            self.say(format!("run {run}: {told} of {failed} failed jobs are told"));
        }
        let rejected: u64 = report.mappings.iter().map(|mapping| mapping.rejected).sum();
        let expected = match failed {
            0 if rejected == 0 => RunStatus::Succeeded,
            failed if failed == planned => RunStatus::Failed,
            _ => RunStatus::Partial,
        };
        let status = if planned == 0 { RunStatus::Succeeded } else { expected };
        if report.status != status {
            self.say(format!("run {run}: told as {:?}, is {status:?}", report.status));
        }
        if failed == 0 {
            self.whole(report, plan);
        }
        let sent: u64 = report.mappings.iter().map(|mapping| mapping.sent).sum();
        if report.api_calls != sent {
            self.say(format!("run {run}: {} api calls of {sent} sent", report.api_calls));
        }
    }

    /// The rejected rows that a report tells of are where it says, and have the number that it says.
    fn rows_told(&mut self, report: &Report) {
        for error in &report.errors {
            let file = self.world.source.file(&error.object);
            let place = file.and_then(|file| file.rows.iter().position(|row| row.offset == error.offset));
            let number = place.map(|place| place as u64 + 1);
            if number.is_none() || error.row.is_some_and(|told| Some(told) != number) {
                self.say(format!(
                    "{}: row {:?} at {} is number {number:?}",
                    error.object, error.row, error.offset
                ));
            }
        }
    }

    /// Where no job failed, every row of the run's objects is in the report, once for each mapping: chunks tile their objects.
    fn whole(&mut self, report: &Report, plan: &Plan) {
        let files = plan
            .objects
            .iter()
            .filter_map(|object| self.world.source.file(&object.key));
        let rows: u64 = files.map(|file| file.rows.len() as u64).sum();
        let counted = report.mappings.iter().map(|mapping| mapping.rows);
        let counted: Vec<u64> = counted.chain([report.rows]).collect();
        if counted.iter().any(|count| *count != rows) {
            self.say(format!(
                "run {}: {counted:?} rows are told, there are {rows}",
                report.run
            ));
        }
    }

    /// Follows a job through its parts. Returns whether it failed.
    fn job(
        &mut self,
        plan: &Plan,
        job: &Job,
        totals: &mut BTreeMap<String, Counts>,
        keys: &mut BTreeSet<String>,
    ) -> bool {
        let Some(file) = self.world.source.file(&job.object.key) else {
            self.say(format!("{} was never put", job.object.key));
            return false;
        };
        let (sync, run) = (&plan.sync.name, &plan.run);
        let mut sums: BTreeMap<String, Counts> = BTreeMap::new();
        let (mut part, mut chunk) = (JobPart::from(job.id), job.chunk);
        let mut lines = Vec::new();
        let is_failed = loop {
            let outcome_key = key::outcome(sync, run, part);
            let Some(outcome) = self.outcome(&outcome_key) else {
                return false;
            };
            keys.insert(outcome_key);
            add(&mut sums, &outcome);
            lines.extend(self.rejected(&outcome));
            match &outcome.status {
                Status::Done => break false,
                Status::Failed { code, .. } => {
                    self.excuse(plan, job, code);
                    break true;
                }
                Status::Continued { rest, .. } => chunk = *rest,
            }
            self.figures.parts += 1;
            part = part.next();
        };
        // What a failed part came to is counted, but nothing is known of the rows it left.
        let counted = Chunk {
            end: if is_failed { chunk.start } else { job.chunk.end },
            ..job.chunk
        };
        if is_failed {
            self.leave_open(file, job, &chunk);
        }
        self.compare(file, job, &counted, &sums, lines);
        for (name, counts) in sums {
            let total = totals.entry(name).or_default();
            total.add(&counts);
        }
        is_failed
    }

    fn outcome(&mut self, key: &str) -> Option<Outcome> {
        let object = self.world.bucket.get(key);
        match object.map(|object| Outcome::read(key, &object.body)) {
            None => self.say(format!("{key} is not there")),
            Some(Err(error)) => self.say(error.to_string()),
            Some(Ok(outcome)) => return Some(outcome),
        }
        None
    }

    /// A job may fail only if its queue, or who handed it out, gave it up, and only where there are faults.
    fn excuse(&mut self, plan: &Plan, job: &Job, code: &str) {
        let prefix = key::job(&plan.sync.name, &plan.run, job.id);
        let prefix = prefix.trim_end_matches(".json");
        let was_given_up = self.world.queues.dead().iter().any(|key| key.starts_with(prefix));
        if code != "job_died" || !was_given_up || self.world.is_easy() {
            self.say(format!("{prefix} failed with {code} (given up: {was_given_up})"));
        }
    }

    fn leave_open(&mut self, file: &File, job: &Job, chunk: &Chunk) {
        for row in rows(file, chunk) {
            for mapping in &job.mappings {
                self.open.insert((file.key.clone(), row.offset, mapping.name.clone()));
            }
        }
    }

    /// Returns the mapping, offset, code and content of each rejected row that an outcome counts.
    fn rejected(&mut self, outcome: &Outcome) -> Vec<(Option<String>, u64, String, String)> {
        let count: u64 = outcome
            .work
            .mappings
            .iter()
            .map(|mapping| mapping.tally.rejected())
            .sum();
        let Some(key) = &outcome.work.rejected else {
            if count > 0 {
                self.say(format!(
                    "{} names no rejected rows, but counts {count}",
                    outcome.job_part()
                ));
            }
            return Vec::new();
        };
        let Some(object) = self.world.bucket.get(key) else {
            self.say(format!("{key} is counted, but not there"));
            return Vec::new();
        };
        let mut text = String::new();
        if GzDecoder::new(&*object.body).read_to_string(&mut text).is_err() {
            self.say(format!("{key} cannot be read"));
        }
        let mut lines = Vec::new();
        for line in text.lines() {
            match RejectedRow::from_line(line) {
                Ok(row) => lines.push((row.mapping, row.offset, row.code, row.record.get().to_owned())),
                Err(error) => self.say(format!("{key}: {error}")),
            }
        }
        lines
    }

    /// Compares what a job's outcomes say of the rows of `chunk` with what these are to become.
    fn compare(
        &mut self,
        file: &File,
        job: &Job,
        chunk: &Chunk,
        sums: &BTreeMap<String, Counts>,
        lines: Vec<(Option<String>, u64, String, String)>,
    ) {
        let id = job.id;
        let mut expected: BTreeMap<String, Counts> = BTreeMap::new();
        let mut rejected = BTreeSet::new();
        for mapping in self.mappings(job) {
            let counts = expected.entry(mapping.name.clone()).or_default();
            for row in rows(file, chunk) {
                let fate = file.fate(row, mapping);
                counts.count(fate);
                match fate {
                    Fate::Rejected(code) => rejected.insert((Some(mapping.name.clone()), row.offset, code.to_owned())),
                    Fate::Bad(code) => rejected.insert((None, row.offset, code.to_owned())),
                    Fate::Sent | Fate::Filtered => false,
                };
            }
        }
        if *sums != expected {
            self.say(format!(
                "job {id} of {}: outcomes {sums:?}, rows {expected:?}",
                file.key
            ));
        }
        let mut kept = BTreeSet::new();
        for (mapping, offset, code, record) in lines {
            let row = file.rows.iter().find(|row| row.offset == offset);
            // Of a call that was refused near the end of an invocation the row may not be read once more.
            let is_content =
                row.is_some_and(|row| record.contains(&row.id)) || (record == "\"\"" && code.starts_with("http_"));
            if !is_content {
                self.say(format!(
                    "job {id}: rejected row at {offset} ({code}) is kept as {record}"
                ));
            }
            if !kept.insert((mapping, offset, code)) {
                self.say(format!("job {id}: row at {offset} is rejected twice"));
            }
        }
        if kept != rejected {
            self.say(format!("job {id}: rejected rows {kept:?}, expected {rejected:?}"));
        }
    }

    fn mappings(&self, job: &Job) -> Vec<&Mapped> {
        let all = self.world.source.mappings.iter();
        all.filter(|known| job.mappings.iter().any(|mapping| mapping.name == known.name))
            .collect()
    }

    /// Every call that was to be sent was taken, under one id with one content, and nothing else was.
    fn calls(&mut self) {
        let source = &self.world.source;
        let expected = source.calls();
        let mut ids: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let taken = self.world.api.with(|book| {
            self.figures.requests = book.requests;
            book.taken.clone()
        });
        for (id, event) in taken {
            self.figures.events += 1;
            self.figures.repeats += event.times - 1;
            let call = (event.call.0.as_str(), event.call.1.as_str());
            match expected.get(&call) {
                Some(value) if *value == event.value => {}
                Some(value) => self.say(format!(
                    "{call:?} was sent with {:?} in place of {value:?}",
                    event.value
                )),
                None => self.say(format!("{call:?} was sent, but should not")),
            }
            ids.entry(event.call.clone()).or_default().push(id);
        }
        for (call, ids) in &ids {
            if ids.len() > 1 {
                self.say(format!("{call:?} was sent as {ids:?}"));
            }
        }
        for file in &source.files {
            for row in &file.rows {
                for mapping in &source.mappings {
                    let call = (row.id.clone(), mapping.name.clone());
                    let is_open = self
                        .open
                        .contains(&(file.key.clone(), row.offset, mapping.name.clone()));
                    if file.fate(row, mapping) == Fate::Sent && !is_open && !ids.contains_key(&call) {
                        self.say(format!("{call:?} was never taken"));
                    }
                }
            }
        }
    }
}

impl Counts {
    fn count(&mut self, fate: Fate) {
        self.rows += 1;
        match fate {
            Fate::Sent => self.sent += 1,
            Fate::Filtered => self.filtered += 1,
            Fate::Rejected(code) | Fate::Bad(code) => *self.reasons.entry(code.to_owned()).or_default() += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.sent += other.sent;
        self.filtered += other.filtered;
        for (code, count) in &other.reasons {
            *self.reasons.entry(code.clone()).or_default() += count;
        }
    }
}

fn add(sums: &mut BTreeMap<String, Counts>, outcome: &Outcome) {
    for mapping in &outcome.work.mappings {
        let tally = &mapping.tally;
        sums.entry(mapping.name.clone()).or_default().add(&Counts {
            rows: tally.rows(),
            sent: tally.sent(),
            filtered: tally.filtered(),
            reasons: tally.reasons().clone(),
        });
    }
}

/// Returns the rows that begin in a chunk.
fn rows<'f>(file: &'f File, chunk: &Chunk) -> impl Iterator<Item = &'f Row> {
    let (start, end) = (chunk.start, chunk.end);
    file.rows.iter().filter(move |row| (start..end).contains(&row.offset))
}
