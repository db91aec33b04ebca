//! What makes two extracts the same one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::{LedgerError, ObjectPin};

/// A hash of an extract's objects: where they are, their size and `ETag`. The same extract, found again, has the same
/// identity; an object that was overwritten makes another extract. A version's id says no more than the `ETag`, and listings do not tell it
/// (S3 API, `ListObjectsV2`), so that it is no part: what is listed and what is named alone are the same extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtractIdentity(u128);

impl ExtractIdentity {
    /// Returns the identity of the extract that consists of `objects`; their order does not matter.
    #[must_use]
    pub fn of<'o>(objects: impl IntoIterator<Item = &'o ObjectPin>) -> Self {
        let mut parts: Vec<u128> = objects.into_iter().map(hash_of_object).collect();
        parts.sort_unstable();
        let mut hasher = Xxh3::new();
        for part in parts {
            hasher.update(&part.to_le_bytes());
        }
        Self(hasher.digest128())
    }
}

fn hash_of_object(pin: &ObjectPin) -> u128 {
    let mut hasher = Xxh3::new();
    // One file is one object, however store and key share its path.
    let place = format!("{}/{}", pin.store.trim_end_matches('/'), pin.key);
    for part in [place.as_str(), &pin.etag] {
        // Lengths keep `ab` + `c` and `a` + `bc` apart.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&pin.size.to_le_bytes());
    hasher.digest128()
}

impl fmt::Display for ExtractIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for ExtractIdentity {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let identity = u128::from_str_radix(text, 16).ok().map(Self);
        identity
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| LedgerError::BadIdentity { text: text.to_owned() })
    }
}

impl TryFrom<String> for ExtractIdentity {
    type Error = LedgerError;

    fn try_from(text: String) -> Result<Self, LedgerError> {
        text.parse()
    }
}

impl From<ExtractIdentity> for String {
    fn from(identity: ExtractIdentity) -> Self {
        identity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(key: &str, etag: &str, size: u64) -> ObjectPin {
        ObjectPin {
            store: "s3://acme".into(),
            key: key.into(),
            size,
            etag: etag.into(),
            version: None,
        }
    }

    #[test]
    fn order_of_the_listing_does_not_matter() {
        let (a, b) = (pin("a", "1", 1), pin("b", "2", 2));
        assert_eq!(ExtractIdentity::of([&a, &b]), ExtractIdentity::of([&b, &a]));
    }

    #[test]
    fn anything_that_changes_the_content_changes_the_identity() {
        let base = pin("ab", "c", 1);
        let others = [pin("a", "bc", 1), pin("ab", "d", 1), pin("ab", "c", 2)];
        for other in &others {
            assert_ne!(ExtractIdentity::of([&base]), ExtractIdentity::of([other]), "{other:?}");
        }
        assert_ne!(ExtractIdentity::of([&base]), ExtractIdentity::of([&base, &base]));
    }

    #[test]
    fn object_is_the_same_whether_its_version_was_told_or_not() {
        let listed = pin("a", "1", 1);
        let named = ObjectPin {
            version: Some("v1".into()),
            ..listed.clone()
        };
        assert_eq!(ExtractIdentity::of([&listed]), ExtractIdentity::of([&named]));
    }

    #[test]
    fn identity_is_read_back_as_written() {
        let identity = ExtractIdentity::of([&pin("a", "1", 1)]);
        assert_eq!(identity.to_string().len(), 32);
        assert_eq!(identity.to_string().parse::<ExtractIdentity>().unwrap(), identity);
        assert!("../x".parse::<ExtractIdentity>().is_err());
    }
}
