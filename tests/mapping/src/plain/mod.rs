//! The mapping engine as one would write it first, to compare the compiled one with: trees in, trees out, and
//! mappings interpreted for each row. Written from Segment's rules alone. It shares no code with the crate `mapping`
//! but the name of the action, and Liquid, which it reads anew for each row.

mod call;
mod js;
mod kit;
mod path;
mod schema;

use mapping::Action;

pub use js::{Js, Object};

/// An action and its mapping, which has to be valid.
#[derive(Debug)]
pub struct Plain {
    action: Action,
    mapping: Js,
}

impl Plain {
    /// Returns the mapping as an action.
    ///
    /// # Errors
    /// When the mapping's text is not JSON.
    pub fn new(action: Action, mapping: &str) -> serde_json::Result<Self> {
        Ok(Self {
            action,
            mapping: Js::parse(mapping)?,
        })
    }

    /// Returns the call that an event becomes. `fallback_id` is the message id if the mapping gives none.
    ///
    /// # Errors
    /// Segment's words for why there is no call.
    pub fn call(&self, event: &Js, fallback_id: Option<&str>) -> Result<Js, String> {
        let given = kit::transform(&self.mapping, event)?;
        let mut fields = schema::validated(self.action, &given)?;
        let has = |fields: &Object, key| fields.get(key).is_some_and(Js::is_truthy);
        if !has(&fields, "user_id") && !has(&fields, "anonymous_id") {
            return Err("Either `Anonymous ID` or `User ID` must be defined.".to_owned());
        }
        if let Some(id) = fallback_id.filter(|_| !has(&fields, "message_id")) {
            fields.insert("message_id".to_owned(), Js::text(id));
        }
        Ok(call::built(self.action, &fields).without_undefined())
    }
}

/// The event that is made of a warehouse row.
#[must_use]
pub fn event(change: &str, row: Js) -> Js {
    let fields = [
        ("type", Js::text("track")),
        ("event", Js::text(change)),
        ("properties", row),
    ];
    Js::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
