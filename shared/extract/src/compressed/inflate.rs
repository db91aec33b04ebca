//! Compressed bytes in, text out.

use std::fmt;
use std::io::{self, ErrorKind, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::pending::Pending;
use crate::ExtractError;
use crate::limit::{INFLATED_BLOCK_BYTES, MAX_COMPRESSION_RATIO, MAX_ZSTD_WINDOW_LOG, RATIO_FREE_BYTES};

/// How text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Of one member or many.
    Gzip,
    /// Of one frame or many.
    Zstd,
    /// Of one stream or many.
    Bzip2,
}

impl Compression {
    /// Returns how an object is compressed, told by its first bytes, whatever its name; `None` if it is not.
    #[must_use]
    pub fn detect(first_bytes: &[u8]) -> Option<Self> {
        match first_bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// Returns the usual word: `gzip`, `zstd`, `bzip2`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Decompresses bytes that are pushed in blocks of any size, in bounded memory: no more comes out than is asked for.
///
/// Members, frames or streams that follow each other are one text.
pub struct Inflate {
    compression: Compression,
    codec: Codec,
    /// Bytes in and bytes out so far.
    pushed: u64,
    given: u64,
}

enum Codec {
    Gzip(Box<MultiGzDecoder<Pending>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Pending>>),
    Bzip2(MultiBzDecoder<Pending>),
}

impl Codec {
    fn pending(&mut self) -> &mut Pending {
        match self {
            Self::Gzip(codec) => codec.get_mut(),
            Self::Zstd(codec) => codec.get_mut(),
            Self::Bzip2(codec) => codec.get_mut(),
        }
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(codec) => codec.read(out),
            Self::Zstd(codec) => codec.read(out),
            Self::Bzip2(codec) => codec.read(out),
        }
    }
}

/// What came of asking for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inflated {
    /// So many bytes of it; more than 0.
    Bytes(usize),
    /// Nothing until more is pushed.
    Waiting,
    /// Its end.
    End,
}

impl Inflate {
    /// Returns a decompressor to which nothing was pushed yet.
    ///
    /// # Errors
    /// [`ExtractError::Undecodable`] if there is no memory for it.
    pub fn new(compression: Compression) -> Result<Self, ExtractError> {
        let pending = Pending::default();
        let codec = match compression {
            Compression::Gzip => Codec::Gzip(Box::new(MultiGzDecoder::new(pending))),
            Compression::Bzip2 => Codec::Bzip2(MultiBzDecoder::new(pending)),
            Compression::Zstd => zstd_codec(pending).map_err(|error| undecodable(compression, &error))?,
        };
        Ok(Self {
            compression,
            codec,
            pushed: 0,
            given: 0,
        })
    }

    /// Takes the object's next bytes.
    pub fn push(&mut self, block: &[u8]) {
        self.pushed += block.len() as u64;
        self.codec.pending().push(block);
    }

    /// Says that the whole object is pushed.
    pub fn complete(&mut self) {
        self.codec.pending().complete();
    }

    /// Appends what can be decompressed so far, until `text` has `length` bytes or, by one block, more. Returns whether more
    /// may come once more is pushed: not at the text's end, nor where the object is damaged.
    ///
    /// # Errors
    /// As [`Inflate::read`], if there is no text at all. Damage behind text is for whoever reads on: a decoder then says so.
    pub fn read_up_to(&mut self, length: usize, text: &mut Vec<u8>) -> Result<bool, ExtractError> {
        while text.len() < length {
            let from = text.len();
            text.resize(from + INFLATED_BLOCK_BYTES, 0);
            let inflated = self.read(&mut text[from..]);
            let count = if let Ok(Inflated::Bytes(count)) = inflated {
                count
            } else {
                0
            };
            text.truncate(from + count);
            match inflated {
                Ok(Inflated::Bytes(_)) => {}
                Ok(Inflated::Waiting) => break,
                Err(error) if text.is_empty() => return Err(error),
                Ok(Inflated::End) | Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Writes the next bytes of text to `out`, which must not be empty.
    ///
    /// # Errors
    /// [`ExtractError::Undecodable`] where the bytes are no such compressed text or end too early,
    /// [`ExtractError::TooCompressed`] above the limit of the ratio.
    pub fn read(&mut self, out: &mut [u8]) -> Result<Inflated, ExtractError> {
        let count = match self.codec.read(out) {
            Ok(0) => return Ok(Inflated::End),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Inflated::Waiting),
            Err(error) => return Err(undecodable(self.compression, &error)),
        };
        self.given += count as u64;
        if self.given > RATIO_FREE_BYTES && self.given / self.pushed.max(1) > MAX_COMPRESSION_RATIO {
            return Err(ExtractError::TooCompressed);
        }
        Ok(Inflated::Bytes(count))
    }
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate")
            .field("compression", &self.compression)
            .field("pushed", &self.pushed)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

fn zstd_codec(pending: Pending) -> io::Result<Codec> {
    let mut codec = zstd::stream::read::Decoder::with_buffer(pending)?;
    codec.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
    Ok(Codec::Zstd(Box::new(codec)))
}

fn undecodable(compression: Compression, error: &io::Error) -> ExtractError {
    let problem = if error.kind() == ErrorKind::UnexpectedEof {
        "it ends too early".to_owned()
    } else {
        error.to_string()
    };
    ExtractError::Undecodable { compression, problem }
}
