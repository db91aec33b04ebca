//! What fuzzing calls: any bytes are an object, and however it is cut, its rows are the same; never a panic.
//!
//! The first line of an input says how it is read, all that follows is the object.

use extract::{Chunk, CsvSplitter, Decoder, Dialect, EscapeStyle, Format, Layout, ParquetFooter, jsonl_chunks};

/// How many ranges are read of an object before it is taken to be read in circles.
const MAX_READS: usize = 100_000;

/// A row's place and its text, or the code of a row that cannot be read.
type Seen = (u64, u64, Result<String, &'static str>);

/// CSV: the chunks of any size, in order, have the rows of the object read in one go.
///
/// The first line: delimiter, quote, escape, escape style (`p`, `q`, `l`), `h` for a header, then how small the chunks are, each a
/// byte; a blank is none.
///
/// # Panics
/// When they have not.
pub fn csv(input: &[u8]) {
    let (head, object) = cut(input);
    let at = |index: usize| head.get(index).copied().filter(|byte| *byte != b' ');
    let dialect = Dialect {
        delimiter: at(0).unwrap_or(b','),
        quote: at(1),
        escape: at(2),
        escape_style: match at(3) {
            Some(b'q') => EscapeStyle::Quoted,
            Some(b'l') => EscapeStyle::Letters,
            _ => EscapeStyle::Plain,
        },
        header: at(4) == Some(b'h'),
        ..Dialect::default()
    };
    if dialect.check().is_err() {
        return;
    }
    let plan = |chunk_bytes: u64, block: usize| {
        let mut splitter = CsvSplitter::new(dialect.clone(), chunk_bytes);
        object.chunks(block.max(1)).for_each(|block| splitter.push(block));
        splitter.finish()
    };
    let size = u64::from(at(5).unwrap_or(b'\x10'));
    let (one, many) = (plan(u64::MAX, usize::MAX), plan(size.max(1), 7));
    let (Ok(one), Ok(many)) = (&one, &many) else {
        assert_eq!(one.is_err(), many.is_err(), "an error in one way only");
        return;
    };
    let layout = Layout {
        columns: one.columns.clone(),
        csv: dialect.clone(),
        ..layout(Format::Csv)
    };
    assert_eq!((&one.columns, one.rows), (&many.columns, many.rows));
    let whole = rows(object, &layout, &one.chunks, usize::MAX);
    assert_eq!(
        whole.len() as u64,
        one.rows,
        "splitter and decoder count rows in two ways"
    );
    assert_eq!(whole, rows(object, &layout, &many.chunks, 5));
}

/// JSON lines: as [`csv()`]; the first line is how small the chunks are, one byte.
///
/// # Panics
/// As [`csv()`].
pub fn jsonl(input: &[u8]) {
    let (head, object) = cut(input);
    let size = u64::from(head.first().copied().unwrap_or(16)).max(1);
    let layout = layout(Format::Jsonl);
    let read = |chunk_bytes, block| {
        let chunks = jsonl_chunks(object.len() as u64, chunk_bytes);
        let rows = rows(object, &layout, &chunks, block);
        // Numbers are those of the chunk.
        rows.into_iter()
            .map(|(_, offset, row)| (offset, row))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(u64::MAX, usize::MAX), read(size, 5));
}

/// Parquet: whatever the bytes, there are rows or an error, and what is read ends.
///
/// # Panics
/// When the object is read in circles.
pub fn parquet(object: &[u8]) {
    let mut footer = ParquetFooter::new(object.len() as u64);
    while let Some(range) = footer.wants() {
        footer.push(part(object, &range));
    }
    let Ok(plan) = footer.finish() else { return };
    let layout = layout(Format::Parquet);
    let _ = rows(object, &layout, &plan.chunks(64), usize::MAX);
}

fn cut(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    end.map_or((&[], input), |end| (&input[..end], &input[end + 1..]))
}

fn layout(format: Format) -> Layout {
    Layout {
        format,
        compression: None,
        csv: Dialect::default(),
        columns: Vec::new(),
        types: std::collections::BTreeMap::default(),
    }
}

fn part<'o>(object: &'o [u8], range: &std::ops::Range<u64>) -> &'o [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    &object[at(range.start)..at(range.end)]
}

fn rows(object: &[u8], layout: &Layout, chunks: &[Chunk], block: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    for chunk in chunks {
        let mut decoder = Decoder::new(layout, chunk, object.len() as u64);
        let mut reads = 0;
        while let Some(range) = decoder.wants() {
            let wanted = part(object, &range);
            decoder.push(&wanted[..wanted.len().min(block)]);
            take(&mut decoder, &mut seen);
            reads += 1;
            assert!(reads < MAX_READS + object.len(), "read in circles");
        }
        take(&mut decoder, &mut seen);
    }
    seen
}

fn take(decoder: &mut Decoder, seen: &mut Vec<Seen>) {
    while let Some(row) = decoder.next_row() {
        seen.push(match row {
            Ok(row) => (row.number, row.offset, Ok(row.record.text().to_owned())),
            Err(bad) => (bad.number, bad.offset, Err(bad.code)),
        });
    }
}
