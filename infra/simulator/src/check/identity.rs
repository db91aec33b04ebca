use super::{Event, Reason};
use crate::request::{is_filled_text, is_null};

/// Every event needs a user id or an anonymous id, and each one given must be a string with something in it.
/// `null` counts as absent, because Segment's own libraries send it for the id that they do not have.
pub(super) fn check(event: &Event<'_>) -> Result<(), Reason> {
    let mut given = [event.user_id, event.anonymous_id]
        .into_iter()
        .flatten()
        .filter(|id| !is_null(id))
        .peekable();
    if given.peek().is_none() {
        return Err(Reason::NO_USER_ANON_ID);
    }
    if given.all(is_filled_text) {
        Ok(())
    } else {
        Err(Reason::ID_NOT_STRING)
    }
}
