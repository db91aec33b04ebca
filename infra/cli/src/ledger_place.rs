//! Where the ledger is that an operator's command works on: a deployed stack's bucket, or the folder of `backhaul sync`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{Objects, Settings, Stores};

use crate::error::CliError;
use crate::shell::quoted;

/// The folder that `backhaul sync` uses.
const STATE: &str = ".backhaul";

/// Which ledger.
#[derive(Debug, clap::Args)]
pub(crate) struct LedgerArguments {
    /// The ledger bucket of a deployed stack [default: `BACKHAUL_BUCKET`, where that is set].
    #[arg(long, value_name = "NAME", conflicts_with = "state")]
    bucket: Option<String>,
    /// The folder that stands for the bucket, as `backhaul sync` uses it [default: .backhaul].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// An open ledger.
#[derive(Debug, Clone)]
pub(crate) struct LedgerPlace {
    /// Its objects.
    pub(crate) objects: Arc<dyn Objects>,
    /// What users call it: `s3://<bucket>`, or the folder's path as it was given.
    pub(crate) name: String,
}

impl LedgerArguments {
    /// Returns the bucket that is meant, if it is a bucket.
    pub(crate) fn bucket(&self) -> Option<String> {
        if self.state.is_some() {
            return None;
        }
        bucket(self.bucket.as_deref())
    }

    /// Opens the ledger.
    ///
    /// # Errors
    /// When the folder is not there, or the bucket's name cannot be one.
    pub(crate) fn open(&self, stores: &Stores) -> Result<LedgerPlace, CliError> {
        if let Some(bucket) = self.bucket() {
            return LedgerPlace::of_bucket(stores, &bucket);
        }
        let folder = self.folder();
        let path = folder.canonicalize().ok().filter(|path| path.is_dir());
        let path = path.ok_or_else(|| CliError::NoLedger {
            folder: folder.to_owned(),
        })?;
        Ok(LedgerPlace {
            objects: stores.open(&path.to_string_lossy())?,
            name: folder.display().to_string(),
        })
    }

    /// Returns the folder that is meant where no bucket is.
    pub(crate) fn folder(&self) -> &Path {
        self.state.as_deref().unwrap_or(Path::new(STATE))
    }
}

impl LedgerPlace {
    /// Opens the ledger in a bucket.
    ///
    /// # Errors
    /// When the bucket's name cannot be one.
    pub(crate) fn of_bucket(stores: &Stores, bucket: &str) -> Result<Self, CliError> {
        let name = format!("s3://{bucket}");
        let objects = stores.open(&name)?;
        Ok(Self { objects, name })
    }
}

/// Returns the option that makes a command look in the ledger called `name`, led in by a space; nothing where commands look there anyway.
pub(crate) fn option(name: &str) -> String {
    match name.strip_prefix("s3://") {
        Some(bucket) => format!(" --bucket {}", quoted(bucket)),
        None if name == STATE && Settings::bucket_from_env().is_none() => String::new(),
        None => format!(" --state {}", quoted(name)),
    }
}

/// Returns the name of the bucket that is given or, without one, of the one in the environment.
pub(crate) fn bucket(given: Option<&str>) -> Option<String> {
    let bucket = given.map(str::to_owned).or_else(Settings::bucket_from_env)?;
    // People paste it as consoles show it.
    let name = bucket.strip_prefix("s3://").unwrap_or(&bucket);
    Some(name.trim_end_matches('/').to_owned())
}
