//! `Send Screen`

use super::field::Field;
use super::{Payload, Writer, context};

pub(super) const FIELDS: &[Field] = &[
    Field::UserId,
    Field::AnonymousId,
    Field::Timestamp,
    Field::ScreenName,
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
    Field::MessageId,
    Field::Consent,
];

/// As at Segment, a screen's time zone is accepted but not sent.
pub(super) fn write(payload: &Payload<'_>, call: &mut Writer<'_>) {
    let name = payload.get(Field::ScreenName);
    call.field("timestamp", payload.get(Field::Timestamp));
    call.field("name", name);
    call.field("messageId", payload.get(Field::MessageId));
    call.object("context", |context| {
        context::write(payload, context);
        context.field("groupId", payload.get(Field::GroupId));
    });
    call.merged(
        "properties",
        &[("name", name)],
        payload.get(Field::Properties),
        payload.arena(),
    );
}
