use super::{Event, Kind, Reason};
use crate::request::{RawValue, is_filled_text, is_object, pick};

/// The fields that belong to a call, by its kind.
pub(super) fn check(kind: Kind, event: &Event<'_>) -> Result<(), Reason> {
    must(event.properties, is_object, Reason::PROPERTIES_NOT_OBJECT)?;
    must(event.traits, is_object, Reason::TRAITS_NOT_OBJECT)?;
    match kind {
        Kind::Track => event.title().map(drop),
        Kind::Page | Kind::Screen => view(event),
        Kind::Alias | Kind::Group | Kind::Identify => Ok(()),
    }
}

/// A page or screen has its name at the top; its category is there in old clients and in the properties by today's spec.
fn view(event: &Event<'_>) -> Result<(), Reason> {
    must(event.name, is_filled_text, Reason::NAME_NOT_STRING)?;
    must(event.category, is_filled_text, Reason::CATEGORY_NOT_STRING)?;
    let inner = event
        .properties
        .and_then(|properties| pick(properties.get(), ["category"]));
    must(
        inner.and_then(|[category]| category),
        is_filled_text,
        Reason::CATEGORY_NOT_STRING,
    )
}

fn must(value: Option<&RawValue>, rule: fn(&RawValue) -> bool, reason: Reason) -> Result<(), Reason> {
    if value.is_none_or(rule) { Ok(()) } else { Err(reason) }
}
