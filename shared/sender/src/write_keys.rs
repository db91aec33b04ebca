//! Write keys, from where the sync says they are.

use std::time::Duration;

use delivery::WriteKey;
use ledger::WriteKeySource;
use platform::Secrets;

use crate::SendError;

/// Where this process takes write keys from.
#[derive(Debug)]
pub struct WriteKeys(Source);

#[derive(Debug)]
enum Source {
    /// Secrets Manager alone: in a function's environment there are other secrets, which no sync document may name.
    SecretsManager(Secrets),
    /// Where one sync document says, as it is now.
    Document(Secrets, WriteKeySource),
    Fixed(WriteKey),
}

impl WriteKeys {
    /// Returns keys read from Secrets Manager, as each sync says, each used for `lifetime` before it is read again.
    #[must_use]
    pub fn in_secrets_manager(lifetime: Duration) -> Self {
        Self(Source::SecretsManager(Secrets::default().kept_for(lifetime)))
    }

    /// Returns the key that `source` refers to, for every job: on one machine the document at hand counts, not the one that a
    /// run was planned with.
    #[must_use]
    pub fn of_document(source: WriteKeySource) -> Self {
        Self(Source::Document(Secrets::default(), source))
    }

    /// Returns one key for every sync, whatever it says; for destinations on this machine.
    #[must_use]
    pub fn fixed(key: WriteKey) -> Self {
        Self(Source::Fixed(key))
    }

    /// Returns the key for a job whose destination refers to `source`, as it is now.
    ///
    /// # Errors
    /// When it is not where `source` says, or is none; or may not be read from there.
    pub async fn get(&self, source: &WriteKeySource) -> Result<WriteKey, SendError> {
        let (secrets, source) = match &self.0 {
            Source::Fixed(key) => return Ok(key.clone()),
            Source::Document(secrets, source) => (secrets, source),
            Source::SecretsManager(secrets) => match source {
                WriteKeySource::Secret { .. } => (secrets, source),
                WriteKeySource::Env { name } => return Err(SendError::EnvironmentKey { name: name.clone() }),
            },
        };
        let secret = match source {
            WriteKeySource::Secret { id, field } => secrets.read(id, field.as_deref()).await?,
            WriteKeySource::Env { name } => Secrets::from_env(name)?,
        };
        Ok(WriteKey::parse(secret.expose())?)
    }
}
