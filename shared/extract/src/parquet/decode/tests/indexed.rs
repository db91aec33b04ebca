//! Objects with offset indexes: what is read of a row group that a chunk has a part of.

use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataReader};
use ::parquet::file::properties::{EnabledStatistics, WriterPropertiesBuilder};
use arrow_array::UInt64Array;
use bytes::Bytes;

use super::*;
use crate::limit::FIRST_FOOTER_BYTES;
use crate::parquet::column::Column;
use crate::parquet::offsets::OffsetIndexes;
use crate::parquet::waiting::Kept;

/// What reading a chunk gave and took.
#[derive(Debug, Default)]
struct Read {
    rows: Vec<String>,
    ranges: Vec<Range<u64>>,
    /// The most bytes that were kept.
    most: u64,
    has_failed: bool,
}

impl Read {
    fn bytes(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }
}

/// Reads the rows of a chunk, in blocks of so many bytes.
fn read_in(block: u64, object: &[u8], chunk: Range<u64>) -> Read {
    let (layout, first_row) = (layout(), Some(chunk.start + 1));
    let Range { start, end } = chunk;
    let mut decoder = ParquetDecoder::new(&layout, &Chunk { start, end, first_row }, object.len() as u64);
    let mut read = Read::default();
    while let Some(range) = decoder.wants() {
        let range = range.start..range.end.min(range.start + block);
        decoder.push(&object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
        read.ranges.push(range);
        read.most = read.most.max(decoder.buffered() as u64);
        while let Some(row) = decoder.next_row() {
            read.rows.push(row.unwrap().record.text().to_owned());
        }
    }
    read.has_failed = decoder.failure().is_some();
    read
}

fn read(object: &[u8], chunk: Range<u64>) -> Read {
    read_in(u64::MAX / 2, object, chunk)
}

fn write(columns: Vec<(&str, ArrayRef, bool)>, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties = properties.set_statistics_enabled(EnabledStatistics::None).build();
    let mut object = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    object
}

const ROWS: u64 = 200_000;
/// Rows of a page; writers round it up.
const PAGE_ROWS: u64 = 7_168;
const DICTIONARY_BYTES: usize = 256 * 1024;

/// Rows in one group: numbers, names of a dictionary, some of them null, and texts whose dictionary is given up in the second page.
fn object(has_index: bool) -> Vec<u8> {
    let numbers: ArrayRef = Arc::new((0..ROWS).map(Some).collect::<UInt64Array>());
    let names = (0..ROWS).map(|row| (row % 3 > 0).then(|| format!("name {}", row % 997)));
    let names: ArrayRef = Arc::new(names.collect::<StringArray>());
    let texts = (0..ROWS).map(|row| Some(format!("{:016x}", row.wrapping_mul(0x9E37_79B9_7F4A_7C15))));
    let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled("name".into(), true)
        .set_column_dictionary_enabled("text".into(), true)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_compression(Compression::SNAPPY)
        .set_data_page_row_count_limit(usize::try_from(PAGE_ROWS).unwrap())
        .set_offset_index_disabled(!has_index);
    let columns = vec![
        ("number", numbers, false),
        ("name", names, true),
        ("text", texts, false),
    ];
    write(columns, properties)
}

fn columns(object: &[u8]) -> Vec<ColumnChunkMetaData> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(object));
    metadata.unwrap().row_group(0).columns().to_vec()
}

/// Where the offset indexes are.
fn place_of_indexes(object: &[u8]) -> Range<usize> {
    let columns = columns(object);
    let place = |column: &ColumnChunkMetaData| {
        let start = usize::try_from(column.offset_index_offset().unwrap()).unwrap();
        start..start + usize::try_from(column.offset_index_length().unwrap()).unwrap()
    };
    place(&columns[0]).start..place(&columns[columns.len() - 1]).end
}

fn part(rows: &[String], chunk: &Range<u64>) -> Vec<String> {
    rows[usize::try_from(chunk.start).unwrap()..usize::try_from(chunk.end).unwrap()].to_vec()
}

#[test]
fn pages_before_and_behind_the_chunk_are_not_read_where_the_object_says_where_they_are() {
    let (object, without) = (object(true), object(false));
    let all = read(&object, 0..ROWS).rows;
    assert_eq!(all.len() as u64, ROWS);
    for chunk in [30_000..150_000, 100_003..100_004, 199_000..ROWS, 71_679..71_681] {
        let expected = part(&all, &chunk);
        let whole = read(&without, chunk.clone());
        assert!(whole.rows == expected && !whole.has_failed, "{chunk:?}");
        // The footer, the dictionary of names and indexes, and at most one page before and one behind.
        let around = FIRST_FOOTER_BYTES + 40_000;
        let rows = chunk.end - chunk.start + 2 * PAGE_ROWS;
        let share = rows * object.len() as u64 / ROWS;
        for block in [1_000, 70_000, u64::MAX / 2] {
            let read = read_in(block, &object, chunk.clone());
            assert!(read.rows == expected && !read.has_failed, "{chunk:?}");
            assert!(read.bytes() < around + share, "{chunk:?}: {}, {share}", read.bytes());
            assert!(read.bytes() < whole.bytes(), "{chunk:?}: {}", read.bytes());
        }
    }
}

#[test]
fn index_is_not_read_where_it_saves_little() {
    let object = object(true);
    let place = place_of_indexes(&object);
    // The footer's first read holds it; what counts is that it is not asked for once more.
    let asks = |first: u64| {
        let ranges = read(&object, first..first + 10).ranges;
        ranges[1..].iter().any(|range| range.start == place.start as u64)
    };
    assert!(!asks(0) && !asks(2_048) && asks(50_000));
}

#[test]
fn dictionary_that_is_given_up_is_read_only_where_a_page_needs_it() {
    let mut object = object(true);
    let all = read(&object, 0..ROWS).rows;
    let texts = &columns(&object)[2];
    let start = u64::try_from(texts.dictionary_page_offset().unwrap()).unwrap();
    let end = u64::try_from(texts.data_page_offset()).unwrap();
    let rows_end = place_of_indexes(&object).start as u64;
    assert!(end - start > DICTIONARY_BYTES as u64 / 2);
    let chunks = [5_500..5_600, 8_000..20_000, 13_000..14_000, 40_000..41_000];
    for (chunk, is_needed) in chunks.into_iter().zip([true, true, true, false]) {
        for block in [1_000, u64::MAX / 2] {
            let read = read_in(block, &object, chunk.clone());
            assert!(read.rows == part(&all, &chunk) && !read.has_failed, "{chunk:?}");
            let of_dictionary = |range: &Range<u64>| range.end.min(end).saturating_sub(range.start.max(start));
            let bytes: u64 = read.ranges.iter().map(of_dictionary).sum();
            assert_eq!(bytes, if is_needed { end - start } else { 0 }, "{chunk:?}");
            // Nothing is read twice: which pages need it is known.
            let mut ranges = read.ranges;
            ranges.retain(|range| range.end <= rows_end);
            ranges.sort_unstable_by_key(|range| range.start);
            assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{chunk:?}");
        }
    }
    // The end of the dictionary, which no codec takes for anything any more.
    let end = usize::try_from(end).unwrap();
    object[end - 1_000..end].fill(0xFF);
    assert!(!read(&object, 40_000..41_000).has_failed);
    assert!(read(&object, 8_000..9_000).has_failed);
}

#[test]
fn dictionary_that_is_read_with_the_pages_is_decoded_only_where_one_needs_it() {
    let mut object = object(false);
    let end = usize::try_from(columns(&object)[2].data_page_offset()).unwrap();
    object[end - 1_000..end].fill(0xFF);
    let behind = read(&object, 150_000..151_000);
    assert_eq!((behind.rows.len(), behind.has_failed), (1_000, false));
    assert!(read(&object, 0..1_000).has_failed);
}

#[test]
fn offset_index_with_a_wrong_bit_is_not_used_or_told() {
    let object = object(true);
    let chunk = 100_500..101_000;
    let right = read(&object, chunk.clone());
    let place = place_of_indexes(&object);
    assert!(place.len() > 500, "{place:?}");
    let (mut unused, mut told) = (0, 0);
    for at in place {
        let mut object = object.clone();
        object[at] ^= 2 << (at % 6);
        let read = read(&object, chunk.clone());
        assert!(right.rows.starts_with(&read.rows), "{at}");
        assert!(read.has_failed || read.rows.len() == right.rows.len(), "{at}");
        told += usize::from(read.has_failed);
        unused += usize::from(!read.has_failed && read.bytes() > right.bytes());
    }
    assert!(told > 0 && unused > 0, "{told}, {unused}");
}

/// A column whose rows are long where the chunk begins: by the average of its rows, all of the chunk's would fit.
#[test]
fn uneven_columns_are_kept_within_the_buffer() {
    const ALL: u64 = 400_000;
    let texts = (0..ALL).map(|row| {
        let length = if (200_000..204_000).contains(&row) { 30_000 } else { 8 };
        Some("x".repeat(length))
    });
    let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
    let numbers: ArrayRef = Arc::new((0..ALL).map(Some).collect::<UInt64Array>());
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(usize::try_from(ALL).unwrap()));
    let object = write(vec![("text", texts, false), ("number", numbers, false)], properties);
    assert!(object.len() as u64 > 3 * PARQUET_BUFFER_BYTES);
    let read = read_in(64 * 1024, &object, 200_000..240_000);
    assert_eq!((read.rows.len(), read.has_failed), (40_000, false));
    assert!(read.most <= PARQUET_BUFFER_BYTES * 5 / 4, "{}", read.most);
}

#[test]
fn dictionary_that_goes_on_into_the_pages_left_out_is_told() {
    let object = object(true);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(&object));
    let group = metadata.unwrap().row_group(0).clone();
    let names = group.column(1);
    let mut indexes = OffsetIndexes::of(&group, &[1], object.len() as u64).unwrap();
    let place = indexes.wants().unwrap();
    indexes.push(&object[usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap()]);
    for into in [0, 8] {
        let mut pages = indexes.pages().next().flatten().unwrap();
        // The dictionary ends where the first page is said to begin, or some bytes behind.
        pages[0].offset -= into;
        pages[0].length += into;
        let mut column = Column::new(names, object.len() as u64, &Kept::default(), 100_352).unwrap();
        column.leave_out(pages, ROWS);
        let dictionary = column.ranges(100_353, ROWS).swap_remove(0);
        column.push(&object[usize::try_from(dictionary.start).unwrap()..usize::try_from(dictionary.end).unwrap()]);
        assert_eq!(column.failure().is_some(), into > 0);
    }
}

/// Writers need not say how many pages the dictionary encodes, nor need it be the first ones.
#[test]
fn column_goes_back_for_a_dictionary_that_turns_out_to_be_needed() {
    let object = object(true);
    let all = read(&object, 0..ROWS).rows;
    let chunk = 8_000..20_000;
    for block in [1_000, 50_000, u64::MAX / 2] {
        let (layout, first_row) = (layout(), Some(chunk.start + 1));
        let (start, end) = (chunk.start, chunk.end);
        let mut decoder = ParquetDecoder::new(&layout, &Chunk { start, end, first_row }, object.len() as u64);
        let (mut rows, mut is_lied_to) = (Vec::new(), false);
        while let Some(range) = decoder.wants() {
            let range = range.start..range.end.min(range.start + block);
            decoder.push(&object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
            if let Some((_, group)) = decoder.body.as_mut().and_then(|body| body.groups.front_mut())
                && !std::mem::replace(&mut is_lied_to, true)
            {
                group.say_no_page_is_indirect();
            }
            while let Some(row) = decoder.next_row() {
                rows.push(row.unwrap().record.text().to_owned());
            }
        }
        assert!(rows == part(&all, &chunk) && decoder.failure().is_none(), "{block}");
    }
}
