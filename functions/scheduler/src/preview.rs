//! A look at the extracts that there are and at the newest one's first rows, for those who try a sync out: nothing is planned.

use futures::{StreamExt, TryStreamExt, stream};
use ledger::{ObjectPin, PlannedObject, Sync};
use platform::{Location, Stores};

use crate::{ScheduleError, extract, head, object, unread};

/// How many objects are looked at at once.
const AT_ONCE: usize = 16;

/// How much lies where a sync's extracts land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// Complete extracts that a mapping is for.
    pub extracts: usize,
    /// Their objects that a mapping is for.
    pub objects: usize,
    /// Bytes of these objects.
    pub bytes: u64,
    /// When the newest of the extracts was written, in seconds since 1970, if the store tells.
    pub newest: Option<i64>,
}

/// Returns how much there is at `locations`, whether it was sent or not. Objects are listed and not read, but for manifests.
///
/// # Errors
/// When there is no complete extract, or none that a mapping is for, or a location cannot be listed.
pub async fn survey(stores: &Stores, locations: &[Location], sync: &Sync) -> Result<Survey, ScheduleError> {
    let found = extract::find(stores, locations, sync.source.complete).await?;
    let mut survey = Survey::default();
    for extract in unread::read(found.extracts, sync)? {
        let read: Vec<_> = extract
            .objects
            .iter()
            .filter(|object| unread::is_read(object, sync))
            .collect();
        survey.extracts += 1;
        survey.objects += read.len();
        survey.bytes += read.iter().map(|object| object.size).sum::<u64>();
        survey.newest = survey.newest.max(extract.modified);
    }
    if survey.extracts == 0 {
        return Err(no_extract(locations));
    }
    Ok(survey)
}

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
    let pin = pin.ok_or_else(|| no_extract(locations))?;
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
    let pins = read_pins(stores, locations, sync).await?;
    heads(stores, sync, pins.into_iter().take(limit)).await
}

/// Returns at most `limit` of the objects that mappings are for, evenly spread over all of them, each as [`preview`] does.
///
/// # Errors
/// As [`preview`], of any of them.
pub async fn sample(
    stores: &Stores,
    locations: &[Location],
    sync: &Sync,
    limit: usize,
) -> Result<Vec<PlannedObject>, ScheduleError> {
    let pins = read_pins(stores, locations, sync).await?;
    let step = pins.len().div_ceil(limit.max(1)).max(1);
    heads(stores, sync, pins.into_iter().step_by(step)).await
}

async fn read_pins(stores: &Stores, locations: &[Location], sync: &Sync) -> Result<Vec<ObjectPin>, ScheduleError> {
    let found = extract::find(stores, locations, sync.source.complete).await?;
    let found = unread::leave_out(found.extracts, sync)?;
    let objects = found.into_iter().flat_map(|extract| extract.objects);
    Ok(objects.filter(|object| unread::is_read(object, sync)).collect())
}

async fn heads(
    stores: &Stores,
    sync: &Sync,
    pins: impl Iterator<Item = ObjectPin>,
) -> Result<Vec<PlannedObject>, ScheduleError> {
    let heads = stream::iter(pins).map(|pin| async move {
        let store = stores.open(&pin.store)?;
        let (layout, _) = object::layout(&*store, &object::meta(&pin), sync).await?;
        head::one_chunk(&*store, pin, layout, sync).await
    });
    heads.buffered(AT_ONCE).try_collect().await
}

fn no_extract(locations: &[Location]) -> ScheduleError {
    ScheduleError::NoExtract {
        location: locations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
