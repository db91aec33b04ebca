//! A plan as JSON: what its objects have in common, their stores and layouts, is written once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use extract::{Chunk, Layout};
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Plan, PlannedObject};
use crate::{FormatVersion, Retried, RunId, Sync};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'p> {
    version: FormatVersion,
    run: RunId,
    created_at: Timestamp,
    sync: Cow<'p, Sync>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_to: Option<Cow<'p, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    landed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_of: Option<RunId>,
    stores: Vec<Cow<'p, str>>,
    layouts: Vec<Cow<'p, Layout>>,
    objects: Vec<WrittenObject<'p>>,
}

/// An object; `store` and `layout` are places in the lists of the plan.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenObject<'p> {
    store: usize,
    key: Cow<'p, str>,
    size: u64,
    etag: Cow<'p, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Cow<'p, str>>,
    layout: usize,
    chunks: Cow<'p, [Chunk]>,
    #[serde(default, skip_serializing_if = "<[Retried]>::is_empty")]
    retried: Cow<'p, [Retried]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unreadable: Option<Cow<'p, str>>,
}

/// Gives each different value its place in a list, in the order in which they come.
struct Places<K>(HashMap<K, usize>);

impl<K: Eq + Hash> Places<K> {
    /// Returns the value's place, and whether it is new.
    fn of(&mut self, value: K) -> (usize, bool) {
        let next = self.0.len();
        let place = *self.0.entry(value).or_insert(next);
        (place, place == next)
    }
}

impl<'p> Written<'p> {
    fn of(plan: &'p Plan) -> Self {
        let (mut stores, mut layouts) = (Vec::new(), Vec::new());
        let (mut store_places, mut layout_places) = (Places(HashMap::new()), Places(HashMap::new()));
        let mut objects = Vec::with_capacity(plan.objects.len());
        for object in &plan.objects {
            let (store, is_new) = store_places.of(object.store.as_str());
            if is_new {
                stores.push(Cow::Borrowed(object.store.as_str()));
            }
            let (layout, is_new) = layout_places.of(Arc::as_ptr(&object.layout));
            if is_new {
                layouts.push(Cow::Borrowed(&*object.layout));
            }
            objects.push(WrittenObject::of(object, store, layout));
        }
        Self {
            version: plan.version,
            run: plan.run,
            created_at: plan.created_at,
            sync: Cow::Borrowed(&plan.sync),
            sent_to: plan.sent_to.as_deref().map(Cow::Borrowed),
            landed_at: plan.landed_at,
            retry_of: plan.retry_of,
            stores,
            layouts,
            objects,
        }
    }

    /// Returns the plan, or `None` if an object has a store or layout that is not in its list.
    fn read(self) -> Option<Plan> {
        let layouts: Vec<Arc<Layout>> = self
            .layouts
            .into_iter()
            .map(|layout| Arc::new(layout.into_owned()))
            .collect();
        let stores = &self.stores;
        let objects = self.objects.into_iter();
        Some(Plan {
            version: self.version,
            run: self.run,
            created_at: self.created_at,
            sync: self.sync.into_owned(),
            sent_to: self.sent_to.map(Cow::into_owned),
            landed_at: self.landed_at,
            retry_of: self.retry_of,
            objects: objects
                .map(|object| object.read(stores, &layouts))
                .collect::<Option<_>>()?,
        })
    }
}

impl<'p> WrittenObject<'p> {
    fn of(object: &'p PlannedObject, store: usize, layout: usize) -> Self {
        Self {
            store,
            key: Cow::Borrowed(&object.key),
            size: object.size,
            etag: Cow::Borrowed(&object.etag),
            version: object.version.as_deref().map(Cow::Borrowed),
            layout,
            chunks: Cow::Borrowed(&object.chunks),
            retried: Cow::Borrowed(&object.retried),
            rows: object.rows,
            unreadable: object.unreadable.as_deref().map(Cow::Borrowed),
        }
    }

    fn read(self, stores: &[Cow<'_, str>], layouts: &[Arc<Layout>]) -> Option<PlannedObject> {
        Some(PlannedObject {
            store: stores.get(self.store)?.to_string(),
            key: self.key.into_owned(),
            size: self.size,
            etag: self.etag.into_owned(),
            version: self.version.map(Cow::into_owned),
            layout: Arc::clone(layouts.get(self.layout)?),
            chunks: self.chunks.into_owned(),
            retried: self.retried.into_owned(),
            rows: self.rows,
            unreadable: self.unreadable.map(Cow::into_owned),
        })
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let plan = Written::deserialize(deserializer)?.read();
        plan.ok_or_else(|| D::Error::custom("an object names a store or layout that is not in the plan's lists"))
    }
}
