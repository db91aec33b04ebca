//! The `source` block.

use std::collections::BTreeMap;

use ::mapping::Change;
use extract::{ColumnType, Dialect, Format, Layout};
use serde::{Deserialize, Serialize};

use super::reader::{Cursor, Reported};

mod csv;
mod preset;
mod read;

#[cfg(feature = "schema")]
pub(super) use preset::Preset;

/// Where rows come from and how they are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A prefix or one object (`s3://bucket/…`), or a local path or glob; S3 knows no globs.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), regex(pattern = r"^(?!s3://[^/]*/.*[*?\[])"))
    )]
    pub extract: String,
    /// What the objects are made of.
    #[serde(default)]
    pub format: FormatChoice,
    /// When objects are an extract.
    #[serde(default)]
    pub complete: Complete,
    /// What rows are.
    #[serde(default)]
    pub rows: Rows,
    /// The unique identifier column.
    #[serde(default)]
    pub id: Option<String>,
    /// How a row's change is told.
    #[serde(default)]
    pub changes: Changes,
    /// How CSV is written.
    #[serde(default)]
    pub csv: CsvOptions,
    /// What columns become; those of CSV that are not listed become strings.
    #[serde(default)]
    pub types: BTreeMap<String, ColumnType>,
}

/// What the sync says of its objects' format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FormatChoice {
    /// Told by each object's name and first bytes.
    #[default]
    Auto,
    /// Comma-separated values, in the dialect of `csv`.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// When objects are an extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Complete {
    /// Each object is one.
    #[default]
    Object,
    /// A folder is one once `_SUCCESS` is in it.
    Marker,
    /// The objects that a manifest names are one: Redshift's, or one key or URL a line. Its name ends in `manifest`, `manifest.json` or
    /// `manifest.txt`.
    Manifest,
}

/// What rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// Warehouse rows: mappings see their columns under `properties`.
    #[default]
    Records,
    /// Segment events: mappings see them as they are.
    Events,
}

/// How a row's change is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Changes {
    /// Not at all: every row is `new`.
    #[default]
    None,
    /// By comparison with the last run.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Snapshot,
    /// By a column of the extract.
    #[serde(untagged)]
    Column(ColumnChanges),
}

/// A column that says what became of its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnChanges {
    /// The column's name.
    pub column: String,
    /// Values that mean `new`.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::schema::Scalar>"))]
    #[serde(default)]
    pub new: Vec<String>,
    /// Values that mean `updated`.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::schema::Scalar>"))]
    #[serde(default)]
    pub updated: Vec<String>,
    /// Values that mean `deleted`.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::schema::Scalar>"))]
    #[serde(default)]
    pub deleted: Vec<String>,
}

/// How CSV is written: the dialect and, without a header, the columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct CsvOptions {
    /// Delimiter, quote, escape, header and null, as keys beside `columns`.
    #[serde(flatten)]
    pub dialect: Dialect,
    /// The columns' names, in the order of the cells; empty: the header has them.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::schema::Scalar>"))]
    #[serde(default)]
    pub columns: Vec<String>,
}

impl Source {
    /// Returns the format of an object by the sync's choice, or `None` if it must be told from the object.
    #[must_use]
    pub fn chosen_format(&self) -> Option<Format> {
        match self.format {
            FormatChoice::Auto => None,
            FormatChoice::Csv => Some(Format::Csv),
            FormatChoice::Jsonl => Some(Format::Jsonl),
            FormatChoice::Parquet => Some(Format::Parquet),
        }
    }

    /// Returns how an object of this source is to be read, given its format.
    #[must_use]
    pub fn layout(&self, format: Format) -> Layout {
        let csv = self.csv.clone();
        Layout {
            format,
            compression: None,
            csv: csv.dialect,
            // A Parquet object has its own names.
            columns: if format == Format::Parquet {
                Vec::new()
            } else {
                csv.columns
            },
            types: self.types.clone(),
        }
    }
}

impl ColumnChanges {
    /// Returns the changes that a value of the column can mean.
    pub(super) fn changes(&self) -> Vec<Change> {
        let all = self.new.iter().chain(&self.updated).chain(&self.deleted);
        let mut changes: Vec<Change> = all.filter_map(|value| self.change_of(value)).collect();
        changes.dedup();
        changes
    }

    /// Returns the change that a value of the column means, or `None` if it is in no list.
    #[must_use]
    pub fn change_of(&self, value: &str) -> Option<Change> {
        let lists = [
            (&self.new, Change::New),
            (&self.updated, Change::Updated),
            (&self.deleted, Change::Deleted),
        ];
        lists
            .into_iter()
            .find(|(values, _)| values.iter().any(|known| known == value))
            .map(|(_, change)| change)
    }
}

pub(super) fn read(cursor: &Cursor<'_>) -> Result<Source, Reported> {
    read::source(cursor)
}

/// Returns what rows are, if that can be told, whatever else is wrong with the block.
pub(super) fn rows(cursor: &Cursor<'_>) -> Option<Rows> {
    read::rows(cursor)
}
