//! One object of an extract, planned: its format, its columns, its chunks.

use std::sync::Arc;

use extract::{Chunk, Compression, CsvPlan, ExtractError, Format, Layout, LineNumbers, detect, jsonl_chunks};
use futures::TryStreamExt;
use ledger::{ObjectPin, PlannedObject, Rows, Sync};
use platform::{Meta, Objects};

use crate::cost::{self, ChunkSize};
use crate::scan::Scan;
use crate::{ScheduleError, head, parquet, unread};

/// How many of an object's first bytes are looked at to tell its format, and how long its rows are.
const PROBE_BYTES: usize = 16 << 10;

/// How the objects of a run are cut.
#[derive(Debug)]
pub(crate) struct Cutting<'r> {
    pub(crate) size: ChunkSize<'r>,
    pub(crate) scan: Scan,
    /// As in [`crate::Splitting`].
    pub(crate) number_rows: bool,
}

/// Returns the object's plan: CSV is read once, to find where its rows begin; JSONL is cut without being read.
///
/// # Errors
/// When the object is not what it was when it was listed, or cannot be split.
pub(crate) async fn plan(
    objects: &dyn Objects,
    pin: ObjectPin,
    sync: &Sync,
    cutting: &Cutting<'_>,
) -> Result<PlannedObject, ScheduleError> {
    let meta = meta(&pin);
    let chunk_bytes = cutting.size.of(&pin);
    let (mut layout, first) = layout(objects, &meta, sync).await?;
    if layout.format == Format::Parquet {
        return parquet::plan(objects, pin, layout, sync, chunk_bytes).await;
    }
    if layout.compression.is_some() {
        return head::one_chunk(objects, pin, layout, sync).await;
    }
    let chunk_bytes = chunk_bytes(cost::row_bytes(&layout, &first));
    drop(first);
    let (chunks, rows) = if layout.format == Format::Csv {
        let splitter = cutting.scan.split(objects, &meta, &layout.csv, chunk_bytes).await?;
        let plan = name_columns(splitter.finish(), &meta, sync, &mut layout)?;
        (plan.chunks, Some(plan.rows))
    } else {
        let chunks = jsonl_chunks(meta.size, chunk_bytes);
        if cutting.number_rows {
            number(objects, &meta, chunks).await?
        } else {
            (chunks, None)
        }
    };
    if layout.format == Format::Csv && meta.size > 0 {
        check_columns(&meta, &layout, sync)?;
    }
    Ok(planned(pin, layout, chunks, rows))
}

/// Returns what a store reads a pinned object by.
pub(crate) fn meta(pin: &ObjectPin) -> Meta {
    Meta {
        key: pin.key.clone(),
        size: pin.size,
        etag: pin.etag.clone(),
        version: pin.version.clone(),
        modified: None,
    }
}

pub(crate) fn planned(pin: ObjectPin, layout: Layout, chunks: Vec<Chunk>, rows: Option<u64>) -> PlannedObject {
    let ObjectPin {
        store,
        key,
        size,
        etag,
        version,
    } = pin;
    PlannedObject {
        store,
        key,
        size,
        etag,
        version,
        layout: Arc::new(layout),
        chunks,
        retried: Vec::new(),
        rows,
        unreadable: None,
    }
}

/// Returns how an object is to be read, with the first bytes of its text: its format and compression by the sync or, where that
/// does not say, by the object.
pub(crate) async fn layout(
    objects: &dyn Objects,
    meta: &Meta,
    sync: &Sync,
) -> Result<(Layout, Vec<u8>), ScheduleError> {
    let mut first = head::text(objects, meta, None, PROBE_BYTES).await?;
    let compression = Compression::detect(&first);
    if compression.is_some() {
        first = head::text(objects, meta, compression, PROBE_BYTES).await?;
    }
    let format = format(meta, sync, &first)?;
    if format == Format::Parquet && compression.is_some() {
        return Err(ScheduleError::WrongParquet {
            object: meta.key.clone(),
            but: "compressed as a whole",
            remedy: "unload it as it is, its columns are compressed",
        });
    }
    let layout = Layout {
        compression,
        ..sync.source.layout(format)
    };
    Ok((layout, first))
}

fn format(meta: &Meta, sync: &Sync, first: &[u8]) -> Result<Format, ScheduleError> {
    let object = || meta.key.clone();
    let found = detect(&meta.key, first);
    match sync.source.chosen_format() {
        // No text has no rows in any format.
        None if first.is_empty() => Ok(found.unwrap_or(Format::Csv)),
        None => found.ok_or_else(|| ScheduleError::UnknownFormat { object: object() }),
        Some(Format::Csv | Format::Jsonl) if found == Some(Format::Parquet) => Err(ScheduleError::WrongParquet {
            object: object(),
            but: "where `source.format` says it is text",
            remedy: "write `format: parquet`, or `auto`",
        }),
        Some(chosen) => Ok(chosen),
    }
}

/// Returns what makes an error of the reason why an object cannot be read.
pub(crate) fn unreadable(meta: &Meta) -> impl Fn(ExtractError) -> ScheduleError + '_ {
    |source| ScheduleError::Unreadable {
        object: meta.key.clone(),
        source,
    }
}

/// Reads the object once to give every chunk the number of its first row.
async fn number(
    objects: &dyn Objects,
    meta: &Meta,
    chunks: Vec<Chunk>,
) -> Result<(Vec<Chunk>, Option<u64>), ScheduleError> {
    let mut numbers = LineNumbers::new(chunks);
    let mut blocks = objects.read(meta, 0..meta.size).await?;
    while let Some(block) = blocks.try_next().await? {
        numbers.push(&block);
    }
    let (chunks, rows) = numbers.finish();
    Ok((chunks, Some(rows)))
}

/// Gives `layout` the columns that a CSV object's header names, unless the sync names them.
pub(crate) fn name_columns(
    plan: Result<CsvPlan, ExtractError>,
    meta: &Meta,
    sync: &Sync,
    layout: &mut Layout,
) -> Result<CsvPlan, ScheduleError> {
    let plan = plan.map_err(unreadable(meta))?;
    if meta.size == 0 {
        return Ok(plan);
    }
    if layout.columns.is_empty() {
        layout.columns.clone_from(&plan.columns);
    } else if layout.csv.header && layout.columns.len() != plan.columns.len() {
        let (named, header) = (layout.columns.len(), plan.columns.len());
        return Err(ScheduleError::ColumnCount {
            object: meta.key.clone(),
            named,
            header,
        });
    }
    check_types(meta, sync, layout)?;
    Ok(plan)
}

/// Refuses columns and types that do not go together. Of a mixed extract, types of columns that this object does not have are
/// left out.
pub(crate) fn check_types(meta: &Meta, sync: &Sync, layout: &mut Layout) -> Result<(), ScheduleError> {
    if unread::is_mixed(sync) {
        let Layout { columns, types, .. } = layout;
        types.retain(|column, _| columns.contains(column));
    }
    layout.check_columns().map_err(unreadable(meta))
}

/// Refuses an object without the column that tells its records apart: every one of its rows would be rejected.
pub(crate) fn check_columns(meta: &Meta, layout: &Layout, sync: &Sync) -> Result<(), ScheduleError> {
    let id = sync.source.id.as_deref().filter(|_| sync.source.rows == Rows::Records);
    match id.filter(|id| !layout.columns.iter().any(|column| column == id)) {
        None => Ok(()),
        Some(id) => Err(ScheduleError::MissingColumn {
            object: meta.key.clone(),
            column: id.to_owned(),
            option: "source.id",
            columns: extract::listed(&layout.columns),
        }),
    }
}
