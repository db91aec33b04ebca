//! `Send Track`

use super::field::Field;
use super::{Payload, Writer, context};

pub(super) const FIELDS: &[Field] = &[
    Field::UserId,
    Field::AnonymousId,
    Field::Timestamp,
    Field::EventName,
    Field::Application,
    Field::CampaignParameters,
    Field::Device,
    Field::IpAddress,
    Field::Locale,
    Field::Location,
    Field::Network,
    Field::OperatingSystem,
    Field::Page,
    Field::Screen,
    Field::UserAgent,
    Field::Timezone,
    Field::GroupId,
    Field::Properties,
    Field::Traits,
    Field::MessageId,
    Field::Consent,
];

pub(super) fn write(payload: &Payload<'_>, call: &mut Writer<'_>) {
    call.field("timestamp", payload.get(Field::Timestamp));
    call.field("event", payload.get(Field::EventName));
    call.field("messageId", payload.get(Field::MessageId));
    call.object("context", |context| {
        context.object_or_empty("traits", payload.get(Field::Traits));
        context::write(payload, context);
        context.field("timezone", payload.get(Field::Timezone));
        context.field("groupId", payload.get(Field::GroupId));
    });
    call.object_or_empty("properties", payload.get(Field::Properties));
}
