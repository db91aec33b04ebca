use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::RawValue;
use crate::check::Kind;

/// An event without the write key in it: what may be kept.
pub(crate) fn without_write_key(event: &str) -> String {
    rewrite(event, None)
}

/// The body of a single call as the event that it would be in a batch: its `type` is that of the endpoint, and the
/// write key is left out.
pub(crate) fn typed(body: &str, kind: Kind) -> String {
    rewrite(body, Some(kind))
}

/// Text that is not an object stays as it is.
fn rewrite(json: &str, kind: Option<Kind>) -> String {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer
        .deserialize_map(Rewrite(kind))
        .unwrap_or_else(|_| json.to_owned())
}

struct Rewrite(Option<Kind>);

impl<'de> Visitor<'de> for Rewrite {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut out = String::from("{");
        if let Some(kind) = self.0 {
            out.extend(["\"type\":\"", kind.name(), "\""]);
        }
        while let Some(key) = map.next_key::<&RawValue>()? {
            let name: Cow<'_, str> = super::text(key).unwrap_or_default();
            if name == "writeKey" || (name == "type" && self.0.is_some()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if out.len() > 1 {
                out.push(',');
            }
            out.extend([key.get(), ":", map.next_value::<&RawValue>()?.get()]);
        }
        out.push('}');
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_write_key_out() {
        assert_eq!(
            without_write_key(r#"{"writeKey":"k","a\n":[1, 2],"b":{}}"#),
            r#"{"a\n":[1, 2],"b":{}}"#
        );
        assert_eq!(without_write_key(r#"{"a":1,"write\u004bey":"k"}"#), r#"{"a":1}"#);
        assert_eq!(without_write_key(r#"{"writeKey":"k"}"#), "{}");
    }

    #[test]
    fn gives_a_single_call_the_type_of_its_endpoint() {
        assert_eq!(
            typed(r#"{"type":"page","userId":"u","writeKey":"k"}"#, Kind::Track),
            r#"{"type":"track","userId":"u"}"#
        );
        assert_eq!(typed("{}", Kind::Page), r#"{"type":"page"}"#);
    }
}
