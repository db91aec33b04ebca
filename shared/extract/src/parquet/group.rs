//! One row group: which bytes of which column next, and batches once all columns have their rows.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector};
use parquet::column::page::{PageIterator, PageReader};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::column::Column;
use super::guard::guarded;
use super::offsets::OffsetIndexes;
use super::schema::Projection;
use super::shared::Shared;
use super::waiting::Kept;
use crate::ExtractError;
use crate::limit::{BATCH_ROWS, MAX_RANGE_BYTES, PARQUET_BUFFER_BYTES, REQUEST_BYTES};

/// The row group that is being read.
#[derive(Debug)]
pub(super) struct Group {
    /// Rows of the group.
    rows: u64,
    /// Rows decoded or skipped.
    decoded: u64,
    /// What is read first: where the pages are, so that those before the first row wanted can be left out.
    indexes: Option<OffsetIndexes>,
    columns: Vec<Shared>,
    reader: ParquetRecordBatchReader,
}

impl Group {
    /// Opens a row group of which nothing before the row `first` is wanted. Batches begin with that row, or with one before it.
    pub(super) fn open(
        metadata: &Arc<ParquetMetaData>,
        index: usize,
        projection: &Projection,
        object_size: u64,
        first: u64,
    ) -> Result<Self, ExtractError> {
        let group = metadata.row_group(index);
        let rows = u64::try_from(group.num_rows()).unwrap_or_default();
        let kept = Kept::default();
        let skipped = skipped(group, &projection.leaves, first);
        let column = |leaf: &usize| Column::new(group.column(*leaf), object_size, &kept, skipped).map(Shared::new);
        let columns = projection.leaves.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let indexes = OffsetIndexes::of(group, &projection.leaves, object_size);
        let before = bytes_before(group, &projection.leaves, skipped);
        let source = Source {
            metadata,
            group,
            leaves: &projection.leaves,
            columns: &columns,
        };
        let batch = usize::try_from(BATCH_ROWS).unwrap_or(usize::MAX);
        let levels = &projection.levels;
        let reader = guarded(|| {
            let selection = selection(skipped, rows);
            ParquetRecordBatchReader::try_new_with_row_groups(levels, &source, batch, selection)
        })?;
        Ok(Self {
            rows,
            decoded: skipped,
            indexes: indexes.filter(|indexes| before > indexes.length() + REQUEST_BYTES),
            columns,
            reader,
        })
    }

    /// Returns the bytes to read next, so that the group's first `rows` rows can be decoded; nothing if they can be.
    ///
    /// They are those that all columns need for as many further rows as the buffer holds, in the order of the object, so that they
    /// can be fetched at the same time.
    pub(super) fn wants(&self, rows: u64) -> VecDeque<Range<u64>> {
        let mut ranges = VecDeque::new();
        if let Some(index) = self.indexes.as_ref().and_then(OffsetIndexes::wants) {
            ranges.push_back(index);
            return ranges;
        }
        let rows = self.whole_batches(rows);
        if self.failure(rows).is_some() {
            return ranges;
        }
        let target = self.target(rows);
        let mut wanted: Vec<_> = self
            .columns
            .iter()
            .flat_map(|column| column.lock().ranges(target, self.rows))
            .collect();
        wanted.sort_unstable_by_key(|range| range.start);
        for range in wanted {
            match ranges.back_mut() {
                Some(Range { start, end }) if *end == range.start && range.end - *start <= MAX_RANGE_BYTES => {
                    *end = range.end;
                }
                _ => ranges.push_back(range),
            }
        }
        ranges
    }

    /// Returns how many rows have to be there to decode the first `rows`: batches are decoded whole.
    fn whole_batches(&self, rows: u64) -> u64 {
        rows.div_ceil(BATCH_ROWS).saturating_mul(BATCH_ROWS).min(self.rows)
    }

    /// Returns up to which row columns are read next: from the row that the first of them lacks, as many as the buffer holds if they
    /// are as long as the average of what is left, but one batch at least, and no more than `rows`.
    fn target(&self, rows: u64) -> u64 {
        let lacking = || {
            let columns = self.columns.iter().map(Shared::lock);
            columns.filter(|column| column.left() > 0 && column.rows() < rows)
        };
        let least = lacking().map(|column| column.rows()).min().unwrap_or(rows);
        let remaining = |column: &Column| u128::from((self.rows - column.rows()).max(1));
        // In 2^20ths of a byte.
        let row: u128 = lacking()
            .map(|column| (u128::from(column.left()) << 20) / remaining(&column))
            .sum();
        // Two thirds, as pages are not cut and columns not as even as that.
        let room = (u128::from(PARQUET_BUFFER_BYTES) << 20) * 2 / 3 / row.max(1);
        let room = u64::try_from(room).unwrap_or(u64::MAX);
        rows.min(least.saturating_add(room.max(BATCH_ROWS)))
    }

    /// Takes bytes from `at` on, which [`Group::wants`] asked for.
    pub(super) fn push(&mut self, mut at: u64, mut block: &[u8]) {
        if let Some(indexes) = &mut self.indexes {
            indexes.push(block);
            if indexes.wants().is_none() {
                self.leave_out();
            }
            return;
        }
        for column in &self.columns {
            let mut column = column.lock();
            let run = column.run().clone();
            // What goes before it was asked for by a column that goes back for its dictionary.
            let before = run
                .start
                .checked_sub(at)
                .and_then(|before| usize::try_from(before).ok());
            let Some(rest) = before.and_then(|before| block.get(before..)) else {
                continue;
            };
            if rest.is_empty() || column.left() == 0 {
                continue;
            }
            let length = usize::try_from(run.end - run.start)
                .unwrap_or(usize::MAX)
                .min(rest.len());
            let (taken, rest) = rest.split_at(length);
            column.push(taken);
            at = run.start + length as u64;
            block = rest;
        }
    }

    /// Leaves out the pages that are not wanted, as the indexes have them.
    fn leave_out(&mut self) {
        let indexes = self.indexes.take();
        let pages = indexes.iter().flat_map(OffsetIndexes::pages);
        for (column, pages) in self.columns.iter().zip(pages) {
            if let Some(pages) = pages {
                column.lock().leave_out(pages, self.rows);
            }
        }
    }

    /// Returns the next batch, if all of its rows are there.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        let expected = BATCH_ROWS.min(self.rows - self.decoded);
        let is_there = |column: &Shared| column.lock().rows() >= self.decoded + expected;
        if expected == 0 || !self.columns.iter().all(is_there) {
            return Ok(None);
        }
        let batch = guarded(|| self.reader.next().transpose())?;
        let batch = batch.filter(|batch| batch.num_rows() as u64 == expected);
        self.decoded += expected;
        batch.map(Some).ok_or_else(fewer_rows)
    }

    /// Returns why there will be no batches up to the group's first `rows` rows.
    pub(super) fn failure(&self, rows: u64) -> Option<ExtractError> {
        let rows = self.whole_batches(rows);
        let failure = self.columns.iter().find_map(|column| column.lock().failure().cloned());
        failure.or_else(|| {
            let is_short = |column: &Shared| {
                let column = column.lock();
                column.left() == 0 && column.rows() < rows
            };
            self.columns.iter().any(is_short).then(fewer_rows)
        })
    }

    /// The Arrow types of the columns that are read.
    pub(super) fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }

    /// How many rows were decoded or skipped.
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    pub(super) fn is_done(&self) -> bool {
        self.decoded == self.rows
    }

    /// As a footer would that is wrong.
    #[cfg(test)]
    pub(super) fn say_no_page_is_indirect(&mut self) {
        self.columns
            .iter()
            .for_each(|column| column.lock().say_no_page_is_indirect());
    }

    /// How many bytes are kept.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.columns.iter().map(|column| column.lock().buffered()).sum()
    }
}

/// Returns how many rows before `first` need not be decoded: whole batches. Where rows have several values, their pages have to be decoded
/// anyway to know which rows they are of, and would have to be kept.
fn skipped(group: &RowGroupMetaData, leaves: &[usize], first: u64) -> u64 {
    let is_flat = |leaf: &usize| group.column(*leaf).column_descr().max_rep_level() == 0;
    if leaves.iter().all(is_flat) {
        first / BATCH_ROWS * BATCH_ROWS
    } else {
        0
    }
}

/// About how many bytes the first `rows` rows take in these columns.
fn bytes_before(group: &RowGroupMetaData, leaves: &[usize], rows: u64) -> u64 {
    let size = |leaf: &usize| u128::try_from(group.column(*leaf).compressed_size()).unwrap_or_default();
    let all = u128::try_from(group.num_rows()).unwrap_or_default().max(1);
    let bytes = leaves.iter().map(size).sum::<u128>() * u128::from(rows) / all;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Returns what to read of a group's rows; `None`: all.
fn selection(skipped: u64, rows: u64) -> Option<RowSelection> {
    let count = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
    let selectors = vec![
        RowSelector::skip(count(skipped)),
        RowSelector::select(count(rows - skipped)),
    ];
    (skipped > 0).then(|| selectors.into())
}

fn fewer_rows() -> ExtractError {
    ExtractError::broken_parquet("a column has fewer rows than the footer says")
}

/// The columns of one row group, as Apache's reader wants them.
struct Source<'g> {
    metadata: &'g ParquetMetaData,
    group: &'g RowGroupMetaData,
    leaves: &'g [usize],
    columns: &'g [Shared],
}

/// Hands out the pages of one column, once.
struct Once(Option<Shared>);

impl Iterator for Once {
    type Item = ParquetResult<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(|column| Ok(Box::new(column) as Box<dyn PageReader>))
    }
}

impl PageIterator for Once {}

impl RowGroups for Source<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.group.num_rows()).unwrap_or_default()
    }

    fn column_chunks(&self, leaf: usize) -> ParquetResult<Box<dyn PageIterator>> {
        let place = self.leaves.iter().position(|read| *read == leaf);
        let column = place.and_then(|place| self.columns.get(place)).cloned();
        let missing = || ParquetError::General(format!("column {leaf} is not among those that are read"));
        Ok(Box::new(Once(Some(column.ok_or_else(missing)?))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.group))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}
