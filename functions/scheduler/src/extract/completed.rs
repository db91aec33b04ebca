//! The one extract that an object completes which was just written.

use ledger::Complete;
use platform::{Meta, Stores, list_all};

use super::{Extract, is_data, marked, marked_folder};
use crate::ScheduleError;
use crate::manifest::{self, folder, is_manifest};

/// Returns the extract that is complete now that the object `key` is there, if one is. `named` is the prefix or object that the sync names.
/// Only that extract is looked for.
///
/// # Errors
/// When a store fails, or the object is a manifest that cannot be followed.
pub(crate) async fn completed_by(
    stores: &Stores,
    store: &str,
    key: &str,
    named: &str,
    complete: Complete,
) -> Result<Option<Extract>, ScheduleError> {
    // An object that is named alone is complete; but a manifest is what it names.
    let complete = if key == named && !is_manifest(key) {
        Complete::Object
    } else {
        complete
    };
    let folder = match complete {
        Complete::Object => is_data(key).then_some(key),
        Complete::Marker => marked_folder(key),
        Complete::Manifest => is_manifest(key).then(|| folder(key)),
    };
    let Some(folder) = folder else { return Ok(None) };
    // As a whole pass lists it.
    let listed = list_all(&*stores.open(store)?, folder).await?;
    match complete {
        Complete::Object => {
            let object = listed.iter().find(|object| object.key == key);
            Ok(object.map(|object| Extract::of(store, object)))
        }
        Complete::Marker => Ok(marked(store, &listed).remove(folder)),
        Complete::Manifest => {
            let manifests: Vec<&Meta> = listed.iter().filter(|object| object.key == key).collect();
            let mut found = manifest::find(stores, store, &manifest::within(named), &listed, &manifests).await?;
            match found.faults.pop() {
                Some(fault) => Err(fault),
                None => Ok(found.extracts.pop()),
            }
        }
    }
}
