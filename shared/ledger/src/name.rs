//! Names of syncs: the part of S3 keys that users choose.

use std::{fmt, ops::Deref, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::LedgerError;

/// Most bytes in a sync's name.
pub const MAX_NAME_BYTES: usize = 64;

/// A sync's name: 1 to 64 of `a-z`, `0-9` and `-`. Safe as a part of any key: it can hold neither `/` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = "^[a-z0-9-]{1,64}$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct SyncName(String);

impl SyncName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether `text` fits the pattern of names.
    #[must_use]
    pub fn fits(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(allowed)
    }
}

impl TryFrom<String> for SyncName {
    type Error = LedgerError;

    fn try_from(text: String) -> Result<Self, LedgerError> {
        if Self::fits(&text) {
            Ok(Self(text))
        } else {
            Err(LedgerError::BadSyncName)
        }
    }
}

impl FromStr for SyncName {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        Self::try_from(text.to_owned())
    }
}

impl From<SyncName> for String {
    fn from(name: SyncName) -> Self {
        name.0
    }
}

impl Deref for SyncName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SyncName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SyncName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_in_a_key() {
        for bad in ["", "..", "a/b", "a.b", "A", "a b", "ä", "a\n", &"a".repeat(65)] {
            assert!(bad.parse::<SyncName>().is_err(), "{bad:?}");
        }
        for good in ["a", "customers-2", "-", &"a".repeat(64)] {
            assert_eq!(good.parse::<SyncName>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn documents_with_a_bad_name_are_not_read() {
        assert!(serde_json::from_str::<SyncName>("\"../other\"").is_err());
    }
}
