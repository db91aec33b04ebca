//! A look at the newest extract's first rows, for those who try a sync out: nothing is planned.

use ledger::{PlannedObject, Sync};
use platform::{Location, Stores};

use crate::{ScheduleError, extract, head, object, unread};

/// Returns the first object that a mapping is for, of the newest complete extract at `locations`, as `sync` reads it, in one
/// chunk; of an object that is named alone, that object. Only its first bytes are read, whatever its size, so how many rows it has is not known.
///
/// # Errors
/// When there is no complete extract, or none that a mapping is for, or the object's format or columns are not what the sync says.
pub async fn preview(stores: &Stores, locations: &[Location], sync: &Sync) -> Result<PlannedObject, ScheduleError> {
    let found = extract::find(stores, locations, sync.source.complete).await?;
    let found = unread::read(found.extracts, sync)?;
    let newest = found.into_iter().max_by_key(|extract| extract.modified);
    let mut objects = newest.into_iter().flat_map(|extract| extract.objects);
    let pin = objects.find(|object| unread::is_read(object, sync));
    let pin = pin.ok_or_else(|| ScheduleError::NoExtract {
        location: locations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    })?;
    let store = stores.open(&pin.store)?;
    let (layout, _) = object::layout(&*store, &object::meta(&pin), sync).await?;
    head::one_chunk(&*store, pin, layout, sync).await
}

/// Returns the first objects that mappings are for, at most `limit` of them, each as [`preview`] does.
///
/// # Errors
/// As [`preview`], of any of them.
pub async fn previews(
    stores: &Stores,
    locations: &[Location],
    sync: &Sync,
    limit: usize,
) -> Result<Vec<PlannedObject>, ScheduleError> {
    let found = extract::find(stores, locations, sync.source.complete).await?;
    let found = unread::leave_out(found.extracts, sync)?;
    let objects = found.into_iter().flat_map(|extract| extract.objects);
    let mut heads = Vec::new();
    for pin in objects.filter(|object| unread::is_read(object, sync)).take(limit) {
        let store = stores.open(&pin.store)?;
        let (layout, _) = object::layout(&*store, &object::meta(&pin), sync).await?;
        heads.push(head::one_chunk(&*store, pin, layout, sync).await?);
    }
    Ok(heads)
}
