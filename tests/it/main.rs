//! Scheduler, senders and reporter together, against the Tracking API simulator on a real socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests, with helpers that are no test functions"
)]

mod caller;
mod change;
mod closing;
mod conformance;
mod dead;
mod fault;
mod growth;
mod killed;
mod lost;
mod manifest;
mod metrics;
mod part;
mod race;
mod repeat;
mod secrecy;
mod unreadable;

use ledger::{Plan, Report};
use serde_json::{Value, json};

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

/// What S3 says of an object that was written.
fn notification(key: &str) -> Value {
    json!({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": key}}}]})
}

/// Messages of a queue, `m0` and so on.
fn messages(bodies: &[Value]) -> Value {
    let message = |(place, body): (usize, &Value)| json!({"messageId": format!("m{place}"), "body": body.to_string()});
    json!({"Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>()})
}
