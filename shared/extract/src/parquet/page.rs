//! What a page says of itself before its body.

use super::thrift::{Stop, Thrift, kind};
use crate::ExtractError;
use crate::limit::{MAX_PAGE_BYTES, MAX_PAGE_HEADER_BYTES};

/// What a page is (parquet.thrift, `PageType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    Data,
    Index,
    Dictionary,
    DataV2,
}

/// The header of a page, as far as it is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageHead {
    pub(super) kind: PageKind,
    /// Length of the header and the body, in bytes.
    pub(super) length: usize,
    /// Levels of a data page, nulls among them; values of a dictionary.
    pub(super) values: usize,
    /// Rows, where the header says.
    pub(super) rows: Option<usize>,
    /// Whether its values stand in the column's dictionary.
    pub(super) is_indirect: bool,
}

/// The fields of a header as they are read.
#[derive(Debug, Default)]
struct Fields {
    kind: Option<i64>,
    uncompressed: Option<i64>,
    compressed: Option<i64>,
    values: Option<i64>,
    rows: Option<i64>,
    encoding: Option<i64>,
}

impl PageHead {
    /// Returns the header that `bytes` begin with; `None` if it does not end within them.
    ///
    /// # Errors
    /// For what is no header, and for a page that is larger than pages may be.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, ExtractError> {
        let mut thrift = Thrift::new(bytes);
        match Fields::read(&mut thrift) {
            Ok(fields) => fields.check(thrift.position()).map(Some),
            Err(Stop::Short) if bytes.len() <= MAX_PAGE_HEADER_BYTES => Ok(None),
            Err(_) => Err(no_header()),
        }
    }

    pub(super) fn is_data(&self) -> bool {
        matches!(self.kind, PageKind::Data | PageKind::DataV2)
    }
}

fn no_header() -> ExtractError {
    ExtractError::broken_parquet("there is no page where one should begin")
}

impl Fields {
    fn read(thrift: &mut Thrift<'_>) -> Result<Self, Stop> {
        let (mut fields, mut last) = (Self::default(), 0);
        while let Some((number, found)) = thrift.field(&mut last)? {
            match (number, found) {
                (1, 5) => fields.kind = Some(thrift.integer()?),
                (2, 5) => fields.uncompressed = Some(thrift.integer()?),
                (3, 5) => fields.compressed = Some(thrift.integer()?),
                (5 | 7 | 8, kind::STRUCT) => fields.read_counts(thrift, number == 8)?,
                _ => thrift.skip(found)?,
            }
        }
        Ok(fields)
    }

    /// Reads the header of a data page or dictionary, which begins with its number of values.
    fn read_counts(&mut self, thrift: &mut Thrift<'_>, has_rows: bool) -> Result<(), Stop> {
        let mut last = 0;
        while let Some((number, found)) = thrift.field(&mut last)? {
            match (number, found) {
                (1, 5) => self.values = Some(thrift.integer()?),
                (3, 5) if has_rows => self.rows = Some(thrift.integer()?),
                (4, 5) if has_rows => self.encoding = Some(thrift.integer()?),
                (2, 5) if !has_rows => self.encoding = Some(thrift.integer()?),
                _ => thrift.skip(found)?,
            }
        }
        Ok(())
    }

    fn check(&self, header: usize) -> Result<PageHead, ExtractError> {
        let size = |size: Option<i64>| size.and_then(|size| usize::try_from(size).ok()).ok_or_else(no_header);
        let (uncompressed, compressed) = (size(self.uncompressed)?, size(self.compressed)?);
        let largest = uncompressed.max(compressed);
        if largest > MAX_PAGE_BYTES {
            return Err(ExtractError::ParquetTooLarge {
                what: "a page",
                bytes: largest as u64,
                limit: MAX_PAGE_BYTES as u64,
            });
        }
        let kind = match self.kind {
            Some(0) => PageKind::Data,
            Some(1) => PageKind::Index,
            Some(2) => PageKind::Dictionary,
            Some(3) => PageKind::DataV2,
            _ => return Err(no_header()),
        };
        let values = match kind {
            PageKind::Index => 0,
            _ => size(self.values)?,
        };
        // Room is made for as many values as a dictionary says it has, and each takes a byte at least.
        if kind == PageKind::Dictionary && values > uncompressed {
            return Err(no_header());
        }
        let rows = match kind {
            PageKind::DataV2 => Some(size(self.rows)?),
            _ => None,
        };
        Ok(PageHead {
            kind,
            length: header + compressed,
            values,
            rows,
            // PLAIN_DICTIONARY and RLE_DICTIONARY (parquet.thrift, `Encoding`).
            is_indirect: kind != PageKind::Dictionary && matches!(self.encoding, Some(2 | 8)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the header of a page of so many bytes; `counts` is its field and what that has.
    fn head(kind: u8, counts: &[u8]) -> PageHead {
        // 1: i32 kind, 2: i32 = 300, 3: i32 = 200; then the counts.
        let bytes = [&[0x15, 2 * kind, 0x15, 0xD8, 0x04, 0x15, 0x90, 0x03], counts, &[0, 0]].concat();
        PageHead::read(&bytes).unwrap().unwrap()
    }

    #[test]
    fn says_which_pages_need_the_dictionary() {
        for (encoding, is_indirect) in [(0_u8, false), (2, true), (3, false), (8, true)] {
            // Data page: 1: i32 = 40, 2: i32 encoding.
            let first = head(0, &[0x2C, 0x15, 80, 0x15, 2 * encoding]);
            assert_eq!((first.is_indirect, first.values, first.rows), (is_indirect, 40, None));
            // Data page of version 2: 1: i32 = 40, 2: i32 = 1, 3: i32 = 30, 4: i32 encoding.
            let second = head(3, &[0x5C, 0x15, 80, 0x15, 2, 0x15, 60, 0x15, 2 * encoding]);
            assert_eq!(
                (second.is_indirect, second.values, second.rows),
                (is_indirect, 40, Some(30))
            );
            // Dictionary: 1: i32 = 40, 2: i32 encoding.
            assert!(!head(2, &[0x4C, 0x15, 80, 0x15, 2 * encoding]).is_indirect);
        }
    }
}
