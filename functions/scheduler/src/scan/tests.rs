use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use extract::{CsvPlan, EscapeStyle, ExtractError};
use platform::{Aws, Blocks, Created, FolderObjects, Stores};
use support::S3Server;
use tempfile::TempDir;

use super::*;

const TARGET: u64 = 300;

/// Rows with everything in them that means something at a border, under any dialect.
fn table(rows: usize) -> String {
    let row = |row: usize| {
        format!(
            "{row},\"a \"\"{row}\"\"\r\n, \\\" b\",\\\",\"\",c\\\\\r\n{}",
            "\n".repeat(row % 3)
        )
    };
    format!(
        "\u{feff}id,\"the \"\"name\"\"\",x,y,z\r\n{}",
        (0..rows).map(row).collect::<String>()
    )
}

fn dialects() -> [Dialect; 4] {
    let escape = |escape_style| Dialect {
        escape: Some(b'\\'),
        escape_style,
        ..Dialect::default()
    };
    let unquoted = Dialect {
        quote: None,
        ..Dialect::default()
    };
    [
        Dialect::default(),
        escape(EscapeStyle::Plain),
        escape(EscapeStyle::Quoted),
        unquoted,
    ]
}

fn in_one_pass(object: &str, dialect: &Dialect) -> CsvPlan {
    let mut splitter = CsvSplitter::new(dialect.clone(), TARGET);
    splitter.push(object.as_bytes());
    splitter.finish().unwrap()
}

async fn split(objects: &dyn Objects, dialect: &Dialect, range_bytes: u64) -> Result<CsvPlan, ExtractError> {
    let meta = objects.head("a.csv").await.unwrap().unwrap();
    let splitter = Scan::in_ranges_of(range_bytes)
        .split(objects, &meta, dialect, TARGET)
        .await
        .unwrap();
    splitter.finish()
}

/// A folder that counts how many ranges are being read of it.
#[derive(Debug)]
struct Watched {
    folder: FolderObjects,
    open: Arc<AtomicUsize>,
    most: AtomicUsize,
    reads: AtomicUsize,
    _files: TempDir,
}

impl Watched {
    fn with(object: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("a.csv"), object).unwrap();
        Self {
            folder: FolderObjects::new(files.path()),
            open: Arc::default(),
            most: AtomicUsize::default(),
            reads: AtomicUsize::default(),
            _files: files,
        }
    }
}

/// A range that is being read, until it is dropped.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Objects for Watched {
    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let now = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        let blocks = self.folder.read(pin, range).await?;
        let watched = blocks.inspect(move |_| {
            let _ = &open;
        });
        Ok(watched.boxed())
    }

    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        self.folder.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        self.folder.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        self.folder.list(prefix, after).await
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        self.folder.create(key, body).await
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        self.folder.put(key, body).await
    }
}

#[tokio::test]
async fn ranges_of_a_file_come_to_what_one_pass_does() {
    let object = table(40);
    let objects = Watched::with(&object);
    for dialect in dialects() {
        let wanted = in_one_pass(&object, &dialect);
        for range_bytes in [1, 7, 64, 1_000] {
            let found = split(&objects, &dialect, range_bytes).await;
            assert_eq!(found.as_ref(), Ok(&wanted), "{range_bytes}, {dialect:?}");
        }
    }
}

#[tokio::test]
async fn so_do_ranges_of_an_object_in_s3() {
    let object = table(400);
    let server = S3Server::start().await.unwrap();
    server.write("acme", "a.csv", &object, Duration::ZERO).unwrap();
    let stores = Stores::new(Aws::at(&server.url(), "us-east-1", "test", "test"));
    let objects = stores.open("s3://acme").unwrap();
    for dialect in dialects() {
        let found = split(&*objects, &dialect, 997).await;
        assert_eq!(found, Ok(in_one_pass(&object, &dialect)), "{dialect:?}");
    }
}

#[tokio::test]
async fn so_many_ranges_are_read_at_once_and_no_more() {
    let objects = Watched::with(&table(400));
    split(&objects, &Dialect::default(), 100).await.unwrap();
    assert_eq!(objects.most.load(Ordering::SeqCst), RANGES_AT_ONCE);
    assert_eq!(objects.open.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn object_of_one_range_is_read_in_one() {
    let object = table(10);
    let objects = Watched::with(&object);
    split(&objects, &Dialect::default(), object.len() as u64).await.unwrap();
    assert_eq!(objects.reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn header_that_cannot_be_read_is_the_end() {
    let objects = Watched::with(&table(40));
    let wrong = Dialect {
        quote: Some(b','),
        ..Dialect::default()
    };
    let failure = split(&objects, &wrong, 100).await.unwrap_err();
    assert!(matches!(failure, ExtractError::Dialect { .. }), "{failure}");
    assert_eq!(objects.reads.load(Ordering::SeqCst), 1);
}
