//! Bytes as text.

use std::str::Utf8Error;

/// Returns the text that bytes are. Every row passes here, so 32 bytes are looked at together where the processor can; what is wrong
/// is found out the slow way.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    simdutf8::basic::from_utf8(bytes).or_else(|_| str::from_utf8(bytes))
}
