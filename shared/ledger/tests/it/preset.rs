//! Presets, each held to an extract written the way its warehouse writes it: rows as the recipe in the README has them.

use extract::{CsvSplitter, Decoder, Format};
use ledger::{Complete, Source, Sync};
use serde_json::{Value, json};

use crate::support::{SYNC, sync};

const PRESETS: [&str; 6] = ["snowflake", "redshift", "bigquery", "databricks", "postgres", "duckdb"];

/// The small document with `keys`, in YAML's braces, for the rest of its source.
fn with(keys: &str) -> Sync {
    let mut document: Value = serde_json::to_value(sync(SYNC)).unwrap();
    document["source"] = Value::Null;
    let text = document.to_string();
    sync(&text.replace(
        r#""source":null"#,
        &format!(r#""source":{{extract: customers/, {keys}}}"#),
    ))
}

/// The rows of an object that the source reads as CSV, all of them good.
fn rows(source: &Source, object: &str) -> Vec<Value> {
    let mut layout = source.layout(Format::Csv);
    let mut splitter = CsvSplitter::new(layout.csv.clone(), u64::MAX);
    splitter.push(object.as_bytes());
    let plan = splitter.finish().unwrap();
    if layout.columns.is_empty() {
        layout.columns = plan.columns;
    }
    layout.check_columns().unwrap();
    let size = u64::try_from(object.len()).unwrap();
    let mut decoder = Decoder::new(&layout, &plan.chunks[0], size);
    let wanted = decoder.wants().unwrap();
    let bounds = usize::try_from(wanted.start).unwrap()..usize::try_from(wanted.end).unwrap();
    decoder.push(&object.as_bytes()[bounds]);
    let mut rows = Vec::new();
    while let Some(row) = decoder.next_row() {
        let row = row.unwrap_or_else(|bad| panic!("{bad:?}"));
        rows.push(serde_json::from_str(row.record.text()).unwrap());
    }
    rows
}

const TYPES: &str = "types: {id: number, active: boolean, seen: timestamp, tags: json, key: binary}";

/// A table that every warehouse has: text that is empty, that is missing, and that each dialect has a use for.
fn table() -> Vec<Value> {
    let row = |id: u64, name: Value, active: Value, seen: Value, tags: Value, key: Value| json!({"id": id, "name": name, "active": active, "seen": seen, "tags": tags, "key": key});
    let none = || Value::Null;
    let instant = || json!("2024-01-02T03:04:05.678Z");
    vec![
        row(
            1,
            json!("Ada, \"the\" first\nof her name"),
            json!(true),
            instant(),
            json!(["a", "b\"c"]),
            json!("yv4="),
        ),
        row(2, json!(""), json!(false), none(), none(), none()),
        row(3, none(), none(), none(), none(), none()),
        row(4, json!(r"C:\new\"), json!(true), none(), none(), none()),
    ]
}

fn reads(preset: &str, object: &str) {
    let source = with(&format!("preset: {preset}, {TYPES}")).source;
    assert_eq!(rows(&source, object), table(), "{preset}");
}

#[test]
fn snowflake_quotes_all_text_and_leaves_null_empty() {
    reads(
        "snowflake",
        concat!(
            "\"id\",\"name\",\"active\",\"seen\",\"tags\",\"key\"\n",
            "1,\"Ada, \"\"the\"\" first\nof her name\",true,\"2024-01-01 19:04:05.678000000 -0800\",\"[\"\"a\"\",\"\"b\\\"\"c\"\"]\",\"CAFE\"\n",
            "2,\"\",false,,,\n",
            "3,,,,,\n",
            "4,\"C:\\new\\\",true,,,\n",
        ),
    );
}

#[test]
fn snowflake_without_null_if_writes_a_backslash_and_n() {
    let source = with("preset: snowflake").source;
    assert_eq!(rows(&source, "a,b\n\\N,\"\\N\"\n"), [json!({"a": null, "b": r"\N"})]);
}

#[test]
fn redshift_tells_null_by_its_word_and_leaves_empty_text_empty() {
    reads(
        "redshift",
        concat!(
            "id,name,active,seen,tags,key\n",
            "1,\"Ada, \"\"the\"\" first\nof her name\",t,2024-01-02 03:04:05.678+00,\"[\"\"a\"\",\"\"b\\\"\"c\"\"]\",cafe\n",
            "2,,f,\\N,\\N,\\N\n",
            "3,\\N,\\N,\\N,\\N,\\N\n",
            "4,C:\\new\\,t,\\N,\\N,\\N\n",
        ),
    );
}

#[test]
fn redshift_text_with_escape_is_read_with_two_keys_more() {
    let source = with(r#"preset: redshift, csv: {delimiter: "|", escape: "\\", header: false, columns: [a, b, c]}"#);
    let expected = [json!({"a": "x|y\\\nz", "b": null, "c": ""})];
    assert_eq!(rows(&source.source, "x\\|y\\\\\\\nz|\\\\N|\n"), expected);
}

#[test]
fn bigquery_leaves_null_empty_and_quotes_empty_text() {
    reads(
        "bigquery",
        concat!(
            "id,name,active,seen,tags,key\n",
            "1,\"Ada, \"\"the\"\" first\nof her name\",true,2024-01-02 03:04:05.678 UTC,\"[\"\"a\"\",\"\"b\\\"\"c\"\"]\",cafe\n",
            "2,\"\",false,,,\n",
            "3,,,,,\n",
            "4,C:\\new\\,true,,,\n",
        ),
    );
}

#[test]
fn databricks_escapes_quotes_and_backslashes_where_it_quotes() {
    reads(
        "databricks",
        concat!(
            "id,name,active,seen,tags,key\n",
            "1,\"Ada, \\\"the\\\" first\nof her name\",true,2024-01-02T03:04:05.678000Z,\"[\\\"a\\\",\\\"b\\\\\\\"c\\\"]\",CAFE\n",
            "2,\"\",false,,,\n",
            "3,,,,,\n",
            "4,C:\\new\\,true,,,\n",
        ),
    );
}

#[test]
fn databricks_doubles_backslashes_only_where_it_quotes() {
    let object = concat!(
        "id,name\n",
        "1,\"a,\\\\b\\\\\"\n",
        "2,\"q\\\\\\\"r\"\n",
        "3,\"\\\\,\\\\\\\\\\\"\"\n",
        "4,a\\\\b\n",
        "5,\\N\n",
        "6, x \n",
    );
    let names = [r"a,\b\", r#"q\"r"#, r#"\,\\""#, r"a\\b", r"\N", " x "];
    let read: Vec<Value> = rows(&with("preset: databricks").source, object);
    let read: Vec<&str> = read.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(read, names);
}

#[test]
fn postgres_leaves_null_empty_and_quotes_empty_text() {
    reads(
        "postgres",
        concat!(
            "id,name,active,seen,tags,key\n",
            "1,\"Ada, \"\"the\"\" first\nof her name\",t,2024-01-02 03:04:05.678+00,\"[\"\"a\"\", \"\"b\\\"\"c\"\"]\",\\xcafe\n",
            "2,\"\",f,,,\n",
            "3,,,,,\n",
            "4,C:\\new\\,t,,,\n",
        ),
    );
}

#[test]
fn text_format_of_postgres_is_read_with_its_own_keys() {
    let source = with(
        r#"preset: postgres, csv: {delimiter: "\t", quote: null, escape: "\\", escape_style: letters, header: false,
           columns: [a, b, c], "null": ["\\N"]}"#,
    );
    let expected = [json!({"a": "x\ty\\\nz\"", "b": null, "c": ""})];
    assert_eq!(rows(&source.source, "x\\ty\\\\\\nz\"\t\\N\t\n"), expected);
}

#[test]
fn duckdb_leaves_null_empty_and_quotes_empty_text() {
    reads(
        "duckdb",
        concat!(
            "id,name,active,seen,tags,key\n",
            "1,\"Ada, \"\"the\"\" first\nof her name\",true,2024-01-02 03:04:05.678+00,\"[\"\"a\"\",\"\"b\\\"\"c\"\"]\",CAFE\n",
            "2,\"\",false,,,\n",
            "3,,,,,\n",
            "4,C:\\new\\,true,,,\n",
        ),
    );
}

#[test]
fn only_spark_writes_a_marker() {
    for preset in PRESETS {
        let marker = with(&format!("preset: {preset}")).source.complete == Complete::Marker;
        assert_eq!(marker, preset == "databricks", "{preset}");
    }
}

#[test]
fn what_the_document_says_itself_wins_key_by_key() {
    let preset = with("preset: databricks").source;
    let source = with(r#"preset: databricks, complete: object, csv: {delimiter: ";", "null": [nil]}"#).source;
    assert_eq!(source.complete, Complete::Object);
    assert_eq!(
        (source.csv.dialect.delimiter, source.csv.dialect.null),
        (b';', vec!["nil".to_owned()])
    );
    assert_eq!(source.csv.dialect.escape, preset.csv.dialect.escape);
    assert_eq!(source.csv.dialect.escape_style, preset.csv.dialect.escape_style);
    let plain = with(r#"preset: databricks, csv: {escape: null, "null": ["", "\\N"]}, complete: object"#);
    assert_eq!(plain.source, with("format: auto").source);
}

#[test]
fn sync_is_that_of_the_document_without_a_preset_that_says_the_same() {
    let said = r#"complete: marker, csv: {escape: "\\", escape_style: quoted, "null": [""]}"#;
    let (by_preset, by_keys) = (with("preset: databricks"), with(said));
    assert_eq!(by_preset, by_keys);
    assert_eq!(by_preset.fingerprint().unwrap(), by_keys.fingerprint().unwrap());
    assert_ne!(
        by_preset.fingerprint().unwrap(),
        with("preset: duckdb").fingerprint().unwrap()
    );
}

#[test]
fn sync_with_a_preset_is_the_same_written_and_read_again() {
    for preset in PRESETS {
        let sync = with(&format!("preset: {preset}"));
        let written = serde_json::to_string(&sync).unwrap();
        assert_eq!(serde_json::from_str::<Sync>(&written).unwrap(), sync, "{preset}");
        assert_eq!(Sync::parse(&written).unwrap(), sync, "{preset}");
    }
}
