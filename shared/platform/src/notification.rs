//! What S3 says of objects that were just written.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use crate::PlatformError;

/// An object that S3 told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notified {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, as it is: notifications encode it, EventBridge does not.
    pub key: String,
}

/// Only what is read: the rest differs from sender to sender.
#[derive(Debug, Deserialize)]
struct Notification {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    s3: Place,
}

#[derive(Debug, Deserialize)]
struct Place {
    bucket: Bucket,
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

impl Notified {
    /// Returns the objects that an event names: an S3 notification, the test message that S3 sends once (it names none), or an
    /// EventBridge event of S3.
    ///
    /// # Errors
    /// [`PlatformError::Notification`] if it is none of these.
    pub fn of_event(event: &Value) -> Result<Vec<Self>, PlatformError> {
        if event.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
            return Ok(Vec::new());
        }
        let misunderstood = |source| PlatformError::Notification { source };
        if let Some(detail) = event.get("detail") {
            let Place { bucket, object } = Place::deserialize(detail).map_err(misunderstood)?;
            return Ok(vec![Self {
                bucket: bucket.name,
                key: object.key,
            }]);
        }
        let notification = Notification::deserialize(event).map_err(misunderstood)?;
        Ok(notification
            .records
            .into_iter()
            .map(|record| Self::of_record(record.s3))
            .collect())
    }

    /// As [`Notified::of_event`], of an event as text: the body of a queue message.
    ///
    /// # Errors
    /// [`PlatformError::Notification`] if it is no such event.
    pub fn of_message(body: &str) -> Result<Vec<Self>, PlatformError> {
        Self::of_event(&serde_json::from_str(body).map_err(|source| PlatformError::Notification { source })?)
    }

    fn of_record(place: Place) -> Self {
        let key = place.object.key.replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
        Self {
            bucket: place.bucket.name,
            key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(key: &str) -> Notified {
        Notified {
            bucket: "b".into(),
            key: key.into(),
        }
    }

    #[test]
    fn keys_of_a_notification_are_decoded() {
        let record = |key: &str| json!({"s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 1}}});
        let event = json!({"Records": [record("jobs/track/a%2Bb+c.json"), record("caf%C3%A9")]});
        assert_eq!(
            Notified::of_message(&event.to_string()).unwrap(),
            [object("jobs/track/a+b c.json"), object("café")]
        );
    }

    #[test]
    fn keys_of_eventbridge_are_taken_as_they_are() {
        let event = json!({"detail-type": "Object Created", "source": "aws.s3",
            "detail": {"bucket": {"name": "b"}, "object": {"key": "a+b%20c"}}});
        assert_eq!(Notified::of_event(&event).unwrap(), [object("a+b%20c")]);
    }

    #[test]
    fn test_message_of_s3_names_no_object() {
        let body = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#;
        assert!(Notified::of_message(body).unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_an_error() {
        for body in ["hello", "{}", r#"{"Records":[{"s3":{}}]}"#, r#"{"detail":{}}"#] {
            assert!(Notified::of_message(body).is_err(), "{body}");
        }
    }
}
