//! What the API checks in each event after it has answered 200, and why it drops the ones that fail.
//!
//! Codes and rules are those of Segment docs, Delivery Overview, "Failed on Ingest", unless a constant says otherwise.

mod consent;
mod event;
mod field;
mod identity;
mod message_id;
mod reason;

pub(crate) use event::{Event, Kind};
pub use reason::Reason;

use crate::request::RawValue;
use message_id::MessageId;

/// What an accepted event is counted and deduplicated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) kind: Kind,
    /// Fingerprint of the message id; `None` if the event has none, so that nothing can be a repeat of it.
    pub(crate) fingerprint: Option<u64>,
}

/// Checks one event.
///
/// # Errors
/// The first rule that the event breaks.
pub(crate) fn check(event: &Event<'_>, batch_context: Option<&RawValue>) -> Result<Pass, Reason> {
    let kind = event.kind()?;
    identity::check(event)?;
    field::check(kind, event)?;
    if kind == Kind::Track {
        consent::check(event, batch_context)?;
    }
    let fingerprint = MessageId::of(event)?.map(MessageId::fingerprint);
    Ok(Pass { kind, fingerprint })
}

#[cfg(test)]
mod tests;
