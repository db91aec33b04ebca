//! One column of a row group: bytes in, pages out.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ColumnChunkMetaData;

use super::codec::Codec;
use super::levels::RowStarts;
use super::page::{PageHead, PageKind};
use crate::ExtractError;
use crate::limit::{MIN_COLUMN_BYTES, PARQUET_BUFFER_BYTES};

/// The pages of one column of a row group, from where they are pushed to where they are decoded.
pub(super) struct Column {
    /// Where the next byte to push lies in the object.
    next: u64,
    /// One past the column's last byte.
    end: u64,
    /// What is pushed and no whole page yet.
    bytes: BytesMut,
    head: Option<PageHead>,
    pages: VecDeque<Waiting>,
    /// The same in bytes.
    waiting: usize,
    /// What all columns of the group keep decompressed.
    kept: Kept,
    /// Levels of the values: 0 for a column with one value a row.
    max_repetition: i16,
    starts: RowStarts,
    /// Rows of the pages so far, of a column with one value a row.
    flat_rows: u64,
    /// Pages of nothing but the first so many rows are not kept.
    skipped_rows: u64,
    codec: Codec,
    failure: Option<ExtractError>,
}

/// A page that waits to be decoded.
enum Waiting {
    /// As it lies in the object, with its header.
    Raw(PageHead, Bytes),
    /// Decompressed, because its rows had to be counted.
    Read(PageHead, Page),
    /// Not wanted: all that is left of it is how many rows it has.
    Skipped(PageHead),
}

/// How many bytes of pages are kept decompressed, of all columns of a row group together.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<AtomicUsize>);

impl Kept {
    /// Whether there is room for a page of so many bytes, which then is taken.
    fn take(&self, bytes: usize) -> bool {
        let most = usize::try_from(PARQUET_BUFFER_BYTES).unwrap_or(usize::MAX);
        let now = self.0.load(Ordering::Relaxed).saturating_add(bytes);
        if now <= most {
            self.0.store(now, Ordering::Relaxed);
        }
        now <= most
    }

    fn give_back(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Waiting {
    fn head(&self) -> &PageHead {
        match self {
            Self::Raw(head, _) | Self::Read(head, _) | Self::Skipped(head) => head,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Raw(_, bytes) => bytes.len(),
            Self::Read(_, page) => page.buffer().len(),
            Self::Skipped(_) => 0,
        }
    }
}

impl Column {
    /// `object_size`: where no column can go beyond. Of the first `skipped_rows` rows nothing is decoded; 0 for a column with several values
    /// a row.
    pub(super) fn new(
        column: &ColumnChunkMetaData,
        object_size: u64,
        kept: &Kept,
        skipped_rows: u64,
    ) -> Result<Self, ExtractError> {
        let wrong = || ExtractError::broken_parquet("a column lies outside of it");
        if column.file_path().is_some() {
            return Err(ExtractError::broken_parquet("a column lies in another file"));
        }
        // Some writers say 0 where there is no dictionary.
        let dictionary = column.dictionary_page_offset().filter(|offset| *offset > 0);
        let start = dictionary.map_or(column.data_page_offset(), |at| at.min(column.data_page_offset()));
        let start = u64::try_from(start).map_err(|_| wrong())?;
        let length = u64::try_from(column.compressed_size()).map_err(|_| wrong())?;
        let end = start
            .checked_add(length)
            .filter(|end| *end <= object_size)
            .ok_or_else(wrong)?;
        Ok(Self {
            next: start,
            end,
            bytes: BytesMut::new(),
            head: None,
            pages: VecDeque::new(),
            waiting: 0,
            kept: kept.clone(),
            max_repetition: column.column_descr().max_rep_level(),
            starts: RowStarts::default(),
            flat_rows: 0,
            skipped_rows,
            codec: Codec::new(column)?,
            failure: None,
        })
    }

    /// Returns the bytes to read so that the first `rows` rows are there, of the `all` that the group has; `None` if they are. It is as
    /// many as rows take on average, and a fifth more, so that it mostly does.
    pub(super) fn range(&self, rows: u64, all: u64) -> Option<Range<u64>> {
        let lacking = rows
            .checked_sub(self.rows())
            .filter(|lacking| *lacking > 0 && self.left() > 0)?;
        let remaining = u128::from((all - self.rows()).max(1));
        let estimate = u128::from(self.left()) * u128::from(lacking) * 6 / 5 / remaining;
        let estimate = u64::try_from(estimate).unwrap_or(u64::MAX).max(MIN_COLUMN_BYTES);
        let length = estimate.max(self.missing()).min(self.left());
        Some(self.next..self.next + length)
    }

    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn failure(&self) -> Option<&ExtractError> {
        self.failure.as_ref()
    }

    /// How many bytes are still to push.
    pub(super) fn left(&self) -> u64 {
        if self.failure.is_some() {
            0
        } else {
            self.end - self.next
        }
    }

    /// How many bytes are missing of the page that has begun.
    fn missing(&self) -> u64 {
        let length = self.head.map_or(0, |head| head.length);
        length.saturating_sub(self.bytes.len()) as u64
    }

    /// How many bytes are kept.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.bytes.len() + self.waiting
    }

    /// How many rows of the group can be decoded with what is there.
    ///
    /// In a column with several values a row, the last row that has begun may go on in the next page.
    pub(super) fn rows(&self) -> u64 {
        match self.max_repetition {
            0 => self.flat_rows,
            _ if self.left() == 0 && self.failure.is_none() => self.starts.rows(),
            _ => self.starts.rows().saturating_sub(1),
        }
    }

    /// Takes the next bytes, no more than are left.
    pub(super) fn push(&mut self, block: &[u8]) {
        self.next += block.len() as u64;
        self.bytes.extend_from_slice(block);
        while self.failure.is_none() {
            match self.next_page() {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => self.failure = Some(failure),
            }
        }
        if self.left() == 0 && !self.bytes.is_empty() && self.failure.is_none() {
            self.failure = Some(ExtractError::broken_parquet("a column ends in the middle of a page"));
        }
    }

    /// Puts the next page among those that wait, if it is whole.
    fn next_page(&mut self) -> Result<bool, ExtractError> {
        if self.bytes.is_empty() {
            return Ok(false);
        }
        if self.head.is_none() {
            self.head = PageHead::read(&self.bytes)?;
        }
        let Some(head) = self.head.take_if(|head| head.length <= self.bytes.len()) else {
            return Ok(false);
        };
        let bytes = self.bytes.split_to(head.length).freeze();
        let page = match head.kind {
            PageKind::Index => return Ok(true),
            PageKind::Data | PageKind::DataV2 if self.max_repetition > 0 => {
                let page = self.codec.decode(bytes.clone())?;
                self.count(&page)?;
                // A page that shrank to nothing is decompressed once more rather than kept.
                if self.kept.take(page.buffer().len()) {
                    Waiting::Read(head, page)
                } else {
                    Waiting::Raw(head, bytes)
                }
            }
            PageKind::Data | PageKind::DataV2 if self.flat_rows + head.values as u64 <= self.skipped_rows => {
                Waiting::Skipped(head)
            }
            _ => Waiting::Raw(head, bytes),
        };
        if head.is_data() {
            self.flat_rows += head.values as u64;
        }
        self.waiting += page.size();
        self.pages.push_back(page);
        Ok(true)
    }

    /// Counts the rows that begin in a page.
    fn count(&mut self, page: &Page) -> Result<(), ExtractError> {
        let cut_off = || ExtractError::broken_parquet("a page is cut off");
        let (levels, values) = match page {
            Page::DataPage {
                buf,
                num_values,
                rep_level_encoding: parquet::basic::Encoding::RLE,
                ..
            } => {
                let (length, rest) = buf.split_first_chunk().ok_or_else(cut_off)?;
                let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut_off())?;
                (rest.get(..length).ok_or_else(cut_off)?, *num_values)
            }
            Page::DataPageV2 {
                buf,
                num_values,
                rep_levels_byte_len,
                ..
            } => {
                let length = usize::try_from(*rep_levels_byte_len).map_err(|_| cut_off())?;
                (buf.get(..length).ok_or_else(cut_off)?, *num_values)
            }
            _ => {
                return Err(ExtractError::broken_parquet(
                    "its lists are in an encoding of before 2013",
                ));
            }
        };
        let values = usize::try_from(values).map_err(|_| cut_off())?;
        self.starts.read(levels, self.max_repetition, values)
    }

    fn pop(&mut self) -> Option<Waiting> {
        let page = self.pages.pop_front()?;
        self.waiting -= page.size();
        if let Waiting::Read(..) = page {
            self.kept.give_back(page.size());
        }
        Some(page)
    }

    fn take(&mut self) -> ParquetResult<Option<Page>> {
        let Some(page) = self.pop() else { return Ok(None) };
        match page {
            Waiting::Read(_, page) => Ok(Some(page)),
            Waiting::Raw(_, bytes) => {
                let page = self.codec.decode(bytes);
                page.map(Some).map_err(|error| ParquetError::General(error.to_string()))
            }
            Waiting::Skipped(_) => Err(ParquetError::General(
                "a page that was to be skipped is read".to_owned(),
            )),
        }
    }
}

/// A column that is pushed to on one side and decoded on the other.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Column>>);

impl Shared {
    pub(super) fn new(column: Column) -> Self {
        Self(Arc::new(Mutex::new(column)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Column> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.lock();
        f.debug_struct("Column")
            .field("next", &column.next)
            .field("end", &column.end)
            .field("rows", &column.rows())
            .finish_non_exhaustive()
    }
}

impl Iterator for Shared {
    type Item = ParquetResult<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Shared {
    fn get_next_page(&mut self) -> ParquetResult<Option<Page>> {
        self.lock().take()
    }

    fn peek_next_page(&mut self) -> ParquetResult<Option<PageMetadata>> {
        let column = self.lock();
        // Of a column with one value a row, values are what counts everywhere else too.
        let has_several = column.max_repetition > 0;
        Ok(column.pages.front().map(Waiting::head).map(|head| PageMetadata {
            num_rows: head.rows.filter(|_| has_several),
            num_levels: head.is_data().then_some(head.values),
            is_dict: head.kind == PageKind::Dictionary,
        }))
    }

    fn skip_next_page(&mut self) -> ParquetResult<()> {
        self.lock().pop();
        Ok(())
    }

    /// Whether the page that was taken last ends where a row does. Where the next one is not there yet, nobody knows.
    fn at_record_boundary(&mut self) -> ParquetResult<bool> {
        let column = self.lock();
        Ok(match column.pages.front() {
            Some(page) => page.head().kind == PageKind::DataV2,
            None => column.left() == 0,
        })
    }
}
