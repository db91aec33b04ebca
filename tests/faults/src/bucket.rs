//! A bucket in memory, as S3 keeps it: objects by key, each written whole, and whom it tells of them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use platform::{Created, Meta};
use xxhash_rust::xxh3::xxh3_64;

use crate::time;

/// The bucket's name, as notifications have it.
pub const NAME: &str = "backhaul";

/// The bucket's place, as sync documents and plans have it.
pub const PLACE: &str = "s3://backhaul";

/// Whoever is told of an object that was written.
pub type Told = Box<dyn Fn(&str) + Send + Sync>;

/// Objects, and what was done to them.
#[derive(Default)]
pub struct Bucket {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Object>,
    /// Keys that were written over with something else.
    overwritten: Vec<String>,
    /// Keys that were written again, with whatever.
    again: Vec<String>,
    writes: u64,
    /// What lay where extracts do, in the order of time.
    extracts: Vec<Stay>,
    told: Option<Arc<Told>>,
}

/// An object of an extract, as long as it was there.
#[derive(Debug, Clone)]
pub struct Stay {
    /// Its key.
    pub key: String,
    /// Its content's tag.
    pub etag: String,
    /// Since when.
    pub from: Duration,
    /// Until when, if it is not there any more.
    pub until: Option<Duration>,
}

/// One object.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it holds.
    pub body: Bytes,
    /// What S3 says of it.
    pub meta: Meta,
}

impl Bucket {
    /// Has `told` be told of every object that is written.
    pub fn tell(&self, told: Told) {
        self.lock().told = Some(Arc::new(told));
    }

    /// Returns the object under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Object> {
        self.lock().objects.get(key).cloned()
    }

    /// Returns a page of at most `most` objects whose keys begin with `prefix` and come after `after`.
    #[must_use]
    pub fn list(&self, prefix: &str, after: Option<&str>, most: usize) -> Vec<Meta> {
        let inner = self.lock();
        let from = after
            .filter(|after| *after >= prefix)
            .map_or(Bound::Included(prefix), Bound::Excluded);
        let objects = inner.objects.range::<str, _>((from, Bound::Unbounded));
        objects
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(most)
            .map(|(_, object)| object.meta.clone())
            .collect()
    }

    /// Returns all objects whose keys begin with `prefix`.
    #[must_use]
    pub fn all(&self, prefix: &str) -> Vec<(String, Bytes)> {
        let inner = self.lock();
        let objects = inner.objects.iter().filter(|(key, _)| key.starts_with(prefix));
        objects
            .map(|(key, object)| (key.clone(), object.body.clone()))
            .collect()
    }

    /// Writes an object unless there is one.
    pub fn create(&self, key: &str, body: Bytes) -> Created {
        if self.lock().objects.contains_key(key) {
            return Created::Exists;
        }
        self.put(key, body);
        Created::New
    }

    /// Writes an object, over any other.
    pub fn put(&self, key: &str, body: Bytes) {
        let mut inner = self.lock();
        inner.writes += 1;
        let meta = Meta {
            key: key.to_owned(),
            size: body.len() as u64,
            etag: etag(&body),
            version: None,
            modified: Some(time::now().as_second()),
        };
        let etag = meta.etag.clone();
        inner.stays(key, Some(&etag));
        let old = inner.objects.insert(key.to_owned(), Object { body, meta });
        if old.is_some() {
            inner.again.push(key.to_owned());
        }
        if old.is_some_and(|old| old.meta.etag != etag) {
            inner.overwritten.push(key.to_owned());
        }
        let told = inner.told.clone();
        drop(inner);
        if let Some(told) = told {
            told(key);
        }
    }

    /// Takes an object away.
    pub fn remove(&self, key: &str) {
        let mut inner = self.lock();
        inner.stays(key, None);
        inner.objects.remove(key);
    }

    /// Returns the objects of extracts that ever were there, one that came again as often as it did.
    #[must_use]
    pub fn extracts(&self) -> Vec<Stay> {
        self.lock().extracts.clone()
    }

    /// Returns how many objects were ever written.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// Returns the keys that were written over with something else.
    #[must_use]
    pub fn overwritten(&self) -> Vec<String> {
        self.lock().overwritten.clone()
    }

    /// Returns the keys that were written again, whatever with.
    #[must_use]
    pub fn again(&self) -> Vec<String> {
        self.lock().again.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes note of what lies under a key of an extract from now on.
    fn stays(&mut self, key: &str, etag: Option<&str>) {
        if !key.starts_with("extracts/") {
            return;
        }
        let now = time::elapsed();
        let last = self.extracts.iter_mut().rfind(|stay| stay.key == key);
        if let Some(last) = last.filter(|last| last.until.is_none()) {
            last.until = Some(now);
        }
        self.extracts.extend(etag.map(|etag| Stay {
            key: key.to_owned(),
            etag: etag.to_owned(),
            from: now,
            until: None,
        }));
    }
}

/// Returns the tag of what an object holds.
#[must_use]
pub fn etag(body: &[u8]) -> String {
    format!("\"{:016x}\"", xxh3_64(body))
}
