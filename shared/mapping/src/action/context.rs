//! `context`, which all calls have.

use super::field::Field;
use super::{Payload, Writer};
use crate::Value;

/// Writes the fields of `context` that come before the time zone, in Segment's order.
pub(super) fn write(payload: &Payload<'_>, context: &mut Writer<'_>) {
    context.field("app", payload.get(Field::Application));
    context.field("campaign", payload.get(Field::CampaignParameters));
    context.object_or_empty("consent", consent(payload));
    context.field("device", payload.get(Field::Device));
    context.field("ip", payload.get(Field::IpAddress));
    context.field("locale", payload.get(Field::Locale));
    context.field("location", payload.get(Field::Location));
    context.field("network", payload.get(Field::Network));
    context.field("os", payload.get(Field::OperatingSystem));
    context.field("page", payload.get(Field::Page));
    context.field("screen", payload.get(Field::Screen));
    context.field("userAgent", payload.get(Field::UserAgent));
}

/// The consent that is sent: whole if its category preferences are all booleans, else nothing.
pub(super) fn consent<'a>(payload: &Payload<'a>) -> Value<'a> {
    let given = payload.get(Field::Consent);
    let preferences = given.property("categoryPreferences");
    let valid = match (preferences.entries(payload.arena()), preferences.items(payload.arena())) {
        // A preference without value is not there at all.
        (Some(fields), _) => fields
            .iter()
            .all(|(_, value)| is_boolean(*value) || matches!(value, Value::Undefined)),
        (_, Some(items)) => items.iter().all(|item| is_boolean(*item)),
        _ => false,
    };
    if valid { given } else { Value::Undefined }
}

fn is_boolean(value: Value<'_>) -> bool {
    matches!(value, Value::Bool(_))
}
