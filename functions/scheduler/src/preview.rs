//! A look at the newest extract's first rows, for those who try a sync out: nothing is planned.

use extract::{Chunk, CsvSplitter, Format, Layout, MAX_ROW_BYTES};
use futures::TryStreamExt;
use ledger::{ObjectPin, PlannedObject, Sync};
use platform::{Location, Meta, Objects, Stores};

use crate::{ScheduleError, extract as extracts, object};

/// How many of a CSV object's first bytes are read for its header: any header that can be read ends within them.
const HEAD_BYTES: u64 = 2 * MAX_ROW_BYTES as u64;

/// Returns the first object of the newest complete extract at `locations`, as `sync` reads it, in one chunk; of an object that
/// is named alone, that object. Only its first bytes are read, whatever its size, so how many rows it has is not known.
///
/// # Errors
/// When there is no complete extract, or the object's format or columns are not what the sync says.
pub async fn preview(stores: &Stores, locations: &[Location], sync: &Sync) -> Result<PlannedObject, ScheduleError> {
    let found = extracts::find(stores, locations, sync.source.complete).await?;
    let newest = found.into_iter().max_by_key(|extract| extract.modified);
    let pin = newest.into_iter().flat_map(|extract| extract.objects).next();
    let pin = pin.ok_or_else(|| ScheduleError::NoExtract {
        location: locations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    })?;
    let store = stores.open(&pin.store)?;
    head(&*store, pin, sync).await
}

async fn head(objects: &dyn Objects, pin: ObjectPin, sync: &Sync) -> Result<PlannedObject, ScheduleError> {
    let meta = object::meta(&pin);
    let mut layout = sync.source.layout(object::format(objects, &meta, sync).await?);
    let mut start = 0;
    if layout.format == Format::Csv && meta.size > 0 {
        start = csv_head(objects, &meta, &mut layout).await?;
        object::check_columns(&meta, &layout, sync)?;
    }
    let chunk = Chunk {
        start,
        end: meta.size,
        first_row: Some(1),
    };
    let chunks = if start < meta.size { vec![chunk] } else { Vec::new() };
    Ok(object::planned(pin, layout, chunks, None))
}

/// Reads the header into `layout` and returns where the first row begins.
async fn csv_head(objects: &dyn Objects, meta: &Meta, layout: &mut Layout) -> Result<u64, ScheduleError> {
    let end = meta.size.min(HEAD_BYTES);
    let mut splitter = CsvSplitter::new(layout.csv.clone(), u64::MAX);
    let mut blocks = objects.read(meta, 0..end).await?;
    while let Some(block) = blocks.try_next().await? {
        splitter.push(&block);
    }
    let plan = object::name_columns(splitter.finish(), meta, layout)?;
    Ok(plan.chunks.first().map_or(end, |chunk| chunk.start))
}
