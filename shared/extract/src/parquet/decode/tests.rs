use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataReader};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use bytes::Bytes;

use super::*;
use crate::limit::{FIRST_FOOTER_BYTES, PARQUET_BUFFER_BYTES};
use crate::{Dialect, Format};

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

/// Reads the rows of a chunk; returns their texts, how many bytes that took, and whether it failed.
fn read_chunk(object: &[u8], chunk: Range<u64>) -> (Vec<String>, u64, bool) {
    let (layout, first_row) = (layout(), Some(chunk.start + 1));
    let Range { start, end } = chunk;
    let mut decoder = ParquetDecoder::new(&layout, &Chunk { start, end, first_row }, object.len() as u64);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(range) = decoder.wants() {
        bytes += range.end - range.start;
        decoder.push(&object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
        while let Some(row) = decoder.next_row() {
            rows.push(row.unwrap().record.text().to_owned());
        }
    }
    (rows, bytes, decoder.failure().is_some())
}

/// Rows of 200,000 in one group: numbers, names of a dictionary, some of them null, and texts whose dictionary is given up after
/// a few thousand.
const INDEXED_ROWS: u64 = 200_000;
const DICTIONARY_BYTES: usize = 64 * 1024;

fn indexed(has_index: bool) -> Vec<u8> {
    let numbers: ArrayRef = Arc::new((0..INDEXED_ROWS).map(Some).collect::<UInt64Array>());
    let names = (0..INDEXED_ROWS).map(|row| (row % 3 > 0).then(|| format!("name {}", row % 997)));
    let names: ArrayRef = Arc::new(names.collect::<StringArray>());
    let texts = (0..INDEXED_ROWS).map(|row| Some(format!("{:016x}", row.wrapping_mul(0x9E37_79B9_7F4A_7C15))));
    let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("number", numbers, false),
        ("name", names, true),
        ("text", texts, false),
    ]);
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled("name".into(), true)
        .set_column_dictionary_enabled("text".into(), true)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_compression(Compression::SNAPPY)
        .set_data_page_row_count_limit(7_000)
        .set_offset_index_disabled(!has_index)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut object = Vec::new();
    let batch = batch.unwrap();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    object
}

#[test]
fn pages_before_and_behind_the_chunk_are_not_read_where_the_object_says_where_they_are() {
    let (object, without) = (indexed(true), indexed(false));
    let all = read_chunk(&object, 0..INDEXED_ROWS).0;
    assert_eq!(all.len() as u64, INDEXED_ROWS);
    for chunk in [30_000..90_000, 100_003..100_004, 199_000..INDEXED_ROWS, 69_999..70_001] {
        let (rows, bytes, has_failed) = read_chunk(&object, chunk.clone());
        let expected = &all[usize::try_from(chunk.start).unwrap()..usize::try_from(chunk.end).unwrap()];
        assert!(rows == expected && !has_failed, "{chunk:?}");
        let (rows, bytes_without, has_failed) = read_chunk(&without, chunk.clone());
        assert!(rows == expected && !has_failed, "{chunk:?}");
        // The footer, dictionaries and indexes, and at most two pages of each column more than the chunk has.
        let share = (chunk.end - chunk.start + 2 * 7_000) * object.len() as u64 / INDEXED_ROWS;
        assert!(
            bytes < FIRST_FOOTER_BYTES + DICTIONARY_BYTES as u64 + 40_000 + share,
            "{chunk:?}: {bytes}, {share}"
        );
        assert!(bytes < bytes_without, "{chunk:?}: {bytes} of {bytes_without}");
    }
}

fn columns(object: &[u8]) -> Vec<ColumnChunkMetaData> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(object));
    metadata.unwrap().row_group(0).columns().to_vec()
}

#[test]
fn dictionary_is_decoded_only_where_a_page_needs_it() {
    let mut object = indexed(true);
    let texts = &columns(&object)[2];
    // The end of the dictionary, which no codec takes for anything any more.
    let end = usize::try_from(texts.data_page_offset()).unwrap();
    assert!(
        texts
            .dictionary_page_offset()
            .is_some_and(|at| at + 1_000 < texts.data_page_offset())
    );
    object[end - 1_000..end].fill(0xFF);
    let (rows, _, has_failed) = read_chunk(&object, 150_000..151_000);
    assert_eq!((rows.len(), has_failed), (1_000, false));
    assert!(read_chunk(&object, 0..1_000).2);
}

/// Where the offset indexes of the one row group are.
fn place_of_indexes(object: &[u8]) -> Range<usize> {
    let columns = columns(object);
    let place = |column: &ColumnChunkMetaData| {
        let start = usize::try_from(column.offset_index_offset().unwrap()).unwrap();
        start..start + usize::try_from(column.offset_index_length().unwrap()).unwrap()
    };
    place(&columns[0]).start..place(&columns[columns.len() - 1]).end
}

#[test]
fn offset_index_that_is_wrong_is_not_used_or_told_and_gives_no_row_the_values_of_another() {
    let object = indexed(true);
    let chunk = 100_500..101_000;
    let (expected, right, _) = read_chunk(&object, chunk.clone());
    let place = place_of_indexes(&object);
    assert!(place.len() > 500, "{place:?}");
    let (mut unused, mut told) = (0, 0);
    for at in place {
        let mut object = object.clone();
        object[at] ^= 2 << (at % 6);
        let (rows, bytes, has_failed) = read_chunk(&object, chunk.clone());
        assert!(expected.starts_with(&rows), "{at}");
        assert!(has_failed || rows.len() == expected.len(), "{at}");
        told += usize::from(has_failed);
        unused += usize::from(!has_failed && bytes > right);
    }
    assert!(told > 0 && unused > 0, "{told}, {unused}");
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
