//! A small run to test with: one sync, two objects, made-up outcomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use extract::{Chunk, Format};
use jiff::Timestamp;
use ledger::{
    Bytes, Distinct, FormatVersion, Job, MappingTally, Outcome, Plan, PlannedObject, RowError, RunId, Sync, Tally, Work,
};

pub(crate) const SYNC: &str = include_str!("documents/small.yaml");

pub(crate) fn sync(text: &str) -> Sync {
    Sync::parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

/// Two objects of two and one chunks; only the first chunk of each knows its first row.
pub(crate) fn plan() -> Plan {
    let sync = sync(SYNC);
    let chunk = |start, end, first_row| Chunk { start, end, first_row };
    let layout = Arc::new(sync.source.layout(Format::Jsonl));
    let object = |key: &str, chunks| PlannedObject {
        store: "s3://acme".into(),
        key: key.into(),
        size: 200,
        etag: format!("etag-of-{key}"),
        version: None,
        layout: Arc::clone(&layout),
        chunks,
        retried: Vec::new(),
        rows: None,
        unreadable: None,
    };
    let objects = vec![
        object("customers/a.jsonl", vec![chunk(0, 100, Some(1)), chunk(100, 200, None)]),
        object("customers/b.jsonl", vec![chunk(0, 200, Some(1))]),
    ];
    Plan {
        version: FormatVersion,
        run: RunId::new(at(0), [9; 10]),
        created_at: at(0),
        sync,
        sent_to: None,
        landed_at: None,
        retry_of: None,
        objects,
    }
}

/// The work of a job that read `rows` rows and rejected the last `rejected` of them in its first mapping.
pub(crate) fn work(job: &Job, rows: u64, rejected: u64) -> Work {
    let reasons = |count| BTreeMap::from([("bad_value".to_owned(), count)]);
    let tally = |place: usize| match place {
        0 => Tally::new(rows, rows - rejected, 0, reasons(rejected)).unwrap(),
        _ => Tally::new(rows, 0, rows, BTreeMap::new()).unwrap(),
    };
    let named = job.mappings.iter().enumerate();
    let error = |row| RowError {
        mapping: Some(job.mappings[0].name.clone()),
        object: job.object.key.clone(),
        row,
        offset: job.chunk.start + row,
        code: "bad_value".into(),
        message: "no number".into(),
        field: Some("mrr".into()),
    };
    let mut users = Distinct::new();
    (0..rows).for_each(|row| users.insert_bytes(format!("{}-{row}", job.chunk.start).as_bytes()));
    Work {
        rows,
        mappings: named
            .map(|(i, m)| MappingTally {
                name: m.name.clone(),
                tally: tally(i),
            })
            .collect(),
        requests: 3,
        retries: 1,
        bytes: Bytes {
            read: 100,
            json: 80,
            wire: 20,
        },
        users,
        rejected: None,
        errors: (rows - rejected + 1..=rows).map(error).collect(),
        started_at: at(1),
        finished_at: at(1 + i64::try_from(rows).unwrap()),
    }
}

/// One done outcome for each job; each chunk has 10 rows, of which each action's first mapping rejects 2.
pub(crate) fn outcomes(plan: &Plan) -> Vec<Outcome> {
    plan.jobs()
        .map(|job| Outcome::done(&job, work(&job, 10, 2)).unwrap())
        .collect()
}
