//! Events that others may act on, put on the account's default event bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::Value;

use crate::aws::failure;
use crate::{Aws, PlatformError, ServiceFailure};

/// The `source` of all our events.
pub const EVENT_SOURCE: &str = "backhaul";

/// `EventBridge`'s default bus of the account and region.
#[derive(Debug, Clone)]
pub struct EventBus {
    aws: Aws,
}

impl EventBus {
    /// The bus reached with `aws`. Nothing is looked up yet.
    #[must_use]
    pub fn new(aws: Aws) -> Self {
        Self { aws }
    }

    /// Puts one event on the bus: its `detail-type`, and its `detail` of at most 256 KB.
    ///
    /// # Errors
    /// If the bus cannot be reached or refuses the event. Whether it was put all the same is not known then.
    pub async fn put(&self, kind: &str, detail: &Value) -> Result<(), PlatformError> {
        let refused = |failure| PlatformError::Event {
            kind: kind.to_owned(),
            failure: Box::new(failure),
        };
        let client = Client::new(self.aws.config().await.map_err(refused)?);
        let entry = PutEventsRequestEntry::builder()
            .source(EVENT_SOURCE)
            .detail_type(kind)
            .detail(detail.to_string())
            .build();
        let reply = client.put_events().entries(entry).send().await;
        let reply = reply.map_err(|error| refused(failure::of(&error)))?;
        // The request may succeed while the event in it does not.
        match reply.entries().iter().find(|entry| entry.error_code().is_some()) {
            None => Ok(()),
            Some(entry) => Err(refused(ServiceFailure {
                code: entry.error_code().unwrap_or_default().to_owned(),
                status: None,
                message: entry.error_message().unwrap_or_default().to_owned(),
                remedy: None,
                retryable: true,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, Reply};
    use serde_json::json;

    async fn put(reply: Reply) -> Result<(), PlatformError> {
        EventBus::new(Fake::new([reply]).aws())
            .put("Backhaul Run Finished", &json!({"sync": "users"}))
            .await
    }

    #[tokio::test]
    async fn event_that_the_bus_took_is_put() {
        let taken = json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]});
        put(Reply::new(200, taken.to_string())).await.unwrap();
    }

    #[tokio::test]
    async fn event_refused_within_a_good_answer_is_an_error_that_names_it() {
        let refused =
            json!({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow"}]});
        let error = put(Reply::new(200, refused.to_string())).await.unwrap_err().to_string();
        assert!(
            error.contains("Backhaul Run Finished") && error.contains("ThrottlingException"),
            "{error}"
        );
    }
}
