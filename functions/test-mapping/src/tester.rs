//! Rows through a sync's mappings, without sending.

use delivery::MAX_EVENT_BYTES;
use extract::{BadRow, Row};
use ledger::{JobSource, Mapping, PlannedObject, Sync};
use mapping::{Event, Record};
use sender::{Made, Routes};
use serde_json::value::RawValue;

use crate::{Answer, Rejected, TestError, Verdict};

/// Most characters of a value that is shown beside a trigger.
const SHOWN: usize = 60;

/// A sync's enabled mappings, compiled: the same code that senders run.
#[derive(Debug)]
pub struct Tester {
    mappings: Vec<Tested>,
    routes: Routes,
}

/// What answers say of a mapping.
#[derive(Debug)]
struct Tested {
    name: String,
    trigger: String,
}

impl Tester {
    /// Compiles the enabled mappings of `sync` that are for `object`, for its rows.
    ///
    /// # Errors
    /// When a mapping does not compile.
    pub fn of_object(sync: &Sync, object: &PlannedObject) -> Result<Self, TestError> {
        let path = object.path();
        Self::of(sync, |mapping| mapping.reads(&path), &path)
    }

    /// Compiles all enabled mappings of `sync`, for rows that are in no object; messages call it `object`.
    ///
    /// # Errors
    /// When a mapping does not compile.
    pub fn new(sync: &Sync, object: &str) -> Result<Self, TestError> {
        Self::of(sync, |_| true, object)
    }

    fn of(sync: &Sync, is_tested: impl Fn(&Mapping) -> bool, object: &str) -> Result<Self, TestError> {
        let enabled = sync
            .mappings
            .iter()
            .filter(|mapping| mapping.enabled && is_tested(mapping));
        let mappings: Vec<Mapping> = enabled.cloned().collect();
        let source = JobSource {
            rows: sync.source.rows,
            id: sync.source.id.clone(),
            changes: sync.source.changes.clone(),
        };
        let tested = |mapping: &Mapping| Tested {
            name: mapping.name.clone(),
            trigger: mapping.trigger_text(source.rows).into_owned(),
        };
        Ok(Self {
            mappings: mappings.iter().map(tested).collect(),
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
        let verdicts = (0..self.mappings.len()).map(|mapping| self.verdict(mapping, &event, offset));
        let verdicts: Vec<Verdict> = verdicts.collect();
        let answers = self.mappings.iter().zip(verdicts);
        answers
            .map(|(mapping, verdict)| mapping.answer(index, verdict))
            .collect()
    }

    /// Returns the rejection of a row for every mapping.
    pub fn all(&self, index: u64, rejected: &Rejected) -> Vec<Answer> {
        let verdict = || Verdict::Rejected {
            rejected: rejected.clone(),
        };
        let answers = self.mappings.iter();
        answers.map(|mapping| mapping.answer(index, verdict())).collect()
    }

    fn verdict(&mut self, mapping: usize, event: &Event<'_>, offset: u64) -> Verdict {
        let rejected = match self.routes.make(mapping, event, offset) {
            Made::Filtered => {
                return Verdict::Filtered {
                    filtered: true,
                    why: self.why(mapping, event),
                };
            }
            Made::Rejected(reason) => reason.into(),
            Made::Call { event, .. } => match sent(event) {
                Ok(sent) => return sent,
                Err(rejected) => rejected,
            },
        };
        Verdict::Rejected { rejected }
    }

    /// Returns why the trigger of a mapping leaves an event out.
    fn why(&self, mapping: usize, event: &Event<'_>) -> String {
        let has = self.routes.tested(mapping, event).into_iter().map(|(field, value)| {
            let value = value.map_or_else(|| "missing".to_owned(), |value| shortened(&value));
            format!("{field} is {value}")
        });
        let has: Vec<String> = has.collect();
        format!(
            "the trigger `{}` does not match: {}",
            self.mappings[mapping].trigger,
            has.join(", ")
        )
    }
}

impl Tested {
    fn answer(&self, row: u64, verdict: Verdict) -> Answer {
        Answer {
            row,
            mapping: self.name.clone(),
            verdict,
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the verdict on a call: sent, unless it is too large.
fn sent(event: &[u8]) -> Result<Verdict, Rejected> {
    let rejected = |code: &str, message| Rejected::new(code.to_owned(), message, None, None);
    let bytes = event.len();
    if bytes > MAX_EVENT_BYTES {
        let message = format!("the event takes {bytes} bytes, the tracking api takes at most {MAX_EVENT_BYTES}");
        return Err(rejected("event_too_large", message));
    }
    match RawValue::from_string(String::from_utf8_lossy(event).into_owned()) {
        Ok(event) => Ok(Verdict::Sent { event, bytes }),
        Err(error) => {
            let message = format!("the call is no JSON ({error}); this is a fault in backhaul");
            Err(rejected("mapping_failed", message))
        }
    }
}
