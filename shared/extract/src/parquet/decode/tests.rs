use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray};

use super::*;
use crate::limit::PARQUET_BUFFER_BYTES;
use crate::{Dialect, Format};

mod indexed;

const ROWS: usize = 400_000;
const COLUMNS: usize = 6;

fn write(batch: &RecordBatch, codec: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(codec)
        .set_max_row_group_row_count(Some(ROWS))
        .build();
    let mut object = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    object
}

/// One row group of some 90 MB that no codec and no dictionary makes smaller.
fn large_group() -> Vec<u8> {
    let mut state = 1_u64;
    let mut text = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}{:016x}", state.rotate_left(29))
    };
    let column = |index| {
        let values: ArrayRef = Arc::new((0..ROWS).map(|_| Some(text())).collect::<StringArray>());
        (format!("c{index}"), values)
    };
    let batch = RecordBatch::try_from_iter((0..COLUMNS).map(column).collect::<Vec<_>>());
    write(&batch.unwrap(), Compression::UNCOMPRESSED)
}

fn layout() -> Layout {
    Layout {
        format: Format::Parquet,
        compression: None,
        csv: Dialect::default(),
        columns: Vec::new(),
        types: BTreeMap::new(),
    }
}

/// What reading an object took.
struct Taken {
    rows: usize,
    /// The most bytes that were kept.
    most: u64,
    /// How many requests waited for others.
    turns: usize,
}

/// Reads all rows, in blocks of so many bytes; ranges that are known at the same time are one turn.
fn read(object: &[u8], rows: usize, block: usize) -> Taken {
    let layout = layout();
    let chunk = Chunk {
        start: 0,
        end: rows as u64,
        first_row: Some(1),
    };
    let mut decoder = ParquetDecoder::new(&layout, &chunk, object.len() as u64);
    let (mut taken, mut known) = (
        Taken {
            rows: 0,
            most: 0,
            turns: 0,
        },
        BTreeSet::new(),
    );
    while let Some(range) = decoder.wants() {
        if !known.contains(&range.end) {
            taken.turns += 1;
            known = decoder.upcoming().map(|range| range.end).chain([range.end]).collect();
        }
        let start = usize::try_from(range.start).unwrap();
        let end = usize::try_from(range.end).unwrap().min(start + block);
        decoder.push(&object[start..end]);
        taken.most = taken.most.max(decoder.buffered() as u64);
        while let Some(row) = decoder.next_row() {
            row.unwrap();
            taken.rows += 1;
        }
    }
    assert_eq!(decoder.failure(), None);
    taken
}

#[test]
fn keeps_no_more_of_a_row_group_than_its_share_and_asks_for_its_columns_at_the_same_time() {
    let object = large_group();
    let size = object.len() as u64;
    assert!(size > 2 * PARQUET_BUFFER_BYTES, "{size}");
    let Taken { rows, most, turns } = read(&object, ROWS, 64 * 1024);
    assert_eq!(rows, ROWS);
    assert!(most <= PARQUET_BUFFER_BYTES, "{most}");
    // The footer, and the buffer filled to two thirds or so each time. One column after the other it would be 18 and more.
    assert!(turns <= 7, "{turns}");
}

#[test]
fn pages_before_the_chunk_are_neither_decompressed_nor_kept() {
    const ROWS: u64 = 200_000;
    let column: ArrayRef = Arc::new((0..ROWS).map(|row| Some(format!("{row:08}"))).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
    let mut object = write(&batch, Compression::ZSTD(ZstdLevel::default()));
    let read = |object: &[u8], start: u64| {
        let layout = layout();
        let chunk = Chunk {
            start,
            end: ROWS,
            first_row: Some(start + 1),
        };
        let mut decoder = ParquetDecoder::new(&layout, &chunk, object.len() as u64);
        let (mut rows, mut most) = (0, 0);
        while let Some(range) = decoder.wants() {
            decoder.push(&object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
            most = most.max(decoder.buffered());
            while let Some(row) = decoder.next_row() {
                let row = row.unwrap();
                assert_eq!(row.record.text(), format!("{{\"c\":\"{:08}\"}}", start + rows));
                rows += 1;
            }
        }
        (rows, most, decoder.failure().is_some())
    };
    for start in [1, 1_023, 1_024, 30_001, ROWS - 1] {
        let (rows, _, has_failed) = read(&object, start);
        assert_eq!((rows, has_failed), (ROWS - start, false));
    }
    let (_, all, _) = read(&object, 0);
    let (_, few, _) = read(&object, ROWS - 1);
    assert!(few < all / 2, "{few} of {all}");
    // What Zstandard begins the first page of the column with: that is no page any more.
    let magic = object
        .windows(4)
        .position(|bytes| bytes == [0x28, 0xb5, 0x2f, 0xfd])
        .unwrap();
    object[magic..magic + 4].fill(0xff);
    let (rows, _, has_failed) = read(&object, 150_000);
    assert_eq!((rows, has_failed), (50_000, false));
    assert!(read(&object, 0).2);
}

#[test]
fn lists_that_shrank_to_nothing_are_not_kept_decompressed() {
    const LISTS: usize = 60_000;
    let text = "x".repeat(1_000);
    let mut lists = ListBuilder::new(StringBuilder::new());
    for _ in 0..LISTS {
        lists.values().append_value(&text);
        lists.append(true);
    }
    let batch = RecordBatch::try_from_iter([("lists", Arc::new(lists.finish()) as ArrayRef)]).unwrap();
    let object = write(&batch, Compression::ZSTD(ZstdLevel::default()));
    assert!(object.len() < 1_000_000, "{}", object.len());
    let Taken { rows, most, .. } = read(&object, LISTS, object.len());
    assert_eq!(rows, LISTS);
    assert!(most <= PARQUET_BUFFER_BYTES + object.len() as u64, "{most}");
}
