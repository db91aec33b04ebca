//! The AWS configuration, loaded when it is first needed: a purely local run never does.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use tokio::sync::OnceCell;

use crate::ServiceFailure;

pub(crate) mod failure;
#[cfg(test)]
pub(crate) mod fake;

/// Tries of one request, the first included. The SDK waits between them with backoff and jitter.
const MAX_ATTEMPTS: u32 = 5;
/// Longest time to connect. Endpoints are near: a slow connect is a lost one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time to the first byte of an answer, before the SDK tries again.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// A cheap handle to one AWS configuration, shared by whatever is built from it.
#[derive(Clone, Default)]
pub struct Aws {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    config: OnceCell<SdkConfig>,
    s3: OnceCell<aws_sdk_s3::Client>,
}

impl Aws {
    /// Region, credentials and endpoint from where the AWS SDK looks for them (environment, profile, role). Nothing
    /// is read before the first request needs it.
    #[must_use]
    pub fn from_env() -> Self {
        Self::default()
    }

    /// A server that speaks S3 or Secrets Manager at `endpoint`, with fixed credentials.
    #[must_use]
    pub fn at(endpoint: &str, region: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        Self::with_config(
            fixed(region, access_key_id, secret_access_key)
                .into_builder()
                .endpoint_url(endpoint)
                .build(),
        )
    }

    /// The given configuration, as it is.
    pub(crate) fn with_config(config: SdkConfig) -> Self {
        let shared = Shared {
            config: OnceCell::new_with(Some(config)),
            s3: OnceCell::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Whether anything has needed the configuration yet.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.shared.config.initialized()
    }

    /// The configuration, loaded once.
    pub(crate) async fn config(&self) -> Result<&SdkConfig, ServiceFailure> {
        self.shared.config.get_or_try_init(load).await
    }

    /// The one S3 client, whose connections all buckets share.
    pub(crate) async fn s3(&self) -> Result<&aws_sdk_s3::Client, ServiceFailure> {
        let make = || async {
            let config = aws_sdk_s3::config::Builder::from(self.config().await?).retry_partition(tries());
            Ok(aws_sdk_s3::Client::from_conf(config.build()))
        };
        self.shared.s3.get_or_try_init(make).await
    }
}

impl Debug for Aws {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_struct("Aws").field("loaded", &self.is_loaded()).finish()
    }
}

async fn load() -> Result<SdkConfig, ServiceFailure> {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(retry())
        .timeout_config(timeout());
    let config = loader.load().await;
    if config.region().is_none() {
        return Err(failure::no_region());
    }
    Ok(config)
}

/// What loading would find, given instead: region and credentials, with our timeouts and tries.
fn fixed(region: &str, access_key_id: &str, secret_access_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key_id, secret_access_key, None, None, "fixed");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retry())
        .timeout_config(timeout())
        .build()
}

/// Tries for each request. By itself the SDK has a budget of them for the whole process, which some forty failed requests use up: where S3 is
/// slow to hundreds of objects that are just written, one failure more would end a pass. What bounds the load is that each request has
/// [`MAX_ATTEMPTS`], with waits between them, and that callers have some dozens under way.
pub(crate) fn tries() -> RetryPartition {
    let unlimited = TokenBucket::unlimited();
    RetryPartition::custom("backhaul").token_bucket(unlimited).build()
}

fn retry() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS)
}

fn timeout() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
}
