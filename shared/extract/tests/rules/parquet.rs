//! Parquet: chunks tile an object, damage is told, and no more is read than is needed.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field};
use extract::{Chunk, Decoder, ExtractError, Format, Layout, ParquetFooter, ParquetPlan};
use proptest::prelude::*;

use crate::reading::{Blocks, layout, read_all};

/// How an object is written.
#[derive(Debug, Clone)]
struct Written {
    rows: usize,
    group_rows: usize,
    page_rows: usize,
    is_v2: bool,
    has_dictionary: bool,
    codec: Compression,
}

impl Written {
    fn properties(&self) -> WriterProperties {
        WriterProperties::builder()
            .set_max_row_group_row_count(Some(self.group_rows))
            .set_data_page_row_count_limit(self.page_rows)
            .set_write_batch_size(self.page_rows)
            .set_dictionary_enabled(self.has_dictionary)
            .set_compression(self.codec)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_writer_version(if self.is_v2 {
                WriterVersion::PARQUET_2_0
            } else {
                WriterVersion::PARQUET_1_0
            })
            .build()
    }

    fn object(&self) -> Vec<u8> {
        write(&batch(self.rows), self.properties())
    }
}

fn write(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut object = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    object
}

/// Rows with a number, text that is null in some, a list of lists' worth of tags, and a struct.
fn batch(rows: usize) -> RecordBatch {
    let ids: ArrayRef = Arc::new((0..i64::try_from(rows).unwrap()).collect::<Int64Array>());
    let names = (0..rows).map(|row| (!row.is_multiple_of(3)).then(|| format!("name {}", row % 7)));
    let names: ArrayRef = Arc::new(names.collect::<StringArray>());
    let mut tags = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    for row in 0..rows {
        for list in 0..row % 4 {
            (0..list).for_each(|tag| tags.values().values().append_value(format!("t{tag}")));
            tags.values().append(list != 1);
        }
        tags.append(row % 5 != 0);
    }
    let city = Arc::new(Field::new("city", DataType::Utf8, true));
    let places: ArrayRef = Arc::new(StructArray::from(vec![(city, names.clone())]));
    let tags: ArrayRef = Arc::new(tags.finish());
    RecordBatch::try_from_iter_with_nullable([
        ("id", ids, false),
        ("name", names, true),
        ("tags", tags, true),
        ("place", places, true),
    ])
    .unwrap()
}

fn expected(row: usize) -> serde_json::Value {
    let name = (!row.is_multiple_of(3)).then(|| format!("name {}", row % 7));
    let list = |list: usize| (list != 1).then(|| (0..list).map(|tag| format!("t{tag}")).collect::<Vec<_>>());
    let tags = (!row.is_multiple_of(5)).then(|| (0..row % 4).map(list).collect::<Vec<_>>());
    serde_json::json!({"id": row, "name": name, "tags": tags, "place": {"city": name}})
}

fn plan(object: &[u8]) -> Result<ParquetPlan, ExtractError> {
    let mut footer = ParquetFooter::new(object.len() as u64);
    while let Some(range) = footer.wants() {
        let block = part(object, &range);
        footer.push(&block[..block.len().min(1000)]);
    }
    footer.finish()
}

fn part<'o>(object: &'o [u8], range: &Range<u64>) -> &'o [u8] {
    &object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]
}

fn whole(rows: u64) -> Chunk {
    Chunk {
        start: 0,
        end: rows,
        first_row: Some(1),
    }
}

fn parquet() -> Layout {
    layout(Format::Parquet)
}

/// Reads until there is no more, and returns the rows' text, why it ended, and the ranges that were read.
fn read_until_failure(object: &[u8], mut decoder: Decoder) -> (Vec<String>, Option<ExtractError>, Vec<Range<u64>>) {
    let (mut rows, mut ranges) = (Vec::new(), Vec::new());
    while let Some(range) = decoder.wants() {
        assert!(range.end <= object.len() as u64 && range.start < range.end);
        assert!(ranges.len() < 10_000, "goes round in circles");
        decoder.push(part(object, &range));
        ranges.push(range);
        while let Some(row) = decoder.next_row() {
            rows.push(row.map_or_else(|bad| bad.text, |row| row.record.text().to_owned()));
        }
    }
    let failure = decoder.failure().cloned();
    (rows, failure, ranges)
}

fn written() -> impl Strategy<Value = Written> {
    let codec = prop::sample::select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
    ]);
    (
        0_usize..3000,
        1_usize..2000,
        1_usize..700,
        any::<bool>(),
        any::<bool>(),
        codec,
    )
        .prop_map(|(rows, group_rows, page_rows, is_v2, has_dictionary, codec)| Written {
            rows,
            group_rows: group_rows.max(rows / 20).max(1),
            page_rows,
            is_v2,
            has_dictionary,
            codec,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn chunks_tile_an_object(written in written(), target in 1_u64..20_000, sizes in prop::collection::vec(1_usize..5000, 1..8)) {
        let object = written.object();
        let plan = plan(&object).unwrap();
        prop_assert_eq!(plan.rows(), written.rows as u64);
        prop_assert_eq!(plan.columns(), ["id", "name", "tags", "place"]);
        let chunks = plan.chunks(target);
        let parts = read_all(&object, &parquet(), &chunks, &Blocks(sizes));
        let whole = read_all(&object, &parquet(), &[whole(plan.rows())], &Blocks::whole());
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(whole.len(), written.rows);
        for (place, row) in whole.iter().enumerate() {
            let text = row.row.as_ref().unwrap();
            prop_assert_eq!((row.number, row.offset, row.length), (place as u64 + 1, place as u64, 1));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), expected(place));
        }
    }
}

/// A row that the API refused is read once more, alone.
#[test]
fn each_row_can_be_read_alone() {
    let written = Written {
        rows: 2500,
        group_rows: 2400,
        page_rows: 30,
        is_v2: false,
        has_dictionary: true,
        codec: Compression::SNAPPY,
    };
    let object = written.object();
    for row in [0, 1, 100, 1023, 1024, 2399, 2400, 2499] {
        let chunk = Chunk {
            start: row,
            end: row + 1,
            first_row: Some(row + 1),
        };
        let (rows, failure, _) = read_until_failure(&object, Decoder::new(&parquet(), &chunk, object.len() as u64));
        assert_eq!((rows.len(), failure), (1, None), "{row}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&rows[0]).unwrap(),
            expected(usize::try_from(row).unwrap())
        );
    }
}

#[test]
fn only_the_columns_asked_for_are_read() {
    let wide: ArrayRef = Arc::new(
        (0..2000)
            .map(|row| Some(format!("{row:0>2000}")))
            .collect::<StringArray>(),
    );
    let batch = RecordBatch::try_from_iter([("wide", wide), ("id", Arc::clone(batch(2000).column(0)))]).unwrap();
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let object = write(&batch, properties);
    let columns = BTreeSet::from(["id".to_owned(), "not there".to_owned()]);
    let decoder = Decoder::new(&parquet(), &whole(2000), object.len() as u64).only(&columns);
    let (rows, failure, ranges) = read_until_failure(&object, decoder);
    assert_eq!((rows.len(), failure), (2000, None));
    assert_eq!(rows[1999], "{\"id\":1999}");
    let bytes: u64 = ranges.iter().map(|range| range.end - range.start).sum();
    assert!(bytes < 100_000, "{bytes} of {}", object.len());

    let none = Decoder::new(&parquet(), &whole(2000), object.len() as u64).only(&BTreeSet::new());
    let (rows, failure, _) = read_until_failure(&object, none);
    assert_eq!((rows.len(), failure), (2000, None));
    assert_eq!(rows[0], "{}");
}

fn small() -> Vec<u8> {
    let written = Written {
        rows: 60,
        group_rows: 25,
        page_rows: 10,
        is_v2: false,
        has_dictionary: true,
        codec: Compression::ZSTD(::parquet::basic::ZstdLevel::default()),
    };
    written.object()
}

/// What is read of a damaged object: rows, an error, or both, and never more rows than there were.
fn survives(object: &[u8]) -> (usize, bool) {
    let rows = plan(object).map_or(60, |plan| plan.rows().min(10_000));
    let (rows, failure, _) = read_until_failure(object, Decoder::new(&parquet(), &whole(rows), object.len() as u64));
    (rows.len(), failure.is_some())
}

#[test]
fn object_cut_off_anywhere_is_told() {
    let object = small();
    assert_eq!(survives(&object), (60, false));
    for length in 0..object.len() {
        assert_eq!(survives(&object[..length]), (0, true), "{length}");
        assert!(plan(&object[..length]).is_err(), "{length}");
    }
}

#[test]
fn rows_before_damage_are_rows() {
    let mut object = small();
    let group = object.len() / 2;
    object[group - 200..group + 200].fill(0xFF);
    let (rows, has_failed) = survives(&object);
    assert!(has_failed && (25..60).contains(&rows), "{rows}");
}

#[test]
fn encrypted_object_is_told_from_a_broken_one() {
    let mut object = small();
    let end = object.len() - 4;
    object[end..].copy_from_slice(b"PARE");
    assert_eq!(plan(&object).unwrap_err(), ExtractError::EncryptedParquet);
    object[end..].copy_from_slice(b"PAR2");
    let error = plan(&object).unwrap_err().to_string();
    assert!(error.contains("does not end as one"), "{error}");
    object[end..].copy_from_slice(b"PAR1");
    object[end - 4..end].fill(0xFF);
    let error = plan(&object).unwrap_err().to_string();
    assert!(error.starts_with("the footer has 4294967295 bytes"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_bytes_make_rows_or_an_error(flips in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4)) {
        let mut object = small();
        for (place, bits) in flips {
            let length = object.len();
            object[place.index(length)] ^= bits;
        }
        survives(&object);
    }
}

#[test]
fn chunks_of_a_large_row_group_are_parts_of_it() {
    let written = Written {
        rows: 3000,
        group_rows: 3000,
        page_rows: 100,
        is_v2: true,
        has_dictionary: false,
        codec: Compression::UNCOMPRESSED,
    };
    let plan = plan(&written.object()).unwrap();
    let chunks = plan.chunks(4_000);
    assert!(chunks.len() > 3, "{}", chunks.len());
    assert_eq!(plan.chunks(u64::MAX), [whole(3000)]);
    assert!(chunks.windows(2).all(|pair| pair[0].end == pair[1].start));
    assert_eq!((chunks[0].start, chunks[chunks.len() - 1].end), (0, 3000));
}
