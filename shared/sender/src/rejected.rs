//! The rejected rows of one job, kept compressed until the job ends.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use ledger::LedgerError;

/// JSON lines, gzipped as they come; takes no memory while no row is rejected.
#[derive(Debug, Default)]
pub(crate) struct RejectedRows {
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl RejectedRows {
    /// Adds one row, which is a whole line.
    pub(crate) fn add(&mut self, line: &[u8]) -> Result<(), LedgerError> {
        let encoder = self
            .encoder
            .get_or_insert_with(|| GzEncoder::new(Vec::new(), Compression::fast()));
        encoder.write_all(line).map_err(unwritable)
    }

    /// Returns the whole `.jsonl.gz` object, or `None` when no row was rejected.
    pub(crate) fn finish(self) -> Result<Option<Bytes>, LedgerError> {
        self.encoder
            .map(|encoder| encoder.finish().map(Bytes::from))
            .transpose()
            .map_err(unwritable)
    }
}

fn unwritable(source: io::Error) -> LedgerError {
    LedgerError::Unwritable {
        kind: "rejected row",
        source: serde_json::Error::io(source),
    }
}
