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

/// Returns the extracts of the `manifests` in `store`, of which `listed` is known already: what is named there needs no request.
///
/// # Errors
/// When a store fails. What is wrong with one manifest does not keep the others from being read: it is among the faults.
pub(crate) async fn find(
    stores: &Stores,
    store: &str,
    listed: &[Meta],
    manifests: &[&Meta],
) -> Result<Found, ScheduleError> {
    let site = Site {
        stores,
        store,
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

/// The store that manifests are in.
struct Site<'s> {
    stores: &'s Stores,
    store: &'s str,
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
            let Some((store, object)) = named else { continue };
            // Who lists a folder into a file in that folder has the file in the list.
            let is_itself = store == self.store && object.key == manifest.key;
            if !is_itself && seen.insert((store.clone(), object.key.clone())) {
                extract.add(&store, &object);
            }
        }
        extract.written_at(manifest);
        Ok((!extract.objects.is_empty()).then_some(extract))
    }

    /// Returns a named object and its store; `None` if it is not there and need not be.
    async fn named(&self, manifest: &Meta, entry: &Entry) -> Result<Option<(String, Meta)>, ScheduleError> {
        let fault = |problem| ScheduleError::NamedObject {
            manifest: manifest.key.clone(),
            object: entry.name.clone(),
            problem,
        };
        let found = match self.look_for(&manifest.key, &entry.place).await {
            Ok(found) => found,
            Err(ScheduleError::Object(error)) if !error.is_retryable() => return Err(fault(error.to_string())),
            Err(ScheduleError::Platform(error)) => return Err(fault(error.to_string())),
            Err(error) => return Err(error),
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
            (Some((_, object)), Some(size)) if object.size != size => {
                Err(fault(format!("it has {} bytes in place of {size}", object.size)))
            }
            (found, _) => Ok(found),
        }
    }

    async fn look_for(&self, manifest: &str, place: &Place) -> Result<Option<(String, Meta)>, ScheduleError> {
        if let Some((store, key)) = self.elsewhere(place) {
            let object = self.stores.open(&store)?.head(key).await?;
            return Ok(object.map(|object| (store, object)));
        }
        let keys = self.keys(manifest, place);
        let listed = keys.iter().find_map(|key| self.listed.get(key.as_str()));
        if let Some(object) = listed {
            return Ok(Some((self.store.to_owned(), (*object).clone())));
        }
        for key in keys {
            if let Some(object) = self.objects.head(&key).await? {
                return Ok(Some((self.store.to_owned(), object)));
            }
        }
        Ok(None)
    }

    /// Returns store and key of what lies in another bucket than the manifest.
    fn elsewhere<'p>(&self, place: &'p Place) -> Option<(String, &'p str)> {
        let Place::Bucket(bucket, key) = place else { return None };
        let store = format!("s3://{bucket}");
        (self.store.starts_with("s3://") && store != self.store).then_some((store, key.as_str()))
    }

    /// Returns the keys under which a named object may lie in the manifest's store, the likeliest first.
    fn keys(&self, manifest: &str, place: &Place) -> Vec<String> {
        let folder = manifest.rfind('/').map_or("", |slash| &manifest[..=slash]);
        match place {
            Place::Bucket(_, key) if self.store.starts_with("s3://") => vec![key.clone()],
            // A folder of this machine: the unload was downloaded, with as many of its folders as whoever did it chose.
            Place::Bucket(_, key) => tails(key).map(|tail| format!("{folder}{tail}")).collect(),
            Place::Relative(name) => vec![format!("{folder}{name}"), name.clone()],
        }
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
