//! The batches of a job that are under way.

use delivery::{Batch, Client, Delivered, DeliveryError};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{Deadline, SendError};

/// Posts batches, several at once, and hands back what became of them, in the order in which they land.
#[derive(Debug)]
pub(crate) struct Flights<T> {
    client: Client,
    limit: usize,
    under_way: JoinSet<Result<Delivered<T>, DeliveryError>>,
}

impl<T: Send + Sync + 'static> Flights<T> {
    /// Returns flights through `client`, at most `limit` at once, all of which have landed by the deadline.
    pub(crate) fn new(client: Client, deadline: Option<&Deadline>, limit: usize) -> Self {
        Self {
            client: match deadline {
                None => client,
                Some(deadline) => client.until(deadline.answer_by()),
            },
            limit: limit.max(1),
            under_way: JoinSet::new(),
        }
    }

    /// Starts a batch. If as many as may be are under way, first waits for one and returns what became of it.
    ///
    /// # Errors
    /// When the one waited for could not be delivered.
    pub(crate) async fn launch(&mut self, batch: Batch<T>) -> Result<Option<Delivered<T>>, SendError> {
        let landed = if self.under_way.len() < self.limit {
            None
        } else {
            self.land().await?
        };
        let client = self.client.clone();
        self.under_way
            .spawn(async move { client.deliver(batch).await }.in_current_span());
        // On a single thread the request leaves only when the mapping makes room for it.
        tokio::task::yield_now().await;
        Ok(landed)
    }

    /// Waits for a batch to land and returns what became of it; `None` when none is under way.
    ///
    /// # Errors
    /// When that batch could not be delivered.
    pub(crate) async fn land(&mut self) -> Result<Option<Delivered<T>>, SendError> {
        match self.under_way.join_next().await {
            None => Ok(None),
            // What the panic said is left out: it may quote a row.
            Some(landed) => Ok(Some(landed.map_err(|_| SendError::Panicked)??)),
        }
    }

    /// Forgets the batches under way; some of their calls may have been taken.
    pub(crate) fn abandon(&mut self) {
        self.under_way = JoinSet::new();
    }
}
