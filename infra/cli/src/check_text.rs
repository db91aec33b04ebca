//! What `check` found, a line each.

use anstyle::{AnsiColor, Style};
use indicatif::{HumanBytes, HumanCount};
use jiff::Timestamp;
use ledger::PlannedObject;
use scheduler::{ScheduleError, Survey};
use serde::Serialize;

const OK: Style = AnsiColor::Green.on_default().bold();
const PROBLEM: Style = AnsiColor::Red.on_default().bold();
const UNKNOWN: Style = AnsiColor::Yellow.on_default().bold();

/// How a thing that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Problem,
    /// It could not be told, which keeps nothing from working.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    check: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    pub(crate) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::of(check, State::Ok, message.into(), None)
    }

    pub(crate) fn unknown(check: &'static str, message: String) -> Self {
        Self::of(check, State::Unknown, message, None)
    }

    pub(crate) fn problem(check: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self::of(check, State::Problem, message.into(), Some(remedy.to_owned()))
    }

    /// Returns a problem; its message says what to do where `remedy` does not.
    pub(crate) fn error(check: &'static str, error: &impl ToString, remedy: Option<&str>) -> Self {
        Self::of(check, State::Problem, error.to_string(), remedy.map(str::to_owned))
    }

    /// Returns what a listing of the extracts tells.
    pub(crate) fn listed(place: &str, survey: &Survey) -> Self {
        let newest = survey.newest.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let newest = newest.map(|at| format!(", the newest of {at:.0}")).unwrap_or_default();
        let (extracts, objects) = (HumanCount(survey.extracts as u64), HumanCount(survey.objects as u64));
        let bytes = HumanBytes(survey.bytes);
        Self::ok(
            "extract",
            format!("{place}: {extracts} complete with {objects} objects, {bytes}{newest}"),
        )
    }

    /// Returns what the beginning of the newest extract tells.
    pub(crate) fn newest(head: Result<PlannedObject, ScheduleError>) -> Self {
        match head {
            Ok(object) => {
                let columns = match object.layout.columns.len() {
                    0 => String::new(),
                    count => format!(" with {count} columns"),
                };
                let format = object.layout.format;
                Self::ok("newest", format!("{} reads as {format}{columns}", object.key))
            }
            Err(error) => Self::problem(
                "newest",
                error.to_string(),
                "mend the document or the unload; backhaul test shows rows",
            ),
        }
    }

    pub(crate) fn is_problem(&self) -> bool {
        self.state == State::Problem
    }

    fn of(check: &'static str, state: State, message: String, remedy: Option<String>) -> Self {
        Self {
            check,
            state,
            message,
            remedy,
        }
    }
}

/// Returns the findings' text.
pub(crate) fn describe(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|finding| {
        let (style, word) = match finding.state {
            State::Ok => (OK, "ok"),
            State::Problem => (PROBLEM, "problem"),
            State::Unknown => (UNKNOWN, "unknown"),
        };
        let remedy = finding
            .remedy
            .as_ref()
            .map(|remedy| format!("\n{:19}help: {remedy}", ""));
        format!(
            "{style}{word:7}{style:#}  {:9} {}{}",
            finding.check,
            finding.message,
            remedy.unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
