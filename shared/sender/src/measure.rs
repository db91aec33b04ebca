//! The metrics of a job, or of a part of it, that was just concluded.

use ledger::Outcome;
use platform::{Metric, Unit};

use crate::Context;

/// Emits what a job did. Rows that several actions read are counted by the job of each.
pub(crate) fn measure(context: &Context, outcome: &Outcome) {
    let about = [
        ("run", outcome.run.to_string()),
        ("job", outcome.job_part().to_string()),
        ("action", outcome.action.to_string()),
    ];
    context.metrics.emit(outcome.sync.as_ref(), &about, &metrics(outcome));
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
fn metrics(outcome: &Outcome) -> [Metric; 9] {
    let work = &outcome.work;
    let total = |count: fn(&ledger::Tally) -> u64| work.mappings.iter().map(|of| count(&of.tally)).sum::<u64>() as f64;
    let took = work.finished_at.duration_since(work.started_at);
    [
        ("Rows", Unit::Count, work.rows as f64),
        ("Sent", Unit::Count, total(ledger::Tally::sent)),
        ("Filtered", Unit::Count, total(ledger::Tally::filtered)),
        ("Rejected", Unit::Count, total(ledger::Tally::rejected)),
        ("Requests", Unit::Count, work.requests as f64),
        ("Retries", Unit::Count, work.retries as f64),
        ("BytesRead", Unit::Bytes, work.bytes.read as f64),
        ("BytesWire", Unit::Bytes, work.bytes.wire as f64),
        ("JobSeconds", Unit::Seconds, took.as_secs_f64()),
    ]
}
