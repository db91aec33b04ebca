//! How fast extracts in memory are split and read, beside the floor of the parser crate alone; ratios of one run count.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use bytes::Bytes;
use extract::{Chunk, CsvRange, CsvSplitter, Decoder, Dialect, EscapeStyle, Format, Layout, jsonl_chunks};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;

const ROWS: u32 = 100_000;
const COLUMNS: u32 = 20;
const CHUNK_BYTES: u64 = 8 << 20;
const BLOCK_BYTES: usize = 256 << 10;

/// Seconds of the fastest of many passes.
fn seconds<T>(mut pass: impl FnMut() -> T) -> f64 {
    let (start, mut fastest) = (Instant::now(), Duration::MAX);
    while start.elapsed() < Duration::from_secs(2) {
        let start = Instant::now();
        black_box(pass());
        fastest = fastest.min(start.elapsed());
    }
    fastest.as_secs_f64()
}

/// The cell of a users table: by turns a number, an address and words, with a quote in some.
fn cell(row: u32, column: u32) -> String {
    let value = row.wrapping_mul(2_654_435_761).wrapping_add(column * 40_503) % 100_003;
    match column % 3 {
        0 => format!("{value}"),
        1 => format!("customer-{value}@example.com"),
        _ if value.is_multiple_of(50) => "a \"large\" order".to_owned(),
        _ => "a large order".to_owned(),
    }
}

fn name(column: u32) -> String {
    format!("column_{column}")
}

/// The table as CSV; `quote`: around every cell, and what a quote in it becomes.
fn csv_table(quote: &str, inner: &str) -> Vec<u8> {
    let header: Vec<String> = (0..COLUMNS).map(name).collect();
    let mut text = header.join(",") + "\n";
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let end = if column + 1 == COLUMNS { "\n" } else { "," };
            let cell = cell(row, column).replace('"', inner);
            let _ = write!(text, "{quote}{cell}{quote}{end}");
        }
    }
    text.into_bytes()
}

fn jsonl_table() -> Vec<u8> {
    let mut text = Vec::new();
    for row in 0..ROWS {
        let fields: BTreeMap<String, String> = (0..COLUMNS).map(|column| (name(column), cell(row, column))).collect();
        serde_json::to_writer(&mut text, &fields).unwrap();
        text.push(b'\n');
    }
    text
}

fn parquet_table() -> Vec<u8> {
    let columns = (0..COLUMNS).map(|column| {
        let cells: ArrayRef = Arc::new((0..ROWS).map(|row| Some(cell(row, column))).collect::<StringArray>());
        (name(column), cells)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut object = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut object, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    object
}

fn layout(format: Format) -> Layout {
    Layout {
        format,
        compression: None,
        csv: Dialect::default(),
        columns: if format == Format::Csv {
            (0..COLUMNS).map(name).collect()
        } else {
            Vec::new()
        },
        types: BTreeMap::new(),
    }
}

/// Reads a chunk as a sender does, in blocks of 64 KiB, and returns its rows.
fn decode(object: &[u8], layout: &Layout, chunk: &Chunk) -> u64 {
    let mut decoder = Decoder::new(layout, chunk, object.len() as u64);
    let mut rows = 0;
    while let Some(range) = decoder.wants() {
        let (start, end) = (
            usize::try_from(range.start).unwrap(),
            usize::try_from(range.end).unwrap(),
        );
        for block in object[start..end].chunks(64 << 10) {
            decoder.push(block);
            while let Some(row) = decoder.next_row() {
                black_box(row.unwrap().record.text());
                rows += 1;
            }
        }
    }
    rows
}

fn split(object: &[u8], dialect: &Dialect) -> u64 {
    let mut splitter = CsvSplitter::new(dialect.clone(), CHUNK_BYTES);
    object.chunks(BLOCK_BYTES).for_each(|block| splitter.push(block));
    splitter.finish().unwrap().rows
}

/// As [`split`], but for the first block without knowing what lies before.
fn split_in_ranges(object: &[u8], dialect: &Dialect) -> u64 {
    let mut splitter = CsvSplitter::new(dialect.clone(), CHUNK_BYTES);
    let (first, rest) = object.split_at(BLOCK_BYTES);
    splitter.push(first);
    let mut at = BLOCK_BYTES as u64;
    for part in rest.chunks(usize::try_from(CHUNK_BYTES).unwrap()) {
        let mut range = CsvRange::new(dialect, CHUNK_BYTES, at);
        part.chunks(BLOCK_BYTES).for_each(|block| range.push(block));
        splitter.append(&range);
        at = range.position();
    }
    splitter.finish().unwrap().rows
}

fn splitting() {
    println!(
        "| CSV, {COLUMNS} columns | split GB/s | beside counting line ends | in ranges |\n| --- | --- | --- | --- |"
    );
    let escape = |escape_style| Dialect {
        escape: Some(b'\\'),
        escape_style,
        ..Dialect::default()
    };
    for (title, quote, inner, dialect) in [
        ("plain", "", "'", Dialect::default()),
        ("every cell quoted", "\"", "\"\"", Dialect::default()),
        ("every cell quoted, escape", "\"", "\\\"", escape(EscapeStyle::Plain)),
        (
            "every cell quoted, escape in quotes",
            "\"",
            "\\\"",
            escape(EscapeStyle::Quoted),
        ),
        ("quotes within plain cells", "", "\"", Dialect::default()),
    ] {
        let object = csv_table(quote, inner);
        let bytes = f64::from(u32::try_from(object.len()).unwrap());
        assert_eq!(split(&object, &dialect), u64::from(ROWS), "{title}");
        let ours = seconds(|| split(&object, &dialect));
        let floor = seconds(|| memchr::memchr_iter(b'\n', &object).count());
        assert_eq!(split_in_ranges(&object, &dialect), u64::from(ROWS), "{title}");
        let ranges = seconds(|| split_in_ranges(&object, &dialect));
        println!(
            "| {title} | {:.1} | {:.1} times its time | {:.2} times the time |",
            bytes / ours / 1e9,
            ours / floor,
            ranges / ours
        );
    }
}

/// Twenty columns, each borrowed from the line.
#[derive(Deserialize)]
struct Borrowed<'l>(#[serde(borrow)] BTreeMap<&'l str, std::borrow::Cow<'l, str>>);

fn floor_csv(object: &[u8]) {
    let mut reader = csv::Reader::from_reader(object);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).unwrap() {
        black_box(record.len());
    }
}

fn floor_jsonl(object: &[u8]) {
    for line in object.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        black_box(serde_json::from_slice::<Borrowed<'_>>(line).unwrap().0.len());
    }
}

fn floor_parquet(object: &Bytes) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(object.clone()).unwrap();
    for batch in reader.build().unwrap() {
        black_box(batch.unwrap().num_rows());
    }
}

/// Prints how long a row takes, and how long with the parser alone.
fn beside(title: &str, object: &[u8], format: Format, chunk: &Chunk, floor: impl Fn()) {
    let layout = layout(format);
    assert_eq!(decode(object, &layout, chunk), u64::from(ROWS), "{title}");
    let (ours, floor) = (seconds(|| decode(object, &layout, chunk)), seconds(floor));
    let row = 1e9 / f64::from(ROWS);
    println!(
        "| {title} | {:.0} | {:.0} | {:.1} |",
        ours * row,
        floor * row,
        ours / floor
    );
}

fn decoding() {
    println!("\n| format | ns a row, as JSON text | parser alone | ratio |\n| --- | --- | --- | --- |");
    let csv = csv_table("", "\"");
    let rows = Chunk {
        start: u64::try_from(memchr::memchr(b'\n', &csv).unwrap()).unwrap() + 1,
        end: csv.len() as u64,
        first_row: Some(1),
    };
    beside("CSV (csv crate: cells)", &csv, Format::Csv, &rows, || floor_csv(&csv));
    let jsonl = jsonl_table();
    let whole = jsonl_chunks(jsonl.len() as u64, u64::MAX)[0];
    let title = "JSON lines (serde_json: map of borrowed text)";
    beside(title, &jsonl, Format::Jsonl, &whole, || floor_jsonl(&jsonl));
    let parquet = Bytes::from(parquet_table());
    let whole = Chunk {
        start: 0,
        end: u64::from(ROWS),
        first_row: Some(1),
    };
    let title = "Parquet (parquet crate: Arrow arrays)";
    beside(title, &parquet, Format::Parquet, &whole, || floor_parquet(&parquet));
}

fn main() {
    splitting();
    decoding();
}
