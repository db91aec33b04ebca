//! The bucket as one process reaches it: over a network that fails, from a process that may die.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use platform::{Blocks, Created, Meta, ObjectError, Objects, ServiceFailure};
use tokio::time::sleep;

use crate::bucket::Bucket;
use crate::chance::Chance;
use crate::doom::Doom;
use crate::faults::Faults;
use crate::trace::Trace;

/// The errors of S3 that pass, and the one that says that there was no answer.
const ERRORS: [(&str, Option<u16>); 4] = [
    ("SlowDown", Some(503)),
    ("InternalError", Some(500)),
    ("RequestTimeout", Some(400)),
    ("no answer in time", None),
];

/// One process's way to the bucket.
pub struct Store {
    /// Whose it is, for the trace.
    pub who: String,
    /// Where the objects are.
    pub bucket: Arc<Bucket>,
    /// What goes wrong.
    pub faults: Arc<Faults>,
    /// Which time it does.
    pub chance: Chance,
    /// The process.
    pub doom: Arc<Doom>,
    /// Where each call is written down.
    pub trace: Trace,
    /// Most keys of a page.
    pub page: usize,
}

impl Store {
    fn happens(&self, odds: f64) -> bool {
        let happens = self.faults.last() && self.chance.happens(odds);
        if happens {
            self.doom.trouble();
        }
        happens
    }

    /// What comes before a call takes effect: the way there, which may be where it ends.
    async fn go(&self, doing: &'static str, key: &str) -> Result<(), ObjectError> {
        let slow = self.happens(self.faults.slow);
        sleep(self.chance.millis(if slow { 500..=8_000 } else { 1..=20 })).await;
        if self.happens(self.faults.before) {
            return Err(self.error(doing, key));
        }
        Ok(())
    }

    /// What comes after a write took effect: the way back, which may be where the process ends.
    async fn come_back(&self, key: &str) -> Result<(), ObjectError> {
        if self.happens(self.faults.death_at_write) {
            self.step(format_args!("dies after write {key}"));
            self.doom.strike().await;
        }
        sleep(self.chance.millis(1..=10)).await;
        if self.happens(self.faults.after) {
            return Err(self.error("write", key));
        }
        Ok(())
    }

    /// Where a process may die before a write.
    async fn may_die(&self, key: &str) {
        if self.happens(self.faults.death_at_write) {
            self.step(format_args!("dies before write {key}"));
            self.doom.strike().await;
        }
    }

    fn error(&self, doing: &'static str, key: &str) -> ObjectError {
        let (code, status) = *self.chance.one_of(&ERRORS);
        self.step(format_args!("{doing} {key} fails: {code}"));
        ObjectError::Service {
            object: key.to_owned(),
            doing,
            failure: Box::new(ServiceFailure {
                code: code.to_owned(),
                status,
                message: String::new(),
                remedy: None,
                retryable: true,
            }),
        }
    }

    fn step(&self, what: fmt::Arguments<'_>) {
        self.trace.step(&self.who, what);
    }

    /// Cuts bytes into blocks, of which one may never come.
    fn blocks(&self, key: &str, bytes: &Bytes) -> Vec<(Duration, Result<Bytes, ObjectError>)> {
        let largest = self.chance.count(64..=16_384);
        let mut blocks = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let pause = self.chance.millis(0..=5);
            if self.happens(self.faults.broken) {
                self.step(format_args!("read {key} breaks off after {at}"));
                let broken = ObjectError::Interrupted {
                    object: key.to_owned(),
                    missing: (bytes.len() - at) as u64,
                    cause: "connection reset".to_owned(),
                };
                blocks.push((pause, Err(broken)));
                break;
            }
            let end = bytes.len().min(at + self.chance.count(1..=largest));
            blocks.push((pause, Ok(bytes.slice(at..end))));
            at = end;
        }
        blocks
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Store")
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Objects for Store {
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        self.go("read", key).await?;
        let meta = self.bucket.get(key).map(|object| object.meta);
        self.step(format_args!("head {key}: {}", meta.is_some()));
        Ok(meta)
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        self.go("read", key).await?;
        let body = self.bucket.get(key).map(|object| object.body);
        self.step(format_args!("get {key}: {}", body.is_some()));
        Ok(body)
    }

    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        let key = &pin.key;
        self.go("read", key).await?;
        self.step(format_args!("read {key} {}..{}", range.start, range.end));
        let Some(object) = self.bucket.get(key) else {
            return Err(ObjectError::NotFound { object: key.clone() });
        };
        if object.meta.etag != pin.etag {
            return Err(ObjectError::Changed {
                object: key.clone(),
                expected: pin.etag.clone(),
                found: object.meta.etag,
            });
        }
        let end = range.end.min(pin.size);
        let start = range.start.min(end);
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let blocks = self.blocks(key, &object.body.slice(place(start)..place(end)));
        let blocks = stream::iter(blocks).then(|(pause, block)| async move {
            sleep(pause).await;
            block
        });
        Ok(blocks.boxed())
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        self.go("list", prefix).await?;
        let page = self.bucket.list(prefix, after, self.page);
        self.step(format_args!(
            "list {prefix} after {}: {}",
            after.unwrap_or("-"),
            page.len()
        ));
        Ok(page)
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        self.may_die(key).await;
        self.go("write", key).await?;
        let created = self.bucket.create(key, body);
        self.step(format_args!("create {key}: {created:?}"));
        self.come_back(key).await?;
        // An answer that got lost, and a request that was repeated below.
        if created == Created::New && self.happens(self.faults.after / 2.0) {
            self.step(format_args!("create {key} is told as existing"));
            return Ok(Created::Exists);
        }
        Ok(created)
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        self.may_die(key).await;
        self.go("write", key).await?;
        self.bucket.put(key, body);
        self.step(format_args!("put {key}"));
        self.come_back(key).await
    }
}
