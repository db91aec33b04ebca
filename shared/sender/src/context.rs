//! What a sender works with, made once per process.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use delivery::{Client, ClientSettings, Endpoint, MAX_BATCH_EVENTS, Pace, RetryPolicy, Transport, WriteKey};
use ledger::{DEFAULT_EVENTS_PER_SECOND, Destination, Region};
use platform::{Metrics, Objects, Settings, Stores};
use tokio::sync::Mutex;

use crate::{Progress, SendError, WriteKeys};

/// Requests of one job under way at once. Two hide each other's round trips: at 100 ms each they carry 24,000 calls a second, far
/// more than the API takes; more would only hold more memory.
const REQUESTS_IN_FLIGHT: usize = 2;

/// For how long a request keeps the next one waiting, at most. Senders know nothing of each other's moments: the more their requests hold, the
/// further all of them together are from the rate within a second, which is what an API measures.
const SECONDS_PER_REQUEST: u64 = 2;

/// After so many calls that the API took a job writes what became of its rows: some 20 s at the usual rate, and a small object each time.
const CHECKPOINT_CALLS: u64 = 20_000;

/// Clients that a process keeps: for so many syncs in turn it remembers what the API took.
const CLIENTS: usize = 8;

/// How calls are delivered.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where calls go; `None`: to Segment, in the region of the sync.
    pub endpoint: Option<Endpoint>,
    /// How long and how often a batch is tried.
    pub retry: RetryPolicy,
    /// Requests of one job under way at once.
    pub requests_in_flight: usize,
    /// Over how many senders at once the job's rate is shared out.
    pub senders: NonZeroU32,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// Calls of one request at most, where the sender's share of the rate allows more.
    pub batch_events: usize,
    /// After how many calls that the API took a job writes a checkpoint. A sender that is killed sends so many again at most, besides
    /// those of the requests that it had under way or could have had.
    pub checkpoint_calls: u64,
    /// A rate that all jobs of this process share, in place of a share of the sync's for each job.
    pub pace: Option<Arc<Pace>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint: None,
            retry: RetryPolicy::PATIENT,
            requests_in_flight: REQUESTS_IN_FLIGHT,
            senders: NonZeroU32::MIN,
            gzip: true,
            batch_events: MAX_BATCH_EVENTS,
            checkpoint_calls: CHECKPOINT_CALLS,
            pace: None,
        }
    }
}

/// Stores, write keys, clients and settings.
pub struct Context {
    /// Where extracts are.
    pub stores: Arc<Stores>,
    /// Where jobs and outcomes are.
    pub ledger: Arc<dyn Objects>,
    /// What the jobs of this process have done.
    pub progress: Arc<Progress>,
    pub(crate) options: Options,
    pub(crate) metrics: Metrics,
    write_keys: WriteKeys,
    /// What requests go by; `None`: HTTP.
    transport: Option<Arc<dyn Transport>>,
    /// Clients of the last jobs, the last one first: connections and the rate that the API was found to take outlive jobs. A rotated key
    /// makes a new one.
    clients: Mutex<Vec<(Target, Client)>>,
}

/// What a client is made for.
#[derive(Clone, PartialEq, Eq)]
struct Target {
    region: Region,
    events_per_second: Option<u32>,
    write_key: WriteKey,
}

impl Context {
    /// Returns a context over these stores.
    #[must_use]
    pub fn new(stores: Arc<Stores>, ledger: Arc<dyn Objects>, write_keys: WriteKeys, options: Options) -> Self {
        Self {
            stores,
            ledger,
            progress: Arc::default(),
            options,
            metrics: Metrics::off(),
            write_keys,
            transport: None,
            clients: Mutex::default(),
        }
    }

    /// Returns the context that writes its metrics to `metrics`.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Returns the context whose requests go by `transport` instead of HTTP: tests do without a network.
    #[must_use]
    pub fn with_transport(self, transport: Arc<dyn Transport>) -> Self {
        let transport = Some(transport);
        Self { transport, ..self }
    }

    /// Returns a context for a function on Lambda, from its environment.
    ///
    /// # Errors
    /// When a variable is missing or unusable; the error names it.
    pub fn from_env() -> Result<Self, SendError> {
        let settings = Settings::from_env()?;
        let stores = Arc::new(Stores::default());
        let ledger = stores.open(&settings.ledger_store())?;
        let endpoint = settings.endpoint.as_deref().map(Endpoint::parse).transpose()?;
        let options = Options {
            endpoint,
            senders: settings.sender_concurrency,
            // A function has minutes, not hours: what it cannot deliver comes again with its queue message.
            retry: RetryPolicy::BRIEF,
            ..Options::default()
        };
        let write_keys = WriteKeys::in_secrets_manager(settings.secret_lifetime);
        Ok(Self::new(stores, ledger, write_keys, options).with_metrics(Metrics::to_stdout()))
    }

    /// Returns the client for a destination, with its write key as it is now.
    ///
    /// # Errors
    /// When the write key is not where the sync says, or is none.
    pub async fn client(&self, destination: &Destination) -> Result<Client, SendError> {
        let target = Target {
            region: destination.region,
            events_per_second: destination.max_events_per_second,
            write_key: self.write_keys.get(&destination.write_key).await?,
        };
        let mut clients = self.clients.lock().await;
        let known = clients.iter().position(|(known, _)| *known == target);
        let client = match known {
            Some(place) => clients.remove(place).1,
            None => self.new_client(&target)?,
        };
        clients.insert(0, (target, client.clone()));
        clients.truncate(CLIENTS);
        Ok(client)
    }

    /// Returns how many calls a request may have: what this sender's share of the rate makes of [`SECONDS_PER_REQUEST`], so that one request
    /// does not take all the time that the next one would need.
    pub(crate) fn batch_events(&self, destination: &Destination) -> usize {
        if self.options.pace.is_some() {
            return self.options.batch_events;
        }
        let rate = destination.max_events_per_second.unwrap_or(DEFAULT_EVENTS_PER_SECOND);
        let events = u64::from(rate) * SECONDS_PER_REQUEST / u64::from(self.options.senders.get());
        usize::try_from(events)
            .unwrap_or(usize::MAX)
            .min(self.options.batch_events)
            .max(1)
    }

    /// Returns the pace of one sender of those that share a rate.
    fn share(&self, rate: Option<u32>) -> Pace {
        match NonZeroU32::new(rate.unwrap_or(DEFAULT_EVENTS_PER_SECOND)) {
            Some(rate) => Pace::share(rate, self.options.senders),
            None => Pace::unlimited(),
        }
    }

    fn new_client(&self, target: &Target) -> Result<Client, SendError> {
        let region = || match target.region {
            Region::Us => Endpoint::us(),
            Region::Eu => Endpoint::eu(),
        };
        let endpoint = self.options.endpoint.clone().unwrap_or_else(region);
        let share = || Arc::new(self.share(target.events_per_second));
        let pace = self.options.pace.clone().unwrap_or_else(share);
        let retry = self.options.retry;
        let settings = ClientSettings {
            gzip: self.options.gzip,
            retry,
            pace,
            ..ClientSettings::new(endpoint, target.write_key.clone())
        };
        Ok(match &self.transport {
            None => Client::new(settings)?,
            Some(transport) => Client::with_transport(settings, Arc::clone(transport))?,
        })
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Context")
            .field("ledger", &self.ledger)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use delivery::{Answer, DeliveryError, Failure, Limits, Post};
    use serde_json::json;
    use tokio::time::Instant;

    use super::*;

    /// Limits the rate at every request.
    #[derive(Debug)]
    struct Limiting;

    #[async_trait]
    impl Transport for Limiting {
        async fn post(&self, _: Post) -> Result<Answer, Failure> {
            Ok(Answer {
                status: 429,
                retry_after: Some("60".into()),
                body: Vec::new(),
            })
        }
    }

    async fn deliver(context: &Context, rate: u32) -> DeliveryError {
        let destination = json!({"write_key": {"secret": "any"}, "max_events_per_second": rate});
        let destination = serde_json::from_value(destination).unwrap();
        let client = context.client(&destination).await.unwrap();
        let mut packer = client.packer(Limits::default());
        assert!(packer.push(b"{}", ()).unwrap().is_none());
        let client = client.until(Instant::now() + Duration::from_secs(1));
        client.deliver(packer.finish().unwrap()).await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_api_said_is_kept_while_other_syncs_have_their_turn() {
        let keys = WriteKeys::fixed(WriteKey::parse("key").unwrap());
        let ledger = Stores::default().open("/nowhere").unwrap();
        let context = Context::new(Arc::default(), ledger, keys, Options::default()).with_transport(Arc::new(Limiting));
        for rate in [10, 20] {
            let error = deliver(&context, rate).await;
            assert!(matches!(error, DeliveryError::Unreachable { .. }), "{error}");
        }
        for rate in [10, 20] {
            let error = deliver(&context, rate).await;
            assert!(matches!(error, DeliveryError::Held { .. }), "{error}");
        }
    }
}
