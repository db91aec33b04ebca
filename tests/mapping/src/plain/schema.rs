//! The fields of the five actions, removal of what is empty, and ajv's coercion (reference: "Schema rules").

use mapping::Action;

use super::js::{Js, Object};

/// Key, label, type.
type Field = (&'static str, &'static str, Type);

#[derive(Debug, Clone, Copy)]
enum Type {
    Text,
    Number,
    Boolean,
    /// An object with any keys.
    Free,
    /// An object with these keys; others are removed.
    Fixed(&'static [Field]),
}

use Type::{Boolean, Fixed, Free, Number, Text};

const FIELDS: &[Field] = &[
    ("user_id", "User ID", Text),
    ("anonymous_id", "Anonymous ID", Text),
    ("timestamp", "Timestamp", Text),
    ("page_name", "Page Name", Text),
    ("page_category", "Page Category", Text),
    ("screen_name", "Screen Name", Text),
    ("event_name", "Event Name", Text),
    ("application", "Application", Fixed(APPLICATION)),
    ("campaign_parameters", "Campaign Parameters", Fixed(CAMPAIGN)),
    ("device", "Device", Fixed(DEVICE)),
    ("ip_address", "IP Address", Text),
    ("locale", "Locale", Text),
    ("location", "Location", Fixed(LOCATION)),
    ("network", "Network", Fixed(NETWORK)),
    ("operating_system", "Operating System", Fixed(OPERATING_SYSTEM)),
    ("page", "Page", Fixed(PAGE)),
    ("screen", "Screen", Fixed(SCREEN)),
    ("user_agent", "User Agent", Text),
    ("timezone", "Timezone", Text),
    ("group_id", "Group ID", Text),
    ("properties", "Properties", Free),
    ("traits", "Traits", Free),
    ("message_id", "MessageId", Text),
    ("consent", "Consent", Free),
    ("address", "Address", Fixed(ADDRESS)),
];

const APPLICATION: &[Field] = &[
    ("name", "Name", Text),
    ("version", "Version", Text),
    ("build", "Build", Text),
    ("namespace", "Namespace", Text),
];
const CAMPAIGN: &[Field] = &[
    ("name", "Name", Text),
    ("source", "Source", Text),
    ("medium", "Medium", Text),
    ("term", "Term", Text),
    ("content", "Content", Text),
];
const DEVICE: &[Field] = &[
    ("id", "ID", Text),
    ("advertising_id", "Advertising ID", Text),
    ("adTracking_Enabled", "Ad Tracking Enabled", Boolean),
    ("manufacturer", "Manufacturer", Text),
    ("model", "Model", Text),
    ("name", "Name", Text),
    ("type", "Type", Text),
    ("token", "Token", Text),
];
const LOCATION: &[Field] = &[
    ("city", "City", Text),
    ("country", "Country", Text),
    ("latitude", "Latitude", Number),
    ("longitude", "Longitude", Number),
    ("speed", "Speed", Number),
];
const NETWORK: &[Field] = &[
    ("bluetooth", "Bluetooth", Boolean),
    ("carrier", "Carrier", Text),
    ("cellular", "Cellular", Boolean),
    ("wifi", "WiFi", Boolean),
];
const OPERATING_SYSTEM: &[Field] = &[("name", "Name", Text), ("version", "Version", Text)];
const PAGE: &[Field] = &[
    ("path", "Path", Text),
    ("referrer", "Referrer", Text),
    ("search", "Search", Text),
    ("title", "Title", Text),
    ("url", "URL", Text),
];
const SCREEN: &[Field] = &[
    ("density", "Density", Number),
    ("height", "Height", Number),
    ("width", "Width", Number),
];
const ADDRESS: &[Field] = &[
    ("street", "Street", Text),
    ("city", "City", Text),
    ("state", "State", Text),
    ("country", "Country", Text),
    ("postalCode", "Postal Code", Text),
];

/// The fields of an action in the order in which they are checked, and the one that has to be there.
fn schema(action: Action) -> (Vec<&'static Field>, Option<&'static str>) {
    let absent: &[&str] = match action {
        Action::Page => &["screen_name", "event_name", "traits", "address"],
        Action::Screen => &["page_name", "page_category", "event_name", "traits", "address"],
        Action::Track => &["page_name", "page_category", "screen_name", "address"],
        Action::Identify | Action::Group => &[
            "page_name",
            "page_category",
            "screen_name",
            "event_name",
            "properties",
            "address",
        ],
    };
    let mut fields: Vec<_> = FIELDS.iter().filter(|(key, _, _)| !absent.contains(key)).collect();
    match action {
        Action::Identify => fields.extend(FIELDS.last()),
        Action::Group => {
            // Its own id stands before the time.
            if let Some(at) = fields.iter().position(|(key, _, _)| *key == "group_id") {
                fields[2..=at].rotate_right(1);
            }
        }
        _ => {}
    }
    let required = match action {
        Action::Track => Some("event_name"),
        Action::Group => Some("group_id"),
        _ => None,
    };
    (fields, required)
}

/// Returns the fields that are sent, or Segment's words for all that is wrong with them.
pub(super) fn validated(action: Action, given: &Js) -> Result<Object, String> {
    let Js::Object(given) = given else {
        return Err(format!(
            "The root value must be an object but it was {}.",
            described(given)
        ));
    };
    let (fields, required) = schema(action);
    let mut problems = Vec::new();
    let is_there = |key: &&str| given.get(*key).is_some_and(|value| !is_empty(value, Text, true));
    if let Some(key) = required.filter(|key| !is_there(key)) {
        problems.push(format!("The root value is missing the required field '{key}'."));
    }
    let valid = fixed(given, fields, true, &mut problems);
    if problems.is_empty() {
        Ok(valid)
    } else {
        Err(problems.join(" "))
    }
}

fn fixed<'f>(
    given: &Object,
    fields: impl IntoIterator<Item = &'f Field>,
    is_root: bool,
    problems: &mut Vec<String>,
) -> Object {
    let mut kept = Object::new();
    for (key, label, kind) in fields {
        match given.get(*key) {
            Some(value) if !is_empty(value, *kind, is_root) => {
                kept.insert((*key).to_owned(), coerced(value, label, *kind, problems));
            }
            _ => {}
        }
    }
    kept
}

/// `null` and empty text are nothing; only inside of an object empty text is text.
fn is_empty(value: &Js, kind: Type, is_root: bool) -> bool {
    value.is_nullish() || *value == Js::text("") && (is_root || !matches!(kind, Text))
}

fn coerced(value: &Js, label: &str, kind: Type, problems: &mut Vec<String>) -> Js {
    let opened = match value {
        Js::Array(items) if items.len() == 1 => &items[0],
        value => value,
    };
    let (expected, result, got) = match (kind, value) {
        (Free, Js::Object(_)) => return value.clone(),
        (Fixed(fields), Js::Object(given)) => return Js::Object(fixed(given, fields, false, problems)),
        (Free | Fixed(_), _) => ("an object", None, value),
        (Text, _) => ("a string", text(opened), opened),
        (Number, _) => ("a number", number(opened), opened),
        (Boolean, _) => ("a boolean", boolean(opened), opened),
    };
    result.unwrap_or_else(|| {
        problems.push(format!("{label} must be {expected} but it was {}.", described(got)));
        Js::Undefined
    })
}

fn text(value: &Js) -> Option<Js> {
    match value {
        Js::Null => Some(Js::text("")),
        Js::Bool(_) | Js::Number(_) | Js::Text(_) => Some(Js::Text(value.to_text())),
        _ => None,
    }
}

fn number(value: &Js) -> Option<Js> {
    let number = match value {
        Js::Null | Js::Bool(false) => 0.0,
        Js::Bool(true) => 1.0,
        Js::Number(number) => *number,
        Js::Text(text) if !text.is_empty() => Js::number_from(text),
        _ => f64::NAN,
    };
    (!number.is_nan()).then_some(Js::Number(number))
}

fn boolean(value: &Js) -> Option<Js> {
    let is = match value {
        Js::Bool(is) => *is,
        Js::Null | Js::Number(0.0) => false,
        Js::Number(1.0) => true,
        Js::Text(text) => return text.parse().ok().map(Js::Bool),
        _ => return None,
    };
    Some(Js::Bool(is))
}

fn described(value: &Js) -> String {
    match value.type_name() {
        name @ ("array" | "object") => format!("an {name}"),
        name @ ("string" | "number" | "boolean") => format!("a {name}"),
        name => name.to_owned(),
    }
}
