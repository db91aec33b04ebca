//! What the API said, and how much of it may be told.

use std::fmt;

use crate::WriteKey;

/// Most characters of the API's words that are kept.
const WORDS_CHARS: usize = 300;

/// Bytes of an answer that are read for its words. Wide enough that a write key which begins within the characters
/// kept (at most four bytes each) ends within the bytes read, so that no part of it gets through at the edge.
pub(crate) const WORDS_BYTES: usize = 4_096;

/// An answer of the API, of whatever status.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header as it stands.
    pub retry_after: Option<String>,
    /// The beginning of the body, at most 4,096 bytes. May repeat events.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the API's words: one line of at most 300 characters. None of it when it gives the key away.
    pub(crate) fn words(&self, key: &WriteKey) -> String {
        let text = String::from_utf8_lossy(&self.body);
        if key.is_in(&text) {
            return "(the answer repeats the write key and is not shown)".to_owned();
        }
        // One character for one character: squeezing here would move what lies beyond the window into it.
        let line = text
            .chars()
            .take(WORDS_CHARS)
            .map(|char| if char.is_control() { ' ' } else { char });
        let line: String = line.collect();
        line.trim().to_owned()
    }
}

/// Shows the status alone: body and header are a stranger's words, which may repeat events or the key.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> String {
        let key = WriteKey::parse("canary-key").unwrap();
        Answer {
            status: 400,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
        .words(&key)
    }

    #[test]
    fn are_one_line_of_bounded_length() {
        assert_eq!(words(" Exceed\r\npayload\tlimit\n"), "Exceed  payload limit");
        assert_eq!(words(&"é".repeat(1_000)), "é".repeat(300));
        assert_eq!(words(""), "");
    }

    #[test]
    fn are_withheld_when_they_give_the_key_away() {
        // "canary-key:" in base64.
        for secret in ["canary-key", "Y2FuYXJ5LWtleTo="] {
            for before in [0, 250, 295, 299, 3_000] {
                let told = words(&format!("{}{secret}", " x".repeat(before / 2)));
                assert!(!told.contains("can") && !told.contains("Y2Fu"), "{told}");
            }
        }
        // Cut by the reader's edge, so that the key is not whole.
        assert_eq!(words(&format!("{}canary", " ".repeat(WORDS_BYTES - 6))), "");
    }
}
