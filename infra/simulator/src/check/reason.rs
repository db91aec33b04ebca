/// Why an event was dropped although its request was answered 200: a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason(&'static str);

impl Reason {
    /// The batch has no events. Counted once for the request.
    pub const EMPTY_BATCH: Reason = Reason("empty_batch");
    /// The batch, or the event, is JSON of another shape than it must have.
    pub const BAD_REQUEST: Reason = Reason("bad_request");
    /// The write key is not that of the known source.
    pub const UNKNOWN_SOURCE: Reason = Reason("unknown_source");
    /// The batch holds more than 2,500 events. The rule is documented, the code is ours.
    pub const BATCH_TOO_LARGE: Reason = Reason("batch_too_large");
    /// `type` is absent.
    pub const MISSING_TYPE: Reason = Reason("missing_type");
    /// `type` is none of the six calls.
    pub const INVALID_TYPE: Reason = Reason("invalid_type");
    /// Neither `userId` nor `anonymousId`. The docs list `id_required` for the same.
    pub const NO_USER_ANON_ID: Reason = Reason("no_user_anon_id");
    /// `userId` or `anonymousId` is empty or not a string.
    pub const ID_NOT_STRING: Reason = Reason("id_not_string");
    /// A track call without an event name.
    pub const EVENT_NOT_DEFINED: Reason = Reason("event_not_defined");
    /// A track call whose event name is not a string.
    pub const EVENT_NOT_STRING: Reason = Reason("event_not_string");
    /// `properties` is not an object.
    pub const PROPERTIES_NOT_OBJECT: Reason = Reason("properties_not_object");
    /// `traits` is not an object.
    pub const TRAITS_NOT_OBJECT: Reason = Reason("traits_not_object");
    /// The name of a page or screen is empty or not a string.
    pub const NAME_NOT_STRING: Reason = Reason("name_not_string");
    /// The category of a page or screen is empty or not a string.
    pub const CATEGORY_NOT_STRING: Reason = Reason("category_not_string");
    /// A consent update without categories.
    pub const CONSENT_CATEGORIES_MISSING: Reason = Reason("consent_categorypreferences_should_exist");
    /// A consent update whose categories are not an object.
    pub const CONSENT_CATEGORIES_NOT_OBJECT: Reason = Reason("consent_categorypreferences_fields_should_be_object");
    /// A consent update with a category that is neither true nor false.
    pub const CONSENT_CATEGORY_NOT_BOOL: Reason = Reason("consent_categorypreferences_fields_should_be_bool");
    /// A consent update whose version is not a number.
    pub const CONSENT_VERSION_NOT_NUMBER: Reason = Reason("consent_version_should_be_number");
    /// A consent update from a device whose advertising id is not a string.
    pub const ADVERTISING_ID_NOT_STRING: Reason = Reason("device_advertisingid_should_be_string");
    /// `messageId` is longer than 100 characters. The rule is documented, the code is ours.
    pub const MESSAGE_ID_TOO_LONG: Reason = Reason("message_id_too_long");
    /// `messageId` is not a string. Segment's libraries insist on it; what the API does is not documented.
    pub const MESSAGE_ID_NOT_STRING: Reason = Reason("message_id_not_string");

    /// The code, as in counts and in `dropped.jsonl`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0
    }
}
