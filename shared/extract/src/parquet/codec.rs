//! Pages of one column, decompressed one by one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::guard::guarded;
use crate::ExtractError;

/// Decompresses pages one by one.
pub(super) struct Codec {
    reader: SerializedPageReader<OnePage>,
    page: Arc<OnePage>,
}

/// The page that is read, at the place where the reader has come to.
#[derive(Default)]
struct OnePage(Mutex<(u64, Bytes)>);

impl Codec {
    /// Returns the codec of a column's pages.
    ///
    /// # Errors
    /// When the reader cannot be made for such a column.
    pub(super) fn new(column: &ColumnChunkMetaData) -> Result<Self, ExtractError> {
        let page = Arc::new(OnePage::default());
        let pages = Arc::clone(&page);
        // As if the column had no end and began where the first page does.
        let endless = column.clone().into_builder().set_data_page_offset(0);
        let endless = endless
            .set_dictionary_page_offset(None)
            .set_total_compressed_size(i64::MAX);
        let reader = guarded(|| SerializedPageReader::new(pages, &endless.build()?, 0, None))?;
        Ok(Self { reader, page })
    }

    /// Decodes the next page, whose bytes these are, with its header.
    ///
    /// # Errors
    /// When it is broken.
    pub(super) fn decode(&mut self, bytes: Bytes) -> Result<Page, ExtractError> {
        let length = bytes.len() as u64;
        self.page.lock().1 = bytes;
        let page = guarded(|| self.reader.get_next_page())?;
        let mut read = self.page.lock();
        *read = (read.0 + length, Bytes::new());
        page.ok_or_else(|| ExtractError::broken_parquet("a page is empty"))
    }
}

impl OnePage {
    fn lock(&self) -> MutexGuard<'_, (u64, Bytes)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes_from(&self, start: u64) -> ParquetResult<Bytes> {
        let page = self.lock();
        let from = start.checked_sub(page.0).and_then(|from| usize::try_from(from).ok());
        let from = from.filter(|from| *from <= page.1.len());
        from.map(|from| page.1.slice(from..))
            .ok_or_else(|| ParquetError::EOF("a page is cut off".to_owned()))
    }
}

impl Length for OnePage {
    fn len(&self) -> u64 {
        u64::MAX
    }
}

impl ChunkReader for OnePage {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        self.bytes_from(start).map(bytes::Buf::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let rest = self.bytes_from(start)?;
        if length > rest.len() {
            return Err(ParquetError::EOF("a page is cut off".to_owned()));
        }
        Ok(rest.slice(..length))
    }
}
