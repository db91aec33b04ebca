//! What the user sees: answers on stdout, progress and problems on stderr.

use std::io::{self, IsTerminal, Write};

use ledger::Report;
use serde::Serialize;

use crate::error::CliError;

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

    /// Prints an answer on stdout, in the form that was asked for.
    pub(crate) fn answer(self, text: &str, json: &impl Serialize) {
        if self.json {
            line(&serde_json::to_string(json).unwrap_or_default());
        } else {
            // Loses its colours where nobody would see them: stdout is no terminal, or NO_COLOR is set.
            let mut out = anstream::stdout();
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
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
        // Problems of a document begin with their place, as editors look for it.
        let name = if matches!(error, CliError::Document { .. }) {
            ""
        } else {
            "backhaul: "
        };
        note(&format!("{name}{text}"));
        if self.json {
            let text = anstream::adapter::strip_str(&text).to_string();
            line(&serde_json::json!({ "error": text }).to_string());
        }
    }

    /// Prints a run's report on stdout; `ledger` is where its objects are.
    pub(crate) fn report(self, report: &Report, ledger: &str) {
        self.answer(&crate::report_text::describe(report, ledger), report);
    }
}

/// Whether somebody watches the progress.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Says what is about to be done and asks whether to do it, unless `is_sure`. Returns whether it is to be done.
///
/// # Errors
/// [`CliError::NotConfirmed`] where nobody is there to be asked.
pub(crate) fn confirm(what: &str, is_sure: bool) -> Result<bool, CliError> {
    note(what);
    if is_sure {
        return Ok(true);
    }
    if !(io::stdin().is_terminal() && is_watched()) {
        return Err(CliError::NotConfirmed);
    }
    let _ = write!(anstream::stderr(), "go on? [y/N] ").and_then(|()| io::stderr().flush());
    let mut answer = String::new();
    let _ = io::stdin().read_line(&mut answer);
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Prints a remark on stderr.
pub(crate) fn note(text: &str) {
    // Loses its colours like an answer. Where stderr is closed there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}
