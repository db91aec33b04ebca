//! Chunks tile a JSONL object, cut anywhere without being read.

use crate::reading::{Blocks, Seen, layout, read, read_all};
use extract::{Chunk, Format, LineNumbers, jsonl_chunks};
use proptest::prelude::*;

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z\"\\\\\r\t,é👍\u{feff}]{0,20}".prop_map(|text| serde_json::json!({ "id": 1, "text": text }).to_string()),
        1 => prop::sample::select(&["", " ", "\t ", "{", "{}", " {\"a\": [1, {\"b\": null}]} ", "[1]", "17", "nope"][..])
            .prop_map(str::to_owned),
    ]
}

/// Numbers count from the chunk's start where it is unknown; everything else must be the same.
fn without_numbers(rows: Vec<Seen>) -> Vec<Seen> {
    let unnumbered = |row: Seen| Seen {
        number: 0,
        row: row.row.map_err(|bad| extract::BadRow { number: 0, ..bad }),
        ..row
    };
    rows.into_iter().map(unnumbered).collect()
}

proptest! {
    #[test]
    fn rows_of_all_chunks_are_the_rows_of_the_object(
        lines in prop::collection::vec(line(), 0..15),
        line_end in prop::sample::select(&["\n", "\r\n"][..]),
        has_mark in any::<bool>(),
        cut_end in any::<bool>(),
        target in 1..80_u64,
        sizes in prop::collection::vec(1..40_usize, 1..5),
    ) {
        let mut object = String::from(if has_mark { "\u{feff}" } else { "" });
        object.push_str(&lines.iter().flat_map(|line| [line, line_end]).collect::<String>());
        if cut_end && object.ends_with(line_end) {
            object.truncate(object.len() - line_end.len());
        }
        let (object, layout) = (object.as_bytes(), layout(Format::Jsonl));

        let size = object.len() as u64;
        let whole = read_all(object, &layout, &jsonl_chunks(size, u64::MAX), &Blocks::whole());
        let parts = read_all(object, &layout, &jsonl_chunks(size, target), &Blocks(sizes));
        prop_assert!(whole.iter().map(|row| row.number).eq(1..=whole.len() as u64));
        let read_once_more: Vec<_> = whole.iter().flat_map(|row| read(object, &layout, &row_alone(row), &Blocks::whole())).collect();
        prop_assert_eq!(&read_once_more, &whole);

        let expected: Vec<_> = lines.iter().filter(|line| !line.trim_ascii().is_empty()).collect();
        prop_assert_eq!(whole.len(), expected.len());
        for (row, line) in whole.iter().zip(expected) {
            let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok();
            prop_assert_eq!(row.row.as_deref().ok(), is_object.then(|| line.trim_ascii()));
        }
        prop_assert_eq!(without_numbers(parts), without_numbers(whole.clone()));

        let mut numbers = LineNumbers::new(jsonl_chunks(size, target));
        object.chunks(7).for_each(|block| numbers.push(block));
        let (numbered, rows) = numbers.finish();
        prop_assert_eq!(rows, whole.len() as u64);
        prop_assert_eq!(read_all(object, &layout, &numbered, &Blocks::whole()), whole);
    }
}

fn row_alone(row: &Seen) -> Chunk {
    Chunk {
        start: row.offset,
        end: row.offset + row.length,
        first_row: Some(row.number),
    }
}

#[test]
fn reads_behind_its_end_only_to_finish_its_last_line() {
    let object = [b"{\"a\":\"".to_vec(), vec![b'x'; 300_000], b"\"}\n{}\n".to_vec()].concat();
    let chunks = jsonl_chunks(object.len() as u64, 10);
    let mut decoder = extract::Decoder::new(&layout(Format::Jsonl), &chunks[0], object.len() as u64);
    let mut ranges = Vec::new();
    while let Some(range) = decoder.wants() {
        decoder.push(&object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
        ranges.push(range);
    }
    let kib = 1024;
    assert_eq!(ranges[..2], [0..10, 10..10 + 64 * kib]);
    assert_eq!(
        ranges[2..4],
        [10 + 64 * kib..10 + 128 * kib, 10 + 128 * kib..10 + 256 * kib]
    );
    assert!(decoder.next_row().is_some_and(|row| row.is_ok()));
    assert!(decoder.next_row().is_none());

    // In the middle of the line nothing begins, so that nothing beyond is wanted.
    let mut inner = extract::Decoder::new(&layout(Format::Jsonl), &chunks[5], object.len() as u64);
    assert_eq!(inner.wants(), Some(49..60));
    inner.push(&object[49..60]);
    assert_eq!(inner.wants(), None);
    assert!(inner.next_row().is_none());
}

#[test]
fn reads_nothing_behind_an_end_between_lines() {
    let object = b"{\"a\":1}\n{\"a\":2}\n";
    let mut decoder = extract::Decoder::new(&layout(Format::Jsonl), &jsonl_chunks(16, 8)[0], 16);
    decoder.push(&object[..8]);
    assert_eq!(decoder.wants(), None);

    // The only line end is the last byte, so the next line is the next chunk's.
    let inner = Chunk {
        start: 4,
        end: 8,
        first_row: None,
    };
    let mut decoder = extract::Decoder::new(&layout(Format::Jsonl), &inner, 16);
    decoder.push(&object[3..8]);
    assert_eq!(decoder.wants(), None);
    assert!(decoder.next_row().is_none());
}

#[test]
fn line_that_is_too_long_belongs_to_one_chunk() {
    let object = [vec![b'x'; 3 * extract::MAX_ROW_BYTES], b"\n{}\n".to_vec()].concat();
    let chunks = jsonl_chunks(object.len() as u64, 1024 * 1024);
    let rows = read_all(&object, &layout(Format::Jsonl), &chunks, &Blocks(vec![70_000]));
    let offsets: Vec<_> = rows
        .iter()
        .map(|row| (row.offset, row.length, row.row.is_ok()))
        .collect();
    let long = 3 * extract::MAX_ROW_BYTES as u64;
    assert_eq!(offsets, [(0, long, false), (long + 1, 2, true)]);
}
