//! What is legal and surely wrong.

use std::collections::BTreeSet;

use extract::Format;
use ledger::{Rows, Sync};
use scheduler::Run;

use crate::terminal::note;

/// Says which columns mappings read that an object does not have. Segment takes them for missing values, and so do we; but
/// it is a slip far more often than a wish.
pub(crate) fn missing_columns(runs: &[Run]) {
    for run in runs
        .iter()
        .filter(|run| !run.finished && run.plan.sync.source.rows == Rows::Records)
    {
        for mapping in run.plan.sync.enabled_mappings() {
            let read = mapping::columns(&mapping.fields);
            for object in run
                .plan
                .objects
                .iter()
                .filter(|object| object.layout.format == Format::Csv && object.size > 0)
            {
                let missing: Vec<&String> = read
                    .iter()
                    .filter(|column| !object.layout.columns.contains(column))
                    .collect();
                if !missing.is_empty() {
                    warn(&object.key, &mapping.name, &missing, &object.layout.columns);
                }
            }
        }
    }
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

fn warn(object: &str, mapping: &str, missing: &[&String], columns: &[String]) {
    let missing: BTreeSet<String> = missing.iter().map(|column| format!("`{column}`")).collect();
    let missing = missing.into_iter().collect::<Vec<_>>().join(", ");
    let known = columns.join(", ");
    note(&format!(
        "warning: {object} has no column {missing}, which mapping `{mapping}` reads; its columns are: {known}"
    ));
}
