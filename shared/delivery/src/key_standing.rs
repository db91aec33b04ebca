//! Whether Segment knows a write key: the Tracking API itself answers 200 to any.

use std::time::Duration;

use reqwest::Url;

use crate::transport::{self, Failure};
use crate::{DeliveryError, Endpoint, WriteKey};

/// The address of sources' settings, for both regions (action-destinations, `destinations/segment`, Test Authentication).
const SETTINGS: &str = "https://cdn.segment.com";

/// Longest wait for an answer, as Segment's own test has it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What Segment says of a write key. That it is known says nothing of its region, its source's type, or whether that is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStanding {
    /// A source has this key.
    Known,
    /// No source has it; or, as was reported of some server sources, one whose settings are not published.
    Unknown,
    /// The answer says nothing of the key: its status.
    Unclear(u16),
    /// There was no answer, and why.
    NotAsked(Failure),
}

/// Asks Segment's settings address, or that at `base`, whether a source has the key `key`. Nothing is sent but the key, as in the
/// Test Authentication of Segment's own destination.
///
/// # Errors
/// [`DeliveryError::Setup`] when the HTTP client cannot be built.
pub async fn key_standing(base: Option<&Endpoint>, key: &WriteKey) -> Result<KeyStanding, DeliveryError> {
    let base = base.cloned().unwrap_or_else(|| Endpoint::fixed(SETTINGS));
    let client =
        transport::build(&base, key, concat!("backhaul/", env!("CARGO_PKG_VERSION"))).map_err(DeliveryError::Setup)?;
    let answer = client.get(address(&base, key)?).timeout(TIMEOUT).send().await;
    Ok(match answer.map(|answer| answer.status()) {
        Ok(status) if status.is_success() => KeyStanding::Known,
        Ok(status) if status == reqwest::StatusCode::NOT_FOUND => KeyStanding::Unknown,
        Ok(status) => KeyStanding::Unclear(status.as_u16()),
        // The address holds the key.
        Err(error) => KeyStanding::NotAsked(transport::failure(&error.without_url(), TIMEOUT)),
    })
}

/// Returns `<base>/v1/projects/<key>/settings`, the key encoded: it is a part of the path.
fn address(base: &Endpoint, key: &WriteKey) -> Result<Url, DeliveryError> {
    let bad = |reason| DeliveryError::BadEndpoint { reason };
    let mut url = Url::parse(&base.to_string()).map_err(|_| bad("it is not a URL such as https://cdn.segment.com"))?;
    url.path_segments_mut()
        .map_err(|()| bad("it cannot have a path"))?
        .pop_if_empty()
        .extend(["v1", "projects", key.expose(), "settings"]);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_one_encoded_part_of_the_address() {
        let base = Endpoint::parse("http://127.0.0.1:9/cdn/").unwrap();
        let key = WriteKey::parse("a/../b?c#d%").unwrap();
        assert_eq!(
            address(&base, &key).unwrap().as_str(),
            "http://127.0.0.1:9/cdn/v1/projects/a%2F..%2Fb%3Fc%23d%25/settings"
        );
    }
}
