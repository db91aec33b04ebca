//! A column between the side that is pushed to and the side that decodes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::Result as ParquetResult;

use super::column::Column;
use super::page::PageKind;

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
        self.lock().fmt(f)
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
        let has_several = column.has_several();
        Ok(column.first().map(|head| PageMetadata {
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
        Ok(match column.first() {
            Some(head) => head.kind == PageKind::DataV2,
            None => column.left() == 0,
        })
    }
}
