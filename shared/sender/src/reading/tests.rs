//! A store that gives blocks and breaks as it is told.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use extract::{Chunk, Format, Layout};
use futures::stream::{self, StreamExt};
use platform::{Blocks, Created};

use super::ahead::READ_AHEAD_BYTES;
use super::*;

const BLOCK: u64 = 1 << 16;

/// Gives an object, or else JSON lines of 16 bytes. Each read breaks off after as many bytes as the next of `breaks` says.
#[derive(Debug, Default)]
struct Scripted {
    breaks: Mutex<VecDeque<u64>>,
    asked: Mutex<Vec<Range<u64>>>,
    fetched: Arc<AtomicU64>,
    is_changed: bool,
    object: Option<&'static [u8]>,
    /// How long a read takes to begin.
    answers_after: Duration,
}

fn interrupted() -> ObjectError {
    ObjectError::Interrupted {
        object: "a".into(),
        missing: 1,
        cause: "reset".into(),
    }
}

#[async_trait]
impl Objects for Scripted {
    async fn read(&self, _: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        self.asked.lock().unwrap().push(range.clone());
        if self.is_changed {
            return Err(ObjectError::Changed {
                object: "a".into(),
                expected: String::new(),
                found: String::new(),
            });
        }
        tokio::time::sleep(self.answers_after).await;
        let broken = self.breaks.lock().unwrap().pop_front();
        let end = broken.map_or(range.end, |bytes| range.end.min(range.start + bytes));
        let starts = (range.start..end).step_by(usize::try_from(BLOCK).unwrap());
        let (fetched, object) = (Arc::clone(&self.fetched), self.object);
        let byte = move |at: u64| {
            let line = b"{\"id\":\"01234\"} \n".as_slice();
            let text = object.unwrap_or(line);
            text[usize::try_from(at).unwrap() % text.len()]
        };
        let blocks = starts.map(move |start| {
            let block: Bytes = (start..end.min(start + BLOCK)).map(byte).collect();
            fetched.fetch_add(block.len() as u64, Ordering::SeqCst);
            Ok(block)
        });
        let tail = broken.map(|_| Err(interrupted()));
        Ok(stream::iter(blocks.chain(tail)).boxed())
    }

    async fn head(&self, _: &str) -> Result<Option<Meta>, ObjectError> {
        Ok(None)
    }

    async fn get(&self, _: &str) -> Result<Option<Bytes>, ObjectError> {
        Ok(None)
    }

    async fn list(&self, _: &str, _: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        Ok(Vec::new())
    }

    async fn create(&self, _: &str, _: Bytes) -> Result<Created, ObjectError> {
        Ok(Created::Exists)
    }

    async fn put(&self, _: &str, _: Bytes) -> Result<(), ObjectError> {
        Ok(())
    }
}

fn reading(store: &Arc<Scripted>, size: u64) -> (Reading, Decoder) {
    reading_of(store, Format::Jsonl, size, size)
}

/// A reading of an object of `size` bytes, and a decoder of all it holds, which goes to `end`.
fn reading_of(store: &Arc<Scripted>, format: Format, size: u64, end: u64) -> (Reading, Decoder) {
    let pin = ObjectPin {
        store: "/".into(),
        key: "a".into(),
        size,
        etag: "e".into(),
        version: None,
    };
    let layout = Layout {
        format,
        compression: None,
        csv: extract::Dialect::default(),
        columns: Vec::new(),
        types: std::collections::BTreeMap::new(),
    };
    let chunk = Chunk {
        start: 0,
        end,
        first_row: Some(1),
    };
    let decoder = Decoder::new(&layout, &chunk, size);
    (Reading::new(Arc::clone(store) as Arc<dyn Objects>, &pin), decoder)
}

async fn rows(reading: &mut Reading, decoder: &mut Decoder) -> Result<u64, ObjectError> {
    let mut rows = 0;
    while reading.advance(decoder).await? {
        while let Some(row) = decoder.next_row() {
            row.unwrap();
            rows += 1;
        }
    }
    Ok(rows)
}

#[tokio::test(start_paused = true)]
async fn broken_reads_go_on_where_they_stopped_and_every_byte_counts_once() {
    let store = Arc::new(Scripted {
        breaks: Mutex::new([5, 70_001, 0, 16].into()),
        ..Scripted::default()
    });
    let size = 16 * 40_000;
    let (mut reading, mut decoder) = reading(&store, size);
    assert_eq!(rows(&mut reading, &mut decoder).await.unwrap(), 40_000);
    assert_eq!(reading.bytes(), size);
    let starts: Vec<u64> = store.asked.lock().unwrap().iter().map(|range| range.start).collect();
    assert_eq!(starts, [0, 5, 70_006, 70_006, 70_022]);
}

#[tokio::test(start_paused = true)]
async fn store_that_gives_nothing_again_and_again_ends_the_reading() {
    let store = Arc::new(Scripted {
        breaks: Mutex::new(vec![0; 50].into()),
        ..Scripted::default()
    });
    let (mut reading, mut decoder) = reading(&store, 160);
    assert!(rows(&mut reading, &mut decoder).await.is_err());
    assert_eq!(store.asked.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn changed_object_ends_the_reading_at_once() {
    let store = Arc::new(Scripted {
        is_changed: true,
        ..Scripted::default()
    });
    let (mut reading, mut decoder) = reading(&store, 160);
    let error = rows(&mut reading, &mut decoder).await.unwrap_err();
    assert!(matches!(error, ObjectError::Changed { .. }), "{error}");
    assert_eq!(store.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn blocks_are_fetched_ahead_within_the_bound_and_do_not_count_until_they_are_taken() {
    let store = Arc::new(Scripted::default());
    let (mut reading, mut decoder) = reading(&store, 64 << 20);
    assert!(reading.advance(&mut decoder).await.unwrap());
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let fetched = store.fetched.load(Ordering::SeqCst);
    // What waits, the block that was taken, and one that waits for room.
    let most = u64::from(READ_AHEAD_BYTES) + 2 * BLOCK;
    assert!((u64::from(READ_AHEAD_BYTES)..=most).contains(&fetched), "{fetched}");
    assert_eq!(reading.bytes(), BLOCK);
}

#[tokio::test(start_paused = true)]
async fn columns_that_lie_apart_are_fetched_at_the_same_time() {
    // Three rows with the columns id, name, d and t.
    let object = include_bytes!("../../../../tests/fuzz/corpus/parquet/flat");
    let answers_after = Duration::from_millis(30);
    for breaks in [vec![], vec![u64::MAX, 7, 7]] {
        let broken = !breaks.is_empty();
        let store = Arc::new(Scripted {
            object: Some(object),
            answers_after,
            breaks: Mutex::new(breaks.into()),
            ..Scripted::default()
        });
        let (mut reading, decoder) = reading_of(&store, Format::Parquet, object.len() as u64, 3);
        let mut decoder = decoder.only(&["id".to_owned(), "d".to_owned()].into());
        let start = tokio::time::Instant::now();
        assert_eq!(rows(&mut reading, &mut decoder).await.unwrap(), 3);
        if !broken {
            // The footer, then both columns.
            assert_eq!(start.elapsed(), 2 * answers_after);
            assert_eq!(store.asked.lock().unwrap().len(), 3);
        }
    }
}
