//! One job on its way: read, decode, trigger, map, check, pack, post.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use delivery::{Batch, Client, Delivered, Limits, Packer, Refused, TooLarge};
use extract::{BadRow, Chunk, Decoder, Row};
use ledger::{Job, Work};
use platform::{ObjectError, Objects};

use crate::account::{Account, Kept, Place};
use crate::flight::Flights;
use crate::reading::Reading;
use crate::refused::{MAX_REFUSED, Stretch, Ticket, reason, stretches};
use crate::routes::{Made, Reason, Routes};
use crate::{Context, SendError, projection};

/// What jobs fail with whose object is not what it should be.
pub(crate) const OBJECT_UNREADABLE: &str = "object_unreadable";

/// What a pipeline ended in.
#[derive(Debug)]
pub(crate) struct Run {
    /// The counts.
    pub(crate) work: Work,
    /// The rejected rows, if there are any.
    pub(crate) rejected: Option<bytes::Bytes>,
    /// Why the chunk could not be read to its end, when trying again cannot help.
    pub(crate) cut_short: Option<CutShort>,
}

/// Why a chunk has an end before its end.
#[derive(Debug)]
pub(crate) struct CutShort {
    /// A stable word for the reason.
    pub(crate) code: &'static str,
    /// What is wrong, for people.
    pub(crate) message: String,
}

/// A job's moving parts. Their memory is bounded by the batches that are open and under way.
pub(crate) struct Pipeline<'c> {
    job: &'c Job,
    context: &'c Context,
    store: Arc<dyn Objects>,
    routes: Routes,
    /// The columns that are read; `None`: all.
    columns: Option<BTreeSet<String>>,
    packer: Packer<Ticket>,
    full: Vec<Batch<Ticket>>,
    flights: Flights<Ticket>,
    refused: Vec<Refused<Ticket>>,
    account: Account,
}

impl<'c> Pipeline<'c> {
    /// Returns the pipeline of `job`, ready to run; nothing has been read.
    pub(crate) fn new(context: &'c Context, job: &'c Job, client: Client) -> Result<Self, SendError> {
        Ok(Self {
            job,
            context,
            store: context.stores.open(&job.object.store)?,
            routes: Routes::of_job(job)?,
            columns: projection::columns(job),
            packer: client.packer(Limits::default()),
            full: Vec::new(),
            flights: Flights::new(client, context.options.requests_in_flight),
            refused: Vec::new(),
            account: Account::open(job),
        })
    }

    /// Carries the job out to the last row of its chunk, or to where the extract is not what was planned.
    ///
    /// # Errors
    /// When trying again may help: nothing about the job is settled then.
    pub(crate) async fn run(mut self) -> Result<Run, SendError> {
        let mut reading = Reading::new(Arc::clone(&self.store), &self.job.object);
        let mut cut_short = match self.stream(&mut reading).await {
            Ok(()) => None,
            Err(error) => Some(CutShort::by(error)?),
        };
        self.full.extend(self.packer.finish());
        self.launch().await?;
        while let Some(delivered) = self.flights.land().await? {
            self.settle(delivered);
        }
        if let Err(error) = self.reject_refused().await {
            let now = CutShort::by(error)?;
            cut_short.get_or_insert(now);
        }
        let (work, rejected) = self.account.close(reading.bytes())?;
        Ok(Run {
            work,
            rejected,
            cut_short,
        })
    }

    /// Returns the decoder of a chunk of the job's object, for the columns that its mappings read.
    fn decoder(&self, chunk: &Chunk) -> Decoder {
        let decoder = Decoder::new(&self.job.layout, chunk, self.job.object.size);
        match &self.columns {
            Some(columns) => decoder.only(columns),
            None => decoder,
        }
    }

    /// Takes the chunk's rows in.
    async fn stream(&mut self, reading: &mut Reading) -> Result<(), SendError> {
        let mut decoder = self.decoder(&self.job.chunk);
        loop {
            let (rows, bytes) = (self.account.rows(), reading.bytes());
            let more = reading.advance(&mut decoder).await?;
            while let Some(row) = decoder.next_row() {
                self.row(row)?;
                self.launch().await?;
            }
            self.context
                .progress
                .read(self.account.rows() - rows, reading.bytes() - bytes);
            if let Some(source) = decoder.failure() {
                return Err(SendError::Unreadable {
                    object: self.job.object.key.clone(),
                    source: source.clone(),
                });
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Maps one row; the calls wait in the packer, full batches to be launched.
    fn row(&mut self, row: Result<Row<'_>, BadRow>) -> Result<(), SendError> {
        self.account.read();
        let row = match row {
            Ok(row) => row,
            Err(bad) => return self.unreadable(bad),
        };
        let place = Place {
            number: row.number,
            offset: row.offset,
            length: row.length,
        };
        let kept = Kept::Record(row.record.text());
        let event = match self.routes.event(row.record) {
            Ok(event) => event,
            Err(reason) => return Ok(self.account.rejected(None, place, reason, kept)?),
        };
        for mapping in 0..self.routes.len() {
            match self.routes.make(mapping, &event, row.offset) {
                Made::Filtered => self.account.filtered(mapping),
                Made::Rejected(reason) => self.account.rejected(Some(mapping), place, reason, kept)?,
                Made::Call { event, identity } => match self.packer.push(event, Ticket { mapping, place }) {
                    Ok(full) => {
                        self.account.user(identity);
                        self.full.extend(full);
                    }
                    Err(large) => self.account.rejected(Some(mapping), place, too_large(&large), kept)?,
                },
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, bad: BadRow) -> Result<(), SendError> {
        let place = Place {
            number: bad.number,
            offset: bad.offset,
            length: bad.length,
        };
        let reason = Reason {
            code: bad.code.to_owned(),
            message: bad.message,
            detail: bad.value.map(String::from),
            field: bad.column.map(String::from),
        };
        Ok(self.account.rejected(None, place, reason, Kept::Text(&bad.text))?)
    }

    /// Posts the full batches, waiting for earlier ones where too many are under way.
    async fn launch(&mut self) -> Result<(), SendError> {
        for batch in std::mem::take(&mut self.full) {
            if let Some(delivered) = self.flights.launch(batch).await? {
                self.settle(delivered);
            }
        }
        if self.refused.len() >= MAX_REFUSED {
            self.reject_refused().await?;
        }
        Ok(())
    }

    /// Enters what became of a batch into the account.
    fn settle(&mut self, delivered: Delivered<Ticket>) {
        delivered
            .sent
            .iter()
            .for_each(|ticket| self.account.sent(ticket.mapping));
        self.context.progress.sent(delivered.sent.len() as u64);
        let Delivered {
            requests,
            retries,
            bytes_json,
            bytes_wire,
            refused,
            ..
        } = delivered;
        self.account.traffic(requests, retries, bytes_json, bytes_wire);
        self.refused.extend(refused);
    }

    /// Rejects the rows that the API refused so far. Only their places were kept, so they are read once more.
    ///
    /// # Errors
    /// When they cannot be read: then they are rejected without what they hold.
    async fn reject_refused(&mut self) -> Result<(), SendError> {
        let mut read = Ok(());
        for Stretch { chunk, refused } in stretches(std::mem::take(&mut self.refused), &self.job.layout) {
            let mut refused = VecDeque::from(refused);
            if read.is_ok() {
                read = self.reject_stretch(&chunk, &mut refused).await;
            }
            while let Some(refused) = refused.pop_front() {
                self.reject(refused, Kept::Text(""))?;
            }
        }
        read
    }

    /// Rejects the refused rows of one stretch, those that are not found in it excepted.
    async fn reject_stretch(
        &mut self,
        chunk: &Chunk,
        refused: &mut VecDeque<Refused<Ticket>>,
    ) -> Result<(), SendError> {
        let mut decoder = self.decoder(chunk);
        let mut reading = Reading::new(Arc::clone(&self.store), &self.job.object);
        loop {
            let more = reading.advance(&mut decoder).await?;
            while let Some(row) = decoder.next_row() {
                let Ok(row) = row else { continue };
                let is_it = |refused: &mut Refused<Ticket>| refused.ticket.place.offset == row.offset;
                while let Some(refused) = refused.pop_front_if(is_it) {
                    self.reject(refused, Kept::Record(row.record.text()))?;
                }
            }
            if !more || refused.is_empty() {
                return Ok(());
            }
        }
    }

    fn reject(&mut self, refused: Refused<Ticket>, row: Kept<'_>) -> Result<(), SendError> {
        let Ticket { mapping, place } = refused.ticket;
        let reason = reason(refused.status, refused.message);
        Ok(self.account.rejected(Some(mapping), place, reason, row)?)
    }
}

impl CutShort {
    /// Returns what an error says of the chunk, or the error if trying again may help.
    fn by(error: SendError) -> Result<Self, SendError> {
        let code = match &error {
            SendError::Object(ObjectError::Changed { .. }) => "object_changed",
            SendError::Object(ObjectError::NotFound { .. }) => "object_missing",
            SendError::Unreadable { .. } => OBJECT_UNREADABLE,
            _ => return Err(error),
        };
        let message = error.to_string();
        Ok(Self { code, message })
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
