//! The plan of a retry: a chunk for each job, and mapping, that left rows to be tried again.

use std::collections::BTreeMap;
use std::sync::Arc;

use extract::{Chunk, Layout};
use ledger::{FormatVersion, JobId, Plan, PlannedObject, Retried, RunId, Sync};
use platform::clock;

use super::left::Left;

/// Returns the plan that tries again what the jobs of `old` left, with the mappings of `sync` as they are now. It has no jobs if there is
/// nothing that can be tried again; `note` is told why not.
pub fn plan(old: &Plan, sync: &Sync, left: &BTreeMap<JobId, Left>, note: &mut dyn FnMut(&str)) -> Plan {
    let now = clock::now();
    let mut objects: BTreeMap<u32, PlannedObject> = BTreeMap::new();
    for (job, left) in left {
        let Some(object) = old.objects.get(job.object() as usize) else {
            continue;
        };
        let Some(chunk) = object.chunks.get(job.chunk() as usize) else {
            continue;
        };
        if let Some(why) = &object.unreadable {
            note(&format!(
                "{}: {why}; once the document is mended, backhaul reset --extract it",
                object.key
            ));
            continue;
        }
        let retried = retried(old, sync, (*job, *chunk), left, note);
        if retried.is_empty() {
            continue;
        }
        let planned = objects.entry(job.object()).or_insert_with(|| empty(object, sync));
        for (chunk, retried) in retried {
            planned.chunks.push(chunk);
            planned.retried.push(retried);
        }
    }
    Plan {
        version: FormatVersion,
        run: RunId::new(now, std::array::from_fn(|_| fastrand::u8(..))),
        created_at: now,
        sync: sync.clone(),
        sent_to: old.sent_to.clone(),
        landed_at: None,
        retry_of: Some(old.run),
        objects: objects.into_values().collect(),
    }
}

/// Returns what of a job is tried again, and of which chunk: all rows from where the part began that failed, and for each mapping the rows that it
/// rejected before that. What earlier parts sent is not sent again.
fn retried(
    old: &Plan,
    sync: &Sync,
    (job, chunk): (JobId, Chunk),
    left: &Left,
    note: &mut dyn FnMut(&str),
) -> Vec<(Chunk, Retried)> {
    let action = job.action();
    let mut is_there = |name: &str| {
        let there = sync.mappings_of(action).any(|mapping| mapping.name == name);
        if !there {
            note(&format!(
                "warning: mapping `{name}` is not in the document any more, or switched off: what it left of job {job} is not tried \
                 again"
            ));
        }
        there
    };
    let of = |mappings: Vec<String>, rejected: Vec<String>| Retried {
        action,
        mappings,
        rejected,
    };
    let rejected = left.rejected().filter(|(name, _)| is_there(name));
    let mut all: Vec<(Chunk, Retried)> = rejected
        .map(|(name, keys)| (chunk, of(vec![name.clone()], keys)))
        .collect();
    if left.has_failed() {
        let names = old.mappings_of_job(job).map(|mapping| mapping.name.clone());
        let names: Vec<String> = names.filter(|name| is_there(name)).collect();
        if !names.is_empty() {
            all.push((left.left_of(chunk), of(names, tried(old, job))));
        }
    }
    all
}

/// Returns the keys of the rejected rows that a job of a retry was for; none of a job that was for all rows of its chunk.
fn tried(old: &Plan, job: JobId) -> Vec<String> {
    let object = old.objects.get(job.object() as usize);
    let retried = object.and_then(|object| object.retried.get(job.chunk() as usize));
    retried.map(|retried| retried.rejected.clone()).unwrap_or_default()
}

/// Returns the object without chunks, as the document reads it now: its types may be what was mended. How it is cut into rows stays.
fn empty(object: &PlannedObject, sync: &Sync) -> PlannedObject {
    let mut types = sync.source.layout(object.layout.format).types;
    if !object.layout.columns.is_empty() {
        types.retain(|column, _| object.layout.columns.contains(column));
    }
    PlannedObject {
        layout: Arc::new(Layout {
            types,
            ..Layout::clone(&object.layout)
        }),
        chunks: Vec::new(),
        retried: Vec::new(),
        rows: None,
        ..object.clone()
    }
}
