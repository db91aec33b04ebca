//! `Send Identify`

use super::field::Field;
use super::{Payload, Writer, context};
use crate::Value;

pub(super) const FIELDS: &[Field] = &[
    Field::UserId,
    Field::AnonymousId,
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
    Field::GroupId,
    Field::Traits,
    Field::MessageId,
    Field::Consent,
    Field::Address,
];

pub(super) fn write(payload: &Payload<'_>, call: &mut Writer<'_>) {
    call.field("timestamp", payload.get(Field::Timestamp));
    call.field("messageId", payload.get(Field::MessageId));
    call.object("context", |context| {
        context::write(payload, context);
        context.field("timezone", payload.get(Field::Timezone));
        context.field("groupId", payload.get(Field::GroupId));
    });
    write_traits(payload, call);
}

/// An address, if one is given, takes the place of the traits' own.
fn write_traits(payload: &Payload<'_>, call: &mut Writer<'_>) {
    let traits = payload.get(Field::Traits);
    let address = payload.get(Field::Address);
    if matches!(address, Value::Undefined) {
        return call.object_or_empty("traits", traits);
    }
    call.object("traits", |object| {
        object.spread(traits, payload.arena(), |key| key == "address");
        object.field("address", address);
    });
}
