//! Listings of any length, over a store's pages.

use futures::{Stream, TryStreamExt, stream};

use super::{Meta, Objects};
use crate::ObjectError;

/// Returns the objects under `prefix` in the order of their keys, a page at a time; no page is empty.
///
/// # Errors
/// Those of [`Objects::list`], as the stream's last item.
pub fn pages<'o>(
    objects: &'o dyn Objects,
    prefix: &'o str,
) -> impl Stream<Item = Result<Vec<Meta>, ObjectError>> + Send + 'o {
    pages_after(objects, prefix, None)
}

/// Returns the same of the objects whose keys come after `after`.
///
/// # Errors
/// Those of [`pages`].
pub fn pages_after<'o>(
    objects: &'o dyn Objects,
    prefix: &'o str,
    after: Option<String>,
) -> impl Stream<Item = Result<Vec<Meta>, ObjectError>> + Send + 'o {
    objects.list_pages(prefix, after)
}

/// Returns the pages of a listing, each asked for by the last key of the one before.
pub(super) fn of_lists<'o, O: Objects + ?Sized>(
    objects: &'o O,
    prefix: &'o str,
    after: Option<String>,
) -> impl Stream<Item = Result<Vec<Meta>, ObjectError>> + Send + 'o {
    stream::try_unfold(after, move |after: Option<String>| async move {
        let page = objects.list(prefix, after.as_deref()).await?;
        let last = page.last().map(|object| object.key.clone());
        Ok(last.map(|last| (page, Some(last))))
    })
}

/// Returns all objects under `prefix` in the order of their keys, for prefixes whose listing fits in memory.
///
/// # Errors
/// Those of [`Objects::list`].
pub async fn list_all(objects: &dyn Objects, prefix: &str) -> Result<Vec<Meta>, ObjectError> {
    pages(objects, prefix).try_concat().await
}
