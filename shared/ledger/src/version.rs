//! The version of a ledger document's form.

use serde::{Deserialize, Serialize};

use crate::LedgerError;

/// The version of a ledger document's form: 1, as a number. A document of another version is not read.
///
/// Functions of two releases may meet over one bucket during a deployment; a form that changes in a way that
/// an older reader would misunderstand gets a new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct FormatVersion;

impl FormatVersion {
    /// The number written and read.
    pub const NUMBER: u32 = 1;
}

impl From<FormatVersion> for u32 {
    fn from(_: FormatVersion) -> Self {
        FormatVersion::NUMBER
    }
}

impl TryFrom<u32> for FormatVersion {
    type Error = LedgerError;

    fn try_from(found: u32) -> Result<Self, LedgerError> {
        if found == Self::NUMBER {
            Ok(Self)
        } else {
            Err(LedgerError::UnknownVersion { found })
        }
    }
}
