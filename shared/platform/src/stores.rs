//! Opens stores by name, each once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::location::bucket_problem;
use crate::{Aws, FolderObjects, Objects, PlatformError, S3Objects};

/// The stores in use, opened by name and kept. Folders need no AWS, and AWS is not looked for before the first request
/// to a bucket.
#[derive(Debug, Default)]
pub struct Stores {
    aws: Aws,
    open: Mutex<HashMap<String, Arc<dyn Objects>>>,
}

impl Stores {
    /// Stores whose buckets are reached with `aws`.
    #[must_use]
    pub fn new(aws: Aws) -> Self {
        Self {
            aws,
            open: Mutex::default(),
        }
    }

    /// These stores with `objects` as the one named `store`, whatever that is: tests have one of their own.
    #[must_use]
    pub fn with(self, store: &str, objects: Arc<dyn Objects>) -> Self {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(store.to_owned(), objects);
        drop(open);
        self
    }

    /// The store named `s3://bucket` or by a folder's absolute path; the same one each time. Nothing is looked up:
    /// whether it is there shows at the first request.
    ///
    /// # Errors
    /// If `store` is neither.
    pub fn open(&self, store: &str) -> Result<Arc<dyn Objects>, PlatformError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(objects) = open.get(store) {
            return Ok(Arc::clone(objects));
        }
        let objects = self.make(store)?;
        open.insert(store.to_owned(), Arc::clone(&objects));
        Ok(objects)
    }

    fn make(&self, store: &str) -> Result<Arc<dyn Objects>, PlatformError> {
        let refuse = |problem| {
            Err(PlatformError::Location {
                text: store.to_owned(),
                problem,
            })
        };
        match store.strip_prefix("s3://") {
            Some(bucket) => match bucket_problem(bucket) {
                Some(problem) => refuse(problem),
                None => Ok(Arc::new(S3Objects::at(self.aws.clone(), bucket))),
            },
            None if Path::new(store).is_absolute() => Ok(Arc::new(FolderObjects::new(store))),
            None => refuse("a folder that stands for a bucket needs its absolute path"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_each_store_once() {
        let stores = Stores::default();
        for name in ["s3://acme-extracts", "/data/extracts"] {
            let first = stores.open(name).unwrap();
            assert!(Arc::ptr_eq(&first, &stores.open(name).unwrap()), "{name}");
        }
    }

    #[test]
    fn refuses_what_is_no_store() {
        for name in ["", "data", "./data", "s3://", "s3://acme-extracts/key", "gs://acme"] {
            assert!(stores_refuse(name), "{name:?} was opened");
        }
    }

    fn stores_refuse(name: &str) -> bool {
        matches!(Stores::default().open(name), Err(PlatformError::Location { .. }))
    }

    #[tokio::test]
    async fn folders_never_load_the_aws_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::default();
        let objects = stores.open(folder.path().to_str().unwrap()).unwrap();
        objects.put("a", "b".into()).await.unwrap();
        assert_eq!(objects.get("a").await.unwrap().unwrap(), "b");
        assert!(!stores.aws.is_loaded());
    }
}
