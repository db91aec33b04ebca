//! Scheduler, senders and reporter together, against the Tracking API simulator on a real socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests, with helpers that are no test functions"
)]

mod change;
mod closing;
mod conformance;
mod fault;
mod growth;
mod manifest;
mod race;
mod repeat;
mod unreadable;

use ledger::{Plan, Report};

/// Checks that every row of the extract has a fate in every mapping.
fn assert_accounted(report: &Report, rows: u64) {
    assert_eq!(report.rows, rows);
    for mapping in &report.mappings {
        assert_eq!(
            (mapping.rows, mapping.sent + mapping.filtered + mapping.rejected),
            (rows, rows),
            "{mapping:?}"
        );
    }
}

fn keys(plan: &Plan) -> Vec<&str> {
    plan.objects.iter().map(|object| object.key.as_str()).collect()
}
