//! Problems of a sync document as text: each with its place as editors jump to it, its line, and what to write instead.

use std::fmt::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use ledger::{Problem, Severity};

use crate::excerpt::Excerpt;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const GUTTER: Style = AnsiColor::Blue.on_default().bold();
const HELP: Style = AnsiColor::Green.on_default().bold();

/// Returns one problem's text; `line` is its line, if that may be shown.
pub(crate) fn describe(path: &Path, problem: &Problem, line: Option<&str>) -> String {
    let style = match problem.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    };
    let mut text = format!("{}:{}:{}: ", path.display(), problem.line, problem.column);
    let _ = write!(text, "{style}{}{style:#}: ", problem.severity.as_str());
    if !problem.path.is_empty() {
        let _ = write!(text, "{}: ", problem.path);
    }
    let _ = writeln!(text, "{}", problem.message);
    if let Some(line) = line {
        let Excerpt { shown, before, marks } = Excerpt::of(line, problem.column, problem.length);
        let number = problem.line.to_string();
        let (space, indent) = (" ".repeat(number.len()), " ".repeat(before));
        let carets = "^".repeat(marks);
        let _ = writeln!(text, "{GUTTER}{number} |{GUTTER:#} {shown}");
        let _ = writeln!(text, "{GUTTER}{space} |{GUTTER:#} {indent}{style}{carets}{style:#}");
    }
    if let Some(remedy) = &problem.remedy {
        let _ = writeln!(text, "{HELP}help{HELP:#}: {remedy}");
    }
    text
}

/// Returns how many problems there are, by severity: `2 errors, 1 warning`.
pub(crate) fn count(problems: &[Problem]) -> String {
    let counts = [Severity::Error, Severity::Warning].map(|severity| {
        let count = problems.iter().filter(|problem| problem.severity == severity).count();
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {}{plural}", severity.as_str()))
    });
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
