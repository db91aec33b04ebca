//! Parts tile the chunk, in every format, wherever they stop.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use ledger::{Document, Outcome, Plan, Report, Status, key};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use sender::{GoesOn, JobEnd, SendError, Terms};
use serde_json::{Value, json};
use support::{Stack, users};

use super::terms;

/// Users of whom some have no id and some an age that is no number.
fn table(rows: usize) -> Vec<[Option<String>; 3]> {
    let row = |row: usize| {
        let id = (row % 17 != 5).then(|| format!("u{row}"));
        let age = if row % 11 == 3 {
            "x".to_owned()
        } else {
            (row % 100).to_string()
        };
        [id, Some(format!("Name,\n{row} é")), Some(age)]
    };
    (0..rows).map(row).collect()
}

const COLUMNS: [&str; 3] = ["id", "name", "age"];

fn csv(line_end: &str) -> Vec<u8> {
    let line = |[id, name, age]: [Option<String>; 3]| {
        let (id, name, age) = (id.unwrap_or_default(), name.unwrap(), age.unwrap());
        format!("{id},\"{name}\",{age}{line_end}{line_end}")
    };
    let lines: String = table(90).into_iter().map(line).collect();
    format!("\u{feff}id,name,age{line_end}{lines}").into_bytes()
}

fn jsonl() -> Vec<u8> {
    let line = |row: [Option<String>; 3]| {
        let row: serde_json::Map<String, Value> = COLUMNS
            .iter()
            .map(ToString::to_string)
            .zip(row.map(|cell| json!(cell)))
            .collect();
        format!(" {}\r\n\n", Value::Object(row))
    };
    table(90).into_iter().map(line).collect::<String>().into_bytes()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn parquet() -> Vec<u8> {
    let rows = table(90);
    let columns = COLUMNS.iter().enumerate().map(|(place, name)| {
        let cells: ArrayRef = Arc::new(rows.iter().map(|row| row[place].clone()).collect::<StringArray>());
        (*name, cells)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut object = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    object
}

pub(super) fn extract(format: usize) -> (&'static str, Vec<u8>) {
    match format {
        0 => ("a.csv", csv("\n")),
        1 => ("a.csv", csv("\r\n")),
        2 => ("a.jsonl", jsonl()),
        3 => ("a.csv.gz", gzip(&csv("\n"))),
        4 => ("a.jsonl.gz", gzip(&jsonl())),
        _ => ("a.parquet", parquet()),
    }
}

pub(super) const FORMATS: usize = 6;

/// What two runs over the same extract have in common.
pub(super) type Sums = (Report, Vec<Value>, BTreeMap<String, usize>);

/// Leaves out what is a run's own, and what depends on how often it stopped.
pub(super) fn comparable(mut report: Report, other: &Report) -> Report {
    report.run = other.run;
    (report.started_at, report.finished_at) = (other.started_at, other.finished_at);
    (report.requests, report.retries, report.bytes) = (0, 0, ledger::Bytes::default());
    report
}

/// Carries a run out with a deadline after each number of looks of `stops` in turn, then to the end.
async fn run_in_parts(format: usize, stops: &[u64], goes_on: GoesOn) -> Sums {
    let (name, content) = extract(format);
    let mut stack = Stack::new("", &users(1), 1_500).await.unwrap();
    stack.drop_files(&[(name, content)]).unwrap();
    let run = stack.schedule_file(&format!("drop/{name}")).await.unwrap();
    let mut stops = stops.iter().copied();
    for job in run.plan.job_ids() {
        let mut part = key::job(&run.plan.sync.name, &run.plan.run, job);
        loop {
            let terms = stops.next().map_or_else(Terms::default, |looks| terms(looks, goes_on));
            match stack.send_part(&part, &terms).await {
                Ok(JobEnd::Continued { next }) => {
                    let is_there = stack.ledger().await.unwrap().contains_key(&next);
                    assert_eq!(is_there, goes_on == GoesOn::Queue, "{next}");
                    part = next;
                }
                // Not a row was read.
                Err(SendError::OutOfTime) => {}
                end => {
                    assert_eq!(end.unwrap(), JobEnd::Done);
                    break;
                }
            }
        }
    }
    let report = stack.report(&run.plan).await.unwrap();
    check_tiling(&stack, &run.plan).await;
    (report, rejected(&stack).await, stack.accepted().await.unwrap())
}

/// Returns the rejected rows that outcomes count, in order: a sender that died may have left others beside them.
pub(super) async fn rejected(stack: &Stack) -> Vec<Value> {
    let ledger = stack.ledger().await.unwrap();
    let outcomes = ledger.iter().filter(|(key, _)| key.starts_with("outcomes/"));
    let named = outcomes.filter_map(|(key, json)| Outcome::read(key, json).unwrap().work.rejected.clone());
    let mut rows: Vec<Value> = Vec::new();
    for key in named {
        let mut text = String::new();
        let mut object = flate2::read::GzDecoder::new(ledger[&key].as_slice());
        object.read_to_string(&mut text).unwrap();
        rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    rows.sort_by_key(|row| {
        (
            row["offset"].as_u64(),
            row["mapping"].to_string(),
            row["code"].to_string(),
        )
    });
    rows
}

/// Checks that the parts of each job tile its chunk.
pub(super) async fn check_tiling(stack: &Stack, plan: &Plan) {
    let ledger = stack.ledger().await.unwrap();
    for job in plan.jobs() {
        let (mut part, mut rows) = (job.clone(), 0);
        loop {
            let key = key::outcome(&plan.sync.name, &plan.run, part.job_part());
            let outcome = Outcome::read(&key, &ledger[&key]).unwrap();
            rows += outcome.work.rows;
            let Some(next) = outcome.next_part(&job) else {
                assert_eq!(outcome.status, Status::Done);
                break;
            };
            assert!(next.chunk.start > part.chunk.start && next.chunk.end == job.chunk.end);
            assert_eq!(next.rows_before, rows);
            part = next;
        }
    }
}

pub(super) static WHOLE: LazyLock<Vec<Sums>> = LazyLock::new(|| {
    let whole = |format| block_on(run_in_parts(format, &[], GoesOn::Caller));
    (0..FORMATS).map(whole).collect()
});

pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn parts_tile_the_chunk_and_add_up_to_the_whole_wherever_they_stop(
        format in 0..FORMATS, stops in prop::collection::vec(0u64..25, 0..12), by_queue: bool,
    ) {
        let (report, rejected, accepted) = &WHOLE[format];
        let goes_on = if by_queue { GoesOn::Queue } else { GoesOn::Caller };
        let (in_parts, rejected_in_parts, accepted_in_parts) = block_on(run_in_parts(format, &stops, goes_on));
        prop_assert_eq!(comparable(in_parts, report), comparable(report.clone(), report));
        prop_assert_eq!(&rejected_in_parts, rejected);
        prop_assert_eq!(&accepted_in_parts, accepted);
    }
}
