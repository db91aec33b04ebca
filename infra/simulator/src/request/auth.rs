use std::borrow::Cow;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::{RawValue, Refusal, text};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The write key of a request: the user of Basic authentication, else `writeKey` of the body.
///
/// A bearer token is taken as it is; it says who sends, while the key in the body says to which source.
///
/// # Errors
/// The refusal of a request that has none, or an empty one.
pub(crate) fn write_key<'a>(headers: &HeaderMap, in_body: Option<&'a RawValue>) -> Result<Cow<'a, str>, Refusal> {
    let in_header: Option<Cow<'a, str>> = basic_user(headers).map(Cow::Owned);
    let given = in_header
        .filter(|key| !key.is_empty())
        .or_else(|| in_body.and_then(text));
    given.filter(|key| !key.is_empty()).ok_or(Refusal::NO_WRITE_KEY)
}

/// The user of Basic authentication, whether or not a colon and a password come after it.
fn basic_user(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut user = String::from_utf8(BASE64.decode(credentials.trim()).ok()?).ok()?;
    user.truncate(user.find(':').unwrap_or(user.len()));
    Some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(header: Option<&str>, body: Option<&str>) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        let body: Option<&RawValue> = body.map(|body| serde_json::from_str(body).unwrap());
        write_key(&headers, body).map(Cow::into_owned)
    }

    #[test]
    fn takes_the_key_from_header_or_body() {
        // "key:", "key" without a colon, "key" without padding is the same, "key:secret"
        for header in ["Basic a2V5Og==", "basic a2V5", "Basic a2V5Og", "Basic a2V5OnNlY3JldA=="] {
            assert_eq!(key(Some(header), None).as_deref(), Ok("key"), "{header}");
        }
        assert_eq!(key(None, Some("\"key\"")).as_deref(), Ok("key"));
        assert_eq!(key(Some("Bearer t"), Some("\"key\"")).as_deref(), Ok("key"));
    }

    #[test]
    fn prefers_the_header() {
        assert_eq!(key(Some("Basic a2V5Og=="), Some("\"other\"")).as_deref(), Ok("key"));
        assert_eq!(
            key(Some("Basic Og=="), Some("\"other\"")).as_deref(),
            Ok("other"),
            "an empty user is none"
        );
    }

    #[test]
    fn refuses_a_missing_or_empty_key() {
        let none = Err(Refusal::NO_WRITE_KEY);
        assert_eq!(key(None, None), none);
        assert_eq!(key(None, Some("\"\"")), none);
        assert_eq!(key(None, Some("7")), none);
        assert_eq!(key(Some("Basic Og=="), None), none);
        assert_eq!(key(Some("Basic %%"), None), none);
        assert_eq!(key(Some("Bearer token"), None), none);
    }
}
