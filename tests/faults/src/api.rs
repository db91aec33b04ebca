//! A Tracking API that fails as it is told, drops nothing, and remembers every event that it took.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use delivery::{Answer, Failure, Post, REQUEST_TIMEOUT, Transport};
use flate2::read::GzDecoder;
use serde_json::Value;
use tokio::time::sleep;
use xxhash_rust::xxh3::xxh3_64;

use crate::chance::Chance;
use crate::doom::Doom;
use crate::extract::{POISON_400, POISON_413};
use crate::faults::{Down, Faults};
use crate::trace::Trace;

/// Statuses that pass, beside 429 (`delivery::classify`).
const PASSING: [u16; 7] = [408, 410, 500, 502, 503, 504, 508];

/// A row of the extract, and the mapping that made a call of it: what an event is about.
pub type Call = (String, String);

/// What was taken under one message id.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What the event is about.
    pub call: Call,
    /// The value that it carries.
    pub value: String,
    /// A hash of all it says.
    pub content: u64,
    /// How often it was taken.
    pub times: u64,
}

/// Everything that the API has.
#[derive(Debug, Default)]
pub struct Book {
    /// By message id.
    pub taken: BTreeMap<String, Taken>,
    /// What should never have been sent.
    pub wrong: Vec<String>,
    /// Requests.
    pub requests: u64,
    /// What was taken in each round of retries, once or more.
    pub retried: Vec<BTreeSet<Call>>,
    /// Whether what it used to refuse is taken now.
    pub is_mended: bool,
}

/// The API that all senders of a world share.
#[derive(Debug)]
pub struct Api {
    book: Mutex<Book>,
    faults: Arc<Faults>,
    chance: Chance,
    trace: Trace,
    /// Most events of a request: more are too many for it (413).
    most: usize,
}

impl Api {
    /// Returns an API that has nothing yet and takes at most `most` events in a request.
    #[must_use]
    pub fn new(faults: Arc<Faults>, chance: Chance, trace: Trace, most: usize) -> Self {
        Self {
            book: Mutex::default(),
            faults,
            chance,
            trace,
            most,
        }
    }

    /// Looks at what the API has.
    pub fn with<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn happens(&self, odds: f64) -> bool {
        self.faults.last() && self.chance.happens(odds)
    }

    /// Takes a request, or says what is wrong with it.
    fn judge(&self, batch: &[Value]) -> Answer {
        let poison = batch.iter().find_map(|event| match value_of(event) {
            POISON_400 => Some(400),
            POISON_413 => Some(413),
            _ => None,
        });
        let poison = poison.filter(|_| !self.with(|book| book.is_mended));
        let status = poison.or((batch.len() > self.most).then_some(413)).unwrap_or(200);
        if status == 200 {
            self.with(|book| batch.iter().for_each(|event| book.take(event)));
        }
        answer(status, None)
    }

    /// An answer that says to come again, with `Retry-After` in one of its forms or without it. A date is far off or long past: what
    /// lies between depends on the machine's clock.
    fn again(&self, status: u16) -> Answer {
        let after = match self.chance.between(0..=5) {
            0 => Some("Wed, 21 Oct 2099 07:28:00 GMT".to_owned()),
            1 => Some("Wed, 21 Oct 2015 07:28:00 GMT".to_owned()),
            2 => None,
            _ => Some(self.chance.between(0..=40).to_string()),
        };
        answer(status, after)
    }
}

impl Book {
    fn take(&mut self, event: &Value) {
        let id = event["messageId"].as_str().unwrap_or_default().to_owned();
        let object = if event["traits"].is_object() {
            &event["traits"]
        } else {
            &event["properties"]
        };
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let new = Taken {
            call: (text("row"), text("via")),
            value: text("value"),
            content: xxh3_64(event.to_string().as_bytes()),
            times: 1,
        };
        if let Some(round) = self.retried.last_mut() {
            round.insert(new.call.clone());
        }
        match self.taken.get_mut(&id) {
            Some(known) if known.content == new.content => known.times += 1,
            Some(known) => {
                let wrong = format!("id {id} had {:?}, now {:?} or other content", known.call, new.call);
                self.wrong.push(wrong);
            }
            None => {
                self.taken.insert(id, new);
            }
        }
    }
}

fn value_of(event: &Value) -> &str {
    let of = |object: &str| {
        event[object]["value"]
            .as_str()
            .map(|text| text.split(' ').next().unwrap_or_default())
    };
    of("traits").or_else(|| of("properties")).unwrap_or_default()
}

fn answer(status: u16, retry_after: Option<String>) -> Answer {
    Answer {
        status,
        retry_after,
        body: format!("{{\"status\":{status}}}").into_bytes(),
    }
}

/// One process's way to the API.
pub struct Line {
    /// Whose it is, for the trace.
    pub who: String,
    /// The API.
    pub api: Arc<Api>,
    /// The process.
    pub doom: Arc<Doom>,
    /// Whether all jobs of its invocation had ended before it began: then nothing may be sent.
    pub is_settled: Arc<std::sync::atomic::AtomicBool>,
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Line").field("who", &self.who).finish_non_exhaustive()
    }
}

impl Line {
    fn step(&self, what: fmt::Arguments<'_>) {
        self.api.trace.step(&self.who, what);
    }

    async fn may_die(&self, when: &str) {
        if self.api.happens(self.api.faults.death_at_write) {
            self.step(format_args!("dies {when} a request"));
            self.doom.strike().await;
        }
    }

    async fn lose(&self, what: &str, wait: Duration) -> Result<Answer, Failure> {
        self.step(format_args!("{what}"));
        sleep(wait).await;
        Err(Failure(what.to_owned()))
    }
}

#[async_trait]
impl Transport for Line {
    async fn post(&self, post: Post) -> Result<Answer, Failure> {
        let (api, faults) = (&*self.api, &*self.api.faults);
        let batch = events(&post).map_err(|error| Failure(error.to_string()))?;
        api.with(|book| {
            book.requests += 1;
            if self.is_settled.load(std::sync::atomic::Ordering::Relaxed) {
                book.wrong
                    .push(format!("{} sends what was settled before it began", self.who));
            }
        });
        self.may_die("before").await;
        sleep(api.chance.millis(5..=400)).await;
        match faults.down() {
            None => {}
            Some(Down::Refusing) => return self.lose("connection is refused", api.chance.millis(0..=50)).await,
            Some(Down::Hanging) => return self.lose("request hangs", REQUEST_TIMEOUT).await,
            Some(Down::Failing) => {
                self.step(format_args!("{} events: 503", batch.len()));
                return Ok(answer(503, None));
            }
        }
        if faults.refuses_key() {
            self.doom.trouble();
            self.step(format_args!("{} events: 401", batch.len()));
            return Ok(answer(401, None));
        }
        if api.happens(faults.lost) {
            return self.lose("request is lost", api.chance.millis(0..=10_000)).await;
        }
        if api.happens(faults.stalled) && api.chance.happens(0.5) {
            return self.lose("request stalls", REQUEST_TIMEOUT).await;
        }
        if api.happens(faults.busy) {
            self.step(format_args!("{} events: 429", batch.len()));
            return Ok(api.again(429));
        }
        if api.happens(faults.failing) {
            let status = *api.chance.one_of(&PASSING);
            self.step(format_args!("{} events: {status}", batch.len()));
            return Ok(if api.chance.happens(0.2) {
                api.again(status)
            } else {
                answer(status, None)
            });
        }
        let answer = api.judge(&batch);
        self.step(format_args!("{} events: {}", batch.len(), answer.status));
        self.may_die("after").await;
        if api.happens(faults.unanswered) {
            return self.lose("answer is lost", api.chance.millis(0..=10_000)).await;
        }
        if api.happens(faults.stalled) {
            return self.lose("answer stalls", REQUEST_TIMEOUT).await;
        }
        sleep(api.chance.millis(5..=200)).await;
        Ok(answer)
    }
}

fn events(post: &Post) -> anyhow::Result<Vec<Value>> {
    let mut text = Vec::new();
    if post.gzip {
        GzDecoder::new(&*post.body).read_to_end(&mut text)?;
    } else {
        text.extend_from_slice(&post.body);
    }
    let mut body: Value = serde_json::from_slice(&text)?;
    Ok(match body["batch"].take() {
        Value::Array(events) => events,
        _ => anyhow::bail!("a request without a batch"),
    })
}
