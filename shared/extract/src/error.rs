//! Why an object cannot be read at all.

use mapping::MAX_DEPTH;

use crate::Compression;
use crate::limit::{MAX_COLUMN_NAME_BYTES, MAX_COLUMNS, MAX_COMPRESSION_RATIO, MAX_ROW_BYTES};

/// Why an object cannot be read with a layout. Rows that cannot be read are no errors, but [`crate::BadRow`]s.
///
/// The texts do not name the object; whoever read it adds its key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// A delimiter, quote, escape or style of it that cannot work.
    #[error("csv.{setting} cannot be {found}; write {remedy}")]
    Dialect {
        /// The setting: `delimiter`, `quote`, `escape` or `escape_style`.
        setting: &'static str,
        /// What it is set to, as text.
        found: String,
        /// What it may be.
        remedy: &'static str,
    },
    /// Neither a header nor `columns`.
    #[error("no column has a name: write csv.header: true, or list the names in csv.columns")]
    NoColumns,
    /// More columns than are read.
    #[error("{columns} columns are too many: {MAX_COLUMNS} can be read; select fewer, or check csv.delimiter")]
    TooManyColumns {
        /// How many there are.
        columns: usize,
    },
    /// A column with a name that no warehouse allows.
    #[error(
        "the name of column {number} has {bytes} bytes, at most {MAX_COLUMN_NAME_BYTES} are read; rename it in the warehouse's query, \
         or check csv.header and csv.delimiter"
    )]
    LongColumnName {
        /// The column's place, from 1.
        number: usize,
        /// The name's length.
        bytes: usize,
    },
    /// A column without a name.
    #[error("column {number} has no name; name it in the warehouse's query, or list all names in csv.columns")]
    UnnamedColumn {
        /// The column's place, from 1.
        number: usize,
    },
    /// Two columns with one name.
    #[error(
        "column {second} has the same name as column {first}, `{name}`; rename one in the warehouse's query, or list \
         all names in csv.columns"
    )]
    DuplicateColumn {
        /// The name.
        name: String,
        /// Place of the first one, from 1.
        first: usize,
        /// Place of the second one, from 1.
        second: usize,
    },
    /// A type for a column that is not there.
    #[error("`types` names a column `{column}` that is not there; the columns are: {known}")]
    UnknownColumn {
        /// The column that `types` names.
        column: String,
        /// All columns, with commas between.
        known: String,
    },
    /// A column of a type that has no JSON.
    #[error("column `{column}` holds {found}, which is not read; cast it to text in the warehouse's query")]
    UnsupportedType {
        /// The column's name, with those of the fields that lead into it.
        column: String,
        /// Its type, as Arrow calls it.
        found: String,
    },
    /// A column of lists or structs in each other, deeper than rows nest.
    #[error(
        "column `{column}` nests deeper than {MAX_DEPTH} levels, more than are read; flatten it in the warehouse's query"
    )]
    ColumnTooDeep {
        /// The column's name, with those of the fields that lead into it.
        column: String,
    },
    /// A header that is not text.
    #[error("the header is not UTF-8 at byte {at}; unload the extract as UTF-8, or check source.format")]
    HeaderNotUtf8 {
        /// The first wrong byte's place in the header, from 1.
        at: usize,
    },
    /// A header that does not end within the limit of a row.
    #[error("the header is longer than {MAX_ROW_BYTES} bytes; check source.format and csv.quote")]
    HeaderTooLong,
    /// An object that is not the compressed text that its first bytes say.
    #[error("the object is no whole {compression} text: {problem}; unload it again")]
    Undecodable {
        /// What its first bytes say.
        compression: Compression,
        /// What is wrong.
        problem: String,
    },
    /// An object that is not the Parquet that its name, first bytes or sync say.
    #[error("the object is no whole parquet file: {problem}; unload it again, or check source.format")]
    BrokenParquet {
        /// What is wrong.
        problem: String,
    },
    /// Parquet with an encrypted footer or columns.
    #[error("the object is encrypted parquet; unload it without encryption, the bucket can encrypt it")]
    EncryptedParquet,
    /// A part of a Parquet object that would take too much memory.
    #[error("{what} has {bytes} bytes, more than the {limit} that are read; unload with smaller row groups and pages")]
    ParquetTooLarge {
        /// What it is.
        what: &'static str,
        /// Its size.
        bytes: u64,
        /// How large it may be.
        limit: u64,
    },
    /// An object that holds far more text than any table would in so few bytes.
    #[error(
        "the object holds more than {MAX_COMPRESSION_RATIO} times its own size; if that is right, unload it uncompressed"
    )]
    TooCompressed,
    /// A quote in the header that is never closed.
    #[error("a quote in the header is never closed; check csv.quote and csv.escape")]
    HeaderUnterminated,
}

impl ExtractError {
    pub(crate) fn broken_parquet(problem: &str) -> Self {
        let problem = problem.to_owned();
        Self::BrokenParquet { problem }
    }
}
