//! What the scheduler works with, made once per process.

use std::sync::Arc;

use platform::{Objects, Settings, Stores};

use crate::ScheduleError;

/// About how many bytes a chunk has. A sender is bounded by the rate that the API takes, about 1,000 calls a second; this is
/// about a minute's worth of rows.
pub const DEFAULT_CHUNK_BYTES: u64 = 16 << 20;

/// Stores and settings.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) stores: Arc<Stores>,
    pub(crate) ledger: Arc<dyn Objects>,
    pub(crate) chunk_bytes: u64,
}

impl Context {
    /// Returns a context over these stores that cuts chunks of about `chunk_bytes`.
    #[must_use]
    pub fn new(stores: Arc<Stores>, ledger: Arc<dyn Objects>, chunk_bytes: u64) -> Self {
        Self {
            stores,
            ledger,
            chunk_bytes: chunk_bytes.max(1),
        }
    }

    /// Returns a context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub async fn from_env() -> Result<Self, ScheduleError> {
        let settings = Settings::from_env()?;
        let stores = Arc::new(Stores::default());
        let ledger = stores.open(&settings.ledger_store())?;
        Ok(Self::new(stores, ledger, DEFAULT_CHUNK_BYTES))
    }

    /// Returns what keeps the ids of runs of one millisecond apart.
    pub(crate) fn random(&self) -> [u8; 10] {
        std::array::from_fn(|_| fastrand::u8(..))
    }
}
