//! `backhaul validate`

use std::path::{Path, PathBuf};

use ledger::{Fields, Severity, Sync};
use platform::Stores;
use serde_json::json;

use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::{Terminal, note};
use crate::{auto_note, extract_path, problem_text, runtime, warning};

/// Check a sync document: every problem at once, with line, column and what to write instead.
///
/// Warnings are about what is legal and surely wrong. If the sync's extract is on this machine, they include columns that
/// its first rows do not have.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
}

/// Says whether the document can be used.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let document = Document::read(&arguments.sync)?;
    let mut problems = document.review.problems.clone();
    if let Some(sync) = &document.review.sync {
        problems.extend(missing_columns(&document, sync));
        problems.sort();
    }
    let (path, counts) = (document.path.display(), problem_text::count(&problems));
    let is_usable = problems.iter().all(|problem| problem.severity != Severity::Error);
    let end = match document.review.sync.as_ref().filter(|_| is_usable) {
        Some(sync) if problems.is_empty() => format!("{path}: sync `{}` is valid", sync.name),
        Some(sync) => format!("{path}: sync `{}` is valid, with {counts}", sync.name),
        None => format!("{path}: {counts}: the document cannot be used"),
    };
    let text = [document.describe(&problems), end];
    let text = text
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    let valid = document.review.sync.is_some() && is_usable;
    terminal.answer(&text, &json!({"valid": valid, "problems": problems}));
    if let Some(sync) = &document.review.sync {
        runtime::start(1)?.block_on(tell_of_columns(&document.path, sync));
    }
    Ok(if valid { Exit::Done } else { Exit::Unusable })
}

/// Returns what the extract lacks. That it cannot be read is no problem of the document.
fn missing_columns(document: &Document, sync: &Sync) -> Vec<ledger::Problem> {
    let missing = runtime::start(1).and_then(|runtime| runtime.block_on(warning::missing_in_extract(document, sync)));
    missing.unwrap_or_else(|error| {
        note(&format!("the extract was not looked at: {error}"));
        Vec::new()
    })
}

/// Says what `fields: auto` makes of the extract's columns, if it is on this machine. An extract that cannot be read was told
/// of when it was looked at for missing columns.
async fn tell_of_columns(document: &Path, sync: &Sync) {
    let has_auto = sync.mappings.iter().any(|mapping| mapping.fields == Fields::Auto);
    if !has_auto || sync.source.extract.contains("://") {
        return;
    }
    let stores = Stores::default();
    let Ok(locations) = extract_path::locate(&[], document, &sync.source.extract) else {
        return;
    };
    let Ok(objects) = scheduler::previews(&stores, &locations, sync, auto_note::LOOKED_AT).await else {
        return;
    };
    if let Err(error) = auto_note::tell(&stores, sync, &objects).await {
        note(&format!("the extract's columns were not looked at: {error}"));
    }
}
