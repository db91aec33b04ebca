//! Compressed text gives the rows of the text, however it is cut into blocks, and fails where it is none.

use std::io::Write;

use extract::{Chunk, Compression, Decoder, ExtractError, Format, Layout};
use proptest::prelude::*;

use crate::reading::{Blocks, Seen, layout, read, split};

const ALL: [Compression; 3] = [Compression::Gzip, Compression::Zstd, Compression::Bzip2];

/// The whole text, wherever it ends.
const WHOLE: Chunk = Chunk {
    start: 0,
    end: u64::MAX,
    first_row: Some(1),
};

fn compressed(compression: Compression, text: &[u8]) -> Vec<u8> {
    let out = Vec::new();
    match compression {
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(out, 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(out, bzip2::Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
    }
}

fn layout_of(format: Format, compression: Compression) -> Layout {
    Layout {
        compression: Some(compression),
        ..layout(format)
    }
}

/// Reads an object to its end or to where it fails.
fn outcome(object: &[u8], layout: &Layout) -> (usize, Option<ExtractError>) {
    let mut decoder = Decoder::new(layout, &WHOLE, object.len() as u64);
    let mut rows = 0;
    while let Some(range) = decoder.wants() {
        decoder.push(&object[usize::try_from(range.start).unwrap()..]);
        while decoder.next_row().is_some() {
            rows += 1;
        }
    }
    (rows, decoder.failure().cloned())
}

fn lines(count: usize) -> Vec<u8> {
    let lines = (0..count).map(|id| format!("{{\"id\":{id},\"name\":\"Näme {}\"}}\n", id * 7_919 % 1_000));
    lines.collect::<String>().into_bytes()
}

#[test]
fn first_bytes_tell_the_compression() {
    for compression in ALL {
        assert_eq!(
            Compression::detect(&compressed(compression, b"a,b\n")),
            Some(compression)
        );
    }
    for plain in [&b""[..], b"BZhello", b"a,b", b"PAR1", b"\x1f"] {
        assert_eq!(Compression::detect(plain), None);
    }
}

#[test]
fn members_that_follow_each_other_are_one_text() {
    let text = lines(1_000);
    let (one, other) = text.split_at(12_345);
    for compression in ALL {
        let object = [
            compressed(compression, one),
            compressed(compression, b""),
            compressed(compression, other),
        ]
        .concat();
        let rows = outcome(&object, &layout_of(Format::Jsonl, compression));
        assert_eq!(rows, (1_000, None), "{compression}");
    }
}

#[test]
fn object_that_ends_early_or_is_damaged_gives_the_rows_before_and_an_error() {
    let text = lines(20_000);
    for compression in ALL {
        let object = compressed(compression, &text);
        let layout = layout_of(Format::Jsonl, compression);
        let (rows, error) = outcome(&object[..object.len() - 9], &layout);
        let error = error.unwrap_or_else(|| panic!("{compression}")).to_string();
        assert!(
            error.starts_with(&format!("the object is no whole {compression} text: ")),
            "{error}"
        );
        assert!(rows > 0 && rows <= 20_000, "{compression}: {rows}");
        let mut damaged = object.clone();
        damaged[object.len() / 2] ^= 0x55;
        let (_, error) = outcome(&damaged, &layout);
        assert!(error.is_some(), "{compression}");
    }
}

#[test]
fn object_that_holds_far_too_much_is_refused() {
    let bomb = compressed(Compression::Gzip, &vec![b'x'; 100 << 20]);
    assert!(bomb.len() < 1 << 20);
    let (_, error) = outcome(&bomb, &layout_of(Format::Jsonl, Compression::Gzip));
    assert_eq!(error, Some(ExtractError::TooCompressed));
}

proptest! {
    #[test]
    fn compressed_rows_are_the_rows_of_the_text(
        text in "([a-z\"é, ]{0,12}\r?\n?){0,40}", kind in 0..3_usize, csv in any::<bool>(),
        sizes in proptest::collection::vec(1..40_usize, 1..4),
    ) {
        let text = if csv { format!("a,b\n{text}") } else { text };
        let (plain, format) = if csv { (csv_layout(), Format::Csv) } else { (layout(Format::Jsonl), Format::Jsonl) };
        let blocks = Blocks(sizes);
        let object = compressed(ALL[kind], text.as_bytes());
        let packed = Layout { format, compression: Some(ALL[kind]), ..plain.clone() };
        let start = if csv {
            split(text.as_bytes(), &plain, u64::MAX, &blocks).unwrap().chunks.first().map_or(text.len() as u64, |chunk| chunk.start)
        } else {
            0
        };
        let of_text = Chunk { start, end: text.len() as u64, first_row: Some(1) };
        let expected = if text.is_empty() { Vec::new() } else { read(text.as_bytes(), &plain, &of_text, &Blocks::whole()) };
        let whole = read(&object, &packed, &Chunk { start, ..WHOLE }, &blocks);
        prop_assert_eq!(&whole, &expected);
        // One row can be read again by its place in the text.
        for Seen { number, offset, length, row } in expected {
            let again = Chunk { start: offset, end: offset + length, first_row: Some(number) };
            let seen = read(&object, &packed, &again, &blocks);
            prop_assert_eq!(seen.first().map(|seen| (seen.offset, seen.row.is_ok())), Some((offset, row.is_ok())));
        }
    }
}

fn csv_layout() -> Layout {
    Layout {
        columns: vec!["a".to_owned(), "b".to_owned()],
        ..layout(Format::Csv)
    }
}
