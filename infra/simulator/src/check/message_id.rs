use std::borrow::Cow;

use super::{Event, Reason};
use crate::dedup;
use crate::request::{is_null, text};

/// "Limited to 100 characters" (Segment docs, Spec: Common Fields, and Handling duplicate data).
const MAX_CHARACTERS: usize = 100;

/// A message id that the API takes.
#[derive(Debug)]
pub(super) struct MessageId<'a>(Cow<'a, str>);

impl<'a> MessageId<'a> {
    /// The event's message id; `None` if it has none, for which Segment makes one up.
    pub(super) fn of(event: &Event<'a>) -> Result<Option<MessageId<'a>>, Reason> {
        let Some(raw) = event.message_id.filter(|raw| !is_null(raw)) else {
            return Ok(None);
        };
        let id = text(raw).ok_or(Reason::MESSAGE_ID_NOT_STRING)?;
        if id.is_empty() {
            return Ok(None);
        }
        // Characters are never more than bytes, which need no counting.
        if id.len() > MAX_CHARACTERS && id.chars().count() > MAX_CHARACTERS {
            return Err(Reason::MESSAGE_ID_TOO_LONG);
        }
        Ok(Some(MessageId(id)))
    }

    pub(super) fn fingerprint(self) -> u64 {
        dedup::fingerprint(&self.0)
    }
}
