//! A transport that answers from a function, so that time can be virtual.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use delivery::{
    Answer, Batch, Client, ClientSettings, Delivered, Endpoint, Failure, Limits, Packer, Post, RetryPolicy, Transport,
    WriteKey,
};
use serde_json::{Value, json};
use tokio::time::Instant;

type Answers = dyn Fn(usize, &[u64]) -> Result<Answer, Failure> + Send + Sync;

/// Answers each request by its number (from 0) and its events, which are plain numbers.
pub(crate) struct Script {
    answers: Box<Answers>,
    start: Instant,
    seen: Mutex<Vec<Seen>>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) millis: u128,
    pub(crate) events: Vec<u64>,
    pub(crate) retry: u32,
    pub(crate) bytes: u64,
}

impl Script {
    pub(crate) fn new(answers: impl Fn(usize, &[u64]) -> Result<Answer, Failure> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            start: Instant::now(),
            seen: Mutex::default(),
        })
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Milliseconds at which requests came.
    pub(crate) fn moments(&self) -> Vec<u128> {
        self.seen().iter().map(|seen| seen.millis).collect()
    }
}

#[async_trait]
impl Transport for Script {
    async fn post(&self, post: Post) -> Result<Answer, Failure> {
        let body: Value = serde_json::from_slice(&post.body).unwrap();
        let events: Vec<u64> = body["batch"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        let mut seen = self.seen.lock().unwrap();
        let number = seen.len();
        let answer = (self.answers)(number, &events);
        let millis = self.start.elapsed().as_millis();
        seen.push(Seen {
            millis,
            events,
            retry: post.retry,
            bytes: post.body.len() as u64,
        });
        answer
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside arms that fail")]
pub(crate) fn answer(status: u16) -> Result<Answer, Failure> {
    Ok(Answer {
        status,
        retry_after: None,
        body: json!({"status": status}).to_string().into_bytes(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside arms that fail")]
pub(crate) fn answer_after(status: u16, retry_after: &str) -> Result<Answer, Failure> {
    Ok(Answer {
        status,
        retry_after: Some(retry_after.to_owned()),
        body: Vec::new(),
    })
}

/// Waits of 0.5, 1, 2, … s exactly.
pub(crate) const EXACT: RetryPolicy = RetryPolicy {
    jitter: || 0.0,
    ..RetryPolicy::PATIENT
};

pub(crate) fn settings(retry: RetryPolicy) -> ClientSettings {
    let endpoint = Endpoint::parse("http://127.0.0.1:9").unwrap();
    let mut settings = ClientSettings::new(endpoint, WriteKey::parse("canary-key").unwrap());
    settings.retry = retry;
    settings.gzip = false;
    settings
}

pub(crate) fn client(script: &Arc<Script>, retry: RetryPolicy) -> Client {
    let transport: Arc<dyn Transport> = Arc::<Script>::clone(script);
    Client::with_transport(settings(retry), transport).unwrap()
}

/// A batch of the numbers of `range`, each also its own ticket.
pub(crate) fn batch(range: std::ops::Range<u64>) -> Batch<u64> {
    let mut packer = Packer::new(Limits::default());
    for number in range {
        assert!(packer.push(number.to_string().as_bytes(), number).unwrap().is_none());
    }
    packer.finish().unwrap()
}

pub(crate) fn refused(delivered: &Delivered<u64>) -> Vec<u64> {
    delivered.refused.iter().map(|refused| refused.ticket).collect()
}
