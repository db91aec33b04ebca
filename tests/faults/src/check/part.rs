//! One part of a job: what it counts and keeps is what its rows were to become.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use ledger::{Job, Outcome, RejectedRow};

use super::Found;
use super::counts::{ByMapping, counted};
use super::run::Run;
use crate::extract::{Fate, File, Mapped, Row};

/// Mapping, offset and code of a rejected row.
type Rejected = BTreeSet<(Option<String>, u64, String)>;

impl<'w> Found<'w> {
    /// Compares what the outcome of a part says of its rows with what these are to become.
    pub(super) fn part(&mut self, run: &mut Run<'_>, job: &Job, file: &File, rows: &[&Row], outcome: &Outcome) {
        let id = outcome.job_part();
        let (mut expected, mut rejected) = (ByMapping::new(), Rejected::new());
        for mapping in self.mappings(job) {
            let counts = expected.entry(mapping.name.clone()).or_default();
            for row in rows {
                let fate = file.fate(row, mapping, self.world.is_mended(run.round));
                counts.count(fate);
                match fate {
                    Fate::Sent => self.sent.insert((row.id.clone(), mapping.name.clone())),
                    Fate::Rejected(code) => rejected.insert((Some(mapping.name.clone()), row.offset, code.to_owned())),
                    Fate::Bad(code) => rejected.insert((None, row.offset, code.to_owned())),
                    Fate::Filtered => false,
                };
            }
        }
        let sums = counted(outcome);
        if sums != expected {
            self.say(format!(
                "run {} job {id} of {}: outcome {sums:?}, rows {expected:?}",
                job.run, file.key
            ));
        }
        for (name, counts) in sums {
            run.totals.entry(name).or_default().add(&counts);
        }
        let kept = self.kept(file, outcome);
        if kept != rejected {
            self.say(format!(
                "run {} job {id}: rejected rows {kept:?}, expected {rejected:?}",
                job.run
            ));
        }
    }

    /// Returns the rejected rows that an outcome names: each is there once, with its content.
    fn kept(&mut self, file: &File, outcome: &Outcome) -> Rejected {
        let id = outcome.job_part();
        let tallies = outcome.work.mappings.iter().map(|mapping| &mapping.tally);
        let count: u64 = tallies.map(ledger::Tally::rejected).sum();
        let mut kept = Rejected::new();
        let Some(key) = &outcome.work.rejected else {
            if count > 0 {
                self.say(format!("{id} names no rejected rows, but counts {count}"));
            }
            return kept;
        };
        for line in self.rejected_lines(key) {
            let (offset, code, record) = (line.offset, line.code, line.record.get());
            let row = file.rows.iter().find(|row| row.offset == offset);
            // Of a call that was refused near the end of an invocation the row may not be read once more.
            let is_content =
                row.is_some_and(|row| record.contains(&row.id)) || (record == "\"\"" && code.starts_with("http_"));
            if !is_content {
                self.say(format!(
                    "job {id}: rejected row at {offset} ({code}) is kept as {record}"
                ));
            }
            if !kept.insert((line.mapping, offset, code)) {
                self.say(format!("job {id}: row at {offset} is rejected twice"));
            }
        }
        kept
    }

    /// Returns the rejected rows under a key.
    pub(super) fn rejected_lines(&mut self, key: &str) -> Vec<RejectedRow> {
        let Some(object) = self.world.bucket.get(key) else {
            self.say(format!("{key} is counted, but not there"));
            return Vec::new();
        };
        let mut text = String::new();
        if GzDecoder::new(&*object.body).read_to_string(&mut text).is_err() {
            self.say(format!("{key} cannot be read"));
        }
        let mut rows = Vec::new();
        for line in text.lines() {
            match RejectedRow::from_line(line) {
                Ok(row) => rows.push(row),
                Err(error) => self.say(format!("{key}: {error}")),
            }
        }
        rows
    }

    pub(super) fn mappings(&self, job: &Job) -> Vec<&'w Mapped> {
        let all = self.world.source.mappings.iter();
        all.filter(|known| job.mappings.iter().any(|mapping| mapping.name == known.name))
            .collect()
    }
}
