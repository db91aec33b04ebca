//! Test Mapping's answers as text: what would become of a row, with the call beside the row's columns.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use delivery::MAX_EVENT_BYTES;
use serde_json::{Map, Value};
use test_mapping::{Answer, Rejected, Verdict};

/// Most characters of a line of a table. Nobody reads on, and to break a line of a million takes minutes.
const LINE: usize = 1_000;

/// Columns of a terminal whose width is unknown.
const WIDTH: u16 = 120;

const SENT: Style = AnsiColor::Green.on_default().bold();
const FILTERED: Style = AnsiColor::Yellow.on_default().bold();
const REJECTED: Style = AnsiColor::Red.on_default().bold();

/// Returns an answer's text; `row` is the row as JSON or, if it could not be read, as it stands in the extract.
pub(crate) fn describe(answer: &Answer, row: &str) -> String {
    let head = |style: Style, verdict: &str| {
        let (row, mapping) = (answer.row + 1, &answer.mapping);
        format!("{style}row {row} × {mapping}: {verdict}{style:#}")
    };
    match &answer.verdict {
        Verdict::Sent { event, bytes } => {
            let title = format!("the call: {bytes} of {MAX_EVENT_BYTES} bytes");
            let call = pretty(event.get());
            format!("{}\n{}", head(SENT, "would be sent"), beside(row, &title, &call))
        }
        Verdict::Filtered { why, .. } => format!("{}\n  {why}", head(FILTERED, "filtered")),
        Verdict::Rejected { rejected } => {
            let title = format!("rejected: {}", rejected.code);
            format!(
                "{}\n{}",
                head(REJECTED, "rejected"),
                beside(row, &title, &reason(rejected))
            )
        }
    }
}

/// How many answers were of each kind.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    sent: u64,
    filtered: u64,
    rejected: u64,
}

impl Summary {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Sent { .. } => &mut self.sent,
            Verdict::Filtered { .. } => &mut self.filtered,
            Verdict::Rejected { .. } => &mut self.rejected,
        } += 1;
    }

    pub(crate) fn has_rejected(&self) -> bool {
        self.rejected > 0
    }

    /// Returns the closing line for `rows` rows of `extract`.
    pub(crate) fn describe(&self, rows: u64, extract: &str) -> String {
        let Self {
            sent,
            filtered,
            rejected,
        } = self;
        format!(
            "{rows} rows of {extract}: {sent} would be sent, {filtered} filtered, {rejected} rejected; nothing was sent"
        )
    }
}

fn reason(rejected: &Rejected) -> String {
    let Rejected {
        message, field, remedy, ..
    } = rejected;
    let field = field.as_ref().map(|field| format!("field:  {field}\n"));
    format!("{}reason: {message}\nremedy: {remedy}", field.unwrap_or_default())
}

/// Returns a table of a row's columns and, to their right, what came of them.
fn beside(row: &str, title: &str, text: &str) -> String {
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(["the row", title])
        .add_row([cut(&columns(row)), cut(text)]);
    table.to_string()
}

/// Returns a row's columns, one a line, names aligned, values as JSON; or the text as it is, if it is no row.
fn columns(row: &str) -> String {
    let Ok(columns) = serde_json::from_str::<Map<String, Value>>(row) else {
        return row.to_owned();
    };
    let width = columns.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines = columns.iter().map(|(name, value)| format!("{name:width$}  {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a text with its lines cut to what somebody reads.
fn cut(text: &str) -> String {
    let lines = text.split('\n').map(|line| match line.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn pretty(call: &str) -> String {
    let value = serde_json::from_str::<Value>(call);
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
    pretty.unwrap_or_else(|_| call.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_longer_than_somebody_reads_are_cut() {
        let long = "é".repeat(1 << 20);
        let text = beside(&format!("{{\"a\": \"{long}\", \"b\": 1}}"), "the call", &long);
        assert!(text.len() < 20_000, "{text}");
        assert!(cut(&long).ends_with("é… (2097152 bytes)"));
        assert_eq!(cut("a\n\nb\n"), "a\n\nb\n");
    }
}
