use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::Position;
use super::{RawValue, Refusal};

/// The body of a request: an object of which only these fields matter. The last one counts where a key is repeated.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    pub(crate) write_key: Option<&'a RawValue>,
    pub(crate) context: Option<&'a RawValue>,
    pub(crate) batch: Items<'a>,
}

/// What stands under `batch`.
#[derive(Debug, Default)]
pub(crate) enum Items<'a> {
    /// Nothing, or `null`.
    #[default]
    Absent,
    /// Something that is not an array.
    NotArray,
    /// The events, each as its JSON text.
    Array(Vec<&'a RawValue>),
}

impl<'a> Envelope<'a> {
    /// Reads a whole body in one pass.
    ///
    /// # Errors
    /// The refusal of a body that is not one JSON object.
    pub(crate) fn read(json: &'a str) -> Result<Envelope<'a>, Refusal> {
        serde_json::from_str(json).map_err(|_| Refusal::MALFORMED)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Envelope<'a>, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(position) = map.next_key_seed(Position(&["writeKey", "context", "batch"]))? {
            match position {
                Some(0) => envelope.write_key = Some(map.next_value()?),
                Some(1) => envelope.context = Some(map.next_value()?),
                Some(_) => envelope.batch = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Items<'a>, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Items::Array(items))
    }

    fn visit_unit<E: Error>(self) -> Result<Items<'de>, E> {
        Ok(Items::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Items::NotArray)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Items<'de>, E> {
        Ok(Items::NotArray)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Items<'de>, E> {
        Ok(Items::NotArray)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Items<'de>, E> {
        Ok(Items::NotArray)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Items<'de>, E> {
        Ok(Items::NotArray)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Items<'de>, E> {
        Ok(Items::NotArray)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_each_event_as_it_was_written() {
        let body = r#"{"sentAt":"x","batch":[{"a" : 1.50}, {"b":"\u00e9"}],"context":{"c":1},"writeKey":"k"}"#;
        let envelope = Envelope::read(body).unwrap();
        let Items::Array(items) = envelope.batch else {
            panic!("not an array")
        };
        assert_eq!(
            items.iter().map(|item| item.get()).collect::<Vec<_>>(),
            [r#"{"a" : 1.50}"#, r#"{"b":"\u00e9"}"#]
        );
        assert_eq!(envelope.context.unwrap().get(), r#"{"c":1}"#);
        assert_eq!(envelope.write_key.unwrap().get(), r#""k""#);
    }

    #[test]
    fn tells_a_batch_that_is_no_array_from_none() {
        for body in ["{}", r#"{"batch":null}"#] {
            assert!(matches!(Envelope::read(body).unwrap().batch, Items::Absent), "{body}");
        }
        for batch in ["{\"a\":1}", "1", "-1", "1.5", "true", "\"x\""] {
            let body = format!("{{\"batch\":{batch}}}");
            assert!(
                matches!(Envelope::read(&body).unwrap().batch, Items::NotArray),
                "{body}"
            );
        }
    }

    #[test]
    fn refuses_what_is_not_one_json_object() {
        for body in [
            "",
            "[]",
            "nul",
            "{",
            r#"{"batch":[}"#,
            r#"{"batch":[{"a":01}]}"#,
            r#"{"batch":[]} x"#,
            "{\"a\":\"\n\"}",
        ] {
            assert_eq!(Envelope::read(body).err(), Some(Refusal::MALFORMED), "{body}");
        }
    }
}
