//! The rows that an estimate is made of: the whole extract, or a part of each of some objects.

use std::num::NonZeroU32;

use extract::{Decoder, Format};
use ledger::{DEFAULT_EVENTS_PER_SECOND, PlannedObject, Sync};
use platform::{Location, Stores};
use scheduler::{Cost, Survey, chunk_bytes};
use sender::Reading;

use super::figures::{Figures, Sampled};
use super::{counting, packing::Packing};
use crate::error::CliError;

/// Most objects that are looked into.
const OBJECTS: usize = 1_000;

/// Rows of an object that tell how many bytes a row has.
const FIRST_ROWS: u64 = 100;

/// Fewest bytes that are read of an object of a sample.
const LEAST_SHARE: u64 = 64 << 10;

/// Maps the rows at `locations`, cut for so many `senders`; of more than `budget` bytes, or a thousand objects, a sample of about so many.
///
/// # Errors
/// When there is no extract, or one that cannot be read.
pub(crate) async fn read(
    stores: &Stores,
    locations: &[Location],
    sync: &Sync,
    (budget, senders): (u64, NonZeroU32),
) -> Result<Sampled, CliError> {
    let survey = scheduler::survey(stores, locations, sync).await?;
    let objects = scheduler::sample(stores, locations, sync, OBJECTS).await?;
    let mut sampled = Sampled::new(sync, survey, objects.len());
    let client = counting::client()?;
    for object in &objects {
        let share = share(&survey, &objects, object, budget);
        let mut packing = Packing::of(sync, object)?;
        let cost = Cost {
            events_per_second: Some(
                sync.destination
                    .max_events_per_second
                    .unwrap_or(DEFAULT_EVENTS_PER_SECOND),
            ),
            senders,
            calls_per_row: packing.calls_per_row(),
            row_bytes: row_bytes(stores, object).await?,
            run_bytes: survey.bytes,
        };
        let chunk = chunk_bytes(&cost);
        let part = rows(
            stores,
            object,
            (share, chunk),
            &mut packing,
            &mut sampled.figures,
            &client,
        )
        .await?;
        sampled.add(object, part, jobs(object, chunk, packing.actions()));
    }
    Ok(sampled)
}

/// Returns how many bytes of an object are read; `None`: all.
fn share(survey: &Survey, objects: &[PlannedObject], object: &PlannedObject, budget: u64) -> Option<u64> {
    if survey.bytes <= budget {
        return None;
    }
    let looked_at: u128 = objects.iter().map(|object| u128::from(object.size)).sum();
    let share = u128::from(object.size) * u128::from(budget) / looked_at.max(1);
    let share = u64::try_from(share).unwrap_or(u64::MAX).max(LEAST_SHARE);
    (share < object.size).then_some(share)
}

/// Takes the rows of the first `share` bytes of an object in, a job for each chunk of so many bytes, and returns what part of it that is.
async fn rows(
    stores: &Stores,
    object: &PlannedObject,
    (share, chunk_bytes): (Option<u64>, u64),
    packing: &mut Packing<'_>,
    figures: &mut Figures,
    client: &delivery::Client,
) -> Result<f64, CliError> {
    let before = figures.rows;
    let (is_parquet, size) = (object.layout.format == Format::Parquet, object.size);
    let is_text = !is_parquet && object.layout.compression.is_none();
    // Of Parquet a part is one of its rows: bytes lie column by column.
    let row_limit = share
        .filter(|_| is_parquet)
        .and_then(|share| Some(part_of(object.rows?, share, size)));
    let (mut bytes, mut is_whole) = (0, true);
    for chunk in &object.chunks {
        let mut decoder = Decoder::new(&object.layout, chunk, size);
        let mut reading = Reading::new(stores.open(&object.store)?, &object.pin());
        while is_whole && reading.advance(&mut decoder).await.map_err(CliError::Object)? {
            while is_whole && let Some(row) = decoder.next_row() {
                let place = row.as_ref().map_or_else(|bad| bad.offset, |row| row.offset);
                let chunk = if is_text { place / chunk_bytes } else { 0 };
                packing.row(row, chunk, figures);
                is_whole = row_limit.is_none_or(|limit| figures.rows - before < limit);
            }
            packing.post(client, figures).await?;
            if let Some(source) = decoder.failure() {
                return Err(sender::SendError::Unreadable {
                    object: object.key.clone(),
                    source: source.clone(),
                }
                .into());
            }
            if !is_parquet && share.is_some_and(|share| bytes + reading.bytes() >= share) {
                is_whole = false;
            }
        }
        bytes += reading.bytes();
        figures.read += reading.bytes();
    }
    packing.finish();
    packing.post(client, figures).await?;
    let part = match (is_whole, is_parquet) {
        (true, _) => 1.0,
        (false, true) => ratio(figures.rows - before, object.rows.unwrap_or(1)),
        (false, false) => ratio(bytes, size),
    };
    Ok(part)
}

/// Returns about how many bytes a row of an object has.
async fn row_bytes(stores: &Stores, object: &PlannedObject) -> Result<u64, CliError> {
    if let (Format::Parquet, Some(rows)) = (object.layout.format, object.rows) {
        return Ok(object.size / rows.max(1));
    }
    let (mut rows, mut bytes) = (0, 0);
    test_mapping::first_rows(stores, object, FIRST_ROWS, |_, row| {
        rows += 1;
        bytes += 1 + row.map_or_else(|bad| bad.length, |row| row.length);
    })
    .await?;
    Ok(bytes / rows.max(1))
}

/// Returns how many jobs read the whole object, cut as the scheduler does it.
fn jobs(object: &PlannedObject, chunk_bytes: u64, actions: usize) -> u64 {
    let chunks = if object.chunks.is_empty() {
        0
    } else if object.layout.compression.is_some() {
        1
    } else {
        object.size.div_ceil(chunk_bytes).max(1)
    };
    chunks * actions as u64
}

/// Returns that part of `count` which `share` is of `size`, at least 1.
fn part_of(count: u64, share: u64, size: u64) -> u64 {
    let part = u128::from(count) * u128::from(share) / u128::from(size.max(1));
    u64::try_from(part).unwrap_or(u64::MAX).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate needs no more digits")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
