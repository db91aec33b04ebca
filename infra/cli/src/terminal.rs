//! What the user sees: answers on stdout, progress and problems on stderr.

use std::io::{self, IsTerminal, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use ledger::{Report, RunStatus};
use serde::Serialize;

use crate::error::CliError;

/// How many rejected rows and failed jobs are shown; the report has more, the ledger all.
const SHOWN: usize = 10;

/// The user's terminal, or whatever stands in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    json: bool,
}

impl Terminal {
    /// Returns a terminal whose answers are JSON or text.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether somebody watches the progress.
    pub(crate) fn is_watched(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Prints an answer on stdout, in the form that was asked for.
    pub(crate) fn answer(self, text: &str, json: &impl Serialize) {
        if self.json {
            self.line(&serde_json::to_string(json).unwrap_or_default());
        } else {
            self.line(text);
        }
    }

    /// Prints a line on stdout.
    pub(crate) fn line(self, text: &str) {
        // A reader that went away wants no more lines; there is nobody left to tell.
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// Prints a remark on stderr.
    pub(crate) fn note(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Prints why a command stopped on stderr, and with `--json` on stdout too.
    pub(crate) fn error(self, error: &CliError) {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            // Errors that are only passed on say the same as their cause.
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text = format!("{text}: {cause_text}");
            }
            source = cause.source();
        }
        self.note(&format!("backhaul: {text}"));
        if self.json {
            self.line(&serde_json::json!({ "error": text }).to_string());
        }
    }

    /// Prints a run's report on stdout; `ledger` is where its objects are.
    pub(crate) fn report(self, report: &Report, ledger: &str) {
        self.answer(&describe(report, ledger), report);
    }
}

fn describe(report: &Report, ledger: &str) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["mapping", "action", "rows", "sent", "filtered", "rejected", "reasons"]);
    for mapping in &report.mappings {
        let reasons: Vec<String> = mapping
            .reasons
            .iter()
            .map(|(code, count)| format!("{code}: {count}"))
            .collect();
        let counts = [mapping.rows, mapping.sent, mapping.filtered, mapping.rejected].map(|count| grouped(count));
        let [rows, sent, filtered, rejected] = counts;
        table.add_row([
            mapping.name.clone(),
            mapping.action.to_string(),
            rows,
            sent,
            filtered,
            rejected,
            reasons.join("\n"),
        ]);
    }
    for column in 2..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("{table}\n");
    text.push_str(&totals(report));
    text.push_str(&problems(report));
    let folder = format!("{ledger}/runs/{}/{}", report.sync, report.run);
    text.push_str(&format!("report: {folder}/report.html"));
    if report.mappings.iter().any(|mapping| mapping.rejected > 0) {
        text.push_str(&format!(
            "\nrejected rows: {ledger}/rejected/{}/{}/",
            report.sync, report.run
        ));
    }
    text
}

fn totals(report: &Report) -> String {
    let seconds = report.finished_at.duration_since(report.started_at).as_secs_f64();
    format!(
        "run {} of {}: {}\n{} rows, {} calls about {} users in {seconds:.1} s; {} requests, {} retries; {} read, {} of json, {} sent\n",
        report.run,
        report.sync,
        word(report.status),
        grouped(report.rows),
        grouped(report.api_calls),
        grouped(report.users),
        grouped(report.requests),
        grouped(report.retries),
        indicatif::HumanBytes(report.bytes.read),
        indicatif::HumanBytes(report.bytes.json),
        indicatif::HumanBytes(report.bytes.wire),
    )
}

fn problems(report: &Report) -> String {
    let mut text = String::new();
    for failure in report.failures.iter().take(SHOWN) {
        text.push_str(&format!("failed job {}: {}\n", failure.job, failure.message));
    }
    for error in report.errors.iter().take(SHOWN) {
        let row = error
            .row
            .map_or_else(|| format!("byte {}", error.offset), |row| format!("row {row}"));
        let mapping = error.mapping.as_deref().unwrap_or("all mappings");
        text.push_str(&format!(
            "rejected {} {row} ({mapping}): {}: {}\n",
            error.object, error.code, error.message
        ));
    }
    text
}

fn word(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Succeeded => "succeeded",
        RunStatus::Partial => "partial",
        RunStatus::Failed => "failed",
    }
}

fn grouped(count: u64) -> String {
    indicatif::HumanCount(count).to_string()
}
