//! What the user sees: answers on stdout, progress and problems on stderr.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use ledger::Report;
use platform::acts;
use serde::Serialize;

use crate::error::CliError;

/// How the program's own texts are coloured, as `anstyle` writes it.
const COLOURS: [&str; 6] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[34m",
];

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
            let _ = writeln!(out, "{}", tame(text)).and_then(|()| out.flush());
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
    let _ = writeln!(anstream::stderr(), "{}", tame(text));
}

/// Prints a line of JSON. In its strings stand other people's characters, and whatever acts on a terminal has a spelling that does not.
fn line(json: &str) {
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        if acts(character) {
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        } else {
            line.push(character);
        }
    }
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Returns a text as a terminal may have it: keys, columns, values and the API's words are in it, and nothing of them may move its cursor,
/// set its title or turn its lines around. Line breaks and tabs stay, and at most the colours of the program's own texts.
fn tame(text: &str) -> String {
    let mut tame = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let colour = COLOURS.iter().find(|colour| rest.starts_with(**colour));
        let taken = colour.map_or(next.len_utf8(), |colour| colour.len());
        if colour.is_some() || matches!(next, '\n' | '\t') || !acts(next) {
            tame.push_str(&rest[..taken]);
        } else {
            tame.extend(next.escape_unicode());
        }
        rest = &rest[taken..];
    }
    tame
}

#[cfg(test)]
mod tests {
    use anstyle::{AnsiColor, Style};

    use super::tame;

    #[test]
    fn strangers_characters_do_nothing_to_a_terminal() {
        for (text, tamed) in [
            ("a\u{1b}]0;title\u{7}", "a\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[2J\u{1b}[8mhidden", "\\u{1b}[2J\\u{1b}[8mhidden"),
            ("\u{9b}2J\rb\u{8}", "\\u{9b}2J\\u{d}b\\u{8}"),
            ("a\u{202e}b", "a\\u{202e}b"),
        ] {
            assert_eq!(tame(text), tamed);
        }
        assert_eq!(tame("名前\té\n"), "名前\té\n");
    }

    #[test]
    fn own_colours_stay() {
        for colour in [AnsiColor::Red, AnsiColor::Green, AnsiColor::Yellow, AnsiColor::Blue] {
            let style: Style = colour.on_default().bold();
            let text = format!("{style}word{style:#}");
            assert_eq!(tame(&text), text);
        }
    }
}
