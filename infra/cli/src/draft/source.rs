//! The text of a document up to its mappings: where rows come from, and how they are read.

use std::fmt::Write;

use extract::{Dialect, Format};

use super::guess;
use super::sample::Sample;
use super::write::{remarked, word};

/// Writes the lines up to `mappings`.
pub(super) fn head(out: &mut String, sync: &str, extract: &str, samples: &[Sample], is_mixed: bool) {
    let first = &samples[0];
    let rows: usize = samples.iter().map(|sample| sample.rows).sum();
    let (names, more) = match samples {
        [one] => (one.name.clone(), String::new()),
        _ => (first.name.clone(), format!(" and {} more", samples.len() - 1)),
    };
    let _ = writeln!(
        out,
        "# Drafted from {rows} row{} of {names}{more}.",
        if rows == 1 { "" } else { "s" }
    );
    let _ = writeln!(out, "# Look through it, then try it out: backhaul test <this file>");
    let _ = writeln!(
        out,
        "{}",
        remarked(&format!("sync: {}", word(sync)), "unique among your syncs")
    );
    let _ = writeln!(out, "source:");
    let _ = writeln!(
        out,
        "{}",
        remarked(
            &format!("  extract: {}", word(extract)),
            "a file or folder; in AWS s3://bucket/prefix/"
        )
    );
    let format = samples.iter().all(|sample| sample.format == first.format);
    let format = if format { first.format.as_str() } else { "auto" };
    let _ = writeln!(out, "  format: {format}");
    if let Some(sample) = samples.iter().find(|sample| sample.format == Format::Csv) {
        csv(out, sample, is_mixed);
    }
    if !is_mixed {
        id(out, first);
        changes(out, first);
    }
    types(out, samples);
    let _ = writeln!(out, "destination:");
    let _ = writeln!(out, "{}", remarked("  region: us", "or eu"));
    let _ = writeln!(
        out,
        "  write_key: {{env: SEGMENT_WRITE_KEY}} # in AWS {{secret: backhaul/{sync}}}, the secret's id in Secrets Manager"
    );
}

/// Writes what differs from the usual dialect.
fn csv(out: &mut String, sample: &Sample, is_mixed: bool) {
    let (given, usual) = (&sample.dialect, Dialect::default());
    let mut lines = Vec::new();
    if given.delimiter != usual.delimiter {
        lines.push(format!("    delimiter: {}", character(given.delimiter)));
    }
    if let Some(quote) = given.quote.filter(|quote| Some(*quote) != usual.quote) {
        lines.push(format!("    quote: {}", character(quote)));
    }
    if !given.header && !is_mixed {
        let names: Vec<String> = sample.names().iter().map(|name| word(name)).collect();
        lines.push(remarked(
            "    header: false",
            "the first line holds values; name the columns:",
        ));
        lines.push(format!("    columns: [{}]", names.join(", ")));
    }
    if given.null != usual.null {
        let words: Vec<String> = given
            .null
            .iter()
            .map(|word| serde_json::Value::from(word.as_str()).to_string())
            .collect();
        lines.push(remarked(
            &format!("    \"null\": [{}]", words.join(", ")),
            "cells that stand for no value",
        ));
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "  csv:\n{}", lines.join("\n"));
    }
}

fn character(byte: u8) -> String {
    serde_json::Value::from(char::from(byte).to_string()).to_string()
}

fn id(out: &mut String, sample: &Sample) {
    match guess::id(sample) {
        Some(column) => {
            let line = format!("  id: {}", word(&column.name));
            let _ = writeln!(
                out,
                "{}",
                remarked(&line, "tells rows apart: a row sent again has the same message id")
            );
        }
        None => {
            let _ = writeln!(
                out,
                "  # id: <column>                         # no column is different in every row: a row is told by its place"
            );
        }
    }
}

fn changes(out: &mut String, sample: &Sample) {
    let found = sample
        .columns
        .iter()
        .find_map(|column| Some((column, guess::changes(column)?)));
    let Some((column, lists)) = found else { return };
    let lists = lists
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(change, values)| {
            let values: Vec<String> = values.iter().map(|value| word(value)).collect();
            format!("{change}: [{}]", values.join(", "))
        });
    let lists: Vec<String> = lists.collect();
    let name = word(&column.name);
    let _ = writeln!(
        out,
        "  # Column {name} looks like what became of the row. If it is, triggers can tell new rows from others with:"
    );
    let _ = writeln!(out, "  # changes: {{column: {name}, {}}}", lists.join(", "));
}

/// Writes the types of CSV columns that are not plain text. Files of one extract may disagree; then text is safe.
fn types(out: &mut String, samples: &[Sample]) {
    let mut lines: Vec<(String, Option<guess::Typed>)> = Vec::new();
    for column in samples
        .iter()
        .filter(|sample| sample.format == Format::Csv)
        .flat_map(|sample| &sample.columns)
    {
        let typed = guess::typed(column);
        match lines.iter_mut().find(|(name, _)| *name == column.name) {
            None if column.given().next().is_some() => lines.push((column.name.clone(), typed)),
            Some((_, known)) if *known != typed && column.given().next().is_some() => *known = None,
            _ => {}
        }
    }
    let lines: Vec<String> = lines
        .into_iter()
        .filter_map(|(name, typed)| {
            let typed = typed?;
            Some(remarked(
                &format!("    {}: {}", word(&name), typed.kind.as_str()),
                typed.why,
            ))
        })
        .collect();
    if !lines.is_empty() {
        let _ = writeln!(
            out,
            "{}",
            remarked(
                "  types:",
                "cells are text; guessed from the rows, and what is not here stays text"
            )
        );
        let _ = writeln!(out, "{}", lines.join("\n"));
    }
}
