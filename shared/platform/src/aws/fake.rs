//! AWS as tests order it: replies in turn under the SDK's own client, without a socket.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::config::{HttpClient, RuntimeComponents};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::Aws;

/// One reply: status, headers, body. Status 0: the connection breaks before there is any.
#[derive(Debug, Clone)]
pub(crate) struct Reply(u16, Vec<(&'static str, String)>, String);

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self(status, Vec::new(), body.into())
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.1.push((name, value.to_owned()));
        self
    }

    /// None: the connection breaks, and nobody knows whether the request was taken.
    pub(crate) fn lost() -> Self {
        Self::new(0, "")
    }

    /// An error as S3 words it.
    pub(crate) fn s3_error(status: u16, code: &str) -> Self {
        Self::new(
            status,
            format!("<Error><Code>{code}</Code><Message>no</Message></Error>"),
        )
    }
}

/// What was asked: method and URI, and the headers.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Gives each request the next reply and keeps what was asked. Without replies left it answers 500.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fake {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A configuration as [`Aws::at`] makes it, over this transport.
    pub(crate) fn aws(&self) -> Aws {
        Aws::with_config(
            super::fixed("us-east-1", "test", "test")
                .into_builder()
                .http_client(self.clone())
                .build(),
        )
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let line = format!("{} {}", request.method(), request.uri());
        self.asked.lock().unwrap().push(Asked { line, headers });
        let Reply(status, headers, body) = self
            .replies
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| Reply::new(500, "no reply left"));
        if status == 0 {
            let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            return HttpConnectorFuture::ready(Err(ConnectorError::io(reset.into())));
        }
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Fake {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
