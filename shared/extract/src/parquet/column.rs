//! One column of a row group: bytes in, pages out.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use bytes::BytesMut;
use parquet::basic::{Encoding, PageType};
use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};

use super::ahead::Ahead;
use super::codec::Codec;
use super::levels::RowStarts;
use super::offsets::PageStart;
use super::page::{PageHead, PageKind};
use super::waiting::{Kept, Queue, Waiting};
use crate::ExtractError;
use crate::limit::{MAX_PAGE_BYTES, MIN_COLUMN_BYTES};

/// The pages of one column of a row group, from where they are pushed to where they are decoded.
pub(super) struct Column {
    /// What is still to push of the dictionary, where it is not pushed with the pages.
    dictionary: Range<u64>,
    /// What is still to push of the pages, up to the column's end; comes behind the dictionary.
    pages: Range<u64>,
    /// Where a dictionary lies that is read only once a page needs it.
    unread_dictionary: Option<Range<u64>>,
    /// So many data pages are encoded by the dictionary, the first ones: writers give it up once it is too long. `None`: nobody says.
    indirect_pages: Option<u64>,
    /// Where the pages to come lie, if that is known.
    ahead: Option<Ahead>,
    /// What is pushed and no whole page yet.
    bytes: BytesMut,
    head: Option<PageHead>,
    waiting: Queue,
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
            dictionary: start..start,
            pages: start..end,
            unread_dictionary: None,
            indirect_pages: column.page_encoding_stats().map(|stats| indirect_pages(stats)),
            ahead: None,
            bytes: BytesMut::new(),
            head: None,
            waiting: Queue::new(kept),
            max_repetition: column.column_descr().max_rep_level(),
            starts: RowStarts::default(),
            flat_rows: 0,
            skipped_rows,
            codec: Codec::new(column)?,
            failure: None,
        })
    }

    /// Leaves out the pages of nothing but rows that are to be skipped, of a column with one value a row that nothing was pushed of yet.
    /// `pages`: all its data pages, as the object's offset index has them, and `all` the rows of the group.
    ///
    /// An index that cannot be this column's is not used. One that turns out not to be, as pages are read, is a failure, since rows would get
    /// the values of others; how many rows are in the pages that are left out is taken on trust.
    pub(super) fn leave_out(&mut self, pages: VecDeque<PageStart>, all: u64) {
        let Range { start, end } = self.pages;
        let (first, count) = (pages.front().map_or(start, |page| page.offset), pages.len());
        if first > start.saturating_add(MAX_PAGE_BYTES as u64) {
            return;
        }
        self.ahead = Ahead::new(pages, &self.pages, all, self.skipped_rows);
        let next = self.ahead.as_ref().and_then(Ahead::next);
        let Some(page) = next.filter(|page| page.row > 0) else {
            return;
        };
        self.pages = page.offset..end;
        let left_out = self.ahead.as_ref().map_or(0, |ahead| count - ahead.len()) as u64;
        if self.indirect_pages.is_some_and(|pages| pages <= left_out) {
            self.unread_dictionary = Some(start..first);
        } else {
            self.dictionary = start..first;
        }
        // One page stands for all that are left out.
        self.flat_rows = page.row;
        self.waiting.push_skipped(page.row);
    }

    /// Returns the bytes to read so that the first `rows` rows are there, of the `all` that the group has; nothing if they are.
    pub(super) fn ranges(&self, rows: u64, all: u64) -> Vec<Range<u64>> {
        let lacking = rows.saturating_sub(self.rows());
        if lacking == 0 {
            return Vec::new();
        }
        // Never more than the estimate: what is kept until other columns have their rows is bounded in bytes.
        let estimate = self.estimate(lacking, all);
        let length = self.length(rows).map_or(estimate, |length| length.min(estimate));
        let Range { start, end } = self.pages;
        let mut ranges = vec![self.dictionary.clone(), start..end.min(start.saturating_add(length))];
        ranges.retain(|range| !range.is_empty());
        ranges
    }

    /// How many bytes there are up to the page that begins with row `rows` or one behind it; `None` if that is not known.
    fn length(&self, rows: u64) -> Option<u64> {
        let until = self.ahead.as_ref()?.until(rows).unwrap_or(self.pages.end);
        let length = until.checked_sub(self.pages.start)?;
        (length > 0).then_some(length)
    }

    /// How many bytes so many rows take on average, and a fifth more, so that it mostly is enough; a whole page at least.
    fn estimate(&self, lacking: u64, all: u64) -> u64 {
        let remaining = u128::from((all - self.rows()).max(1));
        let estimate = u128::from(self.left()) * u128::from(lacking) * 6 / 5 / remaining;
        let estimate = u64::try_from(estimate).unwrap_or(u64::MAX);
        estimate.max(MIN_COLUMN_BYTES).max(self.missing())
    }

    /// What is pushed next lies here in the object, without a gap.
    pub(super) fn run(&self) -> &Range<u64> {
        if self.dictionary.is_empty() {
            &self.pages
        } else {
            &self.dictionary
        }
    }

    /// Whether a row may have several values.
    pub(super) fn has_several(&self) -> bool {
        self.max_repetition > 0
    }

    /// Header of the page that is taken next.
    pub(super) fn first(&self) -> Option<&PageHead> {
        self.waiting.first().map(Waiting::head)
    }

    pub(super) fn failure(&self) -> Option<&ExtractError> {
        self.failure.as_ref()
    }

    /// How many bytes are still to push.
    pub(super) fn left(&self) -> u64 {
        if self.failure.is_some() {
            return 0;
        }
        let length = |run: &Range<u64>| run.end - run.start;
        length(&self.dictionary) + length(&self.pages)
    }

    /// How many bytes are missing of the page that has begun.
    fn missing(&self) -> u64 {
        let length = self.head.map_or(0, |head| head.length);
        length.saturating_sub(self.bytes.len()) as u64
    }

    /// As a footer would that is wrong.
    #[cfg(test)]
    pub(super) fn say_no_page_is_indirect(&mut self) {
        self.indirect_pages = Some(0);
    }

    /// How many bytes are kept.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.bytes.len() + self.waiting.bytes()
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
        let run = if self.dictionary.is_empty() {
            &mut self.pages
        } else {
            &mut self.dictionary
        };
        run.start += block.len() as u64;
        let is_last_of_run = run.is_empty();
        self.bytes.extend_from_slice(block);
        while self.failure.is_none() {
            match self.next_page() {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => self.failure = Some(failure),
            }
        }
        if is_last_of_run && !self.bytes.is_empty() && self.failure.is_none() {
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
            if self.head.is_some_and(|head| head.is_indirect)
                && let Some(dictionary) = self.unread_dictionary.take()
            {
                self.go_back_for(dictionary);
                return Ok(false);
            }
        }
        let Some(head) = self.head.take_if(|head| head.length <= self.bytes.len()) else {
            return Ok(false);
        };
        self.check_place(&head)?;
        let bytes = self.bytes.split_to(head.length).freeze();
        let page = match head.kind {
            PageKind::Index => return Ok(true),
            PageKind::Data | PageKind::DataV2 if self.has_several() => {
                let page = self.codec.decode(bytes.clone())?;
                self.count(&page)?;
                // A page that shrank to nothing is decompressed once more rather than kept.
                if self.waiting.takes(page.buffer().len()) {
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
        self.waiting.push(page)?;
        Ok(true)
    }

    /// Reads the dictionary, and then the page once more that turned out to need it, and what comes behind.
    fn go_back_for(&mut self, dictionary: Range<u64>) {
        self.dictionary = dictionary;
        self.head = None;
        self.pages.start -= self.bytes.len() as u64;
        self.bytes.clear();
    }

    /// Checks that the page that comes next is the one that the object's index says.
    fn check_place(&mut self, head: &PageHead) -> Result<(), ExtractError> {
        let found = PageStart {
            offset: self.pages.start - self.bytes.len() as u64,
            length: head.length as u64,
            row: self.flat_rows,
        };
        let ahead = self.ahead.as_mut().filter(|_| head.is_data());
        if ahead.is_none_or(|ahead| ahead.is_next(found, head.values as u64)) {
            return Ok(());
        }
        Err(ExtractError::broken_parquet(
            "its pages are not where its offset index says",
        ))
    }

    /// Counts the rows that begin in a page.
    fn count(&mut self, page: &Page) -> Result<(), ExtractError> {
        let cut_off = || ExtractError::broken_parquet("a page is cut off");
        let (levels, values) = match page {
            Page::DataPage {
                buf,
                num_values,
                rep_level_encoding: Encoding::RLE,
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

    /// Takes the next page away.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop()
    }

    /// Returns the next page, decoded.
    pub(super) fn take(&mut self) -> ParquetResult<Option<Page>> {
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

/// Returns how many data pages are encoded by the dictionary.
fn indirect_pages(stats: &[PageEncodingStats]) -> u64 {
    let is_data = |stats: &&PageEncodingStats| matches!(stats.page_type, PageType::DATA_PAGE | PageType::DATA_PAGE_V2);
    let by_dictionary =
        |stats: &&PageEncodingStats| matches!(stats.encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
    let count = |stats: &PageEncodingStats| u64::try_from(stats.count).unwrap_or_default();
    stats.iter().filter(is_data).filter(by_dictionary).map(count).sum()
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("dictionary", &self.dictionary)
            .field("pages", &self.pages)
            .field("rows", &self.rows())
            .finish_non_exhaustive()
    }
}
