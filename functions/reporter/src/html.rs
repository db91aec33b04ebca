//! `report.html`: a run's report as one page without script, images or links elsewhere.

use std::fmt::{self, Display, Write};

use ledger::{MappingReport, Report};
use platform::Visible;

/// What the page may load: its own style, told by the hash of its text, nothing else. A value of an extract that gets this far stays text.
const POLICY: &str = "default-src 'none'; style-src 'sha256-hq4XE6xeV9Eyj4FIva6T/eczkEhbThB5UzjmSrdKweQ='; base-uri 'none'; form-action 'none'";

/// What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"): tables of the page are pasted into them.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.35rem .6rem;\
border-bottom:1px solid #d8dee4;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
.succeeded{color:#1a7f37}.partial{color:#9a6700}.failed{color:#cf222e}code{font-size:.9em;overflow-wrap:anywhere}";

/// Returns the page.
pub(crate) fn page(report: &Report) -> String {
    Page(report).to_string()
}

struct Page<'r>(&'r Report);

impl Display for Page<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let title = format!("{}: {}", report.sync, report.run);
        write!(
            out,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
             <title>{}</title><style>{STYLE}</style></head><body>",
            Text(&title)
        )?;
        let status = word(report.status);
        write!(
            out,
            "<h1>{} <span class=\"{status}\">{status}</span></h1>",
            Text(&report.sync)
        )?;
        write!(
            out,
            "<p>Run <code>{}</code>, {} to {}</p>",
            report.run, report.started_at, report.finished_at
        )?;
        if let Some(of) = report.retry_of {
            write!(
                out,
                "<p>A retry of run <code>{of}</code>: the rows are those that it tried again.</p>"
            )?;
        }
        mappings(out, report)?;
        totals(out, report)?;
        failures(out, report)?;
        errors(out, report)?;
        out.write_str("</body></html>\n")
    }
}

fn mappings(out: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    out.write_str(
        "<table><tr><th>Mapping</th><th>Action</th><th class=n>Rows</th><th class=n>Sent</th>\
         <th class=n>Filtered</th><th class=n>Rejected</th><th>Reasons</th></tr>",
    )?;
    for mapping in &report.mappings {
        let MappingReport {
            name,
            action,
            rows,
            sent,
            filtered,
            rejected,
            ..
        } = mapping;
        write!(
            out,
            "<tr><td>{}</td><td>{action}</td><td class=n>{rows}</td><td class=n>{sent}</td>\
             <td class=n>{filtered}</td><td class=n>{rejected}</td><td>",
            Text(name)
        )?;
        for (code, count) in &mapping.reasons {
            write!(out, "{}: {count} ", Text(code))?;
        }
        out.write_str("</td></tr>")?;
    }
    out.write_str("</table>")
}

fn totals(out: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let rows: [(&str, u64); 9] = [
        ("Rows read", report.rows),
        ("API calls", report.api_calls),
        ("Users (distinct ids)", report.users),
        ("Requests", report.requests),
        ("Retries", report.retries),
        ("Bytes read", report.bytes.read),
        ("Bytes of JSON", report.bytes.json),
        ("Bytes on the wire", report.bytes.wire),
        ("Jobs failed", report.jobs.failed),
    ];
    out.write_str("<table>")?;
    for (name, count) in rows {
        write!(out, "<tr><th>{name}</th><td class=n>{count}</td></tr>")?;
    }
    out.write_str("</table>")
}

fn failures(out: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    if report.failures.is_empty() {
        return Ok(());
    }
    out.write_str("<h2>Failed jobs</h2><table><tr><th>Job</th><th>Code</th><th>Message</th></tr>")?;
    for failure in &report.failures {
        let (code, message) = (Text(&failure.code), Text(&failure.message));
        write!(
            out,
            "<tr><td><code>{}</code></td><td>{code}</td><td>{message}</td></tr>",
            failure.job
        )?;
    }
    out.write_str("</table>")
}

fn errors(out: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    if report.errors.is_empty() {
        return Ok(());
    }
    out.write_str(
        "<h2>First rejected rows</h2><table><tr><th>Object</th><th class=n>Row</th><th>Mapping</th>\
         <th>Reason</th></tr>",
    )?;
    for error in &report.errors {
        let row = error
            .row
            .map_or_else(|| format!("at byte {}", error.offset), |row| row.to_string());
        let mapping = error.mapping.as_deref().unwrap_or("all");
        write!(
            out,
            "<tr><td><code>{}</code></td><td class=n>{row}</td><td>{}</td><td>{}: {}</td></tr>",
            Text(&error.object),
            Text(mapping),
            Text(&error.code),
            Text(&error.message)
        )?;
    }
    out.write_str("</table><p>All of them, with the rows, are under <code>rejected/</code> in the ledger.</p>")
}

fn word(status: ledger::RunStatus) -> &'static str {
    match status {
        ledger::RunStatus::Succeeded => "succeeded",
        ledger::RunStatus::Partial => "partial",
        ledger::RunStatus::Failed => "failed",
    }
}

/// Shows a value as text of the page, whatever is in it: nothing of it is markup, or acts on what stands around it, or is a formula
/// where a cell is pasted.
struct Text<T>(T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Visible(&self.0).to_string();
        if text.trim_start().starts_with(FORMULA) {
            out.write_str("&#39;")?;
        }
        for character in text.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                other => out.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
