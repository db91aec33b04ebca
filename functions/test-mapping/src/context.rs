//! What the function works with, made once per process.

use std::sync::Arc;

use platform::{Objects, Settings, Stores};

use crate::TestError;

/// Where sync documents and extracts are.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) stores: Arc<Stores>,
    pub(crate) ledger: Arc<dyn Objects>,
}

impl Context {
    /// Returns a context over these stores.
    #[must_use]
    pub fn new(stores: Arc<Stores>, ledger: Arc<dyn Objects>) -> Self {
        Self { stores, ledger }
    }

    /// Returns the context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub fn from_env() -> Result<Self, TestError> {
        let settings = Settings::from_env()?;
        let stores = Arc::new(Stores::default());
        let ledger = stores.open(&settings.ledger_store())?;
        Ok(Self::new(stores, ledger))
    }
}
