//! The functions as they are deployed: processes that are kept from one invocation to the next, until they die.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use delivery::{RetryPolicy, WriteKey};
use ledger::{Document, JobPart, Outcome, Status, key};
use mapping::Action;
use platform::{Objects, Stores};
use scheduler::Splitting;
use sender::{Deadline, Options, WriteKeys};
use serde_json::Value;

use crate::api::{Api, Line};
use crate::bucket::{Bucket, PLACE};
use crate::chance::Chance;
use crate::doom::{Doom, Killed, mortal};
use crate::faults::Faults;
use crate::store::Store;
use crate::time::{self, Virtual};
use crate::trace::Trace;

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `scheduler`.
    Scheduler,
    /// `send-<action>`.
    Sender(Action),
    /// `reporter`.
    Reporter,
}

/// How the stack is set up.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// How extracts are split.
    pub splitting: Splitting,
    /// Requests of one job under way at once.
    pub requests_in_flight: usize,
    /// After how many calls a job writes a checkpoint.
    pub checkpoint_calls: u64,
    /// How long an invocation of a sender lasts at most.
    pub sender_limit: Duration,
    /// Most keys of a page.
    pub page: usize,
}

/// How an invocation ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The answer; else the error's name and text, or that the process died.
    pub answer: Result<Value, String>,
    /// Whether anything but the API failed it: store, write key or process.
    pub is_troubled: bool,
}

/// What a process holds.
enum Context {
    Scheduler(scheduler::Context),
    Sender(Box<sender::Context>),
    Reporter(reporter::Context),
}

struct Process {
    who: String,
    context: Context,
    doom: Arc<Doom>,
    is_settled: Arc<AtomicBool>,
}

/// All functions of a stack.
pub struct Lambda {
    bucket: Arc<Bucket>,
    api: Arc<Api>,
    faults: Arc<Faults>,
    chance: Chance,
    trace: Trace,
    setup: Setup,
    /// Processes that wait for an invocation.
    warm: Mutex<BTreeMap<Function, Vec<Process>>>,
    made: AtomicU64,
    running: AtomicU64,
    deaths: AtomicU64,
}

impl Lambda {
    /// Returns how long an invocation of a sender lasts at most.
    #[must_use]
    pub fn sender_limit(&self) -> Duration {
        self.setup.sender_limit
    }

    /// Returns functions over a bucket and an API; no process runs yet.
    #[must_use]
    pub fn new(
        bucket: Arc<Bucket>,
        api: Arc<Api>,
        faults: Arc<Faults>,
        chance: Chance,
        trace: Trace,
        setup: Setup,
    ) -> Self {
        Self {
            bucket,
            api,
            faults,
            chance,
            trace,
            setup,
            warm: Mutex::default(),
            made: AtomicU64::default(),
            running: AtomicU64::default(),
            deaths: AtomicU64::default(),
        }
    }

    /// Returns how many invocations are under way.
    #[must_use]
    pub fn running(&self) -> u64 {
        self.running.load(Ordering::Relaxed)
    }

    /// Returns how many processes died.
    #[must_use]
    pub fn deaths(&self) -> u64 {
        self.deaths.load(Ordering::Relaxed)
    }

    /// Invokes a function and returns how that ended; `keys`: the jobs that the event names.
    pub async fn invoke(&self, function: Function, event: Value, keys: &[String]) -> Ended {
        self.running.fetch_add(1, Ordering::Relaxed);
        let process = self.process(function);
        process.is_settled.store(self.are_settled(keys), Ordering::Relaxed);
        self.trace.step(&process.who, format_args!("begins {event}"));
        let dies = self.faults.last() && self.chance.happens(self.faults.death);
        let polls = dies.then(|| self.chance.magnitude(500));
        let limit = self.limit(function);
        process.doom.take_trouble();
        let ended = mortal(process.handle(function, event, limit), &process.doom, polls, limit).await;
        // Of what an invocation's time is used up by, only the store's slowness is trouble.
        let is_troubled = process.doom.take_trouble() || ended == Err(Killed::Died);
        let answer = match ended {
            Ok(answer) => {
                self.trace.step(&process.who, format_args!("ends {:?}", shown(&answer)));
                self.lock().entry(function).or_default().push(process);
                answer
            }
            Err(killed) => {
                self.deaths.fetch_add(1, Ordering::Relaxed);
                self.trace.step(&process.who, format_args!("{killed:?}"));
                Err(match killed {
                    Killed::Died => "Runtime.ExitError".to_owned(),
                    Killed::TimedOut => "Sandbox.Timedout".to_owned(),
                })
            }
        };
        self.running.fetch_sub(1, Ordering::Relaxed);
        Ended { answer, is_troubled }
    }

    fn are_settled(&self, keys: &[String]) -> bool {
        !keys.is_empty() && keys.iter().all(|job| self.is_settled(job))
    }

    /// Whether a job has ended, or its first part without an outcome is another message's.
    fn is_settled(&self, job: &str) -> bool {
        let Ok(job) = key::parse_job(job) else { return false };
        let mut part = job.job_part();
        loop {
            let outcome_key = key::outcome(&job.sync, &job.run, part);
            let Some(object) = self.bucket.get(&outcome_key) else {
                return false;
            };
            if Outcome::read(&outcome_key, &object.body).is_ok_and(|outcome| outcome.status.is_last()) {
                return true;
            }
            part = part.next();
            if self.bucket.get(&key::job(&job.sync, &job.run, part)).is_some() {
                return true;
            }
        }
    }

    /// Whether a job is to wait for the API yet: the outcome before its first part without one says so.
    #[must_use]
    pub fn is_early(&self, job: &str) -> bool {
        let Ok(job) = key::parse_job(job) else { return false };
        let mut part = job.job_part().previous();
        let mut wait = None;
        // The outcome before the part that is named, and all that follow it.
        loop {
            let outcome_key = part.map(|part| key::outcome(&job.sync, &job.run, part));
            if let Some(outcome_key) = outcome_key {
                let Some(object) = self.bucket.get(&outcome_key) else {
                    break;
                };
                wait = match Outcome::read(&outcome_key, &object.body).map(|outcome| outcome.into_fields().status) {
                    Ok(Status::Continued { undelivered, .. }) => undelivered,
                    _ => None,
                };
            }
            part = Some(part.map_or(JobPart::from(job.job), JobPart::next));
        }
        wait.is_some_and(|wait| wait.not_before > time::now())
    }

    /// How long an invocation lasts at most (infra/template.yaml, `Timeout`).
    fn limit(&self, function: Function) -> Duration {
        match function {
            Function::Scheduler => Duration::from_mins(15),
            Function::Sender(_) => self.setup.sender_limit,
            Function::Reporter => Duration::from_mins(2),
        }
    }

    fn process(&self, function: Function) -> Process {
        let warm = self.lock().get_mut(&function).and_then(Vec::pop);
        warm.unwrap_or_else(|| self.cold(function))
    }

    /// Returns the bucket as `who` reaches it.
    #[must_use]
    pub fn store(&self, who: String, doom: Arc<Doom>) -> Arc<dyn Objects> {
        Arc::new(Store {
            who,
            bucket: Arc::clone(&self.bucket),
            faults: Arc::clone(&self.faults),
            chance: self.chance.clone(),
            doom,
            trace: self.trace.clone(),
            page: self.setup.page,
        })
    }

    fn cold(&self, function: Function) -> Process {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let who = format!("{function:?}#{number}");
        let doom = Arc::new(Doom::default());
        let is_settled = Arc::new(AtomicBool::default());
        let store = self.store(who.clone(), Arc::clone(&doom));
        let stores = Arc::new(Stores::default().with(PLACE, Arc::clone(&store)));
        let context = match function {
            Function::Scheduler => Context::Scheduler(scheduler::Context::new(stores, store, self.setup.splitting)),
            Function::Reporter => Context::Reporter(reporter::Context::new(store)),
            Function::Sender(_) => {
                let line = Line {
                    who: who.clone(),
                    api: Arc::clone(&self.api),
                    doom: Arc::clone(&doom),
                    is_settled: Arc::clone(&is_settled),
                };
                let context = sender::Context::new(stores, store, WriteKeys::fixed(write_key()), self.options());
                Context::Sender(Box::new(context.with_transport(Arc::new(line))))
            }
        };
        Process {
            who,
            context,
            doom,
            is_settled,
        }
    }

    fn options(&self) -> Options {
        Options {
            retry: RetryPolicy::BRIEF,
            requests_in_flight: self.setup.requests_in_flight,
            senders: NonZeroU32::MIN,
            checkpoint_calls: self.setup.checkpoint_calls,
            ..Options::default()
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Function, Vec<Process>>> {
        self.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    async fn handle(&self, function: Function, event: Value, limit: Duration) -> Result<Value, String> {
        match (&self.context, function) {
            (Context::Scheduler(context), _) => scheduler::handle(context, event)
                .await
                .map_err(|error| told(error.name(), &error)),
            (Context::Reporter(context), _) => reporter::handle(context, event)
                .await
                .map_err(|error| told(error.name(), &error)),
            (Context::Sender(context), Function::Sender(action)) => {
                let deadline = Deadline::in_time(limit, Arc::new(Virtual));
                let answer = sender::handle(context, action, event, Some(deadline)).await;
                answer.map_err(|error| told(error.name(), &error))
            }
            (Context::Sender(_), _) => Err("no action".to_owned()),
        }
    }
}

/// What of an answer is the same each time: compressed, a body's `sentAt`, which is the machine's, makes it longer or shorter.
fn shown(answer: &Result<Value, String>) -> Result<Value, &String> {
    let mut answer = answer.as_ref()?.clone();
    if let Some(bytes) = answer.get_mut("bytes").and_then(Value::as_object_mut) {
        bytes.remove("wire");
    }
    Ok(answer)
}

fn told(name: impl std::fmt::Display, error: &dyn std::error::Error) -> String {
    format!("{name}: {error}")
}

fn write_key() -> WriteKey {
    WriteKey::parse("test-write-key").unwrap_or_else(|_| unreachable!("it is a key"))
}
