//! Secrets: read from Secrets Manager or the environment, kept for a while, never shown.

use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

use aws_config::Region;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::{self, failure};
use crate::{Aws, PlatformError, ServiceFailure, settings};

mod content;

/// How long a secret read from Secrets Manager is used before it is read again, unless it is said otherwise: the longest time
/// that a rotated one stays in use.
pub const SECRET_LIFETIME: Duration = Duration::from_mins(5);

/// A text that must not be seen. Has no `Display`, and its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text` as it is.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Secret {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(redacted)")
    }
}

/// Reads secrets and keeps what it read for a while.
#[derive(Debug)]
pub struct Secrets {
    aws: Aws,
    lifetime: Duration,
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Debug)]
struct Kept {
    since: Instant,
    content: Secret,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new(Aws::default())
    }
}

impl Secrets {
    /// Secrets reached with `aws`. Nothing is looked up yet.
    #[must_use]
    pub fn new(aws: Aws) -> Self {
        Self {
            aws,
            lifetime: SECRET_LIFETIME,
            kept: Mutex::default(),
        }
    }

    /// The same, each kept for `lifetime` in place of [`SECRET_LIFETIME`]. Zero: read every time.
    #[must_use]
    pub fn kept_for(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// The secret with this name or ARN, white space around it removed. With `field`, that field of a secret that is
    /// a JSON object. An ARN's own region is asked.
    ///
    /// # Errors
    /// If the secret cannot be read, is empty or binary, or does not fit `field`. Errors name the secret and fields,
    /// never a value.
    pub async fn read(&self, id: &str, field: Option<&str>) -> Result<Secret, PlatformError> {
        let mut kept = self.kept.lock().await;
        if let Some(known) = kept.get(id).filter(|known| known.since.elapsed() < self.lifetime) {
            return content::pick(id, known.content.expose(), field);
        }
        let content = self.fetch(id).await?;
        let picked = content::pick(id, content.expose(), field)?;
        kept.insert(
            id.to_owned(),
            Kept {
                since: Instant::now(),
                content,
            },
        );
        Ok(picked)
    }

    /// The value of an environment variable, white space around it removed.
    ///
    /// # Errors
    /// If it is not set or empty. The error names it.
    pub fn from_env(name: &str) -> Result<Secret, PlatformError> {
        content::variable(name, settings::read(name).as_deref())
    }

    async fn fetch(&self, id: &str) -> Result<Secret, PlatformError> {
        let refused = |failure| PlatformError::SecretService {
            id: id.to_owned(),
            failure: Box::new(failure),
        };
        let client = self.client(id).await.map_err(refused)?;
        let reply = client.get_secret_value().secret_id(id).send().await;
        content(id, reply.map_err(|error| refused(with_remedy(failure::of(&error))))?)
    }

    async fn client(&self, id: &str) -> Result<Client, ServiceFailure> {
        let config =
            aws_sdk_secretsmanager::config::Builder::from(self.aws.config().await?).retry_partition(aws::tries());
        let config = match region_of(id) {
            Some(region) => config.region(Region::new(region.to_owned())),
            None => config,
        };
        Ok(Client::from_conf(config.build()))
    }
}

fn content(id: &str, reply: GetSecretValueOutput) -> Result<Secret, PlatformError> {
    reply.secret_string.map(Secret::new).ok_or_else(|| content::binary(id))
}

/// The region in an ARN: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:name`.
fn region_of(id: &str) -> Option<&str> {
    let mut parts = id.split(':');
    let is_secret = parts.next() == Some("arn") && parts.next().is_some() && parts.next() == Some("secretsmanager");
    parts.next().filter(|region| is_secret && !region.is_empty())
}

fn with_remedy(failure: ServiceFailure) -> ServiceFailure {
    let remedy = match failure.code.as_str() {
        "ResourceNotFoundException" => {
            "check its name, account and region, or create it: aws secretsmanager create-secret"
        }
        "AccessDeniedException" => {
            "allow secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of its own"
        }
        "DecryptionFailure" => "allow kms:Decrypt on the key that it is encrypted with",
        "InvalidRequestException" => "if it is marked for deletion, restore it: aws secretsmanager restore-secret",
        "UnrecognizedClientException" | "InvalidSignatureException" | "ExpiredTokenException" => "sign in to AWS again",
        _ => return failure,
    };
    ServiceFailure {
        remedy: Some(remedy.to_owned()),
        ..failure
    }
}

#[cfg(test)]
mod tests;
