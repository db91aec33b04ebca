use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{HeaderMap, Request, Response};
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, AnswerBody};
use crate::book::{Book, Judged};
use crate::check::{Event, Reason, check};
use crate::fault::{Fault, Faults, Lots};
use crate::limiter::Limiter;
use crate::request::{
    Buffers, Envelope, Items, Lost, MAX_BATCH_EVENTS, MAX_EVENT_BYTES, RawValue, Refusal, Route, decode, receive,
    typed, without_write_key, write_key,
};
use crate::store::Store;
use crate::{Counts, Settings, SimulatorError};

/// How long a stalled request is held: longer than clients wait.
const STALL: Duration = Duration::from_mins(5);

/// Buffers kept for later requests, about 1 MB each.
const MAX_IDLE_BUFFERS: usize = 16;

/// The request gets no answer: its connection is to be reset.
#[derive(Debug)]
pub(crate) struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection reset")
    }
}

impl std::error::Error for Hangup {}

/// What happens to a request from its head to its answer.
pub(crate) struct Intake {
    write_key: Option<String>,
    faults: Faults,
    lots: Mutex<Lots>,
    limiter: Option<Mutex<Limiter>>,
    book: Mutex<Book>,
    idle: Mutex<Vec<Buffers>>,
    started: Instant,
}

impl Intake {
    pub(crate) fn open(settings: Settings) -> Result<Intake, SimulatorError> {
        let store = settings.out.as_deref().map(Store::open).transpose()?;
        Ok(Intake {
            write_key: settings.write_key,
            lots: Mutex::new(settings.faults.lots()),
            faults: settings.faults,
            limiter: settings
                .max_requests_per_second
                .map(|rate| Mutex::new(Limiter::new(rate))),
            book: Mutex::new(Book::new(settings.remembered_ids, store)),
            idle: Mutex::default(),
            started: Instant::now(),
        })
    }

    pub(crate) fn counts(&self) -> Counts {
        locked(&self.book).counts.clone()
    }

    /// Has the files written to the disk.
    pub(crate) fn sync(&self) -> Result<(), SimulatorError> {
        locked(&self.book).store().map_or(Ok(()), Store::sync)
    }

    /// Serves one request and counts what became of it.
    pub(crate) async fn serve(&self, request: Request<Incoming>) -> Result<Response<AnswerBody>, Hangup> {
        locked(&self.book).counts.requests += 1;
        let mut unanswered = Unanswered {
            book: &self.book,
            armed: true,
        };
        let (answer, slowly) = self.answer(request).await?;
        unanswered.armed = false;
        *locked(&self.book).counts.answered.entry(answer.status).or_default() += 1;
        Ok(answer.respond(slowly))
    }

    /// The answer, and whether it is to come slowly.
    async fn answer(&self, request: Request<Incoming>) -> Result<(Answer, bool), Hangup> {
        let (head, body) = request.into_parts();
        let route = Route::of(&head.method, head.uri.path());
        let fault = route.is_ok().then(|| locked(&self.lots).draw()).flatten();
        if fault == Some(Fault::Reset) {
            return Err(Hangup);
        }
        let mut buffers = locked(&self.idle).pop().unwrap_or_else(Buffers::new);
        receive(body, &mut buffers).await.map_err(|Lost| Hangup)?;
        match fault {
            Some(Fault::Status(429)) => return Ok((Answer::limited(self.faults.retry_after()), false)),
            Some(Fault::Status(status)) => return Ok((Answer::failed(status), false)),
            Some(Fault::Stall) => {
                sleep(STALL).await;
                return Err(Hangup);
            }
            Some(Fault::Reset | Fault::ResetAfter | Fault::Slow) | None => {}
        }
        let answer = route.and_then(|route| self.limit_and_take(route, &head.headers, &mut buffers));
        self.keep_for_later(buffers);
        if fault == Some(Fault::ResetAfter) {
            return Err(Hangup);
        }
        Ok((answer.unwrap_or_else(Answer::from), fault == Some(Fault::Slow)))
    }

    fn limit_and_take(&self, route: Route, headers: &HeaderMap, buffers: &mut Buffers) -> Result<Answer, Refusal> {
        if let Some(limiter) = &self.limiter
            && let Err(wait) = locked(limiter).admit(self.started.elapsed())
        {
            return Ok(Answer::limited(wait));
        }
        self.take(route, headers, buffers)
    }

    /// Decodes, checks and keeps the events of one request.
    fn take(&self, route: Route, headers: &HeaderMap, buffers: &mut Buffers) -> Result<Answer, Refusal> {
        let wire = buffers.wire.len() as u64;
        let json = decode(headers, buffers)?;
        let envelope = Envelope::read(json)?;
        let known = self.knows(&write_key(headers, envelope.write_key)?);
        let judged = match route {
            Route::Batch => judge_batch(&envelope, known)?,
            Route::Single(_) if json.len() > MAX_EVENT_BYTES => return Err(Refusal::TOO_LARGE),
            Route::Single(kind) => vec![judge(Cow::Owned(typed(json, kind)), None, unknown(known))],
        };
        let mut book = locked(&self.book);
        book.enter(&judged, self.started.elapsed()).map_err(|error| {
            tracing::error!(%error, "cannot keep the events of a request");
            Refusal::NOT_KEPT
        })?;
        book.counts.bytes.wire += wire;
        book.counts.bytes.json += json.len() as u64;
        Ok(Answer::TAKEN)
    }

    fn knows(&self, key: &str) -> bool {
        self.write_key.as_deref().is_none_or(|known| known == key)
    }

    fn keep_for_later(&self, buffers: Buffers) {
        let mut idle = locked(&self.idle);
        if idle.len() < MAX_IDLE_BUFFERS {
            idle.push(buffers);
        }
    }
}

/// Judges every event of a batch.
///
/// # Errors
/// The refusal of the whole request if one of its events is too large.
fn judge_batch<'a>(envelope: &Envelope<'a>, known: bool) -> Result<Vec<Judged<'a>>, Refusal> {
    let items = match &envelope.batch {
        Items::Array(items) if !items.is_empty() => items,
        Items::Array(_) | Items::Absent => return Ok(vec![no_event(Reason::EMPTY_BATCH)]),
        Items::NotArray => return Ok(vec![no_event(Reason::BAD_REQUEST)]),
    };
    if items.iter().any(|item| item.get().len() > MAX_EVENT_BYTES) {
        return Err(Refusal::TOO_LARGE);
    }
    let too_many = (items.len() > MAX_BATCH_EVENTS).then_some(Reason::BATCH_TOO_LARGE);
    let all = unknown(known).or(too_many);
    Ok(items
        .iter()
        .map(|item| judge(Cow::Borrowed(item.get()), envelope.context, all))
        .collect())
}

/// Judges one event; `all` is the verdict on all events of its request, if there is one.
fn judge<'a>(text: Cow<'a, str>, batch_context: Option<&RawValue>, all: Option<Reason>) -> Judged<'a> {
    let (verdict, has_write_key) = match Event::read(&text) {
        Ok(event) => (
            all.map_or_else(|| check(&event, batch_context), Err),
            event.write_key.is_some(),
        ),
        Err(reason) => (Err(all.unwrap_or(reason)), false),
    };
    let text = if has_write_key {
        Cow::Owned(without_write_key(&text))
    } else {
        text
    };
    Judged { text, verdict }
}

fn no_event(reason: Reason) -> Judged<'static> {
    Judged {
        text: Cow::Borrowed("null"),
        verdict: Err(reason),
    }
}

fn unknown(known: bool) -> Option<Reason> {
    (!known).then_some(Reason::UNKNOWN_SOURCE)
}

/// Counts a request as unanswered unless it is disarmed, even if its client goes away and its future is dropped.
struct Unanswered<'a> {
    book: &'a Mutex<Book>,
    armed: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.armed {
            locked(self.book).counts.unanswered += 1;
        }
    }
}

/// A lock that outlives a panic: each guarded value is whole between statements, and counts of a lost request do no harm.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
