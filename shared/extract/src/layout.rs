//! How an object is to be read: its format, the types of its columns, and for CSV its dialect and columns.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Compression, Dialect, ExtractError, MAX_COLUMN_NAME_BYTES, MAX_COLUMNS, listed};

/// What an object is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Cells between delimiters, as [`Dialect`] says.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Returns the word of sync documents: `csv`, `jsonl`, `parquet`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the text of a column becomes in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// A string, as it stands.
    #[default]
    String,
    /// A number, spelled as in the cell if JSON allows that spelling; `NaN` is null.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A point in time, as `2024-02-29T12:00:00.000Z`. Text without a zone is UTC.
    Timestamp,
    /// A day, as `2024-02-29`.
    Date,
    /// A time of day, as `23:59:59.999`.
    Time,
    /// Bytes, written in hexadecimal digits; they become base64.
    Binary,
    /// The JSON value that the cell holds as text.
    Json,
}

impl ColumnType {
    /// Every type, in the order in which messages list them.
    pub const ALL: [Self; 8] = [
        Self::String,
        Self::Number,
        Self::Boolean,
        Self::Json,
        Self::Timestamp,
        Self::Date,
        Self::Time,
        Self::Binary,
    ];

    /// Returns the word of sync documents: `string`, `number`, `boolean`, `json`, `timestamp`, `date`, `time`, `binary`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Json => "json",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Time => "time",
            Self::Binary => "binary",
        }
    }
}

/// All that a decoder needs to know besides the chunk.
///
/// Before an object is split, `columns` are those of the sync document (mostly none: the header has them); afterwards,
/// where there were none, the ones that [`crate::CsvPlan`] found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Layout {
    /// What the object is made of.
    pub format: Format,
    /// How the object's text is compressed; chunks then count in bytes of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// How CSV is written. Without meaning for other formats.
    #[serde(default)]
    pub csv: Dialect,
    /// The names of CSV columns, in the order of the cells; of Parquet columns, as the footer has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Types of columns. Those of CSV that are not named are strings; those of Parquet and JSONL stay what they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, ColumnType>,
}

impl Layout {
    /// Checks that CSV or Parquet rows can be read with `columns` and `types`: names unique and not empty, not too many, and each
    /// type's column among them. An object of 0 bytes has no header, so no columns, and passes. JSONL passes.
    ///
    /// # Errors
    /// The first problem found, with the column's number or name and what to write instead.
    pub fn check_columns(&self) -> Result<(), ExtractError> {
        match (self.format, self.columns.len()) {
            (Format::Jsonl, _) | (Format::Parquet, 0) => return Ok(()),
            (Format::Csv, 0) if self.csv.header => return Ok(()),
            (Format::Csv, 0) => return Err(ExtractError::NoColumns),
            (_, columns) if columns > MAX_COLUMNS => return Err(ExtractError::TooManyColumns { columns }),
            _ => {}
        }
        let numbers = self.column_numbers()?;
        match self.types.keys().find(|column| !numbers.contains_key(column.as_str())) {
            Some(column) => Err(ExtractError::UnknownColumn {
                column: column.clone(),
                known: listed(&self.columns),
            }),
            None => Ok(()),
        }
    }

    /// Returns each column's place, from 1, by its name.
    fn column_numbers(&self) -> Result<HashMap<&str, usize>, ExtractError> {
        let mut numbers = HashMap::with_capacity(self.columns.len());
        for (name, number) in self.columns.iter().zip(1..) {
            if name.is_empty() {
                return Err(ExtractError::UnnamedColumn { number });
            }
            if name.len() > MAX_COLUMN_NAME_BYTES {
                let bytes = name.len();
                return Err(ExtractError::LongColumnName { number, bytes });
            }
            if let Some(first) = numbers.insert(name.as_str(), number) {
                return Err(ExtractError::DuplicateColumn {
                    name: name.clone(),
                    first,
                    second: number,
                });
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EscapeStyle;

    fn layout(columns: &[&str], types: &[&str]) -> Layout {
        Layout {
            format: Format::Csv,
            compression: None,
            csv: Dialect::default(),
            columns: columns.iter().map(ToString::to_string).collect(),
            types: types
                .iter()
                .map(|column| ((*column).to_owned(), ColumnType::Number))
                .collect(),
        }
    }

    #[test]
    fn refuses_columns_that_cannot_be_told_apart() {
        let error = layout(&["id", "plan", "id"], &[])
            .check_columns()
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("column 3 has the same name as column 1, `id`; rename one"),
            "{error}"
        );
        let error = layout(&["id", ""], &[]).check_columns().unwrap_err().to_string();
        assert!(error.starts_with("column 2 has no name; name it"), "{error}");
    }

    #[test]
    fn refuses_a_name_that_no_warehouse_allows() {
        let fits = "n".repeat(MAX_COLUMN_NAME_BYTES);
        assert_eq!(layout(&["id", &fits], &[]).check_columns(), Ok(()));
        let error = layout(&["id", &format!("{fits}n")], &[]).check_columns().unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the name of column 2 has 1025 bytes, at most 1024 are read;"),
            "{text}"
        );
    }

    #[test]
    fn lists_so_many_columns_as_somebody_reads() {
        let names: Vec<String> = (0..10_000).map(|number| format!("c{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = layout(&names, &["x"]).check_columns().unwrap_err().to_string();
        assert!(
            text.ends_with("c28, c29, … (10000 in all)") && text.len() < 300,
            "{text}"
        );
    }

    #[test]
    fn refuses_a_type_for_a_column_that_is_not_there() {
        let error = layout(&["id", "plan"], &["mrr"])
            .check_columns()
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "`types` names a column `mrr` that is not there; the columns are: id, plan"
        );
        assert_eq!(layout(&["id", "mrr"], &["mrr"]).check_columns(), Ok(()));
    }

    #[test]
    fn refuses_more_columns_than_are_read() {
        let mut wide = layout(&[], &[]);
        wide.columns = (0..=MAX_COLUMNS).map(|number| number.to_string()).collect();
        assert_eq!(
            wide.check_columns(),
            Err(ExtractError::TooManyColumns {
                columns: MAX_COLUMNS + 1
            })
        );
    }

    #[test]
    fn needs_names_only_where_a_header_cannot_have_them() {
        let empty_object = layout(&[], &["mrr"]);
        assert_eq!(empty_object.check_columns(), Ok(()));
        let headless = Layout {
            csv: Dialect {
                header: false,
                ..Dialect::default()
            },
            ..empty_object.clone()
        };
        assert_eq!(headless.check_columns(), Err(ExtractError::NoColumns));
        assert_eq!(
            Layout {
                format: Format::Jsonl,
                ..headless
            }
            .check_columns(),
            Ok(())
        );
    }

    #[test]
    fn comes_back_from_json_as_it_was() {
        let mut written = layout(&["id"], &["id"]);
        written.csv = Dialect {
            delimiter: 1,
            quote: None,
            escape: Some(b'\\'),
            escape_style: EscapeStyle::Letters,
            header: false,
            null: vec!["NULL".into()],
            quoted_null: true,
        };
        let json = serde_json::to_string(&written).unwrap();
        assert!(
            json.contains(r#""delimiter":"\u0001","quote":null,"escape":"\\","escape_style":"letters","header":false"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Layout>(&json).unwrap(), written);
        assert_eq!(
            serde_json::from_str::<Layout>(r#"{"format":"csv"}"#).unwrap(),
            layout(&[], &[])
        );
    }
}
