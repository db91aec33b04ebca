//! What the scheduler works with, made once per process.

use std::num::NonZeroU32;
use std::sync::Arc;

use platform::{Objects, Settings, Stores};

use crate::ScheduleError;

/// How objects are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitting {
    /// About how many bytes a chunk has; `None`: what a sender is done with in about a minute, see [`crate::chunk_bytes`].
    pub chunk_bytes: Option<u64>,
    /// How many senders run at once and share a sync's rate.
    pub senders: NonZeroU32,
    /// Whether each action has as many senders of its own, and an equal part of the rate.
    pub are_of_one_action: bool,
    /// Whether senders keep to a sync's rate.
    pub is_paced: bool,
    /// Whether JSON lines are read once to know the number of every row. Else they are cut without being read, and rows of
    /// all chunks but the first are known by their offset until the run is reported.
    pub number_rows: bool,
}

impl Default for Splitting {
    fn default() -> Self {
        Self {
            chunk_bytes: None,
            senders: NonZeroU32::MIN,
            are_of_one_action: true,
            is_paced: true,
            number_rows: false,
        }
    }
}

/// Stores and settings.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) stores: Arc<Stores>,
    pub(crate) ledger: Arc<dyn Objects>,
    pub(crate) splitting: Splitting,
    pub(crate) destination: Option<String>,
}

impl Context {
    /// Returns a context over these stores.
    #[must_use]
    pub fn new(stores: Arc<Stores>, ledger: Arc<dyn Objects>, splitting: Splitting) -> Self {
        Self {
            stores,
            ledger,
            splitting,
            destination: None,
        }
    }

    /// Returns the context for calls that go to `destination` in place of Segment. An extract that was sent there was not
    /// sent to Segment, nor the other way round: each destination has claims of its own.
    #[must_use]
    pub fn with_destination(self, destination: String) -> Self {
        Self {
            destination: Some(destination),
            ..self
        }
    }

    /// Returns a context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub fn from_env() -> Result<Self, ScheduleError> {
        let settings = Settings::from_env()?;
        let stores = Arc::new(Stores::default());
        let ledger = stores.open(&settings.ledger_store())?;
        let splitting = Splitting {
            senders: settings.sender_concurrency,
            ..Splitting::default()
        };
        Ok(Self::new(stores, ledger, splitting))
    }
}
