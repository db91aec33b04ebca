//! The fields that mappings give, and what each may hold (Segment's `segment-properties`).

/// A field of a mapping. The number of each is its place in a [`Payload`](super::payload::Payload).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    UserId,
    AnonymousId,
    GroupId,
    Timestamp,
    PageName,
    PageCategory,
    ScreenName,
    EventName,
    Application,
    CampaignParameters,
    Device,
    IpAddress,
    Locale,
    Location,
    Network,
    OperatingSystem,
    Page,
    Screen,
    UserAgent,
    Timezone,
    Properties,
    Traits,
    MessageId,
    Consent,
    Address,
}

/// How many fields there are.
pub(crate) const COUNT: usize = Field::Address as usize + 1;

/// What a field may hold after coercion.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// An object with these keys; others are dropped.
    Fixed(&'static [Spec]),
    /// An object with any keys, left as it is.
    Free,
}

/// One of Segment's fields, or a key of one.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The key in the mapping.
    pub key: &'static str,
    /// Segment's label, as its messages show it.
    pub label: &'static str,
    /// What it may hold.
    pub kind: Kind,
}

/// How many keys a fixed object has at most.
pub(crate) const MAX_KEYS: usize = 8;

const fn text(key: &'static str, label: &'static str) -> Spec {
    Spec {
        key,
        label,
        kind: Kind::Text,
    }
}

const fn number(key: &'static str, label: &'static str) -> Spec {
    Spec {
        key,
        label,
        kind: Kind::Number,
    }
}

const fn boolean(key: &'static str, label: &'static str) -> Spec {
    Spec {
        key,
        label,
        kind: Kind::Boolean,
    }
}

const fn fixed(key: &'static str, label: &'static str, keys: &'static [Spec]) -> Spec {
    assert!(keys.len() <= MAX_KEYS, "a fixed object has too many keys");
    Spec {
        key,
        label,
        kind: Kind::Fixed(keys),
    }
}

const fn free(key: &'static str, label: &'static str) -> Spec {
    Spec {
        key,
        label,
        kind: Kind::Free,
    }
}

impl Field {
    /// Key, label and kind.
    pub(crate) fn spec(self) -> &'static Spec {
        &SPECS[self as usize]
    }
}

/// In the order of [`Field`].
const SPECS: [Spec; COUNT] = [
    text("user_id", "User ID"),
    text("anonymous_id", "Anonymous ID"),
    text("group_id", "Group ID"),
    text("timestamp", "Timestamp"),
    text("page_name", "Page Name"),
    text("page_category", "Page Category"),
    text("screen_name", "Screen Name"),
    text("event_name", "Event Name"),
    fixed("application", "Application", APPLICATION),
    fixed("campaign_parameters", "Campaign Parameters", CAMPAIGN),
    fixed("device", "Device", DEVICE),
    text("ip_address", "IP Address"),
    text("locale", "Locale"),
    fixed("location", "Location", LOCATION),
    fixed("network", "Network", NETWORK),
    fixed("operating_system", "Operating System", OPERATING_SYSTEM),
    fixed("page", "Page", PAGE),
    fixed("screen", "Screen", SCREEN),
    text("user_agent", "User Agent"),
    text("timezone", "Timezone"),
    free("properties", "Properties"),
    free("traits", "Traits"),
    text("message_id", "MessageId"),
    free("consent", "Consent"),
    fixed("address", "Address", ADDRESS),
];

const APPLICATION: &[Spec] = &[
    text("name", "Name"),
    text("version", "Version"),
    text("build", "Build"),
    text("namespace", "Namespace"),
];

const CAMPAIGN: &[Spec] = &[
    text("name", "Name"),
    text("source", "Source"),
    text("medium", "Medium"),
    text("term", "Term"),
    text("content", "Content"),
];

/// Segment emits `advertising_id` and `adTracking_Enabled` as they are, unlike its own spec of `context.device`.
const DEVICE: &[Spec] = &[
    text("id", "ID"),
    text("advertising_id", "Advertising ID"),
    boolean("adTracking_Enabled", "Ad Tracking Enabled"),
    text("manufacturer", "Manufacturer"),
    text("model", "Model"),
    text("name", "Name"),
    text("type", "Type"),
    text("token", "Token"),
];

const LOCATION: &[Spec] = &[
    text("city", "City"),
    text("country", "Country"),
    number("latitude", "Latitude"),
    number("longitude", "Longitude"),
    number("speed", "Speed"),
];

const NETWORK: &[Spec] = &[
    boolean("bluetooth", "Bluetooth"),
    text("carrier", "Carrier"),
    boolean("cellular", "Cellular"),
    boolean("wifi", "WiFi"),
];

const OPERATING_SYSTEM: &[Spec] = &[text("name", "Name"), text("version", "Version")];

const PAGE: &[Spec] = &[
    text("path", "Path"),
    text("referrer", "Referrer"),
    text("search", "Search"),
    text("title", "Title"),
    text("url", "URL"),
];

const SCREEN: &[Spec] = &[
    number("density", "Density"),
    number("height", "Height"),
    number("width", "Width"),
];

const ADDRESS: &[Spec] = &[
    text("street", "Street"),
    text("city", "City"),
    text("state", "State"),
    text("country", "Country"),
    text("postalCode", "Postal Code"),
];

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn lists_specs_in_the_order_of_fields() {
        let pairs = [
            (Field::UserId, "user_id"),
            (Field::EventName, "event_name"),
            (Field::Device, "device"),
            (Field::OperatingSystem, "operating_system"),
            (Field::Timezone, "timezone"),
            (Field::Traits, "traits"),
            (Field::Consent, "consent"),
            (Field::Address, "address"),
        ];
        assert!(pairs.iter().all(|(field, key)| field.spec().key == *key));
    }
}
