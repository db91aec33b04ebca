//! Documents of the ledger as JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::LedgerError;

/// A document that is an object of the ledger bucket, written as JSON.
pub trait Document: Serialize + DeserializeOwned {
    /// What errors call it: `plan`, `job`, ….
    const KIND: &'static str;

    /// Returns the document as compact JSON. The same document always gives the same bytes.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`] if a value has no JSON form.
    fn to_json(&self) -> Result<Vec<u8>, LedgerError> {
        serde_json::to_vec(self).map_err(|source| LedgerError::Unwritable {
            kind: Self::KIND,
            source,
        })
    }

    /// Returns the document that the object `key` holds, with every rule about it checked.
    ///
    /// # Errors
    /// [`LedgerError::Object`] with the key, if [`Document::from_json`] fails.
    fn read(key: &str, json: &[u8]) -> Result<Self, LedgerError> {
        Self::from_json(json).map_err(|source| LedgerError::Object {
            key: key.to_owned(),
            source: Box::new(source),
        })
    }

    /// Returns the document that `json` is, with every rule about it checked.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] if it is no JSON, has unknown or missing keys, or does not add up.
    fn from_json(json: &[u8]) -> Result<Self, LedgerError> {
        serde_json::from_slice(json).map_err(|source| LedgerError::Unreadable {
            kind: Self::KIND,
            source,
        })
    }
}
