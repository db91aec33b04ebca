//! What the Tracking API would drop without telling: it answers 200 and shows the reason only in the debugger
//! ("Failed on Ingest" codes of Segment's delivery overview).

use super::field::Field;
use super::{Payload, context, page};
use crate::{Action, Value};

/// Why the Tracking API would drop a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IngestProblem {
    /// Segment's code, such as `id_not_string`.
    pub code: &'static str,
    /// What is wrong.
    pub message: &'static str,
    /// The field of the mapping that gave it.
    pub field: &'static str,
}

/// The event whose consent Segment checks.
const CONSENT_EVENT: &str = "Segment Consent Preference Updated";

/// Says the first thing that the Tracking API would drop the call for.
pub(super) fn problem(action: Action, payload: &Payload<'_>) -> Option<IngestProblem> {
    // Coercion has made text of all identities; what is left is text without content.
    for field in [Field::UserId, Field::AnonymousId] {
        if is_blank(payload.get(field)) {
            return Some(found("id_not_string", "the id is empty", field));
        }
    }
    match action {
        Action::Track => track(payload),
        Action::Page => named(payload, Field::PageName, &page::derived(payload)),
        Action::Screen => named(payload, Field::ScreenName, &[("name", payload.get(Field::ScreenName))]),
        Action::Identify | Action::Group => None,
    }
}

fn found(code: &'static str, message: &'static str, field: Field) -> IngestProblem {
    IngestProblem {
        code,
        message,
        field: field.spec().key,
    }
}

fn track(payload: &Payload<'_>) -> Option<IngestProblem> {
    let event = payload.get(Field::EventName);
    if is_blank(event) {
        return Some(found("event_not_defined", "the event name is empty", Field::EventName));
    }
    if event.as_text().is_some_and(|name| name == CONSENT_EVENT) {
        return consent(context::consent(payload));
    }
    None
}

fn consent(sent: Value<'_>) -> Option<IngestProblem> {
    let preferences = sent.property("categoryPreferences");
    if !preferences.is_object() {
        return Some(found(
            "consent_categorypreferences_should_exist",
            "the event needs consent with category preferences that are all true or false",
            Field::Consent,
        ));
    }
    let version = sent.property("version");
    if !version.is_nullish() && version.as_f64().is_none() {
        return Some(found(
            "consent_version_should_be_number",
            "the consent's version is no number",
            Field::Consent,
        ));
    }
    None
}

/// Names and categories of pages and screens: where they are present they have to be text with content.
fn named(payload: &Payload<'_>, name: Field, derived: &[(&'static str, Value<'_>)]) -> Option<IngestProblem> {
    if is_blank(payload.get(name)) {
        return Some(found("name_not_string", "the name is empty", name));
    }
    let given = payload.get(Field::Properties);
    let category = match given.property("category") {
        Value::Undefined => derived
            .iter()
            .find(|(key, _)| *key == "category")
            .map_or(Value::Undefined, |(_, v)| *v),
        category => category,
    };
    if !matches!(category, Value::Undefined | Value::Null) && !has_text(category) {
        let message = "the category in properties is no text or is empty";
        return Some(found("category_not_string", message, Field::Properties));
    }
    let name = given.property("name");
    if !matches!(name, Value::Undefined | Value::Null) && !has_text(name) {
        return Some(found(
            "name_not_string",
            "the name in properties is no text or is empty",
            Field::Properties,
        ));
    }
    None
}

fn has_text(value: Value<'_>) -> bool {
    matches!(value, Value::Text(_) | Value::Spelled(_)) && value.is_truthy()
}

fn is_blank(value: Value<'_>) -> bool {
    matches!(value, Value::Text(""))
}
