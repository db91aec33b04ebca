//! Rows through a sync's mappings, without sending.

use delivery::MAX_EVENT_BYTES;
use extract::{BadRow, Row};
use ledger::{JobSource, Mapping, Sync};
use mapping::Record;
use sender::{Made, Routes};
use serde_json::value::RawValue;

use crate::{Answer, Rejected, TestError, Verdict};

/// A sync's enabled mappings, compiled: the same code that senders run.
#[derive(Debug)]
pub struct Tester {
    names: Vec<String>,
    routes: Routes,
}

impl Tester {
    /// Compiles the enabled mappings of `sync`, for rows of the object named `object`.
    ///
    /// # Errors
    /// When a mapping does not compile.
    pub fn new(sync: &Sync, object: &str) -> Result<Self, TestError> {
        let mappings: Vec<Mapping> = sync
            .mappings
            .iter()
            .filter(|mapping| mapping.enabled)
            .cloned()
            .collect();
        let source = JobSource {
            rows: sync.source.rows,
            id: sync.source.id.clone(),
            changes: sync.source.changes.clone(),
        };
        Ok(Self {
            names: mappings.iter().map(|mapping| mapping.name.clone()).collect(),
            routes: Routes::compile(sync.name.as_str(), &source, &mappings, object)?,
        })
    }

    /// Returns what would become of a row as a decoder gives it: one answer for each mapping.
    pub fn row(&mut self, index: u64, row: Result<Row<'_>, BadRow>) -> Vec<Answer> {
        match row {
            Ok(row) => self.record(index, row.record, row.offset),
            Err(bad) => self.all(
                index,
                &Rejected::new(
                    bad.code.to_owned(),
                    bad.message,
                    bad.value.map(String::from),
                    bad.column.map(String::from),
                ),
            ),
        }
    }

    /// Returns what would become of a record that begins at byte `offset` of its object: one answer for each mapping.
    pub fn record(&mut self, index: u64, record: Record<'_>, offset: u64) -> Vec<Answer> {
        let event = match self.routes.event(record) {
            Ok(event) => event,
            Err(reason) => return self.all(index, &reason.into()),
        };
        let mut answers = Vec::with_capacity(self.names.len());
        for (mapping, name) in self.names.iter().enumerate() {
            let verdict = verdict(&self.routes.make(mapping, &event, offset));
            answers.push(Answer {
                row: index,
                mapping: name.clone(),
                verdict,
            });
        }
        answers
    }

    /// Returns the rejection of a row for every mapping.
    pub fn all(&self, index: u64, rejected: &Rejected) -> Vec<Answer> {
        let answer = |name: &String| Answer {
            row: index,
            mapping: name.clone(),
            verdict: Verdict::Rejected(rejected.clone()),
        };
        self.names.iter().map(answer).collect()
    }
}

fn verdict(made: &Made<'_>) -> Verdict {
    match made {
        Made::Filtered => Verdict::Filtered(true),
        Made::Rejected(reason) => Verdict::Rejected(reason.clone().into()),
        Made::Call { event, .. } if event.len() > MAX_EVENT_BYTES => Verdict::Rejected(Rejected {
            code: "event_too_large".to_owned(),
            message: format!(
                "the event takes {} bytes, the tracking api takes at most {MAX_EVENT_BYTES}",
                event.len()
            ),
            field: None,
        }),
        Made::Call { event, .. } => {
            let text = String::from_utf8_lossy(event).into_owned();
            match RawValue::from_string(text) {
                Ok(event) => Verdict::Event(event),
                Err(error) => Verdict::Rejected(Rejected {
                    code: "mapping_failed".to_owned(),
                    message: format!("the call is no JSON ({error}); this is a fault in backhaul"),
                    field: None,
                }),
            }
        }
    }
}
