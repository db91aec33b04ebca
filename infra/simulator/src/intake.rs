use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response};
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, AnswerBody};
use crate::book::{Book, Judged};
use crate::check::{Event, Reason, check};
use crate::fault::{Broken, Fault, Faults, Lots};
use crate::hangup::Hangup;
use crate::limiter::Limiter;
use crate::request::{
    Buffers, Envelope, Items, Lost, MAX_BATCH_EVENTS, MAX_EVENT_BYTES, RawValue, Refusal, Route, decode, receive,
    typed, without_write_key, write_key,
};
use crate::store::Store;
use crate::{Counts, Settings, SimulatorError};

/// How long a stalled request is held: longer than clients wait.
const STALL: Duration = Duration::from_mins(5);

/// Where the counts are, as JSON. Segment has no such address.
const COUNTS: &str = "/__counts";

/// Buffers kept for later requests, about 1 MB each.
const MAX_IDLE_BUFFERS: usize = 16;

/// What happens to a request from its head to its answer.
pub(crate) struct Intake {
    write_key: Option<String>,
    faults: Faults,
    lots: Mutex<Lots>,
    requests: Option<Mutex<Limiter>>,
    events: Option<Mutex<Limiter>>,
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
            requests: settings.max_requests_per_second.map(limiter),
            events: settings.max_events_per_second.map(limiter),
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
        if request.method() == Method::GET && request.uri().path() == COUNTS {
            // Numbers under names: writing them as JSON cannot fail.
            return Ok(Answer::respond_json(
                serde_json::to_vec(&self.counts()).unwrap_or_default(),
            ));
        }
        locked(&self.book).counts.requests += 1;
        let mut unanswered = Unanswered {
            book: &self.book,
            armed: true,
        };
        let (answer, fault) = self.answer(request).await?;
        unanswered.armed = false;
        *locked(&self.book).counts.answered.entry(answer.status).or_default() += 1;
        match fault {
            Some(Fault::Broken(broken)) if answer == Answer::TAKEN => break_answer(broken),
            fault => Ok(answer.respond(fault == Some(Fault::Slow))),
        }
    }

    /// The answer, and what is to go wrong with it.
    async fn answer(&self, request: Request<Incoming>) -> Result<(Answer, Option<Fault>), Hangup> {
        let (head, body) = request.into_parts();
        let route = Route::of(&head.method, head.uri.path());
        let drawn = || locked(&self.lots).draw(self.started.elapsed());
        let fault = route.is_ok().then(drawn).flatten();
        if fault == Some(Fault::Reset) {
            return Err(Hangup::Reset);
        }
        let mut buffers = locked(&self.idle).pop().unwrap_or_else(Buffers::new);
        receive(body, &mut buffers).await.map_err(|Lost| Hangup::Reset)?;
        match fault {
            Some(Fault::Status(429)) => return Ok((Answer::limited(self.faults.retry_after()), None)),
            Some(Fault::Status(status)) => return Ok((Answer::failed(status), None)),
            Some(Fault::Stall) => {
                sleep(STALL).await;
                return Err(Hangup::Reset);
            }
            Some(Fault::Reset | Fault::ResetAfter | Fault::Slow | Fault::Broken(_)) | None => {}
        }
        let answer = route.and_then(|route| self.limit_and_take(route, &head.headers, &mut buffers));
        self.keep_for_later(buffers);
        if fault == Some(Fault::ResetAfter) {
            return Err(Hangup::Reset);
        }
        Ok((answer.unwrap_or_else(Answer::from), fault))
    }

    fn limit_and_take(&self, route: Route, headers: &HeaderMap, buffers: &mut Buffers) -> Result<Answer, Refusal> {
        match self.limit(self.requests.as_ref(), 1) {
            Some(limited) => Ok(limited),
            None => self.take(route, headers, buffers),
        }
    }

    /// The answer if the limit does not admit so many more.
    fn limit(&self, limiter: Option<&Mutex<Limiter>>, count: usize) -> Option<Answer> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let admitted = locked(limiter?).admit(count, self.started.elapsed());
        admitted.err().map(Answer::limited)
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
        if let Some(limited) = self.limit(self.events.as_ref(), judged.len()) {
            return Ok(limited);
        }
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

fn limiter(per_second: NonZeroU32) -> Mutex<Limiter> {
    Mutex::new(Limiter::new(per_second))
}

/// Answers 200 as it should not be.
fn break_answer(broken: Broken) -> Result<Response<AnswerBody>, Hangup> {
    match (Hangup::breaking(broken), broken) {
        (Some(hangup), _) => Err(hangup),
        (None, Broken::Html) => Ok(Answer::HTML.respond(false)),
        (None, Broken::Huge) => Ok(Answer::respond_hugely()),
        (None, _) => Ok(Answer::GARBAGE.respond(false)),
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
