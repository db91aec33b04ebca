//! The beginning of an object: enough to know its columns, and the plan of an object that is read in one go.

use extract::{Chunk, Compression, CsvSplitter, Format, Inflate, Layout, MAX_ROW_BYTES};
use futures::TryStreamExt;
use ledger::{ObjectPin, PlannedObject, Sync};
use platform::{Meta, Objects};

use crate::{ScheduleError, object, parquet};

/// How much of a CSV object's text is read for its header: any header that can be read ends within it.
const HEAD_BYTES: usize = 2 * MAX_ROW_BYTES;

/// Returns the plan of an object in one chunk, having read no more than its head. How many rows it has is not known.
pub(crate) async fn one_chunk(
    objects: &dyn Objects,
    pin: ObjectPin,
    mut layout: Layout,
    sync: &Sync,
) -> Result<PlannedObject, ScheduleError> {
    if layout.format == Format::Parquet {
        return parquet::head(objects, pin, layout, sync).await;
    }
    let meta = object::meta(&pin);
    // How long a compressed text is shows only at its end.
    let end = layout.compression.map_or(meta.size, |_| u64::MAX);
    let mut chunk = Chunk {
        start: 0,
        end,
        first_row: Some(1),
    };
    let head = if layout.format == Format::Csv {
        text(objects, &meta, layout.compression, HEAD_BYTES).await?
    } else {
        Vec::new()
    };
    // Compressed, no text at all has some bytes too.
    let is_empty = meta.size == 0 || (layout.format == Format::Csv && head.is_empty());
    if layout.format == Format::Csv && !is_empty {
        chunk.start = csv_head(&head, &meta, sync, &mut layout)?;
        object::check_columns(&meta, &layout, sync)?;
    }
    let chunks = if !is_empty && chunk.start < end {
        vec![chunk]
    } else {
        Vec::new()
    };
    Ok(object::planned(pin, layout, chunks, None))
}

/// Reads the header into `layout` and returns where in the text the first row begins.
fn csv_head(head: &[u8], meta: &Meta, sync: &Sync, layout: &mut Layout) -> Result<u64, ScheduleError> {
    let mut splitter = CsvSplitter::new(layout.csv.clone(), u64::MAX);
    splitter.push(head);
    let plan = object::name_columns(splitter.finish(), meta, sync, layout)?;
    Ok(plan.chunks.first().map_or(head.len() as u64, |chunk| chunk.start))
}

/// Returns the first `length` bytes of an object's text, or all of it, if it is shorter. No more of the object is read than that takes.
pub(crate) async fn text(
    objects: &dyn Objects,
    meta: &Meta,
    compression: Option<Compression>,
    length: usize,
) -> Result<Vec<u8>, ScheduleError> {
    let mut text = Vec::new();
    let mut inflate = compression
        .map(Inflate::new)
        .transpose()
        .map_err(object::unreadable(meta))?;
    let end = if inflate.is_some() {
        meta.size
    } else {
        meta.size.min(length as u64)
    };
    let mut blocks = objects.read(meta, 0..end).await?;
    let mut may_go_on = true;
    while may_go_on
        && text.len() < length
        && let Some(block) = blocks.try_next().await?
    {
        match &mut inflate {
            None => text.extend_from_slice(&block),
            Some(inflate) => {
                inflate.push(&block);
                may_go_on = inflate
                    .read_up_to(length, &mut text)
                    .map_err(object::unreadable(meta))?;
            }
        }
    }
    // An object that ends before that much text may be cut off.
    if let Some(inflate) = inflate.as_mut().filter(|_| may_go_on && text.len() < length) {
        inflate.complete();
        inflate
            .read_up_to(length, &mut text)
            .map_err(object::unreadable(meta))?;
    }
    text.truncate(length);
    Ok(text)
}
