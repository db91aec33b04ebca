//! Which extracts there are: objects found, grouped as the sync's completeness rule says.

use ledger::{Complete, ExtractIdentity, ObjectPin};
use platform::{Location, Meta, Objects, Stores};

use crate::ScheduleError;

/// Name of the empty object that says that its folder is complete.
const MARKER: &str = "_SUCCESS";

/// One complete unload from the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extract {
    /// Its objects, in the order of their keys.
    pub(crate) objects: Vec<ObjectPin>,
}

impl Extract {
    pub(crate) fn identity(&self) -> ExtractIdentity {
        ExtractIdentity::of(&self.objects)
    }
}

/// Returns the complete extracts at `locations`, in the order of the locations and, in each, of the keys.
///
/// # Errors
/// [`ScheduleError::NoExtract`] if there is nothing at one of the locations.
pub(crate) async fn find(
    stores: &Stores,
    locations: &[Location],
    complete: Complete,
) -> Result<Vec<Extract>, ScheduleError> {
    let mut extracts = Vec::new();
    for location in locations {
        let (store, key) = location.split();
        let objects = stores.open(&store)?;
        let found = list(&*objects, &key).await?;
        let before = extracts.len();
        extracts.extend(group(&store, &found, complete));
        if extracts.len() == before {
            return Err(ScheduleError::NoExtract {
                location: location.to_string(),
            });
        }
    }
    Ok(extracts)
}

/// Returns the object `key`, or, if there is none, those in the folder of this name.
async fn list(objects: &dyn Objects, key: &str) -> Result<Vec<Meta>, ScheduleError> {
    if !key.is_empty()
        && !key.ends_with('/')
        && let Some(object) = objects.head(key).await?
    {
        return Ok(vec![object]);
    }
    let prefix = if key.is_empty() || key.ends_with('/') {
        key.to_owned()
    } else {
        format!("{key}/")
    };
    let mut found: Vec<Meta> = Vec::new();
    loop {
        let page = objects
            .list(&prefix, found.last().map(|object| object.key.as_str()))
            .await?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

fn group(store: &str, found: &[Meta], complete: Complete) -> Vec<Extract> {
    let data = found.iter().filter(|object| is_data(&object.key));
    let pins = data.map(|object| pin(store, object));
    match complete {
        Complete::Marker => {
            let mut folders: Vec<Extract> = Vec::new();
            for pin in pins.filter(|pin| found.iter().any(|object| object.key == marker_beside(&pin.key))) {
                match folders
                    .last_mut()
                    .filter(|extract| folder(&extract.objects[0].key) == folder(&pin.key))
                {
                    Some(extract) => extract.objects.push(pin),
                    None => folders.push(Extract { objects: vec![pin] }),
                }
            }
            folders
        }
        _ => pins.map(|pin| Extract { objects: vec![pin] }).collect(),
    }
}

/// Whether a key is data's: warehouses put markers and logs beside it, under names that begin with `_` or `.`.
fn is_data(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    !(name.is_empty() || name.starts_with('_') || name.starts_with('.'))
}

fn folder(key: &str) -> &str {
    key.rfind('/').map_or("", |slash| &key[..=slash])
}

fn marker_beside(key: &str) -> String {
    format!("{}{MARKER}", folder(key))
}

fn pin(store: &str, object: &Meta) -> ObjectPin {
    ObjectPin {
        store: store.to_owned(),
        key: object.key.clone(),
        size: object.size,
        etag: object.etag.clone(),
        version: object.version.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metas(keys: &[&str]) -> Vec<Meta> {
        let meta = |key: &&str| Meta {
            key: (*key).to_owned(),
            size: 1,
            etag: "\"e\"".into(),
            version: None,
        };
        keys.iter().map(meta).collect()
    }

    fn keys(extracts: &[Extract]) -> Vec<Vec<&str>> {
        extracts
            .iter()
            .map(|extract| extract.objects.iter().map(|pin| pin.key.as_str()).collect())
            .collect()
    }

    #[test]
    fn each_object_is_an_extract_and_markers_are_not() {
        let found = metas(&["a/.part.crc", "a/1.csv", "a/2.csv", "a/_SUCCESS", "b/"]);
        assert_eq!(keys(&group("s", &found, Complete::Object)), [["a/1.csv"], ["a/2.csv"]]);
    }

    #[test]
    fn folder_is_an_extract_once_its_marker_is_there() {
        let found = metas(&["a/1.csv", "a/2.csv", "a/_SUCCESS", "b/1.csv", "c/1.csv", "c/_SUCCESS"]);
        assert_eq!(
            keys(&group("s", &found, Complete::Marker)),
            [vec!["a/1.csv", "a/2.csv"], vec!["c/1.csv"]]
        );
    }
}
