//! The first rows of a file, read to learn what is in it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use extract::{Chunk, Compression, CsvSplitter, Decoder, Dialect, Format, Inflate, Layout, detect, jsonl_chunks};
use serde_json::{Map, Value};

use super::{dialect, parquet};
use crate::error::CliError;

/// How much of a file is read.
const HEAD_BYTES: u64 = 1 << 20;

/// Rows that are looked at.
pub(super) const ROWS: usize = 1000;

/// What a file begins with.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) columns: Vec<Column>,
    /// How many rows were looked at.
    pub(crate) rows: usize,
}

/// One column and its first values: `null` where a row has none.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) values: Vec<Value>,
}

impl Column {
    /// Returns the values that are there.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().filter(|value| !value.is_null())
    }

    /// Returns the values that are there as text; `None` if one of them is no text.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        self.given().map(Value::as_str).collect()
    }
}

impl Sample {
    /// Reads the beginning of the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or is in no format that is known.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        let (bytes, is_cut) = head(path).map_err(|source| CliError::File {
            path: path.to_owned(),
            doing: "read",
            source,
        })?;
        let shown = path.display().to_string();
        let unreadable = |source| scheduler::ScheduleError::Unreadable {
            object: shown.clone(),
            source,
        };
        let (bytes, is_cut) = text(bytes, is_cut).map_err(unreadable)?;
        let unknown = || scheduler::ScheduleError::UnknownFormat { object: shown.clone() };
        let format = detect(&shown, &bytes).ok_or_else(unknown)?;
        let (dialect, names, rows) = match format {
            Format::Csv => csv(&bytes, is_cut).map_err(unreadable)?,
            Format::Jsonl => (Dialect::default(), Vec::new(), jsonl(&bytes, is_cut)),
            Format::Parquet => {
                let (names, rows) = parquet::head(path)
                    .map_err(|source| CliError::File {
                        path: path.to_owned(),
                        doing: "read",
                        source,
                    })?
                    .map_err(unreadable)?;
                (Dialect::default(), names, rows)
            }
        };
        Ok(Self {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            format,
            dialect,
            rows: rows.len(),
            columns: columns(names, rows),
        })
    }

    /// Returns the columns' names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

/// Returns the file's first bytes, and whether there are more.
fn head(path: &Path) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    file.take(HEAD_BYTES).read_to_end(&mut bytes)?;
    Ok((bytes, size > HEAD_BYTES))
}

/// Returns the text that a file's first bytes hold, if they are compressed, and whether there may be more.
fn text(bytes: Vec<u8>, is_cut: bool) -> Result<(Vec<u8>, bool), extract::ExtractError> {
    let Some(compression) = Compression::detect(&bytes) else {
        return Ok((bytes, is_cut));
    };
    let mut inflate = Inflate::new(compression)?;
    inflate.push(&bytes);
    if !is_cut {
        inflate.complete();
    }
    let (mut text, length) = (Vec::new(), usize::try_from(HEAD_BYTES).unwrap_or(usize::MAX));
    inflate.read_up_to(length, &mut text)?;
    let is_cut = is_cut || text.len() >= length;
    Ok((text, is_cut))
}

pub(super) type Rows = Vec<Map<String, Value>>;

fn csv(bytes: &[u8], is_cut: bool) -> Result<(Dialect, Vec<String>, Rows), extract::ExtractError> {
    let mut dialect = dialect::guess(bytes);
    let header = split(&dialect, bytes)?.0;
    if !dialect::is_header(&header) {
        dialect.header = false;
    }
    let (_, chunks) = split(&dialect, bytes)?;
    let names = if dialect.header {
        header
    } else {
        (1..=header.len()).map(|number| format!("column_{number}")).collect()
    };
    let mut layout = Layout {
        format: Format::Csv,
        compression: None,
        csv: dialect,
        columns: names.clone(),
        types: std::collections::BTreeMap::default(),
    };
    layout.check_columns()?;
    let mut rows = decode(&layout, &chunks, bytes, is_cut);
    let nulls = dialect::null_spellings(&rows);
    if !nulls.is_empty() {
        layout.csv.null.extend(nulls);
        rows = decode(&layout, &chunks, bytes, is_cut);
    }
    Ok((layout.csv, names, rows))
}

/// Returns the header and the chunks of CSV.
fn split(dialect: &Dialect, bytes: &[u8]) -> Result<(Vec<String>, Vec<Chunk>), extract::ExtractError> {
    let mut splitter = CsvSplitter::new(dialect.clone(), u64::MAX);
    splitter.push(bytes);
    splitter.finish().map(|plan| (plan.columns, plan.chunks))
}

fn jsonl(bytes: &[u8], is_cut: bool) -> Rows {
    let layout = Layout {
        format: Format::Jsonl,
        compression: None,
        csv: Dialect::default(),
        columns: Vec::new(),
        types: std::collections::BTreeMap::default(),
    };
    decode(&layout, &jsonl_chunks(bytes.len() as u64, u64::MAX), bytes, is_cut)
}

/// Returns the first rows that can be read. Of a file that goes on, the last row that was read may be a part of one.
fn decode(layout: &Layout, chunks: &[Chunk], bytes: &[u8], is_cut: bool) -> Rows {
    let mut rows = Vec::new();
    let slice = |range: std::ops::Range<u64>| {
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        &bytes[place(range.start)..place(range.end)]
    };
    for chunk in chunks {
        let mut decoder = Decoder::new(layout, chunk, bytes.len() as u64);
        while let Some(block) = decoder.wants().map(slice).filter(|block| !block.is_empty()) {
            decoder.push(block);
            while let Some(row) = decoder.next_row() {
                rows.push(row.ok().and_then(|row| serde_json::from_str(row.record.text()).ok()));
            }
        }
    }
    if is_cut {
        rows.pop();
    }
    rows.into_iter().flatten().take(ROWS).collect()
}

/// Turns rows into columns: those that are named, then others in the order in which they turn up.
fn columns(names: Vec<String>, rows: Rows) -> Vec<Column> {
    let count = rows.len();
    let column = |name| Column {
        name,
        values: vec![Value::Null; count],
    };
    let mut columns: Vec<Column> = names.into_iter().map(column).collect();
    for (number, row) in rows.into_iter().enumerate() {
        for (key, value) in row {
            let place = columns.iter().position(|column| column.name == key).unwrap_or_else(|| {
                columns.push(column(key));
                columns.len() - 1
            });
            columns[place].values[number] = value;
        }
    }
    columns
}
