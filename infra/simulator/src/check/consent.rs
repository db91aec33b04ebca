use super::{Event, Reason};
use crate::request::{RawValue, is_bool, is_null, is_number, is_object, is_text, pick, values};

/// The one event whose context is checked.
const CONSENT_EVENT: &str = "Segment Consent Preference Updated";

/// Checks the context of a consent update; other track calls pass.
pub(super) fn check(event: &Event<'_>, batch_context: Option<&RawValue>) -> Result<(), Reason> {
    if event.title()? != CONSENT_EVENT {
        return Ok(());
    }
    let context = Context {
        own: event.context,
        batch: batch_context,
    };
    let categories = context
        .member("consent", "categoryPreferences")
        .ok_or(Reason::CONSENT_CATEGORIES_MISSING)?;
    if !is_object(categories) {
        return Err(Reason::CONSENT_CATEGORIES_NOT_OBJECT);
    }
    if !values(categories.get()).is_some_and(|values| values.into_iter().all(is_bool)) {
        return Err(Reason::CONSENT_CATEGORY_NOT_BOOL);
    }
    if !context.member("consent", "version").is_none_or(is_number) {
        return Err(Reason::CONSENT_VERSION_NOT_NUMBER);
    }
    if !context.member("device", "advertisingId").is_none_or(is_text) {
        return Err(Reason::ADVERTISING_ID_NOT_STRING);
    }
    Ok(())
}

/// The event's own context over that of its batch, which Segment merges into every event.
struct Context<'a> {
    own: Option<&'a RawValue>,
    batch: Option<&'a RawValue>,
}

impl<'a> Context<'a> {
    /// A value two levels down; `null` counts as absent.
    fn member(&self, group: &str, name: &str) -> Option<&'a RawValue> {
        [self.own, self.batch].into_iter().flatten().find_map(|context| {
            let [group] = pick(context.get(), [group])?;
            let [member] = pick(group?.get(), [name])?;
            member.filter(|member| !is_null(member))
        })
    }
}
