//! How large a chunk is, by what its jobs cost.

use std::num::NonZeroU32;

use extract::{CsvSplitter, Format, Layout, LineNumbers, jsonl_chunks};
use ledger::{DEFAULT_EVENTS_PER_SECOND, ObjectPin, Sync};

use crate::Splitting;

/// Seconds that a sender is to work on a job. What is left of a function's minutes is for retries and a slow API; what is lost where
/// one dies, or a program is stopped, is a minute's work.
const JOB_SECONDS: u64 = 60;

/// Rows a second that a sender carries where no rate holds it back: one processor carries 188,000 to 334,000 of two calls each (TPC-H
/// into the simulator, compressed), and a function of 512 MB has 0.29 of one (AWS Lambda docs, Configure memory: 1,769 MB).
const ROWS_PER_SECOND: u64 = 50_000;

/// Fewest rows of a chunk that the rate asks for: of fewer a job's batches are not full (475,000 bytes are about a thousand calls), and
/// what a job costs beside its calls, a few requests to the store, begins to count.
const MIN_ROWS: u64 = 1_000;

/// A run is cut no smaller than this only to have a chunk for every sender: triggers may leave out most rows of it.
const MIN_SHARE_BYTES: u64 = 256 << 10;

/// Largest chunk: what a job reads again after a failure, and what progress and resuming count in.
const MAX_CHUNK_BYTES: u64 = 64 << 20;

/// Most chunks of a run's size, and of an object where the size of chunks is given: those of a larger one are larger. A plan of
/// a few of them stays within what is read at once.
const MAX_CHUNKS: u64 = 50_000;

/// What the size of a chunk follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Calls a second that all the senders make together; `None`: as many as there can be.
    pub events_per_second: Option<u32>,
    /// Over how many senders at once they are shared out.
    pub senders: NonZeroU32,
    /// Calls that a job makes of a row, at most: the mappings of its action, since nobody knows what triggers leave out.
    pub calls_per_row: u64,
    /// Bytes of a row in the object.
    pub row_bytes: u64,
    /// Bytes of all objects of the run.
    pub run_bytes: u64,
}

/// Returns about how many bytes a chunk is to have so that a sender is done with it in about a minute:
///
/// - rows = 60 s × min(`events_per_second` ÷ `senders` ÷ `calls_per_row`, 50,000), at least 1,000;
/// - bytes = rows × `row_bytes`; at most `run_bytes` ÷ `senders`, so that all of them have work and the whole rate is used, but for
///   that no fewer than 256 KiB; at most 64 MiB;
/// - at least `run_bytes` ÷ 50,000.
#[must_use]
pub fn chunk_bytes(cost: &Cost) -> u64 {
    let senders = u64::from(cost.senders.get());
    let calls = cost.calls_per_row.max(1);
    let unlimited = JOB_SECONDS * ROWS_PER_SECOND;
    // A sender's share is never less than one call a second.
    let at_rate = cost
        .events_per_second
        .map(|rate| JOB_SECONDS * (u64::from(rate) / senders).max(1) / calls);
    let rows = at_rate.map_or(unlimited, |rows| rows.min(unlimited)).max(MIN_ROWS);
    let share = (cost.run_bytes / senders).max(MIN_SHARE_BYTES);
    rows.saturating_mul(cost.row_bytes.max(1))
        .min(share)
        .min(MAX_CHUNK_BYTES)
        .max(cost.run_bytes / MAX_CHUNKS)
}

/// How large the chunks of a run's objects are.
#[derive(Debug)]
pub(crate) struct ChunkSize<'r> {
    sync: &'r Sync,
    splitting: Splitting,
    run_bytes: u64,
}

impl<'r> ChunkSize<'r> {
    pub(crate) fn new<'p>(sync: &'r Sync, splitting: Splitting, pins: impl Iterator<Item = &'p ObjectPin>) -> Self {
        Self {
            sync,
            splitting,
            run_bytes: pins.fold(0, |bytes, pin| bytes.saturating_add(pin.size)),
        }
    }

    /// Returns about how many bytes a chunk of an object is to have, by about how many its rows have.
    pub(crate) fn of(&self, pin: &ObjectPin) -> impl Fn(u64) -> u64 + use<> {
        let Splitting {
            senders,
            are_of_one_action,
            is_paced,
            ..
        } = self.splitting;
        let given = self.splitting.chunk_bytes;
        let given = given.map(|bytes| bytes.max(pin.size / MAX_CHUNKS).max(1));
        let rate = if are_of_one_action {
            self.sync.events_per_second_of_an_action()
        } else {
            self.sync
                .destination
                .max_events_per_second
                .unwrap_or(DEFAULT_EVENTS_PER_SECOND)
        };
        let cost = Cost {
            events_per_second: is_paced.then_some(rate),
            senders,
            calls_per_row: calls_per_row(self.sync, pin),
            row_bytes: 0,
            run_bytes: self.run_bytes,
        };
        move |row_bytes| given.unwrap_or_else(|| chunk_bytes(&Cost { row_bytes, ..cost }))
    }
}

/// Returns how many calls a job makes of a row of the object, at most; of the action with most.
fn calls_per_row(sync: &Sync, pin: &ObjectPin) -> u64 {
    let path = format!("{}/{}", pin.store, pin.key);
    let calls = |action| sync.mappings_of(action).filter(|mapping| mapping.reads(&path)).count();
    let most = sync.actions().into_iter().map(calls).max();
    most.unwrap_or_default() as u64
}

/// Returns about how many bytes a row has, by the first bytes of an object's text. Where no row begins in them, one has as many.
pub(crate) fn row_bytes(layout: &Layout, first: &[u8]) -> u64 {
    let length = first.len() as u64;
    let (from, rows) = if layout.format == Format::Csv {
        let mut splitter = CsvSplitter::new(layout.csv.clone(), u64::MAX);
        splitter.push(first);
        let plan = splitter.finish().ok();
        let start = |plan: extract::CsvPlan| Some((plan.chunks.first()?.start, plan.rows));
        plan.and_then(start).unwrap_or((0, 1))
    } else {
        let mut lines = LineNumbers::new(jsonl_chunks(length, u64::MAX));
        lines.push(first);
        (0, lines.finish().1)
    };
    (length - from).div_ceil(rows.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;

    /// Of a run of 100 GB that is sent by 10 senders.
    fn cost(events_per_second: u32, calls_per_row: u64, row_bytes: u64) -> Cost {
        Cost {
            events_per_second: Some(events_per_second),
            senders: NonZeroU32::new(10).unwrap(),
            calls_per_row,
            row_bytes,
            run_bytes: 10_000_000_000,
        }
    }

    #[test]
    fn chunk_is_what_a_sender_sends_in_a_minute() {
        for (cost, rows) in [
            (cost(1_000, 1, 200), 6_000),
            (cost(1_000, 2, 200), 3_000),
            (cost(5_000, 1, 200), 30_000),
            (cost(5_000, 4, 1_000), 7_500),
            // Mostly filtered or not: without mappings nothing is sent, and a row counts as one call.
            (cost(1_000, 0, 200), 6_000),
        ] {
            assert_eq!(chunk_bytes(&cost), rows * cost.row_bytes, "{cost:?}");
        }
    }

    #[test]
    fn slow_senders_have_a_thousand_rows() {
        for (cost, rows) in [(cost(100, 1, 400), 1_000), (cost(1, 50, 400), 1_000)] {
            assert_eq!(chunk_bytes(&cost), rows * cost.row_bytes, "{cost:?}");
        }
    }

    #[test]
    fn chunk_has_at_most_64_mib() {
        let unlimited = Cost {
            events_per_second: None,
            ..cost(1, 1, 500)
        };
        for cost in [unlimited, cost(u32::MAX, 1, 500), cost(1_000, 1, MIB)] {
            assert_eq!(chunk_bytes(&cost), 64 * MIB, "{cost:?}");
        }
        // Short rows without a rate: bounded by what a sender carries.
        let short = Cost {
            row_bytes: 10,
            ..unlimited
        };
        assert_eq!(chunk_bytes(&short), 30_000_000);
    }

    #[test]
    fn every_sender_has_a_chunk_of_a_run_that_is_large_enough() {
        for (run_bytes, senders, bytes) in [
            (40 * MIB, 10, 4 * MIB),
            (40 * MIB, 40, MIB),
            (40 * MIB, 1_000, 256 * KIB),
            (100, 10, 256 * KIB),
            (0, 1, 256 * KIB),
        ] {
            let cost = Cost {
                run_bytes,
                senders: NonZeroU32::new(senders).unwrap(),
                events_per_second: None,
                ..cost(1, 1, 200)
            };
            assert_eq!(chunk_bytes(&cost), bytes, "{cost:?}");
        }
    }

    #[test]
    fn run_has_no_more_chunks_than_a_plan_has_room_for() {
        let cost = Cost {
            run_bytes: 50_000_000_000_000,
            ..cost(1_000, 1, 200)
        };
        assert_eq!(chunk_bytes(&cost), 1_000_000_000);
    }

    #[test]
    fn actions_with_senders_of_their_own_have_a_part_of_the_rate_each() {
        let source = "sync: s\nsource: {extract: a, id: id}\ndestination: {write_key: {env: KEY}, max_events_per_second: 4000}\nmappings: [\n  {name: a, action: identify, fields: {user_id: a}},\n  {name: b, action: track, fields: {user_id: a, event_name: b}}]";
        let (sync, pin) = (Sync::parse(source).unwrap(), pin(1 << 40));
        for (are_of_one_action, rows) in [(true, 60 * 2_000), (false, 60 * 4_000)] {
            let splitting = Splitting {
                are_of_one_action,
                ..Splitting::default()
            };
            let size = ChunkSize::new(&sync, splitting, [&pin].into_iter()).of(&pin);
            assert_eq!(size(200), rows * 200, "{are_of_one_action}");
        }
    }

    fn pin(size: u64) -> ObjectPin {
        ObjectPin {
            store: "s3://b".into(),
            key: "a".into(),
            size,
            etag: "e".into(),
            version: None,
        }
    }

    fn layout(format: Format) -> Layout {
        let source = "sync: s\nsource: {extract: a, id: id}\ndestination: {write_key: {env: KEY}}\nmappings: [{name: a, action: identify, fields: {user_id: a}}]";
        Sync::parse(source).unwrap().source.layout(format)
    }

    #[test]
    fn rows_are_as_long_as_those_that_an_object_begins_with() {
        for (format, first, bytes) in [
            (Format::Csv, "id,name\n1,abc\n2,\"d\ne\"\n3,f", 6),
            (Format::Csv, "id,name\n", 8),
            (Format::Csv, "id,\"na", 6),
            (Format::Csv, "", 0),
            (Format::Jsonl, "{\"a\": 1}\n\n{\"a\": 2}\n{\"", 7),
            (Format::Jsonl, "\n", 1),
            (Format::Jsonl, "", 0),
        ] {
            assert_eq!(row_bytes(&layout(format), first.as_bytes()), bytes, "{first:?}");
        }
    }
}
