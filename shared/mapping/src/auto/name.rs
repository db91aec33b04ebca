//! Which field of a call a column's name stands for.

use crate::action::{Field, FieldKind as Kind};
use crate::{Action, MAX_DEPTH};

/// Where a column's value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A field as a whole.
    Field(Field),
    /// A key of a field with fixed keys, by its place among them.
    Key(Field, usize),
    /// Below a field with free keys: the keys down to it, as the column spells them; at least one.
    Below(Field, Vec<String>),
    /// `context`: every field that Segment keeps there.
    Context,
}

/// Whose spelling a name is. Of two columns for one field the first in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// The mapping's: `event_name`, `device.id`; also `eventName`, which differs in separators alone.
    Mapping,
    /// The spec's: `event`, `context.device.id`.
    Spec,
}

/// The name of the block that most fields are in.
pub(super) const CONTEXT: &str = "context";

/// Returns what `column` stands for in the calls of `action`.
pub(super) fn recognise(action: Action, column: &str) -> Option<(Spelling, Target)> {
    let mut parts: Vec<&str> = column.split('.').collect();
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let first = folded(parts.remove(0));
    if first == CONTEXT {
        if parts.is_empty() {
            return Some((Spelling::Spec, Target::Context));
        }
        let name = folded(parts.remove(0));
        let (_, field) = context_fields(action).find(|(key, _)| folded(key) == name)?;
        return Some((Spelling::Spec, target(field, &parts)?));
    }
    let own = |field: &&Field| folded(field.spec().key) == first;
    let (spelling, field) = match action.fields().iter().find(own) {
        Some(field) => (Spelling::Mapping, *field),
        None => (Spelling::Spec, spec_field(action, &first)?),
    };
    Some((spelling, target(field, &parts)?))
}

fn target(field: Field, rest: &[&str]) -> Option<Target> {
    match (field.spec().kind, rest) {
        (_, []) => Some(Target::Field(field)),
        (Kind::Fixed(keys), [key]) => {
            let place = keys.iter().position(|spec| folded(spec.key) == folded(key))?;
            Some(Target::Key(field, place))
        }
        // What is nested deeper than a row may be is no path that somebody wrote.
        (Kind::Free, keys) if keys.len() < MAX_DEPTH / 2 => {
            Some(Target::Below(field, keys.iter().map(ToString::to_string).collect()))
        }
        _ => None,
    }
}

/// Returns the fields of `action` that are keys of `context`, by those keys (Segment docs, spec: common fields).
pub(super) fn context_fields(action: Action) -> impl Iterator<Item = (&'static str, Field)> {
    let all = [
        ("app", Field::Application),
        ("campaign", Field::CampaignParameters),
        ("consent", Field::Consent),
        ("device", Field::Device),
        ("ip", Field::IpAddress),
        ("locale", Field::Locale),
        ("location", Field::Location),
        ("network", Field::Network),
        ("os", Field::OperatingSystem),
        ("page", Field::Page),
        ("screen", Field::Screen),
        ("userAgent", Field::UserAgent),
        ("timezone", Field::Timezone),
        // A group call is about its own `groupId`, and traits elsewhere than in a track call are its own.
        ("groupId", Field::GroupId),
        ("traits", Field::Traits),
    ];
    all.into_iter().filter(move |(_, field)| match field {
        Field::GroupId => action != Action::Group,
        Field::Traits => action == Action::Track,
        _ => true,
    })
}

/// Returns the field that the spec calls `folded` at the top of a call, where the mapping's key is another word.
fn spec_field(action: Action, folded: &str) -> Option<Field> {
    match (action, folded) {
        (Action::Track, "event") => Some(Field::EventName),
        (Action::Page, "name") => Some(Field::PageName),
        (Action::Page, "category") => Some(Field::PageCategory),
        (Action::Screen, "name") => Some(Field::ScreenName),
        _ => None,
    }
}

/// Returns a name as it is compared: `USER_ID`, `User Id` and `userId` are one.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(action: Action, column: &str) -> Option<String> {
        let (spelling, target) = recognise(action, column)?;
        let place = match target {
            Target::Field(field) => field.spec().key.to_owned(),
            Target::Key(field, key) => match field.spec().kind {
                Kind::Fixed(keys) => format!("{}.{}", field.spec().key, keys[key].key),
                _ => unreachable!("only fixed objects have places"),
            },
            Target::Below(field, keys) => format!("{}.{}", field.spec().key, keys.join(".")),
            Target::Context => "context".to_owned(),
        };
        Some(format!("{spelling:?} {place}"))
    }

    #[test]
    fn recognises_both_spellings_of_every_field() {
        for (column, expected) in [
            ("user_id", "Mapping user_id"),
            ("userId", "Mapping user_id"),
            ("USER_ID", "Mapping user_id"),
            ("User Id", "Mapping user_id"),
            ("event_name", "Mapping event_name"),
            ("event", "Spec event_name"),
            ("messageId", "Mapping message_id"),
            ("ip_address", "Mapping ip_address"),
            ("context.ip", "Spec ip_address"),
            ("Context.IP", "Spec ip_address"),
            ("context.groupId", "Spec group_id"),
            ("device", "Mapping device"),
            ("device.id", "Mapping device.id"),
            ("context.device.advertisingId", "Spec device.advertising_id"),
            ("context.device.adTrackingEnabled", "Spec device.adTracking_Enabled"),
            ("context.app.version", "Spec application.version"),
            ("context.campaign.source", "Spec campaign_parameters.source"),
            ("context.os.name", "Spec operating_system.name"),
            ("context.timezone", "Spec timezone"),
            ("context.traits.plan", "Spec traits.plan"),
            (
                "context.consent.categoryPreferences.ads",
                "Spec consent.categoryPreferences.ads",
            ),
            ("context", "Spec context"),
            ("PROPERTIES.Order_Id", "Mapping properties.Order_Id"),
            ("properties.products.0.sku", "Mapping properties.products.0.sku"),
        ] {
            assert_eq!(place(Action::Track, column).as_deref(), Some(expected), "{column}");
        }
    }

    #[test]
    fn recognises_what_only_some_actions_have() {
        for (action, column, expected) in [
            (Action::Page, "name", Some("Spec page_name")),
            (Action::Page, "category", Some("Spec page_category")),
            (Action::Screen, "name", Some("Spec screen_name")),
            (Action::Screen, "category", None),
            (Action::Track, "name", None),
            (Action::Identify, "event", None),
            (Action::Identify, "address.city", Some("Mapping address.city")),
            (
                Action::Identify,
                "traits.address.city",
                Some("Mapping traits.address.city"),
            ),
            (Action::Group, "address.city", None),
            (Action::Group, "groupId", Some("Mapping group_id")),
            (Action::Group, "context.groupId", None),
            (Action::Identify, "context.traits.plan", None),
            (Action::Identify, "properties.plan", None),
            (Action::Page, "traits.plan", None),
        ] {
            assert_eq!(place(action, column).as_deref(), expected, "{action} {column}");
        }
    }

    #[test]
    fn leaves_alone_what_it_does_not_know() {
        for column in [
            "",
            ".",
            "email",
            "traits.",
            "traits..plan",
            "user_id.x",
            "device.id.x",
            "context.device.colour",
            "context.library.name",
            "integrations.All",
            "deviceid",
        ] {
            assert_eq!(place(Action::Track, column), None, "{column}");
        }
    }
}
