//! The fields of the five actions (Segment Connections destination, action fields).

use mapping::Action;

/// Keys that Segment keeps beside an action's fields: settings of its own, which change no call.
const RESERVED: [&str; 5] = [
    "__segment_internal_directive",
    "__segment_internal_sync_mode",
    "__segment_internal_matching_key",
    "enable_batching",
    "batch_size",
];

/// The root directive: with it the other keys are no longer the action's fields.
const ROOT_DIRECTIVE: &str = RESERVED[0];

const EVERY_ACTION: [&str; 18] = [
    "user_id",
    "anonymous_id",
    "group_id",
    "timestamp",
    "application",
    "campaign_parameters",
    "device",
    "ip_address",
    "locale",
    "location",
    "network",
    "operating_system",
    "page",
    "screen",
    "user_agent",
    "timezone",
    "message_id",
    "consent",
];

/// Returns whether Segment keeps `key` for itself, so that it is legal in any mapping.
pub(super) fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key)
}

/// Returns whether a root key means that the whole mapping is a directive.
pub(super) fn is_root_directive(key: &str) -> bool {
    key == ROOT_DIRECTIVE || key.starts_with('@')
}

/// Returns the keys of an action's fields; Segment drops all others without a word.
pub(super) fn keys(action: Action) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = match action {
        Action::Track => &["event_name", "properties", "traits"],
        Action::Identify => &["traits", "address"],
        Action::Group => &["traits"],
        Action::Page => &["page_name", "page_category", "properties"],
        Action::Screen => &["screen_name", "properties"],
    };
    EVERY_ACTION.into_iter().chain(own.iter().copied())
}

/// Returns the field without which an action rejects every row.
pub(super) fn required(action: Action) -> Option<&'static str> {
    match action {
        Action::Track => Some("event_name"),
        Action::Group => Some("group_id"),
        Action::Identify | Action::Page | Action::Screen => None,
    }
}

#[cfg(test)]
mod tests {
    use mapping::{Change, Compiled, Event, Index, Scratch};
    use serde_json::{Value, json};

    use super::*;

    /// Returns the call that the action makes of these fields, if it makes one.
    fn call(action: Action, fields: &Value) -> Option<String> {
        let mut index = Index::default();
        let event = Event::Row {
            change: Change::New,
            record: index.of("{}").unwrap(),
        };
        let mut out = Vec::new();
        Compiled::compile(action, fields)
            .unwrap()
            .call(&event, None, &mut Scratch::default(), &mut out)
            .ok()?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn exactly_the_fields_of_an_action_change_its_call() {
        let everywhere: Vec<&str> = Action::ALL
            .into_iter()
            .flat_map(keys)
            .chain(["alias", "userId"])
            .collect();
        for action in Action::ALL {
            let base = json!({"user_id": "u", "event_name": "e", "group_id": "g"});
            let plain = call(action, &base).unwrap();
            for key in everywhere.iter().copied().filter(|key| !is_reserved(key)) {
                let changes = [json!("x"), json!({"categoryPreferences": {}})]
                    .into_iter()
                    .any(|value| {
                        let mut fields = base.clone();
                        fields[key] = value;
                        call(action, &fields).is_some_and(|call| call != plain)
                    });
                // Screen takes a timezone and makes nothing of it, as at Segment.
                let silent = action == Action::Screen && key == "timezone";
                assert_eq!(
                    changes || silent,
                    keys(action).any(|known| known == key),
                    "{action}: {key}"
                );
            }
        }
    }

    #[test]
    fn action_rejects_every_row_without_its_required_field() {
        for action in Action::ALL {
            let mut fields = json!({"user_id": "u", "event_name": "e", "group_id": "g"});
            assert!(call(action, &fields).is_some());
            if let Some(key) = required(action) {
                fields[key] = Value::Null;
                assert!(call(action, &fields).is_none(), "{action}");
            }
            fields = json!({"event_name": "e", "group_id": "g"});
            assert!(call(action, &fields).is_none(), "{action} without identity");
        }
    }
}
