//! The footer: what an object holds, and where.

use std::ops::Range;
use std::sync::Arc;

use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};

use super::guard::guarded;
use super::thrift::{Stop, Thrift, kind};
use crate::limit::{FIRST_FOOTER_BYTES, MAX_COLUMNS, MAX_FOOTER_BYTES};
use crate::{Chunk, ExtractError};

/// What a Parquet object begins and ends with.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// What an object ends with whose footer is encrypted.
const ENCRYPTED_MAGIC: &[u8] = b"PARE";

/// The footer's length and the magic bytes.
const TAIL_BYTES: u64 = 8;

/// Reads the footer of a Parquet object from ranges of bytes that it asks for: no I/O of its own.
///
/// Ask what it wants, push that in blocks of any size, and so on until it wants nothing; then finish. No row is read.
#[derive(Debug)]
pub struct ParquetFooter {
    object_size: u64,
    /// Where the bytes begin.
    start: u64,
    /// From `start` on.
    bytes: Vec<u8>,
    /// What was read before, from behind `bytes` to the object's end.
    tail: Vec<u8>,
    failure: Option<ExtractError>,
}

/// What the footer of a Parquet object says.
#[derive(Debug, Clone)]
pub struct ParquetPlan {
    metadata: Arc<ParquetMetaData>,
}

impl ParquetFooter {
    /// Returns the reader of the footer of an object of `object_size` bytes.
    #[must_use]
    pub fn new(object_size: u64) -> Self {
        let is_too_short = object_size < TAIL_BYTES + MAGIC.len() as u64;
        Self {
            object_size,
            start: object_size.saturating_sub(FIRST_FOOTER_BYTES),
            bytes: Vec::new(),
            tail: Vec::new(),
            failure: is_too_short.then(|| ExtractError::broken_parquet("it is too short")),
        }
    }

    /// Returns the byte range to read and push next; it begins where the last push ended. `None` once there is nothing more to
    /// read.
    #[must_use]
    pub fn wants(&self) -> Option<Range<u64>> {
        let (at, end) = (
            self.start + self.bytes.len() as u64,
            self.object_size - self.tail.len() as u64,
        );
        (self.failure.is_none() && at < end).then_some(at..end)
    }

    /// Takes the next bytes of the wanted range, and no more than it has.
    pub fn push(&mut self, block: &[u8]) {
        let Some(wanted) = self.wants() else { return };
        let length = usize::try_from(wanted.end - wanted.start).unwrap_or(usize::MAX);
        self.bytes.extend_from_slice(&block[..block.len().min(length)]);
        if self.wants().is_none() {
            self.complete();
        }
    }

    /// Looks at the end once it is there, and goes back further if the footer begins before what was read.
    fn complete(&mut self) {
        self.bytes.append(&mut self.tail);
        match self.footer_length() {
            Ok(length) => {
                let start = self.object_size - TAIL_BYTES - length;
                if start < self.start {
                    self.start = start;
                    self.tail = std::mem::take(&mut self.bytes);
                }
            }
            Err(error) => self.failure = Some(error),
        }
    }

    fn footer_length(&self) -> Result<u64, ExtractError> {
        let (rest, magic) = self.bytes.split_last_chunk().unwrap_or((&[], &[0; 4]));
        match magic {
            magic if magic == MAGIC => {}
            magic if magic == ENCRYPTED_MAGIC => return Err(ExtractError::EncryptedParquet),
            _ => return Err(ExtractError::broken_parquet("it does not end as one, with PAR1")),
        }
        let (_, length) = rest.split_last_chunk().unwrap_or((&[], &[0; 4]));
        let length = u64::from(u32::from_le_bytes(*length));
        if length > MAX_FOOTER_BYTES {
            return Err(ExtractError::ParquetTooLarge {
                what: "the footer",
                bytes: length,
                limit: MAX_FOOTER_BYTES,
            });
        }
        if length > self.object_size - TAIL_BYTES - MAGIC.len() as u64 {
            return Err(ExtractError::broken_parquet("its footer is longer than it is itself"));
        }
        Ok(length)
    }

    pub(super) fn failure(&self) -> Option<&ExtractError> {
        self.failure.as_ref()
    }

    /// Returns what the footer says. Everything that was wanted must have been pushed.
    ///
    /// # Errors
    /// When the object is damaged, cut off, encrypted, or larger in some way than is read.
    pub fn finish(self) -> Result<ParquetPlan, ExtractError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let length = usize::try_from(self.footer_length()?).unwrap_or(usize::MAX);
        let cut_off = || ExtractError::broken_parquet("its footer is cut off");
        let end = self.bytes.len().checked_sub(8).ok_or_else(cut_off)?;
        let start = end.checked_sub(length).ok_or_else(cut_off)?;
        ParquetPlan::parse(&self.bytes[start..end])
    }
}

impl ParquetPlan {
    fn parse(footer: &[u8]) -> Result<Self, ExtractError> {
        check_outline(footer)?;
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata = guarded(|| ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options)))?;
        let columns = metadata.file_metadata().schema_descr().num_columns();
        let is_whole = |group: &parquet::file::metadata::RowGroupMetaData| {
            group.num_rows() >= 0 && group.compressed_size() >= 0 && group.num_columns() == columns
        };
        if !metadata.row_groups().iter().all(is_whole) {
            return Err(ExtractError::broken_parquet(
                "a row group does not have the columns of the schema",
            ));
        }
        Ok(Self {
            metadata: Arc::new(metadata),
        })
    }

    pub(super) fn metadata(&self) -> &Arc<ParquetMetaData> {
        &self.metadata
    }

    /// Returns how many rows the object has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.groups().fold(0, |rows, (group, _)| rows.saturating_add(group))
    }

    /// Returns the names of the columns; of nested ones the outermost.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let fields = self.metadata.file_metadata().schema().get_fields();
        fields.iter().map(|field| field.name().to_owned()).collect()
    }

    /// Rows and compressed bytes of each row group.
    fn groups(&self) -> impl Iterator<Item = (u64, u64)> {
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        let groups = self.metadata.row_groups().iter();
        groups.map(move |group| (unsigned(group.num_rows()), unsigned(group.compressed_size())))
    }

    /// Returns chunks of about `target` compressed bytes, which count in rows: row groups, small ones joined. A row group of more
    /// than twice the target is cut into equal parts, which costs each part a reading of what goes before it in the group, of columns
    /// that have no offset index.
    #[must_use]
    pub fn chunks(&self, target: u64) -> Vec<Chunk> {
        let target = target.max(1);
        let mut chunks = Vec::new();
        let (mut start, mut end, mut bytes) = (0, 0_u64, 0_u64);
        for (rows, size) in self.groups().filter(|(rows, _)| *rows > 0) {
            if start < end && bytes.saturating_add(size) > target {
                chunks.push(chunk(start, end));
                (start, bytes) = (end, 0);
            }
            end = end.saturating_add(rows);
            bytes = bytes.saturating_add(size);
            if size / 2 > target {
                let parts = size.div_ceil(target).min(rows);
                let step = rows.div_ceil(parts);
                while end - start > step {
                    chunks.push(chunk(start, start + step));
                    start += step;
                }
                chunks.push(chunk(start, end));
                (start, bytes) = (end, 0);
            }
        }
        if start < end {
            chunks.push(chunk(start, end));
        }
        chunks
    }
}

fn chunk(start: u64, end: u64) -> Chunk {
    Chunk {
        start,
        end,
        first_row: Some(start + 1),
    }
}

/// Checks what Apache's reader takes on trust, and would otherwise make room for or recurse into: that lists have the elements they
/// say, and how wide and deep the schema is.
fn check_outline(footer: &[u8]) -> Result<(), ExtractError> {
    let mut thrift = Thrift::new(footer);
    let children = outline(&mut thrift).map_err(|_| ExtractError::broken_parquet("its footer is damaged"))?;
    let Some(children) = children else {
        return Err(ExtractError::EncryptedParquet);
    };
    let leaves = children.iter().filter(|count| **count == 0).count();
    if leaves > MAX_COLUMNS {
        return Err(ExtractError::TooManyColumns { columns: leaves });
    }
    // How many elements are still to come at each level above.
    let mut open: Vec<u64> = Vec::new();
    for count in children {
        while open.pop_if(|left| *left == 0).is_some() {}
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if count > 0 {
            open.push(count);
        }
        // A list or map takes up to three levels of the schema to one of JSON.
        if open.len() > 3 * mapping::MAX_DEPTH {
            return Err(ExtractError::broken_parquet(
                "its schema nests deeper than any row does",
            ));
        }
    }
    Ok(())
}

/// Returns the number of children of each element of the schema; `None` if columns are encrypted.
fn outline(thrift: &mut Thrift<'_>) -> Result<Option<Vec<u64>>, Stop> {
    const SCHEMA: i64 = 2;
    const ENCRYPTION: i64 = 8;
    let (mut children, mut last, mut is_encrypted) = (Vec::new(), 0, false);
    while let Some((number, found)) = thrift.field(&mut last)? {
        if (number, found) == (SCHEMA, kind::LIST) {
            let (length, kind::STRUCT) = thrift.list()? else {
                return Err(Stop::Wrong);
            };
            for _ in 0..length {
                children.push(children_of_element(thrift)?);
            }
        } else {
            is_encrypted |= number == ENCRYPTION;
            thrift.skip(found)?;
        }
    }
    Ok((!is_encrypted).then_some(children))
}

fn children_of_element(thrift: &mut Thrift<'_>) -> Result<u64, Stop> {
    const CHILDREN: i64 = 5;
    let (mut last, mut count) = (0, 0);
    while let Some((number, found)) = thrift.field(&mut last)? {
        match (number, found) {
            (CHILDREN, 5) => count = u64::try_from(thrift.integer()?).map_err(|_| Stop::Wrong)?,
            _ => thrift.skip(found)?,
        }
    }
    Ok(count)
}
