//! Runs as a table, one a line.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::HumanCount;
use jiff::Timestamp;
use ledger::{Report, RunId, RunStatus, SyncName};
use serde::Serialize;

use crate::runs::{Listed, Standing};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Jobs are left.
    Running,
    /// Jobs are left, and none has ended for long.
    Stalled,
    /// Every job is done, no row was rejected.
    Succeeded,
    /// Rows were rejected, or some jobs failed.
    Partial,
    /// All jobs failed.
    Failed,
}

/// What is shown of a run. Of an open one rows are not known yet.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    run: RunId,
    sync: SyncName,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_of: Option<RunId>,
    state: State,
    jobs: Jobs,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// Until it ended or, of an open one, until now.
    seconds: f64,
    rows: Option<u64>,
    sent: Option<u64>,
    rejected: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Jobs {
    planned: u64,
    concluded: u64,
}

impl Line {
    /// Returns what a report says.
    pub(crate) fn closed(report: &Report) -> Self {
        let sum = |of: fn(&ledger::MappingReport) -> u64| report.mappings.iter().map(of).sum();
        Self {
            run: report.run,
            sync: report.sync.clone(),
            retry_of: report.retry_of,
            state: match report.status {
                RunStatus::Succeeded => State::Succeeded,
                RunStatus::Partial => State::Partial,
                RunStatus::Failed => State::Failed,
            },
            jobs: Jobs {
                planned: report.jobs.planned,
                concluded: report.jobs.planned,
            },
            started_at: Some(report.started_at),
            finished_at: Some(report.finished_at),
            seconds: report.finished_at.duration_since(report.started_at).as_secs_f64(),
            rows: Some(report.rows),
            sent: Some(sum(|mapping| mapping.sent)),
            rejected: Some(sum(|mapping| mapping.rejected)),
        }
    }

    /// Returns how far an open run is.
    pub(crate) fn open(listed: &Listed, standing: &Standing, state: State, now: Timestamp) -> Self {
        let started_at = listed.run.created_at();
        Self {
            run: listed.run,
            sync: listed.sync.clone(),
            retry_of: standing.retry_of,
            state,
            jobs: Jobs {
                planned: standing.planned as u64,
                concluded: standing.concluded as u64,
            },
            started_at,
            finished_at: None,
            seconds: started_at.map_or(0.0, |started| now.duration_since(started).as_secs_f64()),
            rows: None,
            sent: None,
            rejected: None,
        }
    }

    fn state(&self) -> String {
        let Jobs { planned, concluded } = self.jobs;
        match self.state {
            State::Running => format!("running, {concluded} of {planned} jobs"),
            State::Stalled => format!("stalled at {concluded} of {planned} jobs"),
            State::Succeeded => "succeeded".to_owned(),
            State::Partial => "partial".to_owned(),
            State::Failed => "failed".to_owned(),
        }
    }
}

/// Returns the table of `lines`, the newest of `all` runs of `sync`, or of all syncs, in `ledger`.
pub(crate) fn describe(lines: &[Line], all: usize, sync: Option<&SyncName>, ledger: &str) -> String {
    if all == 0 {
        return format!("no run{} in {ledger}", of_sync(sync));
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["run", "sync", "state", "started", "took", "rows", "sent", "rejected"]);
    for line in lines {
        let count = |count: Option<u64>| count.map_or_else(|| "…".to_owned(), |count| HumanCount(count).to_string());
        table.add_row([
            line.run.to_string(),
            line.sync.to_string(),
            line.state(),
            line.started_at.map(|at| format!("{at:.0}")).unwrap_or_default(),
            took(line.seconds),
            count(line.rows),
            count(line.sent),
            count(line.rejected),
        ]);
    }
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n{} of {all} runs in {ledger}", lines.len());
    if lines.iter().any(|line| line.state == State::Stalled) {
        text.push_str(
            "\nstalled: no job of the run has ended for an hour. Of a deployed stack, see the log of \
             `<stack>-send-<action>` (a failing job comes again every half hour) and the alarm `<stack>-outcomes-dead`; of a folder, run \
             `backhaul sync` again to go on",
        );
    }
    text
}

/// Returns what says that runs are those of `sync`, led in by a space; nothing for those of all syncs.
pub(crate) fn of_sync(sync: Option<&SyncName>) -> String {
    sync.map(|sync| format!(" of sync `{sync}`")).unwrap_or_default()
}

/// Returns a duration in the words of people.
pub(crate) fn took(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "durations are neither negative nor longer than calendars"
    )]
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::took;

    #[test]
    fn durations_are_told_in_units_that_fit_them() {
        for (seconds, text) in [
            (0.04, "0.0 s"),
            (59.4, "59.4 s"),
            (59.9, "1 min 00 s"),
            (3_599.0, "59 min 59 s"),
            (7_260.0, "2 h 01 min"),
        ] {
            assert_eq!(took(seconds), text);
        }
    }
}
