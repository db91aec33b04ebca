//! Pushed bytes as a reader that says when it has to wait.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes that were pushed and not yet read. Out of bytes it would block, until nothing more will be pushed.
#[derive(Debug, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    at: usize,
    is_complete: bool,
}

impl Pending {
    pub(super) fn push(&mut self, block: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(block);
    }

    /// Nothing more will be pushed.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }
}

impl BufRead for Pending {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() && !self.is_complete {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(rest)
    }

    fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.bytes.len());
    }
}

impl Read for Pending {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.consume(count);
        Ok(count)
    }
}
