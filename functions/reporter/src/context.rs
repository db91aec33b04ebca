//! What the reporter works with, made once per process.

use std::sync::Arc;

use platform::{Aws, EventBus, Metrics, Objects, Settings, Stores};

use crate::ReportError;
use crate::waiting::Waiting;

/// The ledger, what its runs wait for as far as it was looked at, and who is told of those that are over.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) ledger: Arc<dyn Objects>,
    pub(crate) waiting: Waiting,
    pub(crate) bus: Option<EventBus>,
    pub(crate) metrics: Metrics,
}

impl Context {
    /// Returns a context over this ledger; nobody is told.
    #[must_use]
    pub fn new(ledger: Arc<dyn Objects>) -> Self {
        Self {
            ledger,
            waiting: Waiting::default(),
            bus: None,
            metrics: Metrics::off(),
        }
    }

    /// Returns the context that writes its metrics to `metrics`.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Returns a context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub fn from_env() -> Result<Self, ReportError> {
        let settings = Settings::from_env()?;
        let aws = Aws::from_env();
        let ledger = Stores::new(aws.clone()).open(&settings.ledger_store())?;
        Ok(Self {
            bus: Some(EventBus::new(aws)),
            ..Self::new(ledger).with_metrics(Metrics::to_stdout())
        })
    }
}
