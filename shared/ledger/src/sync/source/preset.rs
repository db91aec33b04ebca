//! Presets: how a warehouse writes its extracts, by the warehouse's name.
//!
//! Each is the warehouse's own default where that tells all values apart, and else the recipe in the README ("Extracts from
//! your warehouse"). No type is in them: `types` reads what each of these warehouses spells.

use extract::{Dialect, EscapeStyle};

use super::{Complete, CsvOptions};
use crate::sync::reader::{Cursor, Reported};

/// The name of a preset. What a sync document does not say itself, its preset says; the sync then holds what both say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Preset {
    Snowflake,
    Redshift,
    BigQuery,
    Databricks,
    Postgres,
    DuckDb,
}

impl Preset {
    /// Every preset, in the order in which messages list them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Snowflake,
        Self::Redshift,
        Self::BigQuery,
        Self::Databricks,
        Self::Postgres,
        Self::DuckDb,
    ];

    /// Returns the word of sync documents.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Snowflake => "snowflake",
            Self::Redshift => "redshift",
            Self::BigQuery => "bigquery",
            Self::Databricks => "databricks",
            Self::Postgres => "postgres",
            Self::DuckDb => "duckdb",
        }
    }

    pub(super) fn csv(self) -> CsvOptions {
        CsvOptions {
            dialect: self.dialect(),
            columns: Vec::new(),
        }
    }

    /// Spark's `_SUCCESS`; the others write no marker.
    pub(super) fn complete(self) -> Complete {
        match self {
            Self::Databricks => Complete::Marker,
            _ => Complete::Object,
        }
    }

    fn dialect(self) -> Dialect {
        match self {
            // Snowflake documentation, CREATE FILE FORMAT, TYPE = CSV: strings in FIELD_OPTIONALLY_ENCLOSED_BY double that
            // character, and ESCAPE is NONE; a NULL is the first of NULL_IF, whose default is `\N`, or nothing at all.
            Self::Snowflake => with_nulls(&["", r"\N"]),
            // Amazon Redshift documentation, UNLOAD, parameters: CSV doubles quotes; without NULL AS a NULL is written as
            // empty text is. ESCAPE puts a backslash before that of a NULL too.
            Self::Redshift => with_nulls(&[r"\N", r"\\N"]),
            // PostgreSQL documentation, COPY, CSV format; DuckDB documentation, CSV export, nullstr: NULL is empty, empty text
            // is `""`, and any other text stands for itself. BigQuery documentation, Loading CSV data, null_marker, says the
            // first; how its export writes empty text it does not say, so that one is taken to be as the others'.
            Self::BigQuery | Self::Postgres | Self::DuckDb => with_nulls(&[""]),
            // Spark documentation, CSV files, options: escape, charToEscapeQuoteEscaping, nullValue and emptyValue.
            Self::Databricks => Dialect {
                escape: Some(b'\\'),
                escape_style: EscapeStyle::Quoted,
                ..with_nulls(&[""])
            },
        }
    }
}

/// Commas, quotes that are doubled, and a header: what all of them write or can write.
fn with_nulls(null: &[&str]) -> Dialect {
    Dialect {
        null: null.iter().map(|&text| text.to_owned()).collect(),
        ..Dialect::default()
    }
}

pub(super) fn read(cursor: &Cursor<'_>) -> Result<Preset, Reported> {
    cursor.word("a preset", &Preset::ALL.map(|preset| (preset.as_str(), preset)))
}
