//! The key of a Segment source, kept out of everything that can be printed.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::DeliveryError;

/// Longest key taken, in bytes. Segment's have 32; the bound keeps the envelope small.
const MAX_KEY_BYTES: usize = 256;

/// The write key of a Segment source. It has no `Display`, and its `Debug` says nothing about it.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteKey(String);

impl WriteKey {
    /// Returns the key in `text`, without the white space around it that people paste along.
    ///
    /// # Errors
    /// [`DeliveryError::BadWriteKey`] when nothing is left, when it is longer than 256 bytes, or when it holds
    /// white space, a control character, anything beyond ASCII, or one of `" \ :`, which no key has but a JSON
    /// secret pasted whole does. The error does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, DeliveryError> {
        let key = text.trim();
        let refuse = |reason| Err(DeliveryError::BadWriteKey { reason });
        if key.is_empty() {
            return refuse("it is empty");
        }
        if key.len() > MAX_KEY_BYTES {
            return refuse("it is longer than 256 bytes");
        }
        if !key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"\\:".contains(&byte))
        {
            return refuse("it holds a character that no write key has");
        }
        Ok(Self(key.to_owned()))
    }

    /// Returns the key itself, for the request body alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the value of the `Authorization` header: the key as user with an empty password. The colon counts.
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", self.encoded())
    }

    /// Whether `text` gives the key away, plain or as in the `Authorization` header.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.0) || text.contains(&self.encoded())
    }

    fn encoded(&self) -> String {
        BASE64_STANDARD.encode(format!("{}:", self.0))
    }
}

impl fmt::Debug for WriteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WriteKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_what_people_paste_along() {
        assert_eq!(WriteKey::parse(" \tabc123\r\n").unwrap().expose(), "abc123");
    }

    #[test]
    fn refuses_what_is_no_key_without_repeating_it() {
        let long = "k".repeat(257);
        for text in [
            "",
            " \n",
            "can ary",
            "canary\u{7}",
            "canäry",
            "{\"key\":\"canary\"}",
            "canary:",
            long.as_str(),
        ] {
            let error = WriteKey::parse(text).unwrap_err();
            assert!(matches!(error, DeliveryError::BadWriteKey { .. }), "{text:?}");
            assert!(!error.to_string().contains("canary") && !error.to_string().contains(&long));
        }
    }

    #[test]
    fn hides_itself_in_debug() {
        let key = WriteKey::parse("canary").unwrap();
        assert_eq!(format!("{key:?} {key:#?}"), "WriteKey(redacted) WriteKey(redacted)");
    }

    #[test]
    fn is_the_user_of_basic_authorization_with_an_empty_password() {
        // "abc123:" in base64.
        assert_eq!(WriteKey::parse("abc123").unwrap().basic(), "Basic YWJjMTIzOg==");
    }
}
