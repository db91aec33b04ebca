//! One job on its way: read, decode, trigger, map, check, pack, post.

mod checkpoint;
mod intake;
mod landing;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use delivery::DeliveryError;
use delivery::{Batch, Client, Limits, Packer};
use extract::{Chunk, Decoder};
use ledger::{Job, Undelivered, Work};
use platform::{ObjectError, Objects};

use crate::account::{Account, Ticket};
use crate::flight::Flights;
use crate::only::Only;
use crate::reading::Reading;
use crate::refused::{RefusedCall, Stretch};
use crate::routes::Routes;
use crate::{Context, Deadline, Options, SendError, projection};

/// What jobs fail with whose object is not what it should be.
pub(crate) const OBJECT_UNREADABLE: &str = "object_unreadable";

/// What jobs fail with whose calls could not be delivered for a day.
const UNDELIVERABLE: &str = "undeliverable";

/// What a pipeline ended in. Parts before the last one are settled.
pub(crate) enum Run {
    /// A part that ends here, with its counts and its rejected rows, if there are any.
    Part {
        part: Box<Job>,
        work: Box<(Work, Option<Bytes>)>,
        end: End,
    },
    /// A part of which no row has all its fates: it is to be carried out as it stands.
    Begun(Box<Job>),
    /// Another sender of the same job settled the part at another row. What this one found out of it counts for nothing.
    Overtaken,
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
    /// To where this begins, since what comes next cannot be delivered for now.
    Undelivered(Chunk, Undelivered),
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
    /// A checkpoint could not be written.
    Unwritten(SendError),
    /// Another sender of the same job was first with a checkpoint.
    Overtaken,
}

/// A job's moving parts. Their memory is bounded by the batches that are open and under way.
pub(crate) struct Pipeline<'c> {
    /// The part that is being carried out: each checkpoint begins the next one.
    part: Job,
    /// Whether there was a checkpoint.
    has_settled: bool,
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
        job: Job,
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
        let Options { requests_in_flight, .. } = context.options;
        Ok(Self {
            context,
            store: context.stores.open(&job.object.store)?,
            routes: Routes::of_job(&job)?,
            columns: projection::columns(&job),
            packer: client.packer(limits),
            full: Vec::new(),
            flights: Flights::new(client, deadline.as_ref(), requests_in_flight),
            refused: Vec::new(),
            stretches: VecDeque::new(),
            account: Account::open(&job),
            only,
            deadline,
            part: job,
            has_settled: false,
        })
    }

    /// Carries the job out to the last row of its chunk, to where the extract is not what was planned, or to where time is up.
    ///
    /// # Errors
    /// When trying again may help and no row has all its fates: beyond checkpoints nothing about the job is settled then.
    pub(crate) async fn run(mut self) -> Result<Run, SendError> {
        let mut reading = Reading::new(Arc::clone(&self.store), &self.part.object);
        let mut stop = match self.stream(&mut reading).await {
            Ok(Stop::Unwritten(error)) => return Err(error),
            Ok(Stop::Overtaken) => return Ok(Run::Overtaken),
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
        let Some(end) = self.end(stop, lost)? else {
            return Ok(Run::Begun(Box::new(self.part)));
        };
        let work = Box::new(self.account.close_part(reading.bytes())?);
        Ok(Run::Part {
            part: Box::new(self.part),
            work,
            end,
        })
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

    /// Says how far the part came; `None`: nowhere, but there are parts before it.
    fn end(&self, stop: Stop, lost: Option<SendError>) -> Result<Option<End>, SendError> {
        let rest = self.account.rest(&self.part.chunk);
        let why = match stop {
            Stop::End if self.account.is_settled() => return Ok(Some(End::Done)),
            Stop::CutShort(why) if self.account.is_settled() => return Ok(Some(End::Failed(why))),
            // The last line of a chunk may go on behind it.
            Stop::Time if self.account.is_settled() && rest.start >= rest.end => return Ok(Some(End::Done)),
            Stop::Undelivered(error) if is_time(&error) => lost.or(Some(error)),
            Stop::Undelivered(error) | Stop::Unwritten(error) => Some(error),
            Stop::End | Stop::CutShort(_) | Stop::Time | Stop::Overtaken => lost,
        };
        if let (Some(error), Some(deadline)) = (self.api_failure(why.as_ref()), &self.deadline) {
            return Ok(Some(self.undelivered(rest, error, deadline)));
        }
        let Job { sync, run, .. } = &self.part;
        let (job, rows) = (self.part.job_part(), self.account.rows());
        if rows == 0 && self.has_settled {
            return Ok(None);
        }
        let reason = why.filter(|error| !is_time(error));
        if rows == 0 {
            return Err(reason.unwrap_or(SendError::OutOfTime));
        }
        let reason = reason.map_or_else(|| "time is up".to_owned(), |error| error.to_string());
        tracing::info!(%sync, %run, %job, rows, reason, "job stops here, its next part goes on");
        Ok(Some(End::Continued(rest)))
    }

    /// Returns what failed at the API, so that trying at once is of no use. It is slow, not down, if it left a request unanswered after it had
    /// taken others.
    fn api_failure<'e>(&self, why: Option<&'e SendError>) -> Option<&'e DeliveryError> {
        match why? {
            SendError::Delivery(DeliveryError::NoTurn) => None,
            SendError::Delivery(DeliveryError::Unanswered { .. }) if self.has_settled || self.account.rows() > 0 => {
                None
            }
            SendError::Delivery(error) if error.is_retryable() => Some(error),
            _ => None,
        }
    }

    /// Says when to go on with what could not be delivered, or that there was time enough for it.
    fn undelivered(&self, rest: Chunk, error: &DeliveryError, deadline: &Deadline) -> End {
        let has_delivered = self.account.sent_calls() > 0;
        let before = self.part.undelivered.filter(|_| !has_delivered);
        let (now, asked) = (deadline.wall(), error.retry_after());
        let Some(wait) = Undelivered::again(before, now, asked, deadline.longest_wait()) else {
            return End::Failed(CutShort {
                code: UNDELIVERABLE,
                message: format!(
                    "for a day its calls could not be delivered: {error}; once they can be, send them with `backhaul retry`"
                ),
            });
        };
        let Job { sync, run, .. } = &self.part;
        let (job, rows, not_before) = (self.part.job_part(), self.account.rows(), wait.not_before);
        tracing::warn!(%sync, %run, %job, rows, %not_before, %error, "job stops here, its next part waits");
        let rest = if rows == 0 { self.part.chunk } else { rest };
        End::Undelivered(rest, wait)
    }

    /// Returns the decoder of a chunk of the job's object, for the columns that its mappings read.
    fn decoder(&self, chunk: &Chunk) -> Decoder {
        let decoder = Decoder::new(&self.part.layout, chunk, self.part.object.size);
        match &self.columns {
            Some(columns) => decoder.only(columns),
            None => decoder,
        }
    }
}

/// Whether nothing but time was missing.
fn is_time(error: &SendError) -> bool {
    matches!(error, SendError::OutOfTime | SendError::Delivery(DeliveryError::NoTurn))
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
