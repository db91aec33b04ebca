//! A first sync document, drafted from an extract's columns and first rows.

mod dialect;
mod guess;
mod parquet;
mod sample;
mod shape;
mod source;
mod taken;
mod write;

use std::path::{Path, PathBuf};

use ledger::MAX_NAME_BYTES;
use mapping::Action;

use crate::error::CliError;
use sample::Sample;

/// Files of an extract that are looked at.
const FILES: usize = 20;

/// Returns the text of a document for the files at `place`, which it calls `extract`; with these actions, or else with the one
/// that the rows look like.
///
/// # Errors
/// When there are no files with columns, or they cannot be read.
pub(crate) fn document(place: &Path, extract: &str, actions: &[Action]) -> Result<String, CliError> {
    let nothing = || CliError::NothingToDraft { path: place.to_owned() };
    let samples = files(place)?
        .iter()
        .map(|file| Sample::read(file))
        .collect::<Result<Vec<_>, _>>()?;
    let samples: Vec<Sample> = samples
        .into_iter()
        .filter(|sample| !sample.columns.is_empty())
        .collect();
    let first = samples.first().ok_or_else(nothing)?;
    let sync = name(place);
    let mut out = String::new();
    if actions.is_empty() && samples.iter().any(|sample| action_of(&sample.name).is_some()) {
        source::head(&mut out, &sync, extract, &samples, true);
        let shape = |sample: &Sample| {
            let action = action_of(&sample.name)?;
            Some(shape::recipe(sample, action))
        };
        let files: Vec<_> = samples
            .iter()
            .map(|sample| (sample.name.clone(), shape(sample)))
            .collect();
        write::recipe(&mut out, &files);
        return Ok(out);
    }
    source::head(&mut out, &sync, extract, std::slice::from_ref(first), false);
    out.push_str("mappings:\n");
    if actions.is_empty() {
        let (action, why) = shape::action(first);
        write::mapping(&mut out, &sync, &shape::of(first, action, why));
    }
    for &action in actions {
        write::mapping(&mut out, &sync, &shape::of(first, action, ""));
    }
    Ok(out)
}

/// Returns the files of an extract: itself, or those in the folder, but for markers and hidden ones.
fn files(place: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |source| CliError::File {
        path: place.to_owned(),
        doing: "read",
        source,
    };
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Sync documents and their explanations often lie beside what they are about.
        let is_document = path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml" || end == "md");
        if path.is_file() && !is_document && !name.starts_with(['_', '.']) {
            found.push(path);
        }
    }
    found.sort();
    found.truncate(FILES);
    Ok(found)
}

/// Returns the action that the beginning of a file's name tells, as `mappings: auto` reads it.
fn action_of(file: &str) -> Option<Action> {
    let is_told = |action: &Action| {
        let rest = file.strip_prefix(action.as_str());
        rest.is_some_and(|rest| rest.starts_with(['_', '-', '.']))
    };
    Action::ALL.into_iter().find(is_told)
}

/// Returns a name for the sync of these files: their own, as far as sync names allow.
fn name(place: &Path) -> String {
    let stem = place.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = stem.split('.').next().unwrap_or_default();
    let fits = |c: char| {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            c
        } else {
            '-'
        }
    };
    let name: String = stem.chars().map(fits).take(MAX_NAME_BYTES).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "extract".to_owned()
    } else {
        name.to_owned()
    }
}
