//! The one narrow door to objects, whether they lie in S3 or in a folder.

use std::fmt::Debug;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};

use crate::ObjectError;

pub(crate) mod folder;
mod key;
pub(crate) mod pages;
pub(crate) mod s3;

/// Most keys one page of [`Objects::list`] holds (S3 API, `ListObjectsV2`, `MaxKeys`).
pub const PAGE_KEYS: usize = 1_000;

/// Largest object, in bytes, that [`Objects::get`] reads whole. Plans and reports stay far below it; extracts are
/// streamed with [`Objects::read`].
pub const MAX_SMALL_OBJECT: u64 = 64 << 20;

/// Bytes of one block of a folder's [`Blocks`]. S3's blocks come as the network delivers them.
pub const BLOCK_BYTES: usize = 256 << 10;

/// The bytes of a range, in order, in blocks of any size. The stream ends after the range's last byte or with its
/// first error.
pub type Blocks = BoxStream<'static, Result<Bytes, ObjectError>>;

/// The objects of a listing in the order of their keys, in pages of which none is empty. The stream ends after the last one or with its
/// first error.
pub type Pages<'o> = BoxStream<'o, Result<Vec<Meta>, ObjectError>>;

/// One version of one object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Meta {
    /// The object's key within its store.
    pub key: String,
    /// Length in bytes.
    pub size: u64,
    /// Entity tag in quotes, as S3 writes it. Opaque: equal tags mean equal content.
    pub etag: String,
    /// Version id, where the bucket keeps versions and the store told it.
    pub version: Option<String>,
    /// When it was written, in seconds since 1970, where the store told it. No part of what pins a version.
    pub modified: Option<i64>,
}

/// What became of a [`Objects::create`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The object was not there and is now.
    New,
    /// An object has this key already; it was left as it is.
    Exists,
}

/// A store of objects: a bucket, or a folder that stands for one.
///
/// Keys are relative paths with `/`. One conformance suite (`tests/conformance.rs`) holds for every implementation.
#[async_trait]
pub trait Objects: Send + Sync + Debug {
    /// The object's current version, or `None` if there is none.
    ///
    /// # Errors
    /// If the key cannot be one, or the store cannot be reached or refuses.
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError>;

    /// A small object's bytes, whole, or `None` if there is none.
    ///
    /// # Errors
    /// As [`Objects::head`]; also if the object is larger than [`MAX_SMALL_OBJECT`].
    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError>;

    /// The bytes of `range` of exactly the version `pin`, streamed. A range beyond the pinned size is cut to it; an
    /// empty one is an empty stream, without a look at the store.
    ///
    /// # Errors
    /// [`ObjectError::Changed`] if the object is not the pinned one any more, [`ObjectError::NotFound`] if it is gone;
    /// both here and, later, as an item of the stream. [`ObjectError::Interrupted`] as an item if the stream broke
    /// off: reading on from there may help.
    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError>;

    /// One page of the objects whose keys start with `prefix` and come after `after`, in byte order of their keys; at
    /// most [`PAGE_KEYS`]. An empty page is the end: ask again with the last key until it comes.
    ///
    /// # Errors
    /// As [`Objects::head`].
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError>;

    /// All pages of [`Objects::list`] after the key `after`, one request each where the store has requests.
    ///
    /// # Errors
    /// Those of [`Objects::list`], as the stream's last item.
    fn list_pages<'o>(&'o self, prefix: &'o str, after: Option<String>) -> Pages<'o> {
        pages::of_lists(self, prefix, after).boxed()
    }

    /// Writes the object unless one has this key: of all that ever try, one is told [`Created::New`]. Never leaves a
    /// part of `body` under the key.
    ///
    /// A caller whose answer got lost on the way is told [`Created::Exists`] when the request is repeated. Who must
    /// know whether the object is its own reads it back.
    ///
    /// # Errors
    /// As [`Objects::head`].
    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError>;

    /// Writes the object, over any other with this key. Readers see the old or the new, never a mixture.
    ///
    /// # Errors
    /// As [`Objects::head`].
    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError>;
}

/// `range`, cut to what the pinned version holds; `None` if nothing is left.
fn within(pin: &Meta, range: Range<u64>) -> Option<Range<u64>> {
    let cut = range.start..range.end.min(pin.size);
    (cut.start < cut.end).then_some(cut)
}

/// The error for an object that is not the pinned one; `found` is what is there now, if that could be told.
fn changed(object: String, pin: &Meta, found: Option<&Meta>) -> ObjectError {
    let describe = |meta: &Meta| format!("{} bytes with etag {}", meta.size, meta.etag);
    let found = found.map_or_else(|| "another version".to_owned(), describe);
    ObjectError::Changed {
        object,
        expected: describe(pin),
        found,
    }
}
