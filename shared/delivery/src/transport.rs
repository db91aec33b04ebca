//! The one place that speaks HTTP.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, redirect};

use crate::answer::WORDS_BYTES;
use crate::{Answer, DeliveryError, Endpoint, WriteKey};

/// Longest wait for a connection, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for a request as a whole, from connecting to the answer's last byte.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Idle connections are dropped before a load balancer does it (60 s by default), and addresses looked up anew.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// Bytes of an answer that are read so that its connection can be used again. A longer one is cut off.
const DRAIN_BYTES: usize = 64 * 1024;

/// One request: a body for `/v1/batch`.
pub struct Post {
    /// The body as it goes out.
    pub body: Bytes,
    /// Whether the body is gzip.
    pub gzip: bool,
    /// Which retry of the same events this is; 0: the first try.
    pub retry: u32,
}

/// Shows the size alone: the body holds events and the write key.
impl fmt::Debug for Post {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Post")
            .field("bytes", &self.body.len())
            .field("gzip", &self.gzip)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// No answer came: the network or a timeout. Says what happened, without the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// Carries requests to a Tracking API. A client uses HTTP; tests of what stands above it may do without a network.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Returns the answer to one request, of whatever status.
    ///
    /// # Errors
    /// [`Failure`] when there is none. The request may have been taken all the same.
    async fn post(&self, post: Post) -> Result<Answer, Failure>;
}

/// HTTP/1.1, with TLS unless the endpoint is on this machine, over connections that are kept.
pub(crate) struct Http {
    client: reqwest::Client,
    url: String,
}

impl Http {
    pub(crate) fn new(endpoint: &Endpoint, key: &WriteKey, user_agent: &str) -> Result<Self, DeliveryError> {
        let client = build(endpoint, key, user_agent).map_err(DeliveryError::Setup)?;
        Ok(Self {
            client,
            url: endpoint.batch_url(),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that builds the one HTTP client"
)]
pub(crate) fn build(endpoint: &Endpoint, key: &WriteKey, user_agent: &str) -> Result<reqwest::Client, reqwest::Error> {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    // Never fails: base64 of a key is plain ASCII. Without the header the key in the body still authorizes.
    if let Ok(mut basic) = HeaderValue::from_str(&key.basic()) {
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent)
        .default_headers(headers)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(redirect::Policy::none());
    if endpoint.is_loopback() {
        // A proxy for the world outside knows nothing of this machine's own ports.
        builder = builder.no_proxy();
    }
    if endpoint.is_plain() {
        // Reading root certificates takes time, and fails in a container that has none.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

#[async_trait]
impl Transport for Http {
    async fn post(&self, post: Post) -> Result<Answer, Failure> {
        let mut request = self.client.post(&self.url).body(post.body);
        if post.gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        if post.retry > 0 {
            request = request.header("X-Retry-Count", post.retry);
        }
        let response = request.send().await.map_err(|error| failure(&error, REQUEST_TIMEOUT))?;
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: retry_after.map(str::to_owned),
            body: beginning(response).await,
        })
    }
}

/// Reads the answer to its end and returns its beginning. The status has decided already: a body that breaks off or
/// stalls is cut where it does.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        let room = WORDS_BYTES - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if read > DRAIN_BYTES {
            break;
        }
    }
    kept
}

/// Returns why a request that had to be answered within `limit` was not. Does not say what was asked: an address may hold the key.
pub(crate) fn failure(error: &reqwest::Error, limit: Duration) -> Failure {
    let text = match (error.is_timeout(), error.is_connect()) {
        (true, true) => format!("no connection within {} s", CONNECT_TIMEOUT.min(limit).as_secs()),
        (true, false) => format!("no answer within {} s", limit.as_secs()),
        (false, _) => cause(error),
    };
    Failure(text)
}

/// Returns the innermost cause, which is what a person can act on; the layers above only say that a request failed.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => error.kind().to_string(),
        _ => innermost.to_string(),
    }
}

/// Leaves the HTTP client out: its headers hold the key.
impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Http")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
