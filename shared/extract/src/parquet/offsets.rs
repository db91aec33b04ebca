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
    /// Returns what is to be read of the columns' indexes; `None` if there are none, if they lie outside of the object or so far apart that
    /// it does not pay, or if they say more than is kept: those of many columns may lie in the same place.
    pub(super) fn of(group: &RowGroupMetaData, leaves: &[usize], object_size: u64) -> Option<Self> {
        let columns: Vec<_> = leaves.iter().map(|leaf| range_of(group.column(*leaf))).collect();
        let start = columns.iter().flatten().map(|range| range.start).min()?;
        let end = columns.iter().flatten().map(|range| range.end).max()?;
        let lengths = columns.iter().flatten().map(|range| range.end - range.start);
        let longest = lengths.fold(0, u64::saturating_add).max(end - start);
        (end <= object_size && longest <= MAX_OFFSET_INDEX_BYTES).then_some(Self {
            range: start..end,
            bytes: Vec::new(),
            columns,
        })
    }

    /// How many bytes are to be read in all.
    pub(super) fn length(&self) -> u64 {
        self.range.end - self.range.start
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
    use std::sync::Arc;

    use parquet::schema::types::SchemaDescriptor;

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

    #[test]
    fn indexes_outside_of_the_object_or_longer_than_is_kept_are_not_read() {
        let schema = parquet::schema::parser::parse_message_type("message m { required int32 a; required int32 b; }");
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema.unwrap())));
        let group = |ranges: [(i64, i32); 2]| {
            let column = |(place, (offset, length))| {
                ColumnChunkMetaData::builder(schema.column(place))
                    .set_offset_index_offset(Some(offset))
                    .set_offset_index_length(Some(length))
                    .build()
                    .unwrap()
            };
            let columns = ranges.into_iter().enumerate().map(column).collect();
            let group = RowGroupMetaData::builder(Arc::clone(&schema)).set_column_metadata(columns);
            group.build().unwrap()
        };
        let length = |ranges, size| OffsetIndexes::of(&group(ranges), &[0, 1], size).map(|indexes| indexes.length());
        let most = i32::try_from(MAX_OFFSET_INDEX_BYTES).unwrap();
        assert_eq!(length([(100, 20), (130, 40)], 170), Some(70));
        assert_eq!(length([(100, 20), (130, 40)], 169), None);
        assert_eq!(length([(100, 20), (130, 0)], 169), Some(20));
        assert_eq!(
            length([(100, 20), (i64::from(most) + 80, 20)], u64::MAX),
            Some(MAX_OFFSET_INDEX_BYTES)
        );
        assert_eq!(length([(100, 20), (i64::from(most) + 81, 20)], u64::MAX), None);
        assert_eq!(length([(100, most / 2 + 1), (100, most / 2)], u64::MAX), None);
        assert_eq!(length([(-1, 20), (100, -1)], u64::MAX), None);
    }
}
