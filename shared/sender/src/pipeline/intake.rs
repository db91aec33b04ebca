//! The way of rows in: read, decoded, mapped, their calls packed.

use delivery::{TooLarge, until};
use extract::{BadRow, Decoder, Row};

use super::landing::within;
use super::{Pipeline, Stop};
use crate::account::{Kept, Ticket};
use crate::reading::Reading;
use crate::refused::MAX_WAITING_ROWS;
use crate::routes::{Made, Reason};
use crate::{Deadline, SendError};

impl Pipeline<'_> {
    /// Takes the chunk's rows in.
    pub(super) async fn stream(&mut self, reading: &mut Reading) -> Result<Stop, SendError> {
        let mut decoder = self.decoder(&self.part.chunk);
        let stop_at = self.deadline.as_ref().map(Deadline::stop_at);
        loop {
            let (rows, bytes) = (self.account.rows_read(), reading.bytes());
            let Some(more) = until(stop_at, reading.advance(&mut decoder)).await else {
                return Ok(Stop::Time);
            };
            let more = more?;
            let stop = self.take_rows(&mut decoder, reading.bytes()).await?;
            self.context
                .progress
                .read(self.account.rows_read() - rows, reading.bytes() - bytes);
            if let Some(stop) = stop {
                return Ok(stop);
            }
            if let Some(source) = decoder.failure() {
                return Err(SendError::Unreadable {
                    object: self.part.object.key.clone(),
                    source: source.clone(),
                });
            }
            if !more {
                return Ok(Stop::End);
            }
        }
    }

    /// Takes in the rows that the decoder has after `read` bytes, unless time is up.
    async fn take_rows(&mut self, decoder: &mut Decoder, read: u64) -> Result<Option<Stop>, SendError> {
        while let Some(row) = decoder.next_row() {
            if self.only.has(&row) {
                self.row(row)?;
                self.account.end()?;
                self.make_room().await?;
                if self.is_checkpoint_due()
                    && let Some(stop) = self.checkpoint(read).await?
                {
                    return Ok(Some(stop));
                }
            }
            if self.deadline.as_ref().is_some_and(Deadline::is_over) {
                return Ok(Some(Stop::Time));
            }
        }
        Ok(None)
    }

    /// Posts what is full, and waits for what is under way where too much waits for it.
    async fn make_room(&mut self) -> Result<(), SendError> {
        if !self.full.is_empty() {
            within(self.land_by(), self.launch()).await?;
        }
        if self.account.is_crowded() || self.account.waiting() >= MAX_WAITING_ROWS {
            self.full.extend(self.packer.finish());
            within(self.land_by(), self.deliver()).await?;
        }
        Ok(())
    }

    /// Maps one row; the calls wait in the packer, full batches to be launched.
    fn row(&mut self, row: Result<Row<'_>, BadRow>) -> Result<(), SendError> {
        let row = match row {
            Ok(row) => row,
            Err(bad) => return self.unreadable(bad),
        };
        self.account.begin(row.number, row.offset, row.length);
        let kept = Kept::Record(row.record.text());
        let event = match self.routes.event(row.record) {
            Ok(event) => event,
            Err(reason) => return Ok(self.account.rejected(None, reason, kept)?),
        };
        for mapping in 0..self.routes.len() {
            match self.routes.make(mapping, &event, row.offset) {
                Made::Filtered => self.account.filtered(mapping),
                Made::Rejected(reason) => self.account.rejected(Some(mapping), reason, kept)?,
                Made::Call { event, identity } => {
                    match self.packer.push(event, self.account.ticket(mapping, identity)) {
                        Ok(full) => {
                            self.account.called();
                            self.full.extend(full);
                        }
                        Err(large) => self.account.rejected(Some(mapping), too_large(&large), kept)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, bad: BadRow) -> Result<(), SendError> {
        self.account.begin(bad.number, bad.offset, bad.length);
        let reason = Reason {
            code: bad.code.to_owned(),
            message: bad.message,
            detail: bad.value.map(String::from),
            field: bad.column.map(String::from),
        };
        Ok(self.account.rejected(None, reason, Kept::Text(&bad.text))?)
    }
}

fn too_large(large: &TooLarge<Ticket>) -> Reason {
    Reason {
        code: "event_too_large".to_owned(),
        message: large.to_string(),
        detail: None,
        field: None,
    }
}
