//! Where the Tracking API is.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::DeliveryError;

const US: &str = "https://api.segment.io";
const EU: &str = "https://events.eu1.segmentapis.com";

/// The address of a Tracking API, below which `/v1/batch` takes the requests. `Display` shows it; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Cow<'static, str>,
    loopback: bool,
}

impl Endpoint {
    /// Returns the address for workspaces in the United States (Oregon).
    #[must_use]
    pub fn us() -> Self {
        Self::fixed(US)
    }

    /// Returns the address for workspaces in the European Union (Dublin).
    #[must_use]
    pub fn eu() -> Self {
        Self::fixed(EU)
    }

    /// Returns an address of Segment's.
    pub(crate) fn fixed(base: &'static str) -> Self {
        Self {
            base: Cow::Borrowed(base),
            loopback: false,
        }
    }

    /// Returns the address in `url`, such as `http://127.0.0.1:8080`. A slash or `/v1` at its end makes no difference.
    ///
    /// # Errors
    /// [`DeliveryError::BadEndpoint`] when `url` is no http or https address, holds a user name, password, query or
    /// fragment, or would send the write key in plain text: http is taken for this machine (loopback) alone.
    pub fn parse(url: &str) -> Result<Self, DeliveryError> {
        let refuse = |reason| Err(DeliveryError::BadEndpoint { reason });
        let Ok(parsed) = Url::parse(url.trim()) else {
            return refuse("it is not a URL such as https://api.segment.io");
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return refuse("it holds a user name or password; the write key alone authorizes");
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return refuse("it holds a query or a fragment");
        }
        let loopback = is_loopback(&parsed);
        match parsed.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return refuse("plain http is for this machine (loopback) alone; use https"),
            _ => return refuse("it is neither https nor http"),
        }
        let base = parsed.as_str().trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base);
        Ok(Self {
            base: Cow::Owned(base.to_owned()),
            loopback,
        })
    }

    /// Returns the address that batches are posted to.
    pub(crate) fn batch_url(&self) -> String {
        format!("{}/v1/batch", self.base)
    }

    /// Whether requests go without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.base.starts_with("http:")
    }

    /// Whether requests stay on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.base)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_below_v1_whatever_the_end_of_the_address() {
        for url in [
            "http://127.0.0.1:9",
            "http://127.0.0.1:9/",
            " http://127.0.0.1:9/v1 ",
            "http://127.0.0.1:9/v1/",
        ] {
            assert_eq!(
                Endpoint::parse(url).unwrap().batch_url(),
                "http://127.0.0.1:9/v1/batch",
                "{url}"
            );
        }
        assert_eq!(
            Endpoint::parse("https://proxy.example/segment/").unwrap().batch_url(),
            "https://proxy.example/segment/v1/batch"
        );
        assert_eq!(Endpoint::us().batch_url(), "https://api.segment.io/v1/batch");
        assert_eq!(
            Endpoint::eu().batch_url(),
            "https://events.eu1.segmentapis.com/v1/batch"
        );
    }

    #[test]
    fn refuses_plain_http_except_on_loopback() {
        for url in [
            "http://127.0.0.1",
            "http://127.8.9.10:80",
            "http://[::1]:8080",
            "http://localhost:3000",
        ] {
            assert!(Endpoint::parse(url).unwrap().is_loopback(), "{url}");
        }
        for url in [
            "http://api.segment.io",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            assert!(error.to_string().contains("https"), "{url}: {error}");
        }
    }

    #[test]
    fn refuses_addresses_that_carry_more_than_a_place() {
        for url in [
            "",
            "api.segment.io",
            "ftp://127.0.0.1",
            "https://canary@a.example",
            "https://a.example?k=canary",
            "https://a.example#canary",
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
