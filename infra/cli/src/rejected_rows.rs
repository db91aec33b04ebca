//! A run's rejected rows, from the compressed objects of its jobs into one text.

use std::io::Write;
use std::pin::pin;

use flate2::write::GzDecoder;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Document, Outcome, RunId, SyncName, key};
use platform::{ObjectError, Objects, pages};

use crate::error::CliError;

/// How many outcomes are read at once.
const AT_ONCE: usize = 16;

/// Writes the rejected rows of a run to `out` as JSON lines, in the order of the plan. Only the objects that outcomes name are
/// read: another try of a job may have left one that counts nowhere.
///
/// # Errors
/// When the ledger cannot be read, or `out` cannot be written: then with the name `path`.
pub(crate) async fn write(
    ledger: &dyn Objects,
    (sync, run): (&SyncName, &RunId),
    out: &mut dyn Write,
    path: &std::path::Path,
) -> Result<(), CliError> {
    let prefix = key::outcome_prefix(sync, run);
    let mut pages = pin!(pages(ledger, &prefix));
    let failed = |source| CliError::File {
        path: path.to_owned(),
        doing: "write rejected rows to",
        source,
    };
    while let Some(mut page) = pages.try_next().await? {
        // Keys of later parts of a job come before that of its first.
        page.sort_by_key(|object| key::parse_outcome(&object.key).ok().map(|key| key.job_part()));
        let mut keys = stream::iter(page)
            .map(|object| rejected_key(ledger, object.key))
            .buffered(AT_ONCE);
        while let Some(key) = keys.try_next().await? {
            let Some(key) = key else { continue };
            let meta = ledger.head(&key).await?.ok_or(ObjectError::NotFound { object: key })?;
            let mut blocks = ledger.read(&meta, 0..meta.size).await?;
            let mut text = GzDecoder::new(&mut *out);
            while let Some(block) = blocks.try_next().await? {
                text.write_all(&block).map_err(failed)?;
            }
            text.finish().map_err(failed)?;
        }
    }
    out.flush().map_err(failed)
}

/// Returns the key of the rejected rows that an outcome counts.
async fn rejected_key(ledger: &dyn Objects, outcome: String) -> Result<Option<String>, CliError> {
    let Some(json) = ledger.get(&outcome).await? else {
        return Ok(None);
    };
    Ok(Outcome::read(&outcome, &json)?.into_fields().work.rejected)
}
