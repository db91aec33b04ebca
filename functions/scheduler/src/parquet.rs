//! A Parquet object, planned from its footer.

use extract::{Chunk, Layout, ParquetFooter, ParquetPlan};
use futures::TryStreamExt;
use ledger::{ObjectPin, PlannedObject, Sync};
use platform::{Meta, Objects};

use crate::{ScheduleError, object};

/// How many rows the first chunk of a head has: whoever looks at the first rows reads no more than that.
const HEAD_ROWS: u64 = 1_000;

/// Returns the object's plan in chunks of about as many bytes as `chunk_bytes` says of rows of so many, having read no more than
/// its footer.
///
/// # Errors
/// When the object is not what it was when it was listed, or cannot be read.
pub(crate) async fn plan(
    objects: &dyn Objects,
    pin: ObjectPin,
    layout: Layout,
    sync: &Sync,
    chunk_bytes: impl FnOnce(u64) -> u64,
) -> Result<PlannedObject, ScheduleError> {
    let size = pin.size;
    planned(objects, pin, layout, sync, |plan| {
        let row_bytes = size.div_ceil(plan.rows().max(1));
        plan.chunks(chunk_bytes(row_bytes))
    })
    .await
}

/// Returns the plan of an object whose first rows are looked at.
///
/// # Errors
/// As [`plan`].
pub(crate) async fn head(
    objects: &dyn Objects,
    pin: ObjectPin,
    layout: Layout,
    sync: &Sync,
) -> Result<PlannedObject, ScheduleError> {
    let chunk = |start: u64, end: u64| Chunk {
        start,
        end,
        first_row: Some(start + 1),
    };
    planned(objects, pin, layout, sync, |plan| {
        let (first, rows) = (plan.rows().min(HEAD_ROWS), plan.rows());
        let chunks = [chunk(0, first), chunk(first, rows)];
        chunks.into_iter().filter(|chunk| chunk.start < chunk.end).collect()
    })
    .await
}

async fn planned(
    objects: &dyn Objects,
    pin: ObjectPin,
    mut layout: Layout,
    sync: &Sync,
    cut: impl FnOnce(&ParquetPlan) -> Vec<Chunk>,
) -> Result<PlannedObject, ScheduleError> {
    if pin.size == 0 {
        return Ok(object::planned(pin, layout, Vec::new(), Some(0)));
    }
    let meta = object::meta(&pin);
    let plan = footer(objects, &meta).await?;
    layout.columns = plan.columns();
    object::check_types(&meta, sync, &mut layout)?;
    object::check_columns(&meta, &layout, sync)?;
    let chunks = cut(&plan);
    Ok(object::planned(pin, layout, chunks, Some(plan.rows())))
}

async fn footer(objects: &dyn Objects, meta: &Meta) -> Result<ParquetPlan, ScheduleError> {
    let mut footer = ParquetFooter::new(meta.size);
    while let Some(range) = footer.wants() {
        let mut blocks = objects.read(meta, range).await?;
        while let Some(block) = blocks.try_next().await? {
            footer.push(&block);
        }
    }
    footer.finish().map_err(object::unreadable(meta))
}
