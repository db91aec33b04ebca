//! What is legal and surely wrong with a document beside its extracts.

use std::collections::BTreeSet;

use extract::Format;
use ledger::{Problem, Rows, Sync};
use mapping::unescape_json_string;
use platform::Stores;
use scheduler::Run;

use crate::document::Document;
use crate::error::CliError;
use crate::extract_path;
use crate::terminal::note;

/// How many rows of JSON lines are looked at for their columns: each row has its own.
const ROWS: u64 = 100;

/// Returns which columns the document names that the objects of new runs do not have, each told once. Segment takes them for
/// missing values, and so do we; but it is a slip far more often than a wish.
pub(crate) fn missing_in_runs(document: &Document, sync: &Sync, runs: &[Run]) -> Vec<Problem> {
    let new = runs.iter().filter(|run| !run.finished && run.plan.sync == *sync);
    let objects = new.flat_map(|run| &run.plan.objects);
    let mut told = BTreeSet::new();
    objects
        .filter(|object| object.layout.format != Format::Jsonl && object.size > 0 && object.unreadable.is_none())
        .flat_map(|object| {
            document
                .review
                .missing_columns(&object.key, &object.layout.columns, true)
        })
        .filter(|problem| told.insert((problem.line, problem.column)))
        .collect()
}

/// Returns which columns the document names that its newest extract does not have, if that is on this machine.
///
/// # Errors
/// When the extract is there and cannot be read.
pub(crate) async fn missing_in_extract(document: &Document, sync: &Sync) -> Result<Vec<Problem>, CliError> {
    let place = &sync.source.extract;
    if place.contains("://") || sync.source.rows == Rows::Events {
        return Ok(Vec::new());
    }
    let locations = match extract_path::locate(&[], &document.path, place) {
        Ok(locations) => locations,
        Err(CliError::NoExtract { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // What the source names is looked for here, with the place in the document.
    let mut lenient = sync.clone();
    lenient.source.id = None;
    lenient.source.types.clear();
    let stores = Stores::default();
    let object = match scheduler::preview(&stores, &locations, &lenient).await {
        Ok(object) => object,
        Err(scheduler::ScheduleError::NoExtract { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    if object.size == 0 {
        return Ok(Vec::new());
    }
    if object.layout.format != Format::Jsonl {
        return Ok(document
            .review
            .missing_columns(&object.key, &object.layout.columns, true));
    }
    let (mut columns, mut rows) = (Vec::new(), 0);
    test_mapping::first_rows(&stores, &object, ROWS, |_, row| {
        rows += 1;
        if let Ok(row) = row {
            columns.extend(row.record.fields().iter().map(|field| {
                let mut name = String::new();
                unescape_json_string(row.record.key(field), &mut name);
                name
            }));
        }
    })
    .await?;
    columns.sort();
    columns.dedup();
    let place = format!("the first {rows} rows of {}", object.key);
    Ok(if rows == 0 {
        Vec::new()
    } else {
        document.review.missing_columns(&place, &columns, false)
    })
}

/// Says which runs go by another version of the sync document than the one at hand.
pub(crate) fn edited_document(runs: &[Run], sync: &Sync) {
    for run in runs.iter().filter(|run| run.plan.sync != *sync) {
        let (id, at) = (run.plan.run, run.plan.created_at);
        let stays = if run.finished {
            "its extract is not sent again"
        } else {
            "it goes on as it was planned"
        };
        note(&format!(
            "warning: the sync document changed since run {id} was planned at {at:.0}: {stays}"
        ));
    }
}
