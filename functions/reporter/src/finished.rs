//! What the world is told of a run that is over: an event on the bus, and its metrics.

use ledger::{Plan, Report, RunStatus, key};
use platform::{Metric, Unit};
use serde_json::{Value, json};

use crate::Context;

/// The `detail-type` of the event.
pub const RUN_FINISHED: &str = "Backhaul Run Finished";

/// Puts the event on the bus. One that cannot be put is logged, and keeps the run from nothing: its report is the truth.
///
/// It is put before the report is written, so that none is lost with a reporter that dies in between; then it may come twice.
pub(crate) async fn announce(context: &Context, report: &Report) {
    let Some(bus) = &context.bus else { return };
    if let Err(error) = bus.put(RUN_FINISHED, &detail(report)).await {
        tracing::error!(%error, name = %error.name(), "the run's end could not be announced");
    }
}

/// Emits the metrics of a run whose report was just written.
pub(crate) fn measure(context: &Context, plan: &Plan, report: &Report) {
    let about = [("run", report.run.to_string())];
    let mut metrics = metrics(report);
    metrics.extend(plan.landed_at.map(|landed_at| {
        let lag = report.finished_at.duration_since(landed_at);
        ("LagSeconds", Unit::Seconds, lag.as_secs_f64())
    }));
    context.metrics.emit(report.sync.as_ref(), &about, &metrics);
}

/// Returns the event's `detail`: what one needs to decide whether to look at the report, and where that is.
fn detail(report: &Report) -> Value {
    let total = |count: fn(&ledger::MappingReport) -> u64| report.mappings.iter().map(count).sum::<u64>();
    json!({
        "sync": report.sync,
        "run": report.run,
        "status": report.status,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "rows": report.rows,
        "sent": total(|mapping| mapping.sent),
        "filtered": total(|mapping| mapping.filtered),
        "rejected": total(|mapping| mapping.rejected),
        "jobs": report.jobs,
        "report": key::report_json(&report.sync, &report.run),
    })
}

/// Returns a run's own metrics; those of its rows are the senders', who tell them job by job. How the run ended is told as three
/// numbers, of which one is 1, so that each has a value whenever a run ends.
fn metrics(report: &Report) -> Vec<Metric> {
    let ended = |status| if report.status == status { 1.0 } else { 0.0 };
    let duration = report.finished_at.duration_since(report.started_at);
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 jobs")]
    let failed = report.jobs.failed as f64;
    vec![
        ("RunsSucceeded", Unit::Count, ended(RunStatus::Succeeded)),
        ("RunsPartial", Unit::Count, ended(RunStatus::Partial)),
        ("RunsFailed", Unit::Count, ended(RunStatus::Failed)),
        ("JobsFailed", Unit::Count, failed),
        ("DurationSeconds", Unit::Seconds, duration.as_secs_f64()),
    ]
}
