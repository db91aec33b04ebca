//! The five calls (reference: "Output event").

use mapping::Action;

use super::js::{Js, Object, ordered};

/// Builds the call of validated fields.
pub(super) fn built(action: Action, fields: &Object) -> Js {
    let get = |key: &str| fields.get(key).cloned().unwrap_or(Js::Undefined);
    let object = |key: &str| match get(key) {
        Js::Undefined => Js::Object(Object::new()),
        given => given,
    };
    let mut call = Object::new();
    let mut put = |key: &str, value| call.insert(key.to_owned(), value);
    put("userId", get("user_id"));
    put("anonymousId", get("anonymous_id"));
    if action == Action::Group {
        put("groupId", get("group_id"));
    }
    put("timestamp", get("timestamp"));
    match action {
        Action::Page => put("name", get("page_name")),
        Action::Screen => put("name", get("screen_name")),
        Action::Track => put("event", get("event_name")),
        Action::Identify | Action::Group => None,
    };
    put("messageId", get("message_id"));
    put("context", Js::Object(context(action, fields)));
    match action {
        Action::Track => put("properties", object("properties")),
        Action::Page | Action::Screen => put("properties", properties(action, fields)),
        Action::Group => put("traits", object("traits")),
        Action::Identify => put("traits", traits(object("traits"), get("address"))),
    };
    put("type", Js::text(action.as_str()));
    Js::Object(call)
}

fn context(action: Action, fields: &Object) -> Object {
    let keys = [
        ("traits", "traits", action == Action::Track),
        ("app", "application", true),
        ("campaign", "campaign_parameters", true),
        ("consent", "consent", true),
        ("device", "device", true),
        ("ip", "ip_address", true),
        ("locale", "locale", true),
        ("location", "location", true),
        ("network", "network", true),
        ("os", "operating_system", true),
        ("page", "page", true),
        ("screen", "screen", true),
        ("userAgent", "user_agent", true),
        ("timezone", "timezone", action != Action::Screen),
        ("groupId", "group_id", action != Action::Group),
    ];
    let mut context = Object::new();
    for (key, field, _) in keys.iter().filter(|(_, _, is_sent)| *is_sent) {
        let value = match fields.get(*field) {
            Some(consent) if *key == "consent" && !is_valid(consent) => None,
            value => value,
        };
        match value {
            Some(value) => context.insert((*key).to_owned(), value.clone()),
            None if matches!(*key, "traits" | "consent") => {
                context.insert((*key).to_owned(), Js::Object(Object::new()))
            }
            None => None,
        };
    }
    context
}

/// Whether all category preferences are true or false.
fn is_valid(consent: &Js) -> bool {
    let is_boolean = |value: &Js| matches!(value, Js::Bool(_));
    match &*consent.property("categoryPreferences") {
        Js::Object(preferences) => preferences.values().all(is_boolean),
        Js::Array(preferences) => preferences.iter().all(is_boolean),
        _ => false,
    }
}

/// What a page or screen has in other fields, under what its own properties say.
fn properties(action: Action, fields: &Object) -> Js {
    let mut properties = Object::new();
    let mut put = |key: &str, value: Option<&Js>| {
        if let Some(value) = value {
            properties.insert(key.to_owned(), value.clone());
        }
    };
    if action == Action::Page {
        put("name", fields.get("page_name"));
        put("category", fields.get("page_category"));
        if let Some(Js::Object(page)) = fields.get("page") {
            for key in ["path", "referrer", "search", "title", "url"] {
                put(key, page.get(key));
            }
        }
    } else {
        put("name", fields.get("screen_name"));
    }
    if let Some(Js::Object(given)) = fields.get("properties") {
        properties.extend(given.clone());
    }
    ordered(properties)
}

fn traits(traits: Js, address: Js) -> Js {
    match (traits, address) {
        (Js::Object(mut traits), address @ Js::Object(_)) => {
            traits.insert("address".to_owned(), address);
            ordered(traits)
        }
        (traits, _) => traits,
    }
}
