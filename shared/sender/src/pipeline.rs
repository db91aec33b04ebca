//! One job on its way: read, decode, trigger, map, check, pack, post.

mod landing;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use delivery::{Batch, Client, Limits, Packer, TooLarge};
use extract::{BadRow, Chunk, Decoder, Row};
use ledger::{Job, Work};
use platform::{ObjectError, Objects};

use crate::account::{Account, Kept, Ticket};
use crate::deadline::until;
use crate::flight::Flights;
use crate::only::Only;
use crate::reading::Reading;
use crate::refused::{MAX_WAITING_ROWS, RefusedCall, Stretch};
use crate::routes::{Made, Reason, Routes};
use crate::{Context, Deadline, Options, SendError, projection};

use landing::within;

/// What jobs fail with whose object is not what it should be.
pub(crate) const OBJECT_UNREADABLE: &str = "object_unreadable";

/// What a pipeline ended in.
#[derive(Debug)]
pub(crate) struct Run {
    /// The counts.
    pub(crate) work: Work,
    /// The rejected rows, if there are any.
    pub(crate) rejected: Option<bytes::Bytes>,
    /// How far it came.
    pub(crate) end: End,
}

/// How far a pipeline came.
#[derive(Debug)]
pub(crate) enum End {
    /// To the chunk's last row.
    Done,
    /// To where the chunk cannot be read on, and trying again cannot help.
    Failed(CutShort),
    /// To where this begins, for now.
    Continued(Chunk),
}

/// Why a chunk has an end before its end.
#[derive(Debug)]
pub(crate) struct CutShort {
    /// A stable word for the reason.
    pub(crate) code: &'static str,
    /// What is wrong, for people.
    pub(crate) message: String,
}

/// Why no more rows are taken in.
#[derive(Debug)]
enum Stop {
    /// There are none.
    End,
    /// They cannot be read.
    CutShort(CutShort),
    /// Time is up.
    Time,
    /// Calls cannot be delivered for now.
    Undelivered(SendError),
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
    refused: Vec<RefusedCall>,
    /// Refused calls whose rows are being read once more.
    stretches: VecDeque<Stretch>,
    account: Account,
    only: Only,
    deadline: Option<Deadline>,
}

impl<'c> Pipeline<'c> {
    /// Returns the pipeline of `job`, ready to run until `deadline` over the rows that it is for; nothing has been read.
    pub(crate) fn new(
        context: &'c Context,
        job: &'c Job,
        client: Client,
        only: Only,
        deadline: Option<Deadline>,
    ) -> Result<Self, SendError> {
        if !job.only.is_empty() {
            // They were refused before, most of them by the API: that says nothing of the key.
            client.trust();
        }
        let limits = Limits {
            batch_events: context.batch_events(&job.destination),
            ..Limits::default()
        };
        let Options {
            retry,
            requests_in_flight,
            ..
        } = context.options;
        Ok(Self {
            job,
            context,
            store: context.stores.open(&job.object.store)?,
            routes: Routes::of_job(job)?,
            columns: projection::columns(job),
            packer: client.packer(limits),
            full: Vec::new(),
            flights: Flights::new(client, retry, deadline.clone(), requests_in_flight),
            refused: Vec::new(),
            stretches: VecDeque::new(),
            account: Account::open(job),
            only,
            deadline,
        })
    }

    /// Carries the job out to the last row of its chunk, to where the extract is not what was planned, or to where time is up.
    ///
    /// # Errors
    /// When trying again may help and no row has all its fates: nothing about the job is settled then.
    pub(crate) async fn run(mut self) -> Result<Run, SendError> {
        let mut reading = Reading::new(Arc::clone(&self.store), &self.job.object);
        let mut stop = match self.stream(&mut reading).await {
            Ok(stop) => stop,
            Err(error) if self.may_go_on(&error) => Stop::Undelivered(error),
            Err(error) => Stop::CutShort(CutShort::by(error)?),
        };
        match &stop {
            Stop::Undelivered(_) => self.full.clear(),
            _ => self.full.extend(self.packer.finish()),
        }
        let lost = match self.land(&stop).await {
            Ok(lost) => lost,
            // A refused row cannot be read once more.
            Err(error) => {
                stop = Stop::CutShort(CutShort::by(error)?);
                None
            }
        };
        let end = self.end(stop, lost)?;
        let (work, rejected) = self.account.close(reading.bytes())?;
        Ok(Run { work, rejected, end })
    }

    /// Whether the rows before the one that met `error` are to be kept: the rest is another invocation's then. Without a deadline
    /// there is none.
    fn may_go_on(&self, error: &SendError) -> bool {
        let passes = match error {
            SendError::Delivery(error) => error.is_retryable(),
            SendError::OutOfTime => true,
            _ => false,
        };
        passes && self.deadline.is_some()
    }

    /// Says how far the job came.
    fn end(&self, stop: Stop, lost: Option<SendError>) -> Result<End, SendError> {
        let rest = self.account.rest(&self.job.chunk);
        let why = match stop {
            Stop::End if self.account.is_settled() => return Ok(End::Done),
            Stop::CutShort(why) if self.account.is_settled() => return Ok(End::Failed(why)),
            // The last line of a chunk may go on behind it.
            Stop::Time if self.account.is_settled() && rest.start >= rest.end => return Ok(End::Done),
            Stop::Undelivered(error) => Some(error),
            Stop::End | Stop::CutShort(_) | Stop::Time => lost,
        };
        let Job { sync, run, .. } = self.job;
        let (job, rows) = (self.job.job_part(), self.account.rows());
        if rows == 0 {
            return Err(why.unwrap_or(SendError::OutOfTime));
        }
        let reason = why.filter(|error| !matches!(error, SendError::OutOfTime));
        let reason = reason.map_or_else(|| "time is up".to_owned(), |error| error.to_string());
        tracing::info!(%sync, %run, %job, rows, reason, "job stops here, its next part goes on");
        Ok(End::Continued(rest))
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
    async fn stream(&mut self, reading: &mut Reading) -> Result<Stop, SendError> {
        let mut decoder = self.decoder(&self.job.chunk);
        let stop_at = self.deadline.as_ref().map(Deadline::stop_at);
        loop {
            let (rows, bytes) = (self.account.rows_read(), reading.bytes());
            let Some(more) = until(stop_at, reading.advance(&mut decoder)).await else {
                return Ok(Stop::Time);
            };
            let more = more?;
            let stop = self.take_rows(&mut decoder).await?;
            self.context
                .progress
                .read(self.account.rows_read() - rows, reading.bytes() - bytes);
            if let Some(stop) = stop {
                return Ok(stop);
            }
            if let Some(source) = decoder.failure() {
                return Err(SendError::Unreadable {
                    object: self.job.object.key.clone(),
                    source: source.clone(),
                });
            }
            if !more {
                return Ok(Stop::End);
            }
        }
    }

    /// Takes in the rows that the decoder has, unless time is up.
    async fn take_rows(&mut self, decoder: &mut Decoder) -> Result<Option<Stop>, SendError> {
        while let Some(row) = decoder.next_row() {
            if self.only.has(&row) {
                self.row(row)?;
                self.account.end()?;
                self.make_room().await?;
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
