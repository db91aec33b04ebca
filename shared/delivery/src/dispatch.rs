//! One batch on its way: tries, waits and halves.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::StatusCode;
use tokio::time::{Instant, sleep, timeout_at};

use crate::batch::Events;
use crate::client::Shared;
use crate::course::{Course, Refusal, Tally};
use crate::pace::Admitted;
use crate::retry::{Attempts, Verdict, classify, retry_after};
use crate::{Answer, DeliveryError, Failure, Post, RetryPolicy};

/// So many events refused one by one, before anything was ever taken, mean that the key is at fault: the API answers
/// 400 to an empty or very short key too, and splitting would go on through the whole extract.
const REFUSED_BEFORE_DOUBT: usize = 32;

/// What a request came to that needs no more tries.
enum Settled {
    Accepted,
    Refused { status: u16, message: String },
}

/// A try that failed in passing.
struct Setback {
    last: String,
    asked: Option<Duration>,
    limiting: bool,
}

pub(crate) struct Dispatch<'d> {
    shared: &'d Shared,
    retry: RetryPolicy,
    /// No longer than this is anything waited for.
    end: Option<Instant>,
    events: &'d Events,
    tally: Tally,
}

impl<'d> Dispatch<'d> {
    pub(crate) fn new(shared: &'d Shared, retry: RetryPolicy, end: Option<Instant>, events: &'d Events) -> Self {
        Self {
            shared,
            retry,
            end,
            events,
            tally: Tally::default(),
        }
    }

    /// Sends the events, from the first to the last, or as far as it can.
    ///
    /// # Errors
    /// When none is settled, or nothing more will be.
    pub(crate) async fn run(mut self) -> Result<Course, DeliveryError> {
        let mut refusals = Vec::new();
        let (mut settled, mut left) = (self.events.len(), None);
        // A stack of ranges still to send, the first on top.
        let mut pending = Vec::new();
        if self.events.len() > 0 {
            pending.push(0..self.events.len());
        }
        while let Some(range) = pending.pop() {
            let (status, message) = match self.settle(range.clone()).await {
                Ok(Settled::Accepted) => continue,
                Ok(Settled::Refused { status, message }) => (status, message),
                Err(error) if error.is_retryable() && range.start > 0 => {
                    (settled, left) = (range.start, Some(error));
                    break;
                }
                Err(error) => return Err(error),
            };
            if range.len() > 1 {
                let middle = range.start + range.len() / 2;
                pending.push(middle..range.end);
                pending.push(range.start..middle);
                continue;
            }
            refusals.push(Refusal {
                index: range.start,
                status,
                message,
            });
            if refusals.len() >= REFUSED_BEFORE_DOUBT && !self.shared.welcome.load(Ordering::Relaxed) {
                return Err(self.rejected(status));
            }
        }
        Ok(Course {
            refusals,
            settled,
            left,
            tally: self.tally,
        })
    }

    /// Sends the events of `range` in one request, as often as needed.
    async fn settle(&mut self, range: Range<usize>) -> Result<Settled, DeliveryError> {
        let (end, mut made) = (self.end, Attempts::default());
        // Time in line is not counted: behind others at a low rate it says nothing of the API.
        let mut elapsed = Duration::ZERO;
        loop {
            let Some(admitted) = until(end, self.admit(&range)).await else {
                return Err(self.not_admitted());
            };
            let started = Instant::now();
            let attempt = self.attempt(range.clone(), made.total(), admitted);
            let Some(answered) = until(end, attempt).await else {
                return Err(self.unanswered(started.elapsed()));
            };
            let (setback, admitted) = match answered? {
                Ok(settled) => return Ok(settled),
                Err(setback) => setback,
            };
            elapsed += started.elapsed();
            made = made.plus(setback.asked.is_some());
            let wait = self.retry.wait(made, setback.asked, elapsed);
            // What cannot be tried again in time is told at once: waiting is paid for.
            let wait = wait.filter(|wait| end.is_none_or(|end| Instant::now() + *wait < end));
            tracing::debug!(tries = made.total(), last = setback.last, wait = ?wait, "delivery failed in passing");
            self.hold(admitted, &setback, wait);
            let Some(wait) = wait else {
                return Err(self.unreachable(made, elapsed, setback));
            };
            sleep(wait).await;
            elapsed += wait;
        }
    }

    /// Waits until the events of `range` may go. The batch has had its turn as a whole, and of what was refused the API took nothing: its
    /// parts do not stand in line once more, where at a low rate they would find no end.
    async fn admit(&self, range: &Range<usize>) -> Admitted<'d> {
        if range.len() < self.events.len() {
            return self.shared.pace.admit_part().await;
        }
        let count = u32::try_from(range.len()).unwrap_or(u32::MAX);
        self.shared.pace.admit(count).await
    }

    /// Makes one try and tells the pace what it was answered, except for what passes, which comes back.
    async fn attempt(
        &mut self,
        range: Range<usize>,
        retry: u32,
        admitted: Admitted<'d>,
    ) -> Result<Result<Settled, (Setback, Admitted<'d>)>, DeliveryError> {
        let events = u32::try_from(range.len()).unwrap_or(u32::MAX);
        let answer = match self.post(range, retry).await {
            Ok(answer) => answer,
            Err(Failure(last)) => {
                let setback = Setback {
                    last,
                    asked: None,
                    limiting: false,
                };
                return Ok(Err((setback, admitted)));
            }
        };
        let judged = match self.judge(&answer) {
            Ok(Err(setback)) => return Ok(Err((setback, admitted))),
            Ok(Ok(settled)) => Ok(Ok(settled)),
            Err(error) => Err(error),
        };
        match &judged {
            Ok(Ok(Settled::Accepted)) => admitted.taken(events),
            _ => admitted.answered(),
        }
        judged
    }

    /// Makes one request and counts it.
    async fn post(&mut self, range: Range<usize>, retry: u32) -> Result<Answer, Failure> {
        let payload = self.shared.press.payload(self.events.joined(range), Timestamp::now());
        self.tally.requests += 1;
        self.tally.retries += u64::from(retry > 0);
        self.tally.bytes_json += payload.json_bytes as u64;
        self.tally.bytes_wire += payload.wire.len() as u64;
        self.shared
            .transport
            .post(Post {
                body: payload.wire,
                gzip: payload.gzip,
                retry,
            })
            .await
    }

    /// Returns what an answer settles, else why to try again; as error what ends the whole batch.
    fn judge(&self, answer: &Answer) -> Result<Result<Settled, Setback>, DeliveryError> {
        let status = answer.status;
        let endpoint = || self.shared.endpoint.to_string();
        match classify(status) {
            Verdict::Accepted => {
                self.shared.welcome.store(true, Ordering::Relaxed);
                Ok(Ok(Settled::Accepted))
            }
            Verdict::Split => {
                let message = answer.words(&self.shared.write_key);
                Ok(Ok(Settled::Refused { status, message }))
            }
            Verdict::Again => Ok(Err(Setback::from_answer(answer))),
            Verdict::Unauthorized => Err(DeliveryError::Unauthorized {
                endpoint: endpoint(),
                status,
            }),
            Verdict::Redirected => Err(DeliveryError::Redirected {
                endpoint: endpoint(),
                status,
            }),
            Verdict::Rejected => Err(self.rejected(status)),
        }
    }

    /// Stops all requests that share the pace when the API asked for it, also when this batch gives up.
    fn hold(&self, admitted: Admitted<'_>, setback: &Setback, wait: Option<Duration>) {
        if !setback.limiting {
            return;
        }
        let asked = setback.asked.map(|asked| asked.min(self.retry.max_wait));
        let pause = wait.or(asked).unwrap_or_default();
        tracing::warn!(
            pause_ms = pause.as_millis(),
            last = setback.last,
            "api asks to slow down: all requests wait"
        );
        admitted.limited(pause);
    }

    fn rejected(&self, status: u16) -> DeliveryError {
        DeliveryError::Rejected {
            endpoint: self.shared.endpoint.to_string(),
            status,
        }
    }

    /// Says why a request was not let go in time.
    fn not_admitted(&self) -> DeliveryError {
        match self.shared.pace.held_for() {
            None => DeliveryError::NoTurn,
            Some(retry_after) => DeliveryError::Held {
                endpoint: self.shared.endpoint.to_string(),
                retry_after: retry_after.min(self.retry.max_wait),
            },
        }
    }

    fn unanswered(&self, waited: Duration) -> DeliveryError {
        DeliveryError::Unanswered {
            endpoint: self.shared.endpoint.to_string(),
            waited,
        }
    }

    fn unreachable(&self, made: Attempts, elapsed: Duration, setback: Setback) -> DeliveryError {
        DeliveryError::Unreachable {
            endpoint: self.shared.endpoint.to_string(),
            tries: made.total(),
            elapsed,
            last: setback.last,
            retry_after: setback.asked.map(|asked| asked.min(self.retry.max_wait)),
        }
    }
}

/// Waits for `work`, until `end` at most; `None` if it is not done by then. Without an end it has all the time it needs.
pub async fn until<W: Future>(end: Option<Instant>, work: W) -> Option<W::Output> {
    match end {
        None => Some(work.await),
        Some(end) => timeout_at(end, work).await.ok(),
    }
}

impl Setback {
    /// Of the answer only the status is told: its words may repeat customers' data.
    fn from_answer(answer: &Answer) -> Self {
        let asked = answer
            .retry_after
            .as_deref()
            .and_then(|header| retry_after(header, SystemTime::now()));
        let reason = StatusCode::from_u16(answer.status)
            .ok()
            .and_then(|status| status.canonical_reason());
        Self {
            last: format!("status {} {}", answer.status, reason.unwrap_or_default())
                .trim_end()
                .to_owned(),
            asked,
            limiting: answer.status == 429 || asked.is_some(),
        }
    }
}
