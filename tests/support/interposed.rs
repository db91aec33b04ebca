//! A store with somebody in front of it: who sees each call, and may do something else first.

use std::fmt::{self, Debug, Formatter};
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use platform::{Blocks, Created, Meta, ObjectError, Objects};

/// What is done before a call; it is told the call.
type Before = dyn Fn(Call) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// One call: the method's name, and the key or prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method of [`Objects`].
    pub method: &'static str,
    /// The key; of a listing, the prefix.
    pub key: String,
}

/// A store over another one.
pub struct Interposed {
    inner: Arc<dyn Objects>,
    before: Box<Before>,
    calls: Mutex<Vec<Call>>,
}

impl Interposed {
    /// Returns a store that does `before` before it hands each call on to `inner`.
    #[must_use]
    pub fn new<F>(inner: Arc<dyn Objects>, before: impl Fn(Call) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Arc::new(Self {
            inner,
            before: Box::new(move |call| Box::pin(before(call))),
            calls: Mutex::default(),
        })
    }

    /// Returns the calls since this was last asked.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn tell(&self, method: &'static str, key: &str) {
        let key = key.to_owned();
        let call = Call { method, key };
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call.clone());
        (self.before)(call).await;
    }
}

impl Debug for Interposed {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.inner.fmt(out)
    }
}

#[async_trait]
impl Objects for Interposed {
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        self.tell("head", key).await;
        self.inner.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        self.tell("get", key).await;
        self.inner.get(key).await
    }

    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        self.tell("read", &pin.key).await;
        self.inner.read(pin, range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        self.tell("list", prefix).await;
        self.inner.list(prefix, after).await
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        self.tell("create", key).await;
        self.inner.create(key, body).await
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        self.tell("put", key).await;
        self.inner.put(key, body).await
    }
}

/// A store over another one, whose answers to conditional writes are lost: the client has tried again and found the object there.
#[derive(Debug)]
pub struct Lossy(pub Arc<dyn Objects>);

#[async_trait]
impl Objects for Lossy {
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        self.0.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        self.0.get(key).await
    }

    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        self.0.read(pin, range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        self.0.list(prefix, after).await
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        self.0.create(key, body).await.map(|_| Created::Exists)
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        self.0.put(key, body).await
    }
}
