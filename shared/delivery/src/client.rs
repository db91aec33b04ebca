//! The client that the rest of Backhaul holds.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;

use crate::body::{Envelope, Press};
use crate::buffers::Buffers;
use crate::dispatch::Dispatch;
use crate::transport::{Http, Transport};
use crate::{Batch, Delivered, DeliveryError, Endpoint, Limits, Pace, Packer, Refused, RetryPolicy, WriteKey};

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where the Tracking API is.
    pub endpoint: Endpoint,
    /// The source's key.
    pub write_key: WriteKey,
    /// Name and version, as they go into `context.library` and, as `name/version`, into the `User-Agent` header.
    pub library: (String, String),
    /// Whether bodies are compressed.
    pub gzip: bool,
    /// How often and how long to try.
    pub retry: RetryPolicy,
    /// The rate, shared with all clients that hold the same one.
    pub pace: Arc<Pace>,
}

impl ClientSettings {
    /// Returns settings with `backhaul` and this version as library, gzip, the default policy and no rate.
    #[must_use]
    pub fn new(endpoint: Endpoint, write_key: WriteKey) -> Self {
        Self {
            endpoint,
            write_key,
            library: ("backhaul".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            gzip: true,
            retry: RetryPolicy::default(),
            pace: Arc::default(),
        }
    }
}

/// Delivers batches for one write key. Clones share connections, buffers and pace; any number of batches may be under
/// way at once.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    retry: RetryPolicy,
    /// When nobody waits any more for what becomes of a batch.
    end: Option<Instant>,
}

/// What all clones of a client have in common.
pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    pub(crate) write_key: WriteKey,
    pub(crate) press: Press,
    pub(crate) pace: Arc<Pace>,
    pub(crate) transport: Arc<dyn Transport>,
    /// Whether the API has ever taken anything from this client: key and address are right then.
    pub(crate) welcome: AtomicBool,
    /// Of batches that were delivered.
    buffers: Buffers,
}

impl Client {
    /// Returns a client that speaks HTTP. Building one reads root certificates (not for plain http), so keep it for the
    /// process.
    ///
    /// # Errors
    /// [`DeliveryError::Setup`] when the HTTP client cannot be built, [`DeliveryError::EnvelopeTooLarge`] when
    /// `library` takes too much of every request.
    pub fn new(settings: ClientSettings) -> Result<Self, DeliveryError> {
        let user_agent = format!("{}/{}", settings.library.0, settings.library.1);
        let http = Http::new(&settings.endpoint, &settings.write_key, &user_agent)?;
        Self::with_transport(settings, Arc::new(http))
    }

    /// Returns a client whose requests go by `transport` instead of HTTP.
    ///
    /// # Errors
    /// [`DeliveryError::EnvelopeTooLarge`] as with [`Client::new`].
    pub fn with_transport(settings: ClientSettings, transport: Arc<dyn Transport>) -> Result<Self, DeliveryError> {
        let envelope = Envelope::new(&settings.library, &settings.write_key)?;
        let shared = Shared {
            endpoint: settings.endpoint,
            write_key: settings.write_key,
            press: Press::new(envelope, settings.gzip),
            pace: settings.pace,
            transport,
            welcome: AtomicBool::new(false),
            buffers: Buffers::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            retry: settings.retry,
            end: None,
        })
    }

    /// Returns a client that shares everything with this one but tells at `end` at the latest what became of a batch.
    #[must_use]
    pub fn until(&self, end: Instant) -> Self {
        Self {
            end: Some(end),
            ..self.clone()
        }
    }

    /// Takes it as known that key and address are right: from now on a refused event is at fault itself, however many there are.
    pub fn trust(&self) {
        self.shared.welcome.store(true, Ordering::Relaxed);
    }

    /// Returns an empty packer whose batches use the buffers of those that this client has delivered.
    #[must_use]
    pub fn packer<T>(&self, limits: Limits) -> Packer<T> {
        Packer::with_buffers(limits, self.shared.buffers.clone())
    }

    /// Delivers a batch and returns what became of each of its events.
    ///
    /// A request that fails in passing is tried again within the policy's bounds, with a fresh `sentAt`. When the API
    /// asks to wait, all clients that share the pace wait. A batch that the API finds wrong or too large (400, 413) is
    /// halved until the events at fault stand alone; those come back as refused, the others are sent. Where one of the halves fails in
    /// passing, what became of the events before it is told.
    ///
    /// # Errors
    /// When nothing is known of any event, and the same batch may be delivered later: [`DeliveryError::Unreachable`] when no try succeeded,
    /// and, where there is an end ([`Client::until`]), [`DeliveryError::Unanswered`], [`DeliveryError::Held`] and
    /// [`DeliveryError::NoTurn`]. When no try will succeed: [`DeliveryError::Unauthorized`],
    /// [`DeliveryError::Redirected`] and [`DeliveryError::Rejected`] when none will. `Rejected` also when the first
    /// 32 events were refused one by one and the API has never taken anything: then the key is at fault, not the
    /// events. Events of a split batch may have been taken before the error; sent again, their `messageId` tells.
    pub async fn deliver<T: Send>(&self, batch: Batch<T>) -> Result<Delivered<T>, DeliveryError> {
        let (events, tickets) = batch.into_parts();
        let course = Dispatch::new(&self.shared, self.retry, self.end, &events).run().await?;
        let tally = course.tally;
        let mut refusals = course.refusals.into_iter().peekable();
        let mut sent = Vec::with_capacity(course.settled);
        let mut refused = Vec::new();
        for (index, ticket) in tickets.into_iter().take(course.settled).enumerate() {
            match refusals.next_if(|refusal| refusal.index == index) {
                Some(refusal) => refused.push(Refused {
                    ticket,
                    status: refusal.status,
                    message: refusal.message,
                }),
                None => sent.push(ticket),
            }
        }
        Ok(Delivered {
            sent,
            refused,
            left: course.left,
            requests: tally.requests,
            retries: tally.retries,
            bytes_json: tally.bytes_json,
            bytes_wire: tally.bytes_wire,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("endpoint", &self.shared.endpoint)
            .field("write_key", &self.shared.write_key)
            .field("retry", &self.retry)
            .field("pace", &self.shared.pace)
            .field("transport", &self.shared.transport)
            .finish_non_exhaustive()
    }
}
