//! A CSV object scanned in ranges, each without knowing what lies before it, has the plan of one pass.

use crate::reading::{Blocks, layout, split};
use extract::{CsvPlan, CsvRange, CsvSplitter, Dialect, EscapeStyle, ExtractError, Format, Layout};
use proptest::prelude::*;

/// Pushes ranges in order until the header is past, then scans the others from the last to the first, and appends them in order.
fn split_in_ranges(object: &[u8], dialect: &Dialect, target: u64, sizes: &[usize]) -> Result<CsvPlan, ExtractError> {
    let mut splitter = CsvSplitter::new(dialect.clone(), target);
    let (mut rest, mut turn) = (object, 0);
    let mut ahead = Vec::new();
    while !rest.is_empty() {
        let (range, behind) = rest.split_at(sizes[turn % sizes.len()].min(rest.len()));
        if splitter.is_past_header() {
            ahead.push(((object.len() - rest.len()) as u64, range));
        } else {
            splitter.push(range);
        }
        (rest, turn) = (behind, turn + 1);
    }
    let scanned = ahead.iter().rev().map(|(offset, bytes)| {
        let mut range = CsvRange::new(dialect, target, *offset);
        bytes.chunks(1 + turn % 70).for_each(|block| range.push(block));
        assert_eq!(range.position(), offset + bytes.len() as u64);
        range
    });
    let scanned: Vec<_> = scanned.collect();
    if splitter.failure().is_none() {
        scanned.iter().rev().for_each(|range| splitter.append(range));
    }
    splitter.finish()
}

fn in_one_pass(object: &[u8], dialect: &Dialect, target: u64) -> Result<CsvPlan, ExtractError> {
    let layout = Layout {
        csv: dialect.clone(),
        ..layout(Format::Csv)
    };
    split(object, &layout, target, &Blocks(vec![7, 100]))
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let quotes = prop::sample::select(&[Some(b'"'), Some(b'\''), None][..]);
    let escapes = prop::sample::select(&[None, Some(b'\\'), Some(b'"')][..]);
    let styles = [EscapeStyle::Plain, EscapeStyle::Quoted, EscapeStyle::Letters];
    let styles = prop::sample::select(styles.to_vec());
    (
        quotes,
        escapes,
        styles,
        any::<bool>(),
        prop::sample::select(&b",|\t"[..]),
    )
        .prop_map(|(quote, escape, escape_style, header, delimiter)| Dialect {
            delimiter,
            quote,
            escape,
            escape_style,
            header,
            ..Dialect::default()
        })
}

/// Rows as they are written, and the same bytes where nobody writes them.
fn objects() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop::sample::select(&b"\",\n\r\\a'|\xc3\xa9\xef\xbb\xbf"[..]).prop_map(|byte| vec![byte]);
    let piece = prop_oneof![
        6 => odd,
        1 => (1..100_usize).prop_map(|length| vec![b'a'; length]),
        1 => (1..6_usize).prop_map(|length| b"\"\",".repeat(length)),
        1 => (1..200_usize).prop_map(|length| vec![b'"'; length]),
        1 => (1..200_usize).prop_map(|length| vec![b'\\'; length]),
        2 => Just(b"a,\"b \"\"c\"\"\",\"d\r\n\"\r\n".to_vec()),
        2 => Just(b"\"a\\\"\",\"b\\\\\",c\\\n,d\n".to_vec()),
        1 => Just(b"\r\n\r\n".to_vec()),
    ];
    let mark = prop::sample::select(vec![&b""[..], b"\xEF\xBB\xBF", b"\xEF\xBB"]);
    (mark, prop::collection::vec(piece, 0..40)).prop_map(|(mark, pieces)| [mark.to_vec(), pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn ranges_come_to_what_one_pass_does(
        object in objects(),
        dialect in dialects(),
        target in 1..300_u64,
        sizes in prop::collection::vec(1..300_usize, 1..5),
    ) {
        let wanted = in_one_pass(&object, &dialect, target);
        prop_assert_eq!(split_in_ranges(&object, &dialect, target, &sizes), wanted);
    }

    #[test]
    fn so_do_ranges_of_a_few_bytes(
        object in prop::collection::vec(prop::sample::select(&b",\"\n\r\\a"[..]), 0..80),
        dialect in dialects(),
        target in 1..40_u64,
        size in 1..9_usize,
    ) {
        let wanted = in_one_pass(&object, &dialect, target);
        prop_assert_eq!(split_in_ranges(&object, &dialect, target, &[size]), wanted);
    }
}

#[test]
fn a_border_may_lie_anywhere() {
    let escaped = Dialect {
        escape: Some(b'\\'),
        ..Dialect::default()
    };
    let object = b"\xEF\xBB\xBFid,\"a \"\"note\"\"\"\r\n\r\n1,\"one\r\n\"\"two\"\"\"\r\n2,\"a \\\" b\"\r\n3,c\\\nd\r\n";
    let wanted = in_one_pass(object, &escaped, 1).unwrap();
    assert_eq!((wanted.columns.len(), wanted.rows, wanted.chunks.len()), (2, 3, 3));
    for border in 1..object.len() {
        assert_eq!(
            split_in_ranges(object, &escaped, 1, &[border, object.len()]).as_ref(),
            Ok(&wanted),
            "{border}"
        );
    }
}
