//! Extracts on this machine: paths and patterns to locations.

use std::path::{Path, PathBuf};

use ledger::SyncName;
use platform::Location;

use crate::error::CliError;

/// Returns where the extracts are: at `given`, relative to the working folder, or else where the sync document says,
/// relative to the document's folder. Patterns (`*`, `?`, `[..]`) name files of this machine.
///
/// # Errors
/// When a path or pattern matches nothing.
pub(crate) fn locate(given: &[String], document: &Path, named: &str) -> Result<Vec<Location>, CliError> {
    if given.is_empty() {
        let folder = crate::document::folder(document);
        return expand(named, &folder, "`source.extract`");
    }
    let mut locations = Vec::new();
    for place in given {
        locations.extend(expand(place, Path::new("."), "`--extract`")?);
    }
    Ok(locations)
}

/// Whether functions could read `place`: it is in S3.
pub(crate) fn is_remote(place: &str) -> bool {
    matches!(Location::parse(place), Ok(Location::S3 { .. }))
}

/// Returns the places that functions of the stack with this ledger bucket read extracts of `sync` from, for people.
pub(crate) fn places(bucket: Option<&str>, sync: &SyncName) -> String {
    let bucket = bucket.unwrap_or("<ledger bucket>");
    format!("s3://{bucket}/extracts/{sync}/, or a bucket of ExtractBucketArns")
}

/// Returns what is at `place`, a path or pattern relative to `base` that `origin` names.
///
/// # Errors
/// When it matches nothing, or is malformed.
pub(crate) fn expand(place: &str, base: &Path, origin: &'static str) -> Result<Vec<Location>, CliError> {
    if place.is_empty() {
        return Err(CliError::Pattern {
            pattern: String::new(),
            problem: "it is empty".to_owned(),
        });
    }
    if place.starts_with("s3://") {
        return Ok(vec![Location::parse(place)?]);
    }
    let nothing = || CliError::NoExtract {
        place: place.to_owned(),
        origin,
        base: std::path::absolute(base)
            .unwrap_or_else(|_| base.to_owned())
            .display()
            .to_string(),
    };
    let path = base.join(place);
    if let Ok(found) = path.canonicalize() {
        return Ok(vec![Location::Path(found)]);
    }
    let malformed = |problem: String| CliError::Pattern {
        pattern: place.to_owned(),
        problem,
    };
    let pattern = path.to_str().ok_or_else(nothing)?;
    let matches = glob::glob(pattern).map_err(|error| malformed(error.to_string()))?;
    let found: Vec<PathBuf> = matches.filter_map(|entry| entry.ok()?.canonicalize().ok()).collect();
    if found.is_empty() {
        Err(nothing())
    } else {
        Ok(found.into_iter().map(Location::Path).collect())
    }
}
