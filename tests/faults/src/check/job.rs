//! A job, followed through its parts.

use std::collections::BTreeSet;

use extract::Chunk;
use ledger::{Document, Job, JobPart, Outcome, Status, key};

use super::Found;
use super::run::Run;
use crate::extract::{File, Row};

/// One part: what it was to read, and how it ended.
pub(super) struct Part {
    pub(super) chunk: Chunk,
    pub(super) outcome: Outcome,
}

impl Found<'_> {
    pub(super) fn job(&mut self, run: &mut Run<'_>, job: &Job) {
        let source = &self.world.source;
        let Some(file) = source.file(&job.object.key, &job.object.etag) else {
            self.say(format!("{} {} was never put", job.object.key, job.object.etag));
            return;
        };
        let rows = self.rows_of(file, job);
        run.rows += rows.len() as u64;
        let Some(parts) = self.parts(run, job) else { return };
        self.figures.parts += parts.len() as u64 - 1;
        for part in &parts {
            let ended = match &part.outcome.status {
                Status::Continued { rest, .. } => rest.start,
                Status::Done => u64::MAX,
                Status::Failed { .. } => part.chunk.start,
            };
            let mut of_part: Vec<&Row> = within(&rows, part.chunk.start, ended).collect();
            if matches!(part.outcome.status, Status::Failed { .. }) {
                // Rows whose fate was known by then: those that come first.
                let known = usize::try_from(part.outcome.work.rows).unwrap_or(usize::MAX);
                of_part.extend(within(&rows, part.chunk.start, u64::MAX).take(known));
            }
            self.part(run, job, file, &of_part, &part.outcome);
        }
        self.round(run, job, file, &rows, &parts);
        self.leave(run, job, file, &rows, &parts);
        self.ending(run, job, &parts);
        if let Some(Part { outcome, .. }) = parts.last()
            && let Status::Failed { code, .. } = &outcome.status
        {
            run.failed.push((job.id, code.clone()));
        }
    }

    /// Returns the rows that a job is for: those that begin in its chunk or, of a retry, those of them that one of its mappings rejected.
    pub(super) fn rows_of<'f>(&mut self, file: &'f File, job: &Job) -> Vec<&'f Row> {
        let chunk = job.chunk;
        let rows = file.rows.iter();
        let rows = rows.filter(|row| (chunk.start..chunk.end).contains(&row.offset));
        if job.only.is_empty() {
            return rows.collect();
        }
        let mut only = BTreeSet::new();
        for key in &job.only {
            for line in self.rejected_lines(key) {
                let is_meant = |name: &String| job.mappings.iter().any(|mapping| mapping.name == *name);
                if line.mapping.as_ref().is_none_or(is_meant) {
                    only.insert(line.offset);
                }
            }
        }
        rows.filter(|row| only.contains(&row.offset)).collect()
    }

    /// Returns a job's parts; `None` if one is missing.
    fn parts(&mut self, run: &mut Run<'_>, job: &Job) -> Option<Vec<Part>> {
        let (mut part, mut chunk) = (JobPart::from(job.id), job.chunk);
        let mut parts = Vec::new();
        loop {
            let key = key::outcome(&job.sync, &job.run, part);
            let outcome = self.outcome(&key)?;
            run.outcomes.insert(key);
            let rest = match &outcome.status {
                Status::Continued { rest, .. } => Some(*rest),
                Status::Done | Status::Failed { .. } => None,
            };
            parts.push(Part { chunk, outcome });
            let Some(rest) = rest else { return Some(parts) };
            chunk = rest;
            part = part.next();
        }
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
}

/// Returns the rows that begin from `start` on and before `end`.
pub(super) fn within<'r, 'f>(rows: &'r [&'f Row], start: u64, end: u64) -> impl Iterator<Item = &'f Row> + use<'r, 'f> {
    rows.iter()
        .copied()
        .filter(move |row| (start..end).contains(&row.offset))
}
