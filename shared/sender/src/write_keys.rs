//! Write keys, from where the sync says they are.

use delivery::WriteKey;
use ledger::WriteKeySource;
use platform::Secrets;

use crate::SendError;

/// Where this process takes write keys from.
#[derive(Debug)]
pub struct WriteKeys(Source);

#[derive(Debug)]
enum Source {
    Referenced(Secrets),
    Fixed(WriteKey),
}

impl WriteKeys {
    /// Returns keys read from where each sync says: Secrets Manager, or an environment variable.
    #[must_use]
    pub fn referenced() -> Self {
        Self(Source::Referenced(Secrets::default()))
    }

    /// Returns one key for every sync, whatever it says; for destinations on this machine.
    #[must_use]
    pub fn fixed(key: WriteKey) -> Self {
        Self(Source::Fixed(key))
    }

    /// Returns the key that `source` refers to, as it is now.
    pub(crate) async fn get(&self, source: &WriteKeySource) -> Result<WriteKey, SendError> {
        let secrets = match &self.0 {
            Source::Fixed(key) => return Ok(key.clone()),
            Source::Referenced(secrets) => secrets,
        };
        let secret = match source {
            WriteKeySource::Secret { id, field } => secrets.read(id, field.as_deref()).await?,
            WriteKeySource::Env { name } => Secrets::from_env(name)?,
        };
        Ok(WriteKey::parse(secret.expose())?)
    }
}
