//! Objects that no mapping is for: left out, and named to whoever reads the log.

use std::collections::BTreeSet;

use extract::Format;
use ledger::{FilePattern, ObjectPin, Plan, Sync};

use crate::ScheduleError;
use crate::extract::Extract;

/// Beginnings of file names that Segment's recipe knows besides the five actions (Segment docs, "Amazon S3 from Lambda").
const NOT_CARRIED: [(&str, &str); 2] = [
    ("alias", "alias calls are not among the five actions that are sent"),
    ("object", "objects go to Segment's Objects API, not to its Tracking API"),
];

/// Whether a mapping is for the object. The destination may be off: whether anything is sent is another question.
pub(crate) fn is_read(object: &ObjectPin, sync: &Sync) -> bool {
    let path = format!("{}/{}", object.store, object.key);
    sync.mappings
        .iter()
        .any(|mapping| mapping.enabled && mapping.reads(&path))
}

/// Leaves out the extracts without any object that a mapping is for, and names each such object in the log. They stay
/// unclaimed: a later document may read them.
///
/// # Errors
/// [`ScheduleError::NothingRead`] if no extract is left.
pub(crate) fn leave_out(extracts: Vec<Extract>, sync: &Sync) -> Result<Vec<Extract>, ScheduleError> {
    let unread: Vec<String> = unread(&extracts, sync).map(|object| object.key.clone()).collect();
    let kept = read(extracts, sync)?;
    for object in unread {
        let why = reason(&object, sync);
        tracing::warn!("no mapping is for `{object}`, so it is not sent: {why}");
    }
    Ok(kept)
}

/// Returns the extracts with an object that a mapping is for.
///
/// # Errors
/// [`ScheduleError::NothingRead`] if there is none, though there are objects.
pub(crate) fn read(extracts: Vec<Extract>, sync: &Sync) -> Result<Vec<Extract>, ScheduleError> {
    let first = unread(&extracts, sync).next().cloned();
    let has_read = |extract: &Extract| extract.objects.iter().any(|object| is_read(object, sync));
    let kept: Vec<Extract> = extracts.into_iter().filter(has_read).collect();
    match first {
        Some(object) if kept.is_empty() => Err(ScheduleError::NothingRead {
            why: reason(&object.key, sync),
            object: object.key,
        }),
        _ => Ok(kept),
    }
}

fn unread<'e>(extracts: &'e [Extract], sync: &'e Sync) -> impl Iterator<Item = &'e ObjectPin> {
    let objects = extracts.iter().flat_map(|extract| &extract.objects);
    objects.filter(move |object| !is_read(object, sync))
}

/// Returns why no mapping is for the object `key`.
fn reason(key: &str, sync: &Sync) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let known = NOT_CARRIED.iter().find(|(word, _)| {
        name.strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(['_', '-', '.']))
    });
    if let Some((_, why)) = known {
        return (*why).to_owned();
    }
    let enabled = sync.mappings.iter().filter(|mapping| mapping.enabled);
    let patterns: Vec<&str> = enabled
        .flat_map(|mapping| &mapping.files)
        .map(FilePattern::as_str)
        .collect();
    format!("its name fits none of `files`: {}", patterns.join(", "))
}

/// Says which columns of `source.types` no object of a mixed extract has; of an extract whose objects are alike each object is checked.
/// Which columns JSON lines have shows only when they are read.
pub(crate) fn warn_of_types(plan: &Plan) {
    if plan.objects.iter().any(|object| object.layout.format == Format::Jsonl) {
        return;
    }
    let there: BTreeSet<&String> = plan.objects.iter().flat_map(|object| &object.layout.columns).collect();
    for column in plan
        .sync
        .source
        .types
        .keys()
        .filter(|column| is_mixed(&plan.sync) && !there.contains(column))
    {
        tracing::warn!("`source.types` names a column `{column}` that no object has");
    }
}

/// Whether the sync's objects may have different columns: some mapping is not for all of them.
pub(crate) fn is_mixed(sync: &Sync) -> bool {
    sync.mappings.iter().any(|mapping| !mapping.files.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sync(mappings: &str) -> Sync {
        let text = format!(
            "{{sync: a, source: {{extract: x}}, destination: {{write_key: {{env: K}}}}, mappings: {mappings}}}"
        );
        Sync::parse(&text).unwrap()
    }

    fn extract(keys: &[&str]) -> Extract {
        let pin = |key: &&str| ObjectPin {
            store: "s3://acme".into(),
            key: (*key).to_owned(),
            size: 1,
            etag: "e".into(),
            version: None,
        };
        Extract {
            objects: keys.iter().map(pin).collect(),
            ..Extract::default()
        }
    }

    #[test]
    fn extract_without_an_object_to_read_is_left_out() {
        let sync = sync("auto");
        let mixed = extract(&["d/notes.csv", "d/track_1.csv"]);
        let kept = leave_out(vec![extract(&["alias_1.csv"]), mixed.clone()], &sync).unwrap();
        assert_eq!(kept, [mixed]);
    }

    #[test]
    fn nothing_to_read_at_all_is_an_error_that_says_why() {
        let error = |key: &str| leave_out(vec![extract(&[key])], &sync("auto")).unwrap_err().to_string();
        assert_eq!(
            error("drop/alias_1.csv"),
            "no mapping is for `drop/alias_1.csv` or any other object: alias calls are not among the five actions that are sent"
        );
        assert!(error("object_rooms_1.csv").contains("Objects API"));
        assert!(error("aliases.csv").contains("fits none of `files`: track_*, track-*, track.*, identify_*"));
    }

    #[test]
    fn mapping_without_files_reads_everything() {
        let all = sync("[{name: a, action: track, fields: auto}]");
        assert!(leave_out(vec![extract(&["alias_1.csv"])], &all).is_ok());
        assert!(!is_mixed(&all) && is_mixed(&sync("auto")));
    }
}
