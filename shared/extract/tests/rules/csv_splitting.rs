//! What a pass over a CSV object finds.

use crate::reading::{Blocks, layout, split};
use extract::{CsvPlan, Dialect, ExtractError, Format, Layout, MAX_ROW_BYTES};

fn plan(object: &[u8], target: u64) -> CsvPlan {
    split(object, &layout(Format::Csv), target, &Blocks(vec![1, 5])).unwrap()
}

fn refusal(object: &[u8]) -> ExtractError {
    split(object, &layout(Format::Csv), 10, &Blocks(vec![1000])).unwrap_err()
}

fn ranges(plan: &CsvPlan) -> Vec<(u64, u64, Option<u64>)> {
    plan.chunks
        .iter()
        .map(|chunk| (chunk.start, chunk.end, chunk.first_row))
        .collect()
}

#[test]
fn cuts_at_the_first_row_from_each_multiple_of_the_target() {
    let plan = plan(b"id,note\n1,aaa\n2,bbb\n3,ccc\n4,ddd\n", 10);
    assert_eq!(plan.columns, ["id", "note"]);
    assert_eq!(ranges(&plan), [(8, 14, Some(1)), (14, 20, Some(2)), (20, 32, Some(3))]);
    assert_eq!(plan.rows, 4);
}

#[test]
fn does_not_cut_inside_quotes() {
    let plan = plan(b"id,note\n1,\"a\n\n2,b\"\"\n\"\n3,c\n", 1);
    assert_eq!(ranges(&plan), [(8, 22, Some(1)), (22, 26, Some(2))]);
}

#[test]
fn leaves_header_and_byte_order_mark_out() {
    let plan = plan(b"\xEF\xBB\xBF\"id\",\"a \"\"b\"\"\"\r\n\r\n1,2\r\n", 100);
    assert_eq!(plan.columns, ["id", "a \"b\""]);
    assert_eq!(ranges(&plan), [(21, 26, Some(1))]);
}

#[test]
fn needs_no_header_and_no_last_line_end() {
    let headless = Layout {
        csv: Dialect {
            header: false,
            ..Dialect::default()
        },
        ..layout(Format::Csv)
    };
    let plan = split(b"1,2\r3,4", &headless, 1, &Blocks(vec![2])).unwrap();
    assert!(plan.columns.is_empty());
    assert_eq!(ranges(&plan), [(0, 4, Some(1)), (4, 7, Some(2))]);
}

#[test]
fn makes_no_chunks_where_there_are_no_rows() {
    for (object, columns) in [
        (&b""[..], 0),
        (b"\xEF\xBB\xBF", 0),
        (b"\n\n", 0),
        (b"id,note", 2),
        (b"id\r\n\r\n", 1),
    ] {
        let plan = plan(object, 10);
        assert_eq!(
            (plan.columns.len(), plan.chunks.len(), plan.rows),
            (columns, 0, 0),
            "{object:?}"
        );
    }
}

#[test]
fn refuses_a_header_that_cannot_be_read() {
    assert_eq!(refusal(b"id,caf\xe9\n1,2\n"), ExtractError::HeaderNotUtf8 { at: 7 });
    assert_eq!(refusal(b"id,\"note\n1,2\n"), ExtractError::HeaderUnterminated);
    assert_eq!(refusal(&vec![b'x'; MAX_ROW_BYTES + 1]), ExtractError::HeaderTooLong);
}

#[test]
fn refuses_a_dialect_that_cannot_work() {
    let layout = Layout {
        csv: Dialect {
            quote: Some(b','),
            ..Dialect::default()
        },
        ..layout(Format::Csv)
    };
    let error = split(b"a,b\n", &layout, 10, &Blocks::whole()).unwrap_err();
    assert!(
        matches!(error, ExtractError::Dialect { setting: "quote", .. }),
        "{error}"
    );
}
