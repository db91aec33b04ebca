//! A row that cannot be read says why, and costs no other row.

use crate::reading::{Blocks, Seen, layout, read_all, split};
use extract::{BadRow, ColumnType, Format, Layout, MAX_ROW_BYTES, jsonl_chunks};

fn csv(object: &[u8], types: &[(&str, ColumnType)]) -> Vec<Seen> {
    let mut layout = layout(Format::Csv);
    let plan = split(object, &layout, 1, &Blocks(vec![7])).unwrap();
    layout.columns = plan.columns;
    layout.types = types.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let rows = read_all(object, &layout, &plan.chunks, &Blocks(vec![100_000]));
    assert_eq!(rows.len() as u64, plan.rows);
    rows
}

fn jsonl(object: &[u8]) -> Vec<Seen> {
    let chunks = jsonl_chunks(object.len() as u64, u64::MAX);
    read_all(object, &layout(Format::Jsonl), &chunks, &Blocks(vec![100_000]))
}

fn bad(row: &Seen) -> &BadRow {
    row.row.as_ref().unwrap_err()
}

fn said(row: &Seen) -> (&'static str, &str) {
    (bad(row).code, &bad(row).message)
}

#[test]
fn wrong_number_of_cells() {
    let rows = csv(b"id,plan\n1\n2,free\n3,pro,x,\n", &[]);
    assert_eq!(
        said(&rows[0]),
        ("wrong_column_count", "row has 1 cell but there are 2 columns")
    );
    assert_eq!(rows[1].row.as_deref(), Ok(r#"{"id":"2","plan":"free"}"#));
    assert_eq!(
        said(&rows[2]),
        ("wrong_column_count", "row has 4 cells but there are 2 columns")
    );
    assert_eq!(
        (bad(&rows[2]).number, bad(&rows[2]).offset, bad(&rows[2]).text.as_str()),
        (3, 17, "3,pro,x,")
    );
}

#[test]
fn value_that_is_not_of_its_columns_type() {
    let types = [
        ("mrr", ColumnType::Number),
        ("active", ColumnType::Boolean),
        ("tags", ColumnType::Json),
    ];
    let rows = csv(
        b"id,mrr,active,tags\n1,+05.50,Yes,[1]\n2,Infinity,yes,[]\n3,1,2,[]\n4,1,f,\"1,\"\"id\"\":2\"\n5,,,\n6,\"\",t,1\n",
        &types,
    );
    assert_eq!(
        rows[0].row.as_deref(),
        Ok(r#"{"id":"1","mrr":5.50,"active":true,"tags":[1]}"#)
    );
    let said_of = |wanted| ("bad_value", wanted);
    assert_eq!(
        said(&rows[1]),
        said_of("column `mrr` does not hold a number, which `types` says it does")
    );
    assert_eq!(bad(&rows[1]).value.as_deref(), Some(r#""Infinity""#));
    assert_eq!(bad(&rows[1]).column.as_deref(), Some("mrr"));
    assert_eq!(
        said(&rows[2]),
        said_of("column `active` does not hold true or false, which `types` says it does")
    );
    assert_eq!(bad(&rows[3]).column.as_deref(), Some("tags"));
    assert_eq!(
        rows[4].row.as_deref(),
        Ok(r#"{"id":"5","mrr":null,"active":null,"tags":null}"#)
    );
    assert_eq!(
        said(&rows[5]),
        said_of("column `mrr` does not hold a number, which `types` says it does")
    );
}

#[test]
fn quote_that_is_never_closed() {
    let rows = csv(b"id,note\n1,\"ok\"\n2,\"open\n3,x\n", &[]);
    assert_eq!(rows.len(), 2);
    assert_eq!(bad(&rows[1]).code, "unterminated_quote");
    assert_eq!(bad(&rows[1]).text, "2,\"open\n3,x\n");
}

#[test]
fn quote_that_is_never_closed_over_more_than_a_row_may_have() {
    let object = [b"id,note\n1,x\n2,\"".to_vec(), b"line\n".repeat(MAX_ROW_BYTES / 4)].concat();
    let rows = csv(&object, &[]);
    assert_eq!(rows[0].row.as_deref(), Ok(r#"{"id":"1","note":"x"}"#));
    assert_eq!((rows.len(), bad(&rows[1]).code), (2, "unterminated_quote"));
    assert_eq!(bad(&rows[1]).offset + bad(&rows[1]).length, object.len() as u64);
    assert!(bad(&rows[1]).text.starts_with("2,\"line\n") && bad(&rows[1]).text.len() < 5000);
}

#[test]
fn csv_row_that_is_too_long() {
    let long = "x\n".repeat(MAX_ROW_BYTES / 2);
    let rows = csv(format!("id,note\n1,\"{long}\"\n2,\"é\"\n").as_bytes(), &[]);
    let message = format!(
        "row has {} bytes, more than the 1048576 that are read",
        MAX_ROW_BYTES + 4
    );
    assert_eq!(said(&rows[0]), ("row_too_long", message.as_str()));
    assert_eq!(rows[1].row.as_deref(), Ok(r#"{"id":"2","note":"é"}"#));
}

#[test]
fn jsonl_row_that_is_too_long() {
    let long = "x".repeat(MAX_ROW_BYTES);
    let rows = jsonl(format!("{{\"a\":\"{long}\"}}\n{{}}\n").as_bytes());
    assert_eq!((bad(&rows[0]).code, bad(&rows[0]).text.len()), ("row_too_long", 4096));
    assert_eq!((rows[1].number, rows[1].row.as_deref()), (2, Ok("{}")));
}

#[test]
fn bytes_that_are_not_utf8() {
    let rows = csv(b"id,name\n1,caf\xe9\n2,x\n", &[]);
    let message = "not UTF-8 at byte 6 of the row; unload the extract as UTF-8";
    assert_eq!(said(&rows[0]), ("not_utf8", message));
    assert_eq!(bad(&rows[0]).text, "1,caf\u{fffd}");
    assert!(rows[1].row.is_ok());
    let rows = jsonl(b"{\"\xe9\":1}\n{}");
    assert_eq!(bad(&rows[0]).code, "not_utf8");
    assert!(rows[1].row.is_ok());
}

#[test]
fn line_that_is_not_json() {
    let rows = jsonl("{\"é\":tru}\n\n{\"a\":1\n{}".as_bytes());
    assert_eq!(said(&rows[0]), ("bad_json", "not JSON at column 6: expected true"));
    assert_eq!(bad(&rows[1]).code, "bad_json");
    assert!(
        bad(&rows[1]).message.starts_with("JSON ends at column 7: expected"),
        "{}",
        bad(&rows[1]).message
    );
    assert_eq!((rows[2].number, rows[2].row.as_deref()), (3, Ok("{}")));
}

#[test]
fn line_that_is_json_but_no_object() {
    let rows = jsonl(b"[1]\n\"x\"\nnull\nxyz\n");
    let codes: Vec<_> = rows.iter().map(|row| bad(row).code).collect();
    assert_eq!(codes, ["not_an_object", "not_an_object", "not_an_object", "bad_json"]);
}

#[test]
fn text_stays_out_of_debug_output() {
    let rows = csv(b"id,name\nsecret\n", &[]);
    assert!(!format!("{:?}", bad(&rows[0])).contains("secret"));
}

#[test]
fn layout_without_columns_rejects_rows_rather_than_failing() {
    let chunk = extract::Chunk {
        start: 0,
        end: 4,
        first_row: Some(1),
    };
    let layout = Layout {
        csv: extract::Dialect {
            delimiter: 0xE9,
            ..Default::default()
        },
        ..layout(Format::Csv)
    };
    let rows = read_all(b"a,b\n", &layout, &[chunk], &Blocks::whole());
    assert_eq!(
        said(&rows[0]),
        ("wrong_column_count", "row has 1 cell but there are 0 columns")
    );
}
