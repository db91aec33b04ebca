//! A run's report as text: a table of mappings, totals, the first problems.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount};
use ledger::{MappingReport, Report, RunStatus};
use platform::Visible;

use crate::ledger_place;

/// How many rejected rows and failed jobs are shown; the report has more, the ledger all.
const SHOWN: usize = 10;

/// Returns the report's text; `ledger` is the folder where its objects are.
pub(crate) fn describe(report: &Report, ledger: &str) -> String {
    let mut lines = vec![table(&report.mappings).to_string(), headline(report), totals(report)];
    lines.extend(problems(report));
    let (sync, run) = (&report.sync, &report.run);
    lines.push(format!("report: {ledger}/runs/{sync}/{run}/report.html"));
    if report.mappings.iter().any(|mapping| mapping.rejected > 0) {
        lines.push(format!(
            "rejected rows: {ledger}/rejected/{sync}/{run}/ (backhaul report {run}{} --rejected FILE writes them as one file)",
            ledger_place::option(ledger)
        ));
    }
    lines.join("\n")
}

fn table(mappings: &[MappingReport]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["mapping", "action", "rows", "sent", "filtered", "rejected", "reasons"]);
    for mapping in mappings {
        let counts = [mapping.rows, mapping.sent, mapping.filtered, mapping.rejected];
        let reasons: Vec<String> = mapping
            .reasons
            .iter()
            .map(|(code, count)| format!("{code}: {count}"))
            .collect();
        let mut row = vec![mapping.name.clone(), mapping.action.to_string()];
        row.extend(counts.map(|count| HumanCount(count).to_string()));
        row.push(reasons.join("\n"));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2).take(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn headline(report: &Report) -> String {
    let status = match report.status {
        RunStatus::Succeeded => "succeeded",
        RunStatus::Partial => "partial",
        RunStatus::Failed => "failed",
    };
    let retry = report.retry_of.map(|run| format!(", a retry of run {run}"));
    format!(
        "run {} of {}{}: {status}",
        report.run,
        report.sync,
        retry.unwrap_or_default()
    )
}

fn totals(report: &Report) -> String {
    let [rows, calls, users, requests, retries] = [
        report.rows,
        report.api_calls,
        report.users,
        report.requests,
        report.retries,
    ]
    .map(HumanCount);
    let [read, json, wire] = [report.bytes.read, report.bytes.json, report.bytes.wire].map(HumanBytes);
    let seconds = report.finished_at.duration_since(report.started_at).as_secs_f64();
    format!(
        "{rows} rows, {calls} calls about {users} users in {seconds:.1} s; \
         {requests} requests, {retries} retries; {read} read, {json} of json, {wire} sent"
    )
}

fn problems(report: &Report) -> Vec<String> {
    let failures = report.failures.iter().take(SHOWN);
    let mut lines: Vec<String> = failures
        .map(|failure| format!("failed job {}: {}", failure.job, failure.message))
        .collect();
    for error in report.errors.iter().take(SHOWN) {
        let row = error
            .row
            .map_or_else(|| format!("at byte {}", error.offset), |row| format!("row {row}"));
        let mapping = error.mapping.as_deref().unwrap_or("all mappings");
        lines.push(format!(
            "rejected {} {row} ({mapping}): {}: {}",
            // On its line: a key with a line break would be a line of its own.
            Visible(&error.object),
            error.code,
            error.message
        ));
    }
    let (shown, all) = (report.errors.len().min(SHOWN), report.errors.len());
    if all > shown {
        lines.push(format!("… and more: the report has {all} of them, the ledger all"));
    }
    lines
}
