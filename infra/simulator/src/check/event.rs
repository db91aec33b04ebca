use std::borrow::Cow;

use super::Reason;
use crate::request::{RawValue, is_null, pick, text};

/// The six calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Alias,
    Group,
    Identify,
    Page,
    Screen,
    Track,
}

impl Kind {
    pub(crate) const ALL: [Kind; 6] = [
        Kind::Alias,
        Kind::Group,
        Kind::Identify,
        Kind::Page,
        Kind::Screen,
        Kind::Track,
    ];

    /// The name in `type` and in the path of the endpoint.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Alias => "alias",
            Kind::Group => "group",
            Kind::Identify => "identify",
            Kind::Page => "page",
            Kind::Screen => "screen",
            Kind::Track => "track",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The keys of [`Event`]'s fields, in the order in which `read` takes them apart.
const KEYS: [&str; 11] = [
    "type",
    "userId",
    "anonymousId",
    "messageId",
    "event",
    "name",
    "category",
    "properties",
    "traits",
    "context",
    "writeKey",
];

/// The fields that are checked, each as its JSON text. `None`: absent.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    kind: Option<&'a RawValue>,
    pub(crate) user_id: Option<&'a RawValue>,
    pub(crate) anonymous_id: Option<&'a RawValue>,
    pub(crate) message_id: Option<&'a RawValue>,
    title: Option<&'a RawValue>,
    pub(crate) name: Option<&'a RawValue>,
    pub(crate) category: Option<&'a RawValue>,
    pub(crate) properties: Option<&'a RawValue>,
    pub(crate) traits: Option<&'a RawValue>,
    pub(crate) context: Option<&'a RawValue>,
    /// A write key inside the event, which must not be kept with it.
    pub(crate) write_key: Option<&'a RawValue>,
}

impl<'a> Event<'a> {
    /// Reads the fields of one event; nothing below them is looked at.
    ///
    /// # Errors
    /// [`Reason::BAD_REQUEST`] if the text is not an object.
    pub(crate) fn read(json: &'a str) -> Result<Event<'a>, Reason> {
        let fields = pick(json, KEYS).ok_or(Reason::BAD_REQUEST)?;
        let [
            kind,
            user_id,
            anonymous_id,
            message_id,
            title,
            name,
            category,
            properties,
            traits,
            context,
            write_key,
        ] = fields;
        Ok(Event {
            kind,
            user_id,
            anonymous_id,
            message_id,
            title,
            name,
            category,
            properties,
            traits,
            context,
            write_key,
        })
    }

    pub(super) fn kind(&self) -> Result<Kind, Reason> {
        let kind = self.kind.filter(|raw| !is_null(raw)).ok_or(Reason::MISSING_TYPE)?;
        text(kind)
            .and_then(|name| Kind::named(&name))
            .ok_or(Reason::INVALID_TYPE)
    }

    /// The name of a track call.
    pub(super) fn title(&self) -> Result<Cow<'a, str>, Reason> {
        let title = self
            .title
            .filter(|raw| !is_null(raw))
            .ok_or(Reason::EVENT_NOT_DEFINED)?;
        let title = text(title).ok_or(Reason::EVENT_NOT_STRING)?;
        if title.is_empty() {
            Err(Reason::EVENT_NOT_DEFINED)
        } else {
            Ok(title)
        }
    }
}
