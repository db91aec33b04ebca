//! Pages that wait to be decoded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parquet::column::page::Page;

use super::page::PageHead;
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
    pub(super) fn take(&self, bytes: usize) -> bool {
        let most = usize::try_from(PARQUET_BUFFER_BYTES).unwrap_or(usize::MAX);
        let now = self.0.load(Ordering::Relaxed).saturating_add(bytes);
        if now <= most {
            self.0.store(now, Ordering::Relaxed);
        }
        now <= most
    }

    pub(super) fn give_back(&self, bytes: usize) {
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
    pub(super) fn is_indirect(&self) -> bool {
        !matches!(self, Self::Skipped(_)) && self.head().is_indirect
    }

    pub(super) fn size(&self) -> usize {
        match self {
            Self::Raw(_, bytes) => bytes.len(),
            Self::Read(_, page) => page.buffer().len(),
            Self::Skipped(_) => 0,
        }
    }
}
