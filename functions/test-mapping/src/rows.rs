//! The first rows of an object.

use extract::{BadRow, Decoder, Row};
use ledger::PlannedObject;
use platform::Stores;
use sender::Reading;

use crate::TestError;

/// Hands the first `limit` rows of `object` to `take`, each with its place from 0, whether it can be read or not. Reads no more
/// of the object than that takes.
///
/// # Errors
/// When the object is not what it was when it was looked at, or cannot be reached.
pub async fn first_rows(
    stores: &Stores,
    object: &PlannedObject,
    limit: u64,
    mut take: impl FnMut(u64, Result<Row<'_>, BadRow>),
) -> Result<(), TestError> {
    let mut places = 0..limit;
    for chunk in &object.chunks {
        let mut decoder = Decoder::new(&object.layout, chunk, object.size);
        let mut reading = Reading::new(stores.open(&object.store)?, &object.pin());
        while !places.is_empty() && reading.advance(&mut decoder).await? {
            while !places.is_empty()
                && let Some(row) = decoder.next_row()
                && let Some(place) = places.next()
            {
                take(place, row);
            }
            if let Some(source) = decoder.failure().filter(|_| !places.is_empty()) {
                return Err(TestError::Unreadable {
                    object: object.key.clone(),
                    source: source.clone(),
                });
            }
        }
    }
    Ok(())
}
