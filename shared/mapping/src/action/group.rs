//! `Send Group`

use super::field::Field;
use super::{Payload, Writer, context};

pub(super) const FIELDS: &[Field] = &[
    Field::UserId,
    Field::AnonymousId,
    Field::GroupId,
    Field::Timestamp,
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
    Field::Traits,
    Field::MessageId,
    Field::Consent,
];

pub(super) fn write(payload: &Payload<'_>, call: &mut Writer<'_>) {
    call.field("groupId", payload.get(Field::GroupId));
    call.field("timestamp", payload.get(Field::Timestamp));
    call.field("messageId", payload.get(Field::MessageId));
    call.object("context", |context| {
        context::write(payload, context);
        context.field("timezone", payload.get(Field::Timezone));
    });
    call.object_or_empty("traits", payload.get(Field::Traits));
}
