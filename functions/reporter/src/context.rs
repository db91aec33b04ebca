//! What the reporter works with, made once per process.

use std::sync::Arc;

use platform::{Objects, Settings, Stores};

use crate::ReportError;
use crate::waiting::Waiting;

/// The ledger, and what its runs wait for as far as it was looked at.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) ledger: Arc<dyn Objects>,
    pub(crate) waiting: Waiting,
}

impl Context {
    /// Returns a context over this ledger.
    #[must_use]
    pub fn new(ledger: Arc<dyn Objects>) -> Self {
        let waiting = Waiting::default();
        Self { ledger, waiting }
    }

    /// Returns a context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub fn from_env() -> Result<Self, ReportError> {
        let settings = Settings::from_env()?;
        Ok(Self::new(Stores::default().open(&settings.ledger_store())?))
    }
}
