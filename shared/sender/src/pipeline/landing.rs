//! The way of calls out: batches launched and landed, and what became of them entered into the account.

use std::sync::Arc;

use delivery::{Delivered, REQUEST_TIMEOUT, Refused, until};
use extract::Chunk;
use tokio::time::Instant;

use super::{Pipeline, Stop, is_time};
use crate::account::{Kept, Ticket};
use crate::reading::Reading;
use crate::refused::{MAX_WAITING_ROWS, RefusedCall, reason, stretches};
use crate::{Deadline, SendError};

impl Pipeline<'_> {
    /// Posts the full batches, waiting for earlier ones where too many are under way.
    pub(super) async fn launch(&mut self) -> Result<(), SendError> {
        for batch in std::mem::take(&mut self.full) {
            if let Some(delivered) = self.flights.launch(batch).await? {
                self.settle(delivered)?;
            }
        }
        if !self.refused.is_empty() && self.account.waiting() >= MAX_WAITING_ROWS {
            self.reject_refused().await?;
        }
        Ok(())
    }

    /// Posts the full batches, waits for all that are under way, and rejects what was refused.
    pub(super) async fn deliver(&mut self) -> Result<(), SendError> {
        self.launch().await?;
        while let Some(delivered) = self.flights.land().await? {
            self.settle(delivered)?;
        }
        self.reject_refused().await
    }

    /// Delivers what can be delivered in time, and returns what was in the way of the rest.
    pub(super) async fn land(&mut self, stop: &Stop) -> Result<Option<SendError>, SendError> {
        let mut lost = None;
        let mut end = self.land_by();
        if matches!(stop, Stop::Undelivered(_)) {
            end = end.map(soon);
        }
        loop {
            match within(end, self.deliver()).await {
                Ok(()) => return Ok(lost),
                Err(error) if self.may_go_on(&error) => {
                    self.full.clear();
                    let is_over = matches!(error, SendError::OutOfTime);
                    // What says something of the API counts for more.
                    lost = lost.filter(|lost| !is_time(lost)).or(Some(error));
                    if is_over {
                        self.flights.abandon();
                        self.reject_unread()?;
                        return Ok(lost);
                    }
                    end = end.map(soon);
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn land_by(&self) -> Option<Instant> {
        self.deadline.as_ref().map(Deadline::land_by)
    }

    /// Enters what became of a batch into the account. Of calls that were refused only the places are kept, until their rows are read
    /// once more.
    ///
    /// # Errors
    /// Also when a batch was not delivered to its end.
    pub(super) fn settle(&mut self, delivered: Delivered<Ticket>) -> Result<(), SendError> {
        delivered.sent.iter().for_each(|ticket| self.account.sent(*ticket));
        self.context.progress.sent(delivered.sent.len() as u64);
        let Delivered {
            requests,
            retries,
            bytes_json,
            bytes_wire,
            left,
            ..
        } = delivered;
        self.account.traffic(requests, retries, bytes_json, bytes_wire);
        for Refused {
            ticket,
            status,
            message,
        } in delivered.refused
        {
            self.refused.extend(self.account.place(ticket).map(|place| RefusedCall {
                ticket,
                place,
                status,
                message,
            }));
        }
        self.account.settle()?;
        left.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Rejects the calls that were refused so far, many in one go. Where this is stopped, it can be gone on with.
    ///
    /// # Errors
    /// When their rows cannot be read: then they are rejected without what they hold.
    pub(super) async fn reject_refused(&mut self) -> Result<(), SendError> {
        self.stretches
            .extend(stretches(std::mem::take(&mut self.refused), &self.part.layout));
        while let Some(stretch) = self.stretches.front() {
            let chunk = stretch.chunk;
            if let Err(error) = self.reject_stretch(&chunk).await {
                self.reject_unread()?;
                return Err(error);
            }
            for refused in self
                .stretches
                .pop_front()
                .into_iter()
                .flat_map(|stretch| stretch.refused)
            {
                self.reject(refused, Kept::Text(""))?;
            }
        }
        Ok(self.account.settle()?)
    }

    /// Rejects the refused calls of the first stretch, those excepted whose row is not found in it.
    async fn reject_stretch(&mut self, chunk: &Chunk) -> Result<(), SendError> {
        let mut decoder = self.decoder(chunk);
        let mut reading = Reading::new(Arc::clone(&self.store), &self.part.object);
        loop {
            let more = reading.advance(&mut decoder).await?;
            while let Some(row) = decoder.next_row() {
                let Ok(row) = row else { continue };
                while let Some(refused) = self.refused_at(row.offset) {
                    self.reject(refused, Kept::Record(row.record.text()))?;
                }
            }
            if !more || self.stretches.front().is_none_or(|stretch| stretch.refused.is_empty()) {
                return Ok(());
            }
        }
    }

    /// Takes the next refused call of the first stretch, if it is of the row that begins there.
    fn refused_at(&mut self, offset: u64) -> Option<RefusedCall> {
        let refused = &mut self.stretches.front_mut()?.refused;
        refused.pop_front_if(|refused| refused.place.offset == offset)
    }

    /// Rejects refused calls without what their rows hold: better than to meet the same rows in the next part, with as little time.
    fn reject_unread(&mut self) -> Result<(), SendError> {
        let unread = std::mem::take(&mut self.stretches).into_iter();
        let unread = unread.flat_map(|stretch| stretch.refused);
        for refused in unread.chain(std::mem::take(&mut self.refused)) {
            self.reject(refused, Kept::Text(""))?;
        }
        Ok(self.account.settle()?)
    }

    fn reject(&mut self, refused: RefusedCall, row: Kept<'_>) -> Result<(), SendError> {
        let reason = reason(refused.status, refused.message);
        Ok(self.account.refused(refused.ticket, refused.place, reason, row)?)
    }
}

/// Returns when to stop waiting for others once a batch could not be delivered, at `end` at the latest: a request under way needs
/// no longer, and one that the API's rate holds back is better sent by another invocation than waited for in this one.
fn soon(end: Instant) -> Instant {
    end.min(Instant::now() + REQUEST_TIMEOUT)
}

/// As [`until`]; what is not done in time is an error.
pub(super) async fn within<T>(
    end: Option<Instant>,
    work: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    until(end, work).await.unwrap_or(Err(SendError::OutOfTime))
}
