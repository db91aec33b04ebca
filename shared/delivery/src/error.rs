//! What can go wrong with a batch as a whole.

use std::time::Duration;

/// Why a client could not be built, or why a batch could not be delivered. No variant holds the write key, event
/// content or the body of an answer.
///
/// Some events of a batch that failed may have arrived all the same. Sent again with the same `messageId` they count
/// once at Segment.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The text is no write key. It is not repeated here.
    #[error("the write key cannot be used: {reason}; check that the secret or its field holds the key alone")]
    BadWriteKey {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The address is no Tracking API's. It is not repeated here, since it may hold a password.
    #[error("the endpoint cannot be used: {reason}")]
    BadEndpoint {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The library's name and version leave too little room for events.
    #[error(
        "the envelope of a batch would take {bytes} bytes, at most {limit} are kept free; shorten the library's name or version"
    )]
    EnvelopeTooLarge {
        /// Bytes of the envelope.
        bytes: usize,
        /// Bytes kept free for it.
        limit: usize,
    },
    /// The HTTP client could not be set up, for want of root certificates for instance.
    #[error("the http client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// No try succeeded within the policy's bounds. Delivering the same batch later may.
    #[error(
        "could not deliver to {endpoint} after {tries} {} over {}: {last}; check the address and network, then run again",
        if *tries == 1 { "try" } else { "tries" },
        seconds(*elapsed)
    )]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// Requests made, waits that the API asked for included.
        tries: u32,
        /// Time from the first try to giving up.
        elapsed: Duration,
        /// What the last try ended in: a status or what the network said.
        last: String,
        /// How long the API asked to wait at the last try.
        retry_after: Option<Duration>,
    },
    /// A request was made, and time was up before it was answered. The API may have taken its events.
    #[error("{endpoint} gave no answer within {}, and there was no time to wait any longer; run again", seconds(*waited))]
    Unanswered {
        /// The endpoint.
        endpoint: String,
        /// Time from the request to giving up.
        waited: Duration,
    },
    /// The API limits the rate, or has limited it so far that time was up before a request could be made.
    #[error("{endpoint} limits the rate, and there was no time to wait until it no longer does; run again later")]
    Held {
        /// The endpoint.
        endpoint: String,
        /// How long it asked to wait yet.
        retry_after: Duration,
    },
    /// Time was up before the rate that is set let the batch go: this says nothing of the API.
    #[error("time was up before a request could be made at the rate that is set")]
    NoTurn,
    /// The API answered 401 or 403. Trying again does not help.
    #[error(
        "{endpoint} refused the write key with status {status}; check that the secret holds this source's key and that the region is right"
    )]
    Unauthorized {
        /// The endpoint.
        endpoint: String,
        /// 401 or 403.
        status: u16,
    },
    /// The endpoint answered with a redirect. It is not followed: the key goes to the named address alone, and a
    /// redirect says nothing about events having been taken.
    #[error(
        "{endpoint} answered with a redirect (status {status}), which is not followed; name the address of the tracking api itself"
    )]
    Redirected {
        /// The endpoint.
        endpoint: String,
        /// The status, 300 to 399.
        status: u16,
    },
    /// The endpoint answered with a status that no retry and no splitting mends.
    #[error(
        "{endpoint} refused the request with status {status}; check that the address is a tracking api's and the write key is whole"
    )]
    Rejected {
        /// The endpoint.
        endpoint: String,
        /// The status.
        status: u16,
    },
}

impl DeliveryError {
    /// Whether delivering the same batch again later may succeed without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } | Self::Held { .. } | Self::NoTurn => true,
            Self::BadWriteKey { .. }
            | Self::BadEndpoint { .. }
            | Self::EnvelopeTooLarge { .. }
            | Self::Setup(_)
            | Self::Unauthorized { .. }
            | Self::Redirected { .. }
            | Self::Rejected { .. } => false,
        }
    }

    /// Returns how long the API asked to wait before the next try, if it did. At most 300 s with the presets.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unreachable { retry_after, .. } => *retry_after,
            Self::Held { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}

/// An event larger than the API takes, handed back by the packer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the event takes {bytes} bytes, the tracking api takes at most {limit}; leave out or shorten its longest fields"
)]
pub struct TooLarge<T> {
    /// What was pushed along with the event.
    pub ticket: T,
    /// Bytes of the event.
    pub bytes: usize,
    /// Bytes that would have been taken.
    pub limit: usize,
}

/// Writes a duration with the precision that a reader needs: milliseconds below 10 s, else whole seconds.
fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(10) {
        format!("{:.3} s", duration.as_secs_f64())
    } else {
        format!("{} s", duration.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreachable_names_endpoint_tries_time_cause_and_remedy() {
        let error = DeliveryError::Unreachable {
            endpoint: "http://127.0.0.1:9".into(),
            tries: 10,
            elapsed: Duration::from_millis(42_300),
            last: "connection refused".into(),
            retry_after: None,
        };
        assert_eq!(
            error.to_string(),
            "could not deliver to http://127.0.0.1:9 after 10 tries over 42 s: connection refused; check the address and network, then run again"
        );
        assert!(error.is_retryable());
    }
}
