//! Queues as SQS has them, and the notifications that S3 puts into them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mapping::Action;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::bucket::NAME;
use crate::chance::Chance;
use crate::faults::Faults;
use crate::trace::Trace;

/// How often a message is received before it is given up (infra/template.yaml, `maxReceiveCount`).
const MAX_RECEIVES: u32 = 5;

/// How often a message may come too early: a job waits for twice the visibility timeout of its queue at most.
const MAX_EARLY: u32 = 2;

/// How long the reporter's queues keep a message that was received from others (infra/template.yaml, `VisibilityTimeout`).
const REPORTER_VISIBILITY: Duration = Duration::from_mins(12);

/// Which queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// An action's jobs.
    Jobs(Action),
    /// Jobs of an action that were given up.
    DeadJobs(Action),
    /// Outcomes and plans.
    Outcomes,
    /// Those that were given up.
    DeadOutcomes,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    id: u64,
    body: String,
    visible_at: Instant,
    receives: u32,
    /// How often it came too early: its job waits for the API.
    early: u32,
    /// What it came to each time that it failed though nothing but the API did.
    for_nothing: Vec<String>,
}

#[derive(Debug, Default)]
struct Inner {
    queues: BTreeMap<Name, Vec<Message>>,
    /// The last key that each queue was told of.
    last: BTreeMap<Name, String>,
    /// Keys in messages that were given up.
    dead: Vec<String>,
    /// Messages that were given up, or jobs that their caller gave up, with tries that failed though nothing but the API did.
    for_nothing: Vec<(Vec<String>, Vec<String>)>,
    ids: u64,
}

/// All queues of a stack.
#[derive(Debug)]
pub struct Queues {
    inner: Mutex<Inner>,
    changed: Notify,
    faults: Arc<Faults>,
    chance: Chance,
    trace: Trace,
    /// How long a sender's queue keeps a message that was received from others.
    sender_visibility: Duration,
}

/// Messages that were received together.
#[derive(Debug)]
pub struct Batch {
    /// Their ids.
    pub ids: Vec<u64>,
    /// The event that a function is invoked with.
    pub event: Value,
    /// The keys that they name.
    pub keys: Vec<String>,
}

impl Queues {
    /// Returns empty queues.
    #[must_use]
    pub fn new(faults: Arc<Faults>, chance: Chance, trace: Trace, sender_visibility: Duration) -> Self {
        Self {
            inner: Mutex::default(),
            changed: Notify::new(),
            faults,
            chance,
            trace,
            sender_visibility,
        }
    }

    /// Puts what S3 tells of an object into the queue that it is for (infra/template.yaml, `NotificationConfiguration`).
    pub fn notify(&self, key: &str) {
        let Some(name) = Name::of(key) else { return };
        if self.faults.last() && self.faults.vanished.is_some_and(|action| name == Name::Jobs(action)) {
            self.trace.step("s3", format_args!("will never tell {name:?} of {key}"));
            return;
        }
        if self.happens(self.faults.dropped) {
            self.trace.step("s3", format_args!("never tells {name:?} of {key}"));
            return;
        }
        let mut times = 1;
        while times < 4 && self.happens(self.faults.twice) {
            times += 1;
        }
        for _ in 0..times {
            let late = self.happens(self.faults.late);
            let delay = self.chance.millis(if late { 1_000..=3_600_000 } else { 50..=2_000 });
            let earlier = self.lock().last.get(&name).cloned();
            let earlier = earlier.filter(|_| self.happens(self.faults.together));
            let keys: Vec<String> = earlier.into_iter().chain([key.to_owned()]).collect();
            self.send(name, &keys, delay);
        }
        self.lock().last.insert(name, key.to_owned());
    }

    /// Puts a message that names `keys` in the words of S3 into a queue, to be seen after `delay`.
    pub fn send(&self, name: Name, keys: &[String], delay: Duration) {
        let records: Vec<Value> = keys.iter().map(|key| record(key)).collect();
        let mut inner = self.lock();
        inner.ids += 1;
        let id = inner.ids;
        inner.queues.entry(name).or_default().push(Message {
            id,
            body: json!({ "Records": records }).to_string(),
            visible_at: Instant::now() + delay,
            receives: 0,
            early: 0,
            for_nothing: Vec::new(),
        });
        drop(inner);
        self.trace.step(
            "s3",
            format_args!("tells {name:?} of {keys:?} in {delay:?}: message {id}"),
        );
        self.changed.notify_waiters();
    }

    /// Waits for messages and receives at most `most`. Those that were received too often already are given up.
    pub async fn receive(&self, name: Name, most: usize) -> Batch {
        loop {
            let changed = self.changed.notified();
            if let Some(batch) = self.take(name, most) {
                return batch;
            }
            match self.next_at(name) {
                Some(moment) => {
                    tokio::select! { biased; () = changed => {}, () = sleep_until(moment) => {} }
                }
                None => changed.await,
            }
        }
    }

    fn take(&self, name: Name, most: usize) -> Option<Batch> {
        self.bury(name);
        let now = Instant::now();
        let mut inner = self.lock();
        let queue = inner.queues.entry(name).or_default();
        let mut seen: Vec<usize> = (0..queue.len()).filter(|&at| queue[at].visible_at <= now).collect();
        let mut ids = Vec::new();
        let mut records = Vec::new();
        let mut keys = Vec::new();
        while ids.len() < most && !seen.is_empty() {
            // In no order.
            let message = &mut queue[seen.swap_remove(self.chance.count(0..=seen.len() - 1))];
            message.receives += 1;
            message.visible_at = now + self.visibility(name);
            ids.push(message.id);
            records.push(json!({"messageId": message.id.to_string(), "body": message.body,
                "attributes": {"ApproximateReceiveCount": message.receives.to_string()}}));
            keys.extend(keys_of(&message.body));
        }
        (!ids.is_empty()).then(|| Batch {
            ids,
            event: json!({ "Records": records }),
            keys,
        })
    }

    /// Moves messages that were received too often to the queue of the dead.
    fn bury(&self, name: Name) {
        let Some(grave) = name.dead() else { return };
        let now = Instant::now();
        let mut inner = self.lock();
        let queue = inner.queues.entry(name).or_default();
        let is_dead = |message: &Message| message.visible_at <= now && message.receives >= MAX_RECEIVES;
        let dead: Vec<Message> = queue.iter().filter(|message| is_dead(message)).cloned().collect();
        queue.retain(|message| !is_dead(message));
        for message in dead {
            let keys = keys_of(&message.body);
            self.trace
                .step("sqs", format_args!("gives up message {}: {keys:?}", message.id));
            if !message.for_nothing.is_empty() {
                inner.for_nothing.push((keys.clone(), message.for_nothing.clone()));
            }
            inner.dead.extend(keys);
            let receives = 0;
            inner
                .queues
                .entry(grave)
                .or_default()
                .push(Message { receives, ..message });
            self.changed.notify_waiters();
        }
    }

    /// Takes note of messages that failed though nothing but the API did; `is_early`: they came too early for what they name, which is no
    /// failure unless it happens more often than a job ever has to wait.
    pub fn failed_for_nothing(&self, name: Name, ids: &[u64], is_early: bool, why: &str) {
        let mut inner = self.lock();
        let queue = inner.queues.entry(name).or_default();
        for message in queue.iter_mut().filter(|message| ids.contains(&message.id)) {
            message.early += u32::from(is_early);
            if !is_early || message.early > MAX_EARLY {
                message.for_nothing.push(why.to_owned());
            }
        }
    }

    /// Takes note of jobs that their caller gave up though nothing but the API failed.
    pub fn given_up_for_nothing(&self, keys: &[String], why: Vec<String>) {
        self.lock().for_nothing.push((keys.to_vec(), why));
    }

    /// Returns these, with what each such try came to.
    #[must_use]
    pub fn for_nothing(&self) -> Vec<(Vec<String>, Vec<String>)> {
        self.lock().for_nothing.clone()
    }

    /// Takes the messages out that a function is done with; `failed` come again.
    pub fn settle(&self, name: Name, ids: &[u64], failed: &[u64]) {
        let mut inner = self.lock();
        let queue = inner.queues.entry(name).or_default();
        queue.retain(|message| !ids.contains(&message.id) || failed.contains(&message.id));
    }

    /// Takes note of jobs that somebody else gave up.
    pub fn gave_up(&self, keys: &[String]) {
        self.lock().dead.extend_from_slice(keys);
    }

    /// Whether no queue has a message.
    #[must_use]
    pub fn are_empty(&self) -> bool {
        self.lock().queues.values().all(Vec::is_empty)
    }

    /// Returns the keys in messages that were given up.
    #[must_use]
    pub fn dead(&self) -> Vec<String> {
        self.lock().dead.clone()
    }

    fn next_at(&self, name: Name) -> Option<Instant> {
        let inner = self.lock();
        inner.queues.get(&name)?.iter().map(|message| message.visible_at).min()
    }

    fn visibility(&self, name: Name) -> Duration {
        match name {
            Name::Jobs(_) => self.sender_visibility,
            _ => REPORTER_VISIBILITY,
        }
    }

    fn happens(&self, odds: f64) -> bool {
        self.faults.last() && self.chance.happens(odds)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Name {
    /// Returns the queue that S3 tells of an object.
    fn of(key: &str) -> Option<Self> {
        if let Some(action) = Action::ALL
            .iter()
            .find(|action| key.starts_with(&ledger::key::job_prefix(**action)))
        {
            return Some(Self::Jobs(*action));
        }
        let is_plan = key.starts_with("runs/") && key.ends_with("/plan.json");
        (is_plan || key.starts_with("outcomes/")).then_some(Self::Outcomes)
    }

    /// Returns the queue that takes what this one gives up.
    fn dead(self) -> Option<Self> {
        match self {
            Self::Jobs(action) => Some(Self::DeadJobs(action)),
            Self::Outcomes => Some(Self::DeadOutcomes),
            // Nobody gives these up: they are kept for two weeks.
            Self::DeadJobs(_) | Self::DeadOutcomes => None,
        }
    }
}

fn record(key: &str) -> Value {
    json!({"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": NAME}, "object": {"key": key}}})
}

/// Returns the keys that a message names.
fn keys_of(body: &str) -> Vec<String> {
    let notified = platform::Notified::of_message(body).unwrap_or_default();
    notified.into_iter().map(|object| object.key).collect()
}
