//! Which extracts there are: objects found, grouped as the sync's completeness rule says.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use ledger::{Complete, ExtractIdentity, ObjectPin, Plan, PlannedObject, RunId, SyncName};
use platform::{Location, Meta, Stores, list_all};
use xxhash_rust::xxh3::xxh3_128;

use crate::ScheduleError;
use crate::manifest::{self, is_manifest};

pub(crate) use completed::completed_by;

mod completed;

/// Name of the empty object that says that its folder is complete.
const MARKER: &str = "_SUCCESS";

/// One complete unload from the warehouse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Extract {
    /// Its objects, in the order of their keys, or in that of its manifest.
    pub(crate) objects: Vec<ObjectPin>,
    /// When the last of them was written, in seconds since 1970, if the store tells.
    pub(crate) modified: Option<i64>,
}

impl Extract {
    fn of(store: &str, object: &Meta) -> Self {
        let mut extract = Self::default();
        extract.add(store, object);
        extract
    }

    pub(crate) fn add(&mut self, store: &str, object: &Meta) {
        self.objects.push(pin(store, object));
        self.written_at(object);
    }

    /// Takes note of when an object that belongs to the extract was written.
    pub(crate) fn written_at(&mut self, object: &Meta) {
        self.modified = self.modified.max(object.modified);
    }

    /// Returns when it was complete, if the store tells.
    pub(crate) fn landed_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.modified?).ok()
    }

    pub(crate) fn identity(&self) -> ExtractIdentity {
        ExtractIdentity::of(&self.objects)
    }

    /// Returns the run that has the extract alone, once a store tells of it: the same one however often it tells.
    pub(crate) fn own_run(&self, sync: &SyncName, destination: Option<&str>) -> RunId {
        let written = self.landed_at().unwrap_or_default();
        let what = format!("{sync} {} {}", self.identity(), destination.unwrap_or_default());
        let hash = xxh3_128(what.as_bytes()).to_le_bytes();
        RunId::new(written, std::array::from_fn(|place| hash[place]))
    }
}

/// The extracts that there are.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) extracts: Vec<Extract>,
    /// What is wrong with extracts that should be there: each names a manifest.
    pub(crate) faults: Vec<ScheduleError>,
}

impl Found {
    fn all(extracts: Vec<Extract>) -> Self {
        let faults = Vec::new();
        Self { extracts, faults }
    }

    fn is_empty(&self) -> bool {
        self.extracts.is_empty() && self.faults.is_empty()
    }
}

/// The objects that a plan has.
#[derive(Debug)]
pub(crate) struct Planned(HashSet<ExtractIdentity>);

impl Planned {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self::of_objects(plan.objects.iter())
    }

    pub(crate) fn of_objects<'o>(objects: impl Iterator<Item = &'o PlannedObject>) -> Self {
        Self(objects.map(|object| ExtractIdentity::of([&object.pin()])).collect())
    }

    /// Returns the identity of each object, as an extract of its own.
    pub(crate) fn objects(&self) -> impl Iterator<Item = ExtractIdentity> {
        self.0.iter().copied()
    }

    /// Returns what the plan does not have of an extract; `None` if it has all of it.
    pub(crate) fn rest_of(&self, extract: &Extract) -> Option<Extract> {
        let objects = extract.objects.iter();
        let rest: Vec<ObjectPin> = objects
            .filter(|object| !self.0.contains(&ExtractIdentity::of([*object])))
            .cloned()
            .collect();
        (!rest.is_empty()).then_some(Extract {
            objects: rest,
            modified: extract.modified,
        })
    }
}

/// Returns the complete extracts at `locations`, in the order of the locations and, in each, of the keys. An object that is found
/// twice counts once. Manifests that cannot be followed are logged and among the faults.
///
/// # Errors
/// [`ScheduleError::NoExtract`] if there is nothing at one of the locations; what is wrong with a manifest, if there is no
/// extract at all.
pub(crate) async fn find(stores: &Stores, locations: &[Location], complete: Complete) -> Result<Found, ScheduleError> {
    let mut all = Found::default();
    let mut seen = HashSet::new();
    for location in locations {
        let (store, key) = location.split();
        let found = list(stores, &store, &key, complete).await?;
        if found.is_empty() {
            return Err(ScheduleError::NoExtract {
                location: location.to_string(),
            });
        }
        let extracts = found.extracts.into_iter();
        all.extracts
            .extend(extracts.filter(|extract| seen.insert(extract.identity())));
        all.faults.extend(found.faults);
    }
    if all.extracts.is_empty() && !all.faults.is_empty() {
        return Err(all.faults.swap_remove(0));
    }
    for fault in &all.faults {
        tracing::error!(error = %fault, "extract is not planned");
    }
    Ok(all)
}

/// Returns the object `key`, complete since it was named alone, or else the extracts in the folder of this name. A manifest that is
/// named alone is what it names.
async fn list(stores: &Stores, store: &str, key: &str, complete: Complete) -> Result<Found, ScheduleError> {
    let objects = stores.open(store)?;
    let is_folder = key.is_empty() || key.ends_with('/');
    if !is_folder && let Some(object) = objects.head(key).await? {
        if complete == Complete::Manifest && is_manifest(key) {
            return manifest::find(stores, store, &manifest::within(key), &[], &[&object]).await;
        }
        return Ok(Found::all(each(store, &[object])));
    }
    let prefix = if is_folder { key.to_owned() } else { format!("{key}/") };
    let listed = list_all(&*objects, &prefix).await?;
    match complete {
        Complete::Object => Ok(Found::all(each(store, &listed))),
        Complete::Marker => Ok(Found::all(marked(store, &listed).into_values().collect())),
        Complete::Manifest => {
            let manifests: Vec<&Meta> = listed.iter().filter(|object| is_manifest(&object.key)).collect();
            manifest::find(stores, store, &prefix, &listed, &manifests).await
        }
    }
}

/// Returns each object as an extract.
fn each(store: &str, found: &[Meta]) -> Vec<Extract> {
    data(found).map(|object| Extract::of(store, object)).collect()
}

/// Returns each folder with a marker in it as an extract, by its name.
fn marked<'f>(store: &str, found: &'f [Meta]) -> BTreeMap<&'f str, Extract> {
    let marked: HashSet<&str> = found.iter().filter_map(|object| marked_folder(&object.key)).collect();
    let mut folders: BTreeMap<&str, Extract> = BTreeMap::new();
    for object in data(found) {
        // Partitions lie in folders of their own, below the marker.
        if let Some(folder) = ancestors(&object.key).find(|folder| marked.contains(folder)) {
            folders.entry(folder).or_default().add(store, object);
        }
    }
    folders
}

/// Returns the folder that a key marks as complete, if it is a marker's.
fn marked_folder(key: &str) -> Option<&str> {
    let folder = key.strip_suffix(MARKER)?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}

fn data(found: &[Meta]) -> impl Iterator<Item = &Meta> {
    found.iter().filter(|object| is_data(&object.key))
}

/// Returns the folders that a key is in, nearest first, each with its slash; the last is the store itself.
fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    let slashes = key.rmatch_indices('/').map(|(slash, _)| &key[..=slash]);
    slashes.chain(std::iter::once(""))
}

/// Endings of what people put beside data: the sync document itself, and notes.
const NOT_DATA: [&str; 3] = [".yaml", ".yml", ".md"];

/// Whether a key is data's: warehouses put markers and logs beside it, under names that begin with `_` or `.`.
fn is_data(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    let is_beside = NOT_DATA.iter().any(|ending| name.ends_with(ending));
    !(name.is_empty() || name.starts_with('_') || name.starts_with('.') || is_beside)
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
            modified: None,
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
        let found = metas(&["a/.part.crc", "a/1.csv", "a/2.csv", "a/_SUCCESS", "a/sync.yaml", "b/"]);
        assert_eq!(keys(&each("s", &found)), [["a/1.csv"], ["a/2.csv"]]);
    }

    #[test]
    fn folder_is_an_extract_once_its_marker_is_there() {
        let found = metas(&[
            "a/1.csv",
            "a/_SUCCESS",
            "a/x=1/2.csv",
            "b/1.csv",
            "c/1.csv",
            "c/_SUCCESS",
            "c/d/1.csv",
            "c/d/_SUCCESS",
            "c/z.csv",
        ]);
        assert_eq!(
            keys(&marked("s", &found).into_values().collect::<Vec<_>>()),
            [
                vec!["a/1.csv", "a/x=1/2.csv"],
                vec!["c/1.csv", "c/z.csv"],
                vec!["c/d/1.csv"]
            ]
        );
    }
}
