use super::*;

fn verdict(event: &str) -> Result<Pass, Reason> {
    check(&Event::read(event)?, None)
}

#[track_caller]
fn passes(event: &str) {
    assert!(verdict(event).is_ok(), "{event}: {:?}", verdict(event));
}

#[track_caller]
fn drops(event: &str, reason: Reason) {
    assert_eq!(verdict(event), Err(reason), "{event}");
}

/// A page call with more fields.
fn page(more: &str) -> String {
    format!(r#"{{"type":"page","userId":"u"{more}}}"#)
}

/// A consent update with this context.
fn consent(context: &str) -> String {
    format!(r#"{{"type":"track","userId":"u","event":"Segment Consent Preference Updated","context":{context}}}"#)
}

#[test]
fn accepts_each_kind_of_call() {
    passes(r#"{"type":"track","userId":"u","event":"E","properties":{}}"#);
    passes(r#"{"type":"identify","anonymousId":"a","traits":{"n":null}}"#);
    passes(r#"{"type":"page","userId":"u","name":"Home","properties":{"category":"Docs"}}"#);
    passes(r#"{"type":"screen","userId":"u","name":"Home"}"#);
    passes(r#"{"type":"group","userId":"u","groupId":"g"}"#);
    passes(r#"{"type":"alias","userId":"u","previousId":"p"}"#);
}

#[test]
fn drops_what_is_not_an_object() {
    for text in ["[]", "1", "null", "\"track\""] {
        drops(text, Reason::BAD_REQUEST);
    }
}

#[test]
fn drops_event_without_a_known_type() {
    drops(r#"{"userId":"u"}"#, Reason::MISSING_TYPE);
    drops(r#"{"type":null,"userId":"u"}"#, Reason::MISSING_TYPE);
    drops(r#"{"type":"Track","userId":"u","event":"E"}"#, Reason::INVALID_TYPE);
    drops(r#"{"type":7,"userId":"u"}"#, Reason::INVALID_TYPE);
}

#[test]
fn drops_event_without_identity() {
    drops(r#"{"type":"identify"}"#, Reason::NO_USER_ANON_ID);
    drops(
        r#"{"type":"identify","userId":null,"anonymousId":null}"#,
        Reason::NO_USER_ANON_ID,
    );
    drops(r#"{"type":"group","groupId":"g"}"#, Reason::NO_USER_ANON_ID);
}

#[test]
fn drops_identity_that_is_empty_or_not_a_string() {
    for id in ["\"\"", "7", "true", "{}", "[\"u\"]"] {
        drops(
            &format!(r#"{{"type":"identify","userId":{id}}}"#),
            Reason::ID_NOT_STRING,
        );
        drops(
            &format!(r#"{{"type":"identify","userId":"u","anonymousId":{id}}}"#),
            Reason::ID_NOT_STRING,
        );
    }
}

#[test]
fn takes_a_null_identity_for_an_absent_one() {
    passes(r#"{"type":"identify","userId":null,"anonymousId":"a"}"#);
}

#[test]
fn drops_track_without_event_name() {
    drops(r#"{"type":"track","userId":"u"}"#, Reason::EVENT_NOT_DEFINED);
    drops(
        r#"{"type":"track","userId":"u","event":null}"#,
        Reason::EVENT_NOT_DEFINED,
    );
    drops(r#"{"type":"track","userId":"u","event":""}"#, Reason::EVENT_NOT_DEFINED);
}

#[test]
fn drops_track_whose_event_name_is_not_a_string() {
    drops(r#"{"type":"track","userId":"u","event":5}"#, Reason::EVENT_NOT_STRING);
}

#[test]
fn drops_properties_that_are_not_an_object() {
    for properties in ["null", "[]", "\"{}\"", "1"] {
        drops(
            &format!(r#"{{"type":"track","userId":"u","event":"E","properties":{properties}}}"#),
            Reason::PROPERTIES_NOT_OBJECT,
        );
    }
}

#[test]
fn drops_traits_that_are_not_an_object() {
    drops(
        r#"{"type":"identify","userId":"u","traits":[]}"#,
        Reason::TRAITS_NOT_OBJECT,
    );
    drops(
        r#"{"type":"group","userId":"u","groupId":"g","traits":"x"}"#,
        Reason::TRAITS_NOT_OBJECT,
    );
}

#[test]
fn drops_page_whose_name_is_empty_or_not_a_string() {
    passes(&page(""));
    drops(&page(r#","name":"""#), Reason::NAME_NOT_STRING);
    drops(&page(r#","name":null"#), Reason::NAME_NOT_STRING);
    drops(r#"{"type":"screen","userId":"u","name":3}"#, Reason::NAME_NOT_STRING);
}

#[test]
fn drops_page_whose_category_is_empty_or_not_a_string() {
    drops(&page(r#","category":"""#), Reason::CATEGORY_NOT_STRING);
    drops(&page(r#","properties":{"category":4}"#), Reason::CATEGORY_NOT_STRING);
    drops(
        &page(r#","properties":{"a":1,"category":""}"#),
        Reason::CATEGORY_NOT_STRING,
    );
}

#[test]
fn leaves_name_and_category_of_other_calls_alone() {
    passes(r#"{"type":"track","userId":"u","event":"E","name":1,"category":2,"properties":{"category":3}}"#);
}

#[test]
fn drops_consent_update_without_categories() {
    for context in [
        "{}",
        "null",
        r#"{"consent":{}}"#,
        r#"{"consent":7}"#,
        r#"{"consent":{"categoryPreferences":null}}"#,
    ] {
        drops(&consent(context), Reason::CONSENT_CATEGORIES_MISSING);
    }
}

#[test]
fn drops_consent_update_whose_categories_are_not_an_object() {
    drops(
        &consent(r#"{"consent":{"categoryPreferences":[true]}}"#),
        Reason::CONSENT_CATEGORIES_NOT_OBJECT,
    );
}

#[test]
fn drops_consent_update_with_a_category_that_is_not_bool() {
    let context = r#"{"consent":{"categoryPreferences":{"ads":true,"more":"false"}}}"#;
    drops(&consent(context), Reason::CONSENT_CATEGORY_NOT_BOOL);
}

#[test]
fn drops_consent_update_whose_version_is_not_a_number() {
    let context = r#"{"consent":{"version":"2","categoryPreferences":{"ads":true}}}"#;
    drops(&consent(context), Reason::CONSENT_VERSION_NOT_NUMBER);
    passes(&consent(&context.replace("\"2\"", "2")));
}

#[test]
fn drops_consent_update_whose_advertising_id_is_not_a_string() {
    let context = r#"{"device":{"advertisingId":9},"consent":{"categoryPreferences":{}}}"#;
    drops(&consent(context), Reason::ADVERTISING_ID_NOT_STRING);
    passes(&consent(&context.replace('9', "\"9\"")));
}

#[test]
fn checks_context_of_consent_updates_only() {
    passes(r#"{"type":"track","userId":"u","event":"E","context":{"device":{"advertisingId":9},"consent":1}}"#);
}

#[test]
fn merges_the_batch_context_into_a_consent_update() {
    let batch: &RawValue = serde_json::from_str(r#"{"consent":{"categoryPreferences":{"ads":false}}}"#).unwrap();
    let text = consent("{}");
    assert!(check(&Event::read(&text).unwrap(), Some(batch)).is_ok());
    let own = consent(r#"{"consent":{"categoryPreferences":1}}"#);
    let verdict = check(&Event::read(&own).unwrap(), Some(batch));
    assert_eq!(
        verdict,
        Err(Reason::CONSENT_CATEGORIES_NOT_OBJECT),
        "the event's own context wins"
    );
}

#[test]
fn drops_message_id_over_100_characters() {
    let event = |id: &str| format!(r#"{{"type":"identify","userId":"u","messageId":"{id}"}}"#);
    passes(&event(&"é".repeat(100)));
    drops(&event(&"m".repeat(101)), Reason::MESSAGE_ID_TOO_LONG);
    drops(
        r#"{"type":"identify","userId":"u","messageId":8}"#,
        Reason::MESSAGE_ID_NOT_STRING,
    );
}

#[test]
fn fingerprints_the_message_id_and_not_its_spelling() {
    let fingerprint = |id: &str| {
        verdict(&format!(r#"{{"type":"identify","userId":"u","messageId":{id}}}"#))
            .unwrap()
            .fingerprint
    };
    assert_eq!(fingerprint(r#""ab""#), fingerprint(r#""\u0061b""#));
    assert_ne!(fingerprint(r#""ab""#), fingerprint(r#""ac""#));
    assert_eq!(fingerprint("null"), None);
    assert_eq!(fingerprint(r#""""#), None);
}

#[test]
fn reads_the_last_of_repeated_keys_and_escaped_keys() {
    passes(r#"{"type":"identify","userId":1,"userId":"u"}"#);
    passes(r#"{"\u0074ype":"identify","userId":"u"}"#);
    drops(r#"{"type":"identify","userId":"u","userId":1}"#, Reason::ID_NOT_STRING);
}
