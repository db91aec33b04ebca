//! `Send Page`

use super::field::Field;
use super::{Payload, Writer, context};
use crate::Value;

pub(super) const FIELDS: &[Field] = &[
    Field::UserId,
    Field::AnonymousId,
    Field::Timestamp,
    Field::PageName,
    Field::PageCategory,
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

pub(super) fn write(payload: &Payload<'_>, call: &mut Writer<'_>) {
    call.field("timestamp", payload.get(Field::Timestamp));
    call.field("name", payload.get(Field::PageName));
    call.field("messageId", payload.get(Field::MessageId));
    call.object("context", |context| {
        context::write(payload, context);
        context.field("timezone", payload.get(Field::Timezone));
        context.field("groupId", payload.get(Field::GroupId));
    });
    call.merged(
        "properties",
        &derived(payload),
        payload.get(Field::Properties),
        payload.arena(),
    );
}

/// What a page's properties get from other fields.
pub(super) fn derived<'a>(payload: &Payload<'a>) -> [(&'static str, Value<'a>); 7] {
    let page = payload.get(Field::Page);
    [
        ("name", payload.get(Field::PageName)),
        ("category", payload.get(Field::PageCategory)),
        ("path", page.property("path")),
        ("referrer", page.property("referrer")),
        ("search", page.property("search")),
        ("title", page.property("title")),
        ("url", page.property("url")),
    ]
}
