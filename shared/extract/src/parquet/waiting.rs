//! Pages that wait to be decoded.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parquet::column::page::Page;

use super::page::{PageHead, PageKind};
use crate::ExtractError;
use crate::limit::PARQUET_BUFFER_BYTES;

/// A page that waits to be decoded.
pub(super) enum Waiting {
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
    pub(super) fn head(&self) -> &PageHead {
        match self {
            Self::Raw(head, _) | Self::Read(head, _) | Self::Skipped(head) => head,
        }
    }

    /// Whether the dictionary is needed to decode it.
    fn is_indirect(&self) -> bool {
        !matches!(self, Self::Skipped(_)) && self.head().is_indirect
    }

    fn size(&self) -> usize {
        match self {
            Self::Raw(_, bytes) => bytes.len(),
            Self::Read(_, page) => page.buffer().len(),
            Self::Skipped(_) => 0,
        }
    }
}

/// The pages of a column that wait, in their order.
pub(super) struct Queue {
    pages: VecDeque<Waiting>,
    /// The dictionary, until a page needs it: writers begin with one, and give it up once it is too long.
    dictionary: Option<Waiting>,
    has_dictionary: bool,
    bytes: usize,
    /// What all columns of the group keep decompressed.
    kept: Kept,
}

impl Queue {
    pub(super) fn new(kept: &Kept) -> Self {
        Self {
            pages: VecDeque::new(),
            dictionary: None,
            has_dictionary: false,
            bytes: 0,
            kept: kept.clone(),
        }
    }

    /// How many bytes are kept.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a page of so many bytes may wait decompressed; if so, it has to.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        self.kept.take(bytes)
    }

    /// Adds a page.
    ///
    /// # Errors
    /// For a second dictionary.
    pub(super) fn push(&mut self, page: Waiting) -> Result<(), ExtractError> {
        self.bytes += page.size();
        if page.head().kind != PageKind::Dictionary {
            self.pages.push_back(page);
        } else if std::mem::replace(&mut self.has_dictionary, true) {
            return Err(ExtractError::broken_parquet("a column has two dictionaries"));
        } else {
            self.dictionary = Some(page);
        }
        Ok(())
    }

    /// Adds one page in place of all that so many rows are in, which are not wanted.
    pub(super) fn push_skipped(&mut self, rows: u64) {
        self.pages.push_back(Waiting::Skipped(PageHead {
            kind: PageKind::Data,
            length: 0,
            values: usize::try_from(rows).unwrap_or(usize::MAX),
            rows: None,
            is_indirect: false,
        }));
    }

    /// Returns the page that is taken next.
    pub(super) fn first(&self) -> Option<&Waiting> {
        let page = self.pages.front()?;
        let dictionary = self.dictionary.as_ref().filter(|_| page.is_indirect());
        Some(dictionary.unwrap_or(page))
    }

    /// Takes the next page away.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let is_indirect = self.pages.front()?.is_indirect();
        let dictionary = self.dictionary.take_if(|_| is_indirect);
        let page = dictionary.or_else(|| self.pages.pop_front())?;
        self.bytes -= page.size();
        if let Waiting::Read(..) = page {
            self.kept.give_back(page.size());
        }
        Some(page)
    }
}
