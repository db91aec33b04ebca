//! Extracts that a manifest names: exactly its objects, in its order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use platform::{Meta, ObjectError, Objects, Stores};

use crate::ScheduleError;
use crate::extract::{Extract, Found};
use list::{Entry, Place};

mod list;

/// How many manifests are read at once, and how many objects of each are looked for at once.
const MANIFESTS_AT_ONCE: usize = 8;
const OBJECTS_AT_ONCE: usize = 16;

/// Endings of manifests' names. Redshift writes `<prefix>manifest`.
const NAMES: [&str; 3] = ["manifest", "manifest.json", "manifest.txt"];

/// Whether a key is a manifest's, by its name.
pub(crate) fn is_manifest(key: &str) -> bool {
    NAMES.iter().any(|name| key.ends_with(name))
}

/// Returns the extracts of the `manifests` in `store`, of which `listed` is known already: what is named there needs no request. They
/// may name objects under `within` only: who may write a manifest is not thereby one who may have any object sent that the functions can
/// read, such as another sync's extract.
///
/// # Errors
/// When a store fails. What is wrong with one manifest does not keep the others from being read: it is among the faults.
pub(crate) async fn find(
    stores: &Stores,
    store: &str,
    within: &str,
    listed: &[Meta],
    manifests: &[&Meta],
) -> Result<Found, ScheduleError> {
    let site = Site {
        store,
        within,
        objects: stores.open(store)?,
        listed: listed.iter().map(|object| (object.key.as_str(), object)).collect(),
    };
    let mut read = stream::iter(manifests)
        .map(|manifest| site.extract(manifest))
        .buffered(MANIFESTS_AT_ONCE);
    let mut found = Found::default();
    while let Some(extract) = read.next().await {
        match extract {
            Ok(extract) => found.extracts.extend(extract),
            Err(error) if error.fault().is_some() => found.faults.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Returns the prefix under which manifests may name objects, of a sync whose `source.extract` names `named`: that folder, or the folder of
/// the one manifest.
pub(crate) fn within(named: &str) -> String {
    if named.is_empty() || named.ends_with('/') {
        named.to_owned()
    } else if is_manifest(named) {
        folder(named).to_owned()
    } else {
        format!("{named}/")
    }
}

/// Returns the folder that a key is in, with its slash; empty for the store itself.
pub(crate) fn folder(key: &str) -> &str {
    key.rfind('/').map_or("", |slash| &key[..=slash])
}

/// The store that manifests are in.
struct Site<'s> {
    store: &'s str,
    within: &'s str,
    objects: Arc<dyn Objects>,
    listed: HashMap<&'s str, &'s Meta>,
}

impl Site<'_> {
    /// Returns the extract of one manifest; `None` if it names nothing, or is gone meanwhile.
    async fn extract(&self, manifest: &Meta) -> Result<Option<Extract>, ScheduleError> {
        let text = match self.objects.get(&manifest.key).await {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(None),
            Err(error @ ObjectError::TooLarge { .. }) => return Err(broken(manifest, error.to_string())),
            Err(error) => return Err(error.into()),
        };
        let entries = list::entries(&text).map_err(|problem| broken(manifest, problem))?;
        let mut objects = stream::iter(&entries)
            .map(|entry| self.named(manifest, entry))
            .buffered(OBJECTS_AT_ONCE);
        let (mut extract, mut seen) = (Extract::default(), HashSet::new());
        while let Some(named) = objects.try_next().await? {
            let Some(object) = named else { continue };
            // Who lists a folder into a file in that folder has the file in the list.
            if object.key != manifest.key && seen.insert(object.key.clone()) {
                extract.add(self.store, &object);
            }
        }
        extract.written_at(manifest);
        Ok((!extract.objects.is_empty()).then_some(extract))
    }

    /// Returns a named object; `None` if it is not there and need not be.
    async fn named(&self, manifest: &Meta, entry: &Entry) -> Result<Option<Meta>, ScheduleError> {
        let fault = |problem| ScheduleError::NamedObject {
            manifest: manifest.key.clone(),
            object: entry.name.clone(),
            problem,
        };
        let keys = self.keys(&manifest.key, &entry.place);
        if keys.is_empty() {
            let (store, within) = (self.store, self.within);
            return Err(fault(format!(
                "it lies outside of `{store}/{within}`, which the sync names"
            )));
        }
        let found = match self.look_for(keys).await {
            Ok(found) => found,
            Err(error) if !error.is_retryable() => return Err(fault(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        match (found, entry.size) {
            (None, _) if entry.is_optional => {
                tracing::warn!(
                    manifest = manifest.key,
                    object = entry.name,
                    "not there, and not mandatory"
                );
                Ok(None)
            }
            (None, _) => Err(fault("it is not there".to_owned())),
            (Some(object), Some(size)) if object.size != size => {
                Err(fault(format!("it has {} bytes in place of {size}", object.size)))
            }
            (found, _) => Ok(found),
        }
    }

    async fn look_for(&self, keys: Vec<String>) -> Result<Option<Meta>, ObjectError> {
        let listed = keys.iter().find_map(|key| self.listed.get(key.as_str()));
        if let Some(object) = listed {
            return Ok(Some((*object).clone()));
        }
        for key in keys {
            if let Some(object) = self.objects.head(&key).await? {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    /// Returns the keys under which a named object may lie, the likeliest first; none, if it can only lie where manifests name nothing.
    fn keys(&self, manifest: &str, place: &Place) -> Vec<String> {
        let folder = folder(manifest);
        let mut keys = match place {
            Place::Bucket(bucket, key) if self.store.starts_with("s3://") => {
                let is_here = self.store.strip_prefix("s3://") == Some(bucket);
                if is_here { vec![key.clone()] } else { Vec::new() }
            }
            // A folder of this machine: the unload was downloaded, with as many of its folders as whoever did it chose.
            Place::Bucket(_, key) => tails(key).map(|tail| format!("{folder}{tail}")).collect(),
            Place::Relative(name) => vec![format!("{folder}{name}"), name.clone()],
        };
        keys.retain(|key| key.starts_with(self.within));
        keys
    }
}

/// Returns the key, the key without its first folder, and so on to the name alone.
fn tails(key: &str) -> impl Iterator<Item = &str> {
    let slashes = key.match_indices('/').map(|(slash, _)| &key[slash + 1..]);
    std::iter::once(key).chain(slashes).filter(|tail| !tail.is_empty())
}

fn broken(manifest: &Meta, problem: String) -> ScheduleError {
    ScheduleError::BrokenManifest {
        manifest: manifest.key.clone(),
        problem,
    }
}

#[cfg(test)]
mod tests;
