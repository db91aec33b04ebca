//! Chunks tile a CSV object: whatever is in it, however it is cut, and as other readers read it.

use crate::reading::{Blocks, Seen, layout, read_all, split};
use extract::{Chunk, Dialect, Format, Layout};
use proptest::prelude::*;

/// Text made of everything that has ever broken a CSV reader.
fn nasty_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("\"\""),
        Just(","),
        Just("|"),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\\"),
        Just("\\N"),
        Just("NULL"),
        Just(" "),
        Just("\t"),
        Just("a"),
        Just("bc"),
        Just("é"),
        Just("👩‍🚀"),
        Just("\u{feff}"),
        Just("\0"),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn cell() -> impl Strategy<Value = Option<String>> {
    prop_oneof![1 => Just(None), 1 => Just(Some(String::new())), 6 => nasty_text().prop_map(Some)]
}

fn table() -> impl Strategy<Value = Vec<Vec<Option<String>>>> {
    (1..5_usize).prop_flat_map(|columns| prop::collection::vec(prop::collection::vec(cell(), columns), 0..12))
}

fn blocks() -> impl Strategy<Value = Blocks> {
    prop_oneof![
        prop::collection::vec(1..4_usize, 1..4),
        prop::collection::vec(1..200_usize, 1..6),
    ]
    .prop_map(Blocks)
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let delimiter = prop::sample::select(&[b',', b'|', b'\t', 1][..]);
    let quote_and_escape = prop_oneof![
        Just((Some(b'"'), None)),
        Just((Some(b'\''), None)),
        Just((Some(b'"'), Some(b'\\'))),
        Just((None, Some(b'\\'))),
    ];
    (delimiter, quote_and_escape, any::<bool>()).prop_map(|(delimiter, (quote, escape), header)| Dialect {
        delimiter,
        quote,
        escape,
        header,
        ..Dialect::default()
    })
}

/// Writes a cell as the dialect wants it. NULL is `\N`; text is quoted, and escaped where nothing is quoted.
fn write_cell(cell: Option<&str>, dialect: &Dialect, out: &mut String) {
    let Some(text) = cell else { return out.push_str("\\N") };
    let special = |c: char| {
        [Some(dialect.delimiter), dialect.quote, dialect.escape].contains(&u8::try_from(c).ok()) || "\r\n".contains(c)
    };
    if let Some(quote) = dialect.quote.map(char::from) {
        let plain = !text.is_empty() && text != "\\N" && !text.contains(special);
        let quoted = match dialect.escape.map(char::from) {
            Some(escape) => text
                .replace(escape, &format!("{escape}{escape}"))
                .replace(quote, &format!("{escape}{quote}")),
            None => text.replace(quote, &format!("{quote}{quote}")),
        };
        if plain {
            out.push_str(text);
        } else {
            out.extend([quote].into_iter().chain(quoted.chars()).chain([quote]));
        }
    } else {
        for c in text.chars() {
            out.extend(dialect.escape.map(char::from).filter(|_| special(c)));
            out.push(c);
        }
    }
}

fn write_table(table: &[Vec<Option<String>>], dialect: &Dialect, line_end: &str) -> String {
    let mut out = String::new();
    for row in table {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                out.push(char::from(dialect.delimiter));
            }
            write_cell(cell.as_deref(), dialect, &mut out);
        }
        out.push_str(line_end);
    }
    out
}

fn names(columns: usize) -> Vec<String> {
    (0..columns).map(|column| format!("c{column}")).collect()
}

fn one_chunk(chunks: &[Chunk]) -> Vec<Chunk> {
    let Some((first, last)) = chunks.first().zip(chunks.last()) else {
        return Vec::new();
    };
    vec![Chunk {
        start: first.start,
        end: last.end,
        first_row: first.first_row,
    }]
}

fn row_alone(row: &Seen) -> Chunk {
    Chunk {
        start: row.offset,
        end: row.offset + row.length,
        first_row: Some(row.number),
    }
}

/// Splits and reads in every way asked for, expects the same rows, and returns them.
fn read_both_ways(object: &[u8], layout: &Layout, target: u64, blocks: &Blocks) -> Vec<Seen> {
    let plan = split(object, layout, target, blocks).unwrap();
    assert_eq!(split(object, layout, target, &Blocks::whole()).unwrap(), plan);
    for pair in plan.chunks.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
        // Nearest: the chunk's last row begins before the multiple of the target that its end comes behind.
        assert!(pair[1].start / target > pair[0].start / target, "{:?}", plan.chunks);
    }
    assert_eq!(
        plan.chunks.last().map_or(object.len() as u64, |chunk| chunk.end),
        object.len() as u64
    );

    let whole = read_all(object, layout, &one_chunk(&plan.chunks), &Blocks::whole());
    let parts = read_all(object, layout, &plan.chunks, blocks);
    assert_eq!(parts, whole);
    let one_by_one = whole.iter().map(row_alone).collect::<Vec<_>>();
    assert_eq!(read_all(object, layout, &one_by_one, blocks), whole);
    assert_eq!(plan.rows, whole.len() as u64);
    assert!(whole.iter().map(|row| row.number).eq(1..=plan.rows));
    for chunk in &plan.chunks {
        let first = whole.iter().find(|row| Some(row.number) == chunk.first_row);
        assert_eq!(first.map(|row| row.offset), Some(chunk.start));
    }
    whole
}

proptest! {
    #[test]
    fn reads_back_every_table(
        table in table(),
        dialect in dialects(),
        line_end in prop::sample::select(&["\n", "\r\n", "\r"][..]),
        has_mark in any::<bool>(),
        cut_end in any::<bool>(),
        target in 1..200_u64,
        blocks in blocks(),
    ) {
        let mut dialect = dialect;
        dialect.null = vec!["\\N".to_owned()];
        let columns = names(table.first().map_or(1, Vec::len));
        let mut object = String::new();
        if dialect.header {
            let header: Vec<_> = columns.iter().cloned().map(Some).collect();
            object.push_str(&write_table(&[header], &dialect, line_end));
        }
        object.push_str(&write_table(&table, &dialect, line_end));
        // Text that happens to begin with a mark needs one before it.
        if has_mark || object.starts_with('\u{feff}') {
            object.insert(0, '\u{feff}');
        }
        if cut_end {
            object.truncate(object.len() - if object.ends_with(line_end) { line_end.len() } else { 0 });
        }
        // A row of one empty cell that cannot be quoted is a blank line: no row.
        let rows: Vec<_> =
            table.iter().filter(|row| dialect.quote.is_some() || **row != [Some(String::new())]).collect();
        let layout = Layout { csv: dialect, columns, ..layout(Format::Csv) };

        let seen = read_both_ways(object.as_bytes(), &layout, target, &blocks);
        prop_assert_eq!(seen.len(), rows.len());
        for (seen, row) in seen.iter().zip(rows) {
            let fields: serde_json::Value = serde_json::from_str(seen.row.as_ref().unwrap()).unwrap();
            let expected: serde_json::Value =
                layout.columns.iter().zip(row).map(|(name, cell)| (name.clone(), serde_json::Value::from(cell.clone())) ).collect();
            prop_assert_eq!(fields, expected);
        }
    }

    #[test]
    fn reads_any_text_as_the_csv_crate_does(
        text in prop::collection::vec(nasty_text(), 0..20).prop_map(|pieces| pieces.concat()),
        quote in prop::sample::select(&[Some(b'"'), None][..]),
        target in 1..60_u64,
        blocks in blocks(),
    ) {
        let dialect = Dialect { quote, header: false, null: Vec::new(), ..Dialect::default() };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .quoting(quote.is_some())
            .from_reader(text.as_bytes());
        let records: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let columns = names(records.first().map_or(1, Vec::len));
        let layout = Layout { csv: dialect, columns, ..layout(Format::Csv) };

        let seen = read_both_ways(text.as_bytes(), &layout, target, &blocks);
        prop_assert_eq!(seen.len(), records.len());
        for (seen, record) in seen.iter().zip(&records) {
            match &seen.row {
                Ok(text) => {
                    let expected: serde_json::Value =
                        layout.columns.iter().cloned().zip(record.iter().map(|cell| serde_json::Value::from(cell.clone()))).collect();
                    prop_assert_eq!(record.len(), layout.columns.len());
                    prop_assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), expected);
                }
                Err(bad) if bad.code == "unterminated_quote" => prop_assert_eq!(seen.number, records.len() as u64),
                Err(bad) => {
                    prop_assert_eq!(bad.code, "wrong_column_count");
                    prop_assert!(record.len() != layout.columns.len());
                    prop_assert!(bad.message.starts_with(&format!("row has {} cell", record.len())), "{}", bad.message);
                }
            }
        }
    }

    #[test]
    fn tiles_any_bytes(
        object in prop::collection::vec(prop::sample::select(&b",\"\n\r\\a\xff\xc3\xa9\xef\xbb\xbf"[..]), 0..120),
        dialect in dialects(),
        target in 1..60_u64,
        blocks in blocks(),
    ) {
        let layout = Layout { csv: Dialect { header: false, ..dialect }, columns: names(2), ..layout(Format::Csv) };
        read_both_ways(&object, &layout, target, &blocks);
    }
}
