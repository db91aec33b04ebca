//! Where the pages of a column lie, as writers say it between the rows and the footer (Parquet's page index).

use std::collections::VecDeque;
use std::ops::Range;

use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use super::thrift::{Stop, Thrift, kind};
use crate::limit::MAX_OFFSET_INDEX_BYTES;

/// A data page (parquet.thrift, `PageLocation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageStart {
    /// Of its header, in the object.
    pub(super) offset: u64,
    /// Length of its header and body, in bytes.
    pub(super) length: u64,
    /// Its first row, in the row group.
    pub(super) row: u64,
}

/// The offset indexes of the columns of a row group that are read, from where they are pushed to where they are used.
#[derive(Debug)]
pub(super) struct OffsetIndexes {
    /// From the first of them to the end of the last.
    range: Range<u64>,
    bytes: Vec<u8>,
    /// Of each column its index, if it has one.
    columns: Vec<Option<Range<u64>>>,
}

impl OffsetIndexes {
    /// Returns what is to be read of the columns' indexes; `None` if there are none, or if they lie so far apart that it does not pay.
    pub(super) fn of(group: &RowGroupMetaData, leaves: &[usize], object_size: u64) -> Option<Self> {
        let columns: Vec<_> = leaves.iter().map(|leaf| range_of(group.column(*leaf))).collect();
        let start = columns.iter().flatten().map(|range| range.start).min()?;
        let end = columns.iter().flatten().map(|range| range.end).max()?;
        (end <= object_size && end - start <= MAX_OFFSET_INDEX_BYTES).then_some(Self {
            range: start..end,
            bytes: Vec::new(),
            columns,
        })
    }

    /// Returns what is still to be read.
    pub(super) fn wants(&self) -> Option<Range<u64>> {
        let at = self.range.start + self.bytes.len() as u64;
        (at < self.range.end).then_some(at..self.range.end)
    }

    /// Takes the next bytes of what is wanted.
    pub(super) fn push(&mut self, block: &[u8]) {
        self.bytes.extend_from_slice(block);
    }

    /// Returns the pages of each column; `None` for one without an index that can be read.
    pub(super) fn pages(&self) -> impl Iterator<Item = Option<VecDeque<PageStart>>> {
        self.columns.iter().map(|range| {
            let range = range.as_ref()?;
            let place = |offset: u64| usize::try_from(offset - self.range.start).ok();
            read(self.bytes.get(place(range.start)?..place(range.end)?)?).ok()
        })
    }
}

fn range_of(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(column.offset_index_offset()?).ok()?;
    let length = u64::try_from(column.offset_index_length()?).ok()?;
    (length > 0).then_some(start..start.checked_add(length)?)
}

/// Reads an `OffsetIndex` (parquet.thrift): field 1 are its pages.
fn read(bytes: &[u8]) -> Result<VecDeque<PageStart>, Stop> {
    let (mut thrift, mut last) = (Thrift::new(bytes), 0);
    let mut pages = VecDeque::new();
    while let Some(field) = thrift.field(&mut last)? {
        if field != (1, kind::LIST) {
            thrift.skip(field.1)?;
            continue;
        }
        let (length, kind::STRUCT) = thrift.list()? else {
            return Err(Stop::Wrong);
        };
        for _ in 0..length {
            pages.push_back(read_page(&mut thrift)?);
        }
    }
    Ok(pages)
}

fn read_page(thrift: &mut Thrift<'_>) -> Result<PageStart, Stop> {
    let (mut offset, mut length, mut row, mut last) = (None, None, None, 0);
    while let Some((number, found)) = thrift.field(&mut last)? {
        match (number, found) {
            (1, 6) => offset = u64::try_from(thrift.integer()?).ok(),
            (2, 5) => length = u64::try_from(thrift.integer()?).ok(),
            (3, 6) => row = u64::try_from(thrift.integer()?).ok(),
            _ => thrift.skip(found)?,
        }
    }
    let page = |((offset, length), row)| PageStart { offset, length, row };
    offset.zip(length).zip(row).map(page).ok_or(Stop::Wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(offset: u64, length: u64, row: u64) -> PageStart {
        PageStart { offset, length, row }
    }

    #[test]
    fn reads_where_pages_are_and_skips_what_it_does_not_know() {
        // 1: list of two structs of 1: i64, 2: i32, 3: i64; 2: list of one i64.
        let bytes = [
            0x19, 0x2C, 0x16, 8, 0x15, 20, 0x16, 0, 0, 0x16, 28, 0x15, 6, 0x16, 200, 1, 0, 0x19, 0x16, 2, 0,
        ];
        assert_eq!(read(&bytes), Ok([page(4, 10, 0), page(14, 3, 100)].into()));
        assert_eq!(read(&bytes[..12]), Err(Stop::Short));
        let without_row = [0x19, 0x1C, 0x16, 8, 0x15, 20, 0, 0];
        assert_eq!(read(&without_row), Err(Stop::Wrong));
        let of_integers = [0x19, 0x16, 8, 0];
        assert_eq!(read(&of_integers), Err(Stop::Wrong));
    }
}
