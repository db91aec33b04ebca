//! The rules. Each takes a store that is empty at first.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use platform::{Blocks, Created, Meta, ObjectError, Objects, PAGE_KEYS, pages_after};

/// A store, and a way past the trait to what it keeps.
#[async_trait]
pub(crate) trait Store: Send + Sync + Debug {
    fn objects(&self) -> Arc<dyn Objects>;
    /// Writes an object as some other program would.
    async fn overwrite(&self, key: &str, body: Vec<u8>);
    /// Removes an object as some other program would.
    async fn remove(&self, key: &str);
}

/// Runs every rule as a test of its own on the store that `$make` makes.
macro_rules! conformance {
    ($make:path: $($rule:ident),* $(,)?) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let store = $make().await;
            crate::suite::$rule(&store).await;
        }
    )* };
    ($make:path) => { crate::suite::conformance! { $make:
        missing_object_is_none,
        one_of_many_creators_wins,
        create_never_overwrites,
        put_overwrites_whole,
        ranges_are_exact,
        large_object_streams_whole,
        empty_object_is_an_object,
        unusual_keys_are_keys,
        list_is_in_byte_order_of_keys,
        list_goes_on_after_a_key,
        time_of_writing_is_told,
        long_list_comes_in_pages,
        changed_object_is_never_read,
        removed_object_is_not_found,
        path_tricks_are_refused,
    } };
}
pub(crate) use conformance;

pub(crate) async fn whole(blocks: Blocks) -> Result<Vec<u8>, ObjectError> {
    blocks.map_ok(|block| block.to_vec()).try_concat().await
}

async fn read(objects: &dyn Objects, pin: &Meta, range: Range<u64>) -> Result<Vec<u8>, ObjectError> {
    whole(objects.read(pin, range).await?).await
}

pub(crate) async fn keys(objects: &dyn Objects, prefix: &str, after: Option<&str>) -> Vec<String> {
    objects
        .list(prefix, after)
        .await
        .unwrap()
        .into_iter()
        .map(|object| object.key)
        .collect()
}

/// Bytes in which no two places look alike.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|place| (place.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect()
}

pub(crate) async fn time_of_writing_is_told(store: &dyn Store) {
    let objects = store.objects();
    objects.put("a", "x".into()).await.unwrap();
    let head = objects.head("a").await.unwrap().unwrap();
    let listed = objects.list("", None).await.unwrap();
    assert_eq!(listed[0].modified, head.modified);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let age = i64::try_from(now.as_secs()).unwrap() - head.modified.unwrap();
    assert!((-1..600).contains(&age), "written {age} seconds ago");
}

pub(crate) async fn missing_object_is_none(store: &dyn Store) {
    let objects = store.objects();
    objects.put("folder/file", "x".into()).await.unwrap();
    for key in [
        "nothing",
        "folder",
        "folder/nothing",
        "nothing/at/all",
        "folder/file/below",
    ] {
        assert_eq!(objects.head(key).await.unwrap(), None, "{key}");
        assert_eq!(objects.get(key).await.unwrap(), None, "{key}");
    }
    assert_eq!(keys(&*objects, "nothing/", None).await, [""; 0]);
    assert_eq!(keys(&*objects, "folder/file/", None).await, [""; 0]);
}

pub(crate) async fn one_of_many_creators_wins(store: &dyn Store) {
    for round in 0..40 {
        let key = format!("claims/{round}");
        let writers = (0..16).map(|writer: u8| {
            let (objects, key) = (store.objects(), key.clone());
            let body = vec![writer; 1_000 + usize::from(writer)];
            tokio::spawn(async move { objects.create(&key, body.into()).await.unwrap() })
        });
        let results = futures::future::join_all(writers).await;
        let results: Vec<Created> = results.into_iter().map(Result::unwrap).collect();
        let winners: Vec<usize> = (0..16).filter(|writer| results[*writer] == Created::New).collect();
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        let body = store.objects().get(&key).await.unwrap().unwrap();
        assert_eq!(
            body,
            vec![u8::try_from(winners[0]).unwrap(); 1_000 + winners[0]],
            "round {round}"
        );
    }
}

pub(crate) async fn create_never_overwrites(store: &dyn Store) {
    let objects = store.objects();
    assert_eq!(objects.create("a/b/c", "first".into()).await.unwrap(), Created::New);
    let before = objects.head("a/b/c").await.unwrap().unwrap();
    for body in ["second", "first", ""] {
        assert_eq!(objects.create("a/b/c", body.into()).await.unwrap(), Created::Exists);
    }
    assert_eq!(objects.get("a/b/c").await.unwrap().unwrap(), "first");
    assert_eq!(objects.head("a/b/c").await.unwrap().unwrap(), before);
}

pub(crate) async fn put_overwrites_whole(store: &dyn Store) {
    let bodies = [vec![b'a'; 300_000], vec![b'b'; 10]];
    store.objects().put("k", bodies[0].clone().into()).await.unwrap();
    let objects = store.objects();
    let again = bodies.clone();
    let writer = tokio::spawn(async move {
        for round in 0..30 {
            objects.put("k", again[round % 2].clone().into()).await.unwrap();
        }
    });
    while !writer.is_finished() {
        let body = store.objects().get("k").await.unwrap().unwrap();
        assert!(
            bodies.iter().any(|whole| *whole == body),
            "{} bytes of a mixture",
            body.len()
        );
    }
    writer.await.unwrap();
    assert_eq!(store.objects().get("k").await.unwrap().unwrap(), bodies[1]);
    assert_eq!(keys(&*store.objects(), "", None).await, ["k"]);
}

pub(crate) async fn ranges_are_exact(store: &dyn Store) {
    let objects = store.objects();
    let body = pattern(1_000);
    objects.put("k", body.clone().into()).await.unwrap();
    let pin = objects.head("k").await.unwrap().unwrap();
    assert_eq!(pin.size, 1_000);
    for range in [0..1_000, 0..1, 1..2, 999..1_000, 10..500] {
        let expected = &body[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert_eq!(
            read(&*objects, &pin, range.clone()).await.unwrap(),
            expected,
            "{range:?}"
        );
    }
    assert_eq!(read(&*objects, &pin, 990..5_000).await.unwrap(), &body[990..]);
    for empty in [0..0, 5..5, 1_000..1_000, 1_000..2_000, 5_000..6_000] {
        assert!(
            read(&*objects, &pin, empty.clone()).await.unwrap().is_empty(),
            "{empty:?}"
        );
    }
}

pub(crate) async fn large_object_streams_whole(store: &dyn Store) {
    let objects = store.objects();
    let body = pattern(3_000_001);
    objects.put("k", body.clone().into()).await.unwrap();
    let pin = objects.head("k").await.unwrap().unwrap();
    assert!(read(&*objects, &pin, 0..pin.size).await.unwrap() == body);
    assert!(read(&*objects, &pin, 262_143..2_000_001).await.unwrap() == body[262_143..2_000_001]);
    let mut blocks = objects.read(&pin, 0..pin.size).await.unwrap();
    assert!(
        blocks.next().await.unwrap().unwrap().len() <= 1 << 20,
        "an object came in one piece"
    );
}

pub(crate) async fn empty_object_is_an_object(store: &dyn Store) {
    let objects = store.objects();
    assert_eq!(objects.create("_SUCCESS", "".into()).await.unwrap(), Created::New);
    let pin = objects.head("_SUCCESS").await.unwrap().unwrap();
    assert_eq!(pin.size, 0);
    assert!(objects.get("_SUCCESS").await.unwrap().unwrap().is_empty());
    assert!(read(&*objects, &pin, 0..0).await.unwrap().is_empty());
    assert_eq!(keys(&*objects, "", None).await, ["_SUCCESS"]);
    assert_eq!(objects.create("_SUCCESS", "x".into()).await.unwrap(), Created::Exists);
}

const UNUSUAL: [&str; 9] = [
    "sp ace/a b.csv",
    "plus+/a+b%2B.csv",
    "ü/日本.csv",
    "quo'te\"s",
    "a=b/dt=2024-01-01/x",
    "~",
    "&?#",
    "a..b/c...",
    "em\u{1F600}ji",
];

pub(crate) async fn unusual_keys_are_keys(store: &dyn Store) {
    let objects = store.objects();
    for key in UNUSUAL {
        assert_eq!(objects.create(key, key.into()).await.unwrap(), Created::New, "{key}");
        assert_eq!(objects.get(key).await.unwrap().unwrap(), key);
        let pin = objects.head(key).await.unwrap().unwrap();
        assert_eq!(pin.key, key);
        assert_eq!(read(&*objects, &pin, 0..pin.size).await.unwrap(), key.as_bytes());
        assert_eq!(keys(&*objects, key, None).await, [key]);
    }
    let mut expected = UNUSUAL;
    expected.sort_unstable();
    assert_eq!(keys(&*objects, "", None).await, expected);
}

/// In byte order, which is not the order in which folders are walked: `-`, `.` and `+` come before `/`.
const SORTED: [&str; 10] = [
    "a b",
    "a+b",
    "a-b/1",
    "a.b",
    "a/b-c",
    "a/b/c",
    "a/b0",
    "a0",
    "b/_SUCCESS",
    "ä",
];

pub(crate) async fn list_is_in_byte_order_of_keys(store: &dyn Store) {
    for key in SORTED.iter().rev() {
        store.overwrite(key, key.as_bytes().to_vec()).await;
    }
    let objects = store.objects();
    assert_eq!(keys(&*objects, "", None).await, SORTED);
    assert_eq!(keys(&*objects, "a/", None).await, SORTED[4..7]);
    assert_eq!(keys(&*objects, "a/b", None).await, SORTED[4..7]);
    assert_eq!(keys(&*objects, "a/b/", None).await, ["a/b/c"]);
    assert_eq!(keys(&*objects, "a", None).await, SORTED[..8]);
    for listed in objects.list("", None).await.unwrap() {
        assert_eq!(
            objects.head(&listed.key).await.unwrap().unwrap(),
            listed,
            "a pin from a list is one from a head"
        );
        assert_eq!(
            read(&*objects, &listed, 0..listed.size).await.unwrap(),
            listed.key.as_bytes()
        );
    }
}

pub(crate) async fn list_goes_on_after_a_key(store: &dyn Store) {
    for key in SORTED {
        store.overwrite(key, Vec::new()).await;
    }
    let objects = store.objects();
    for (place, key) in SORTED.iter().enumerate() {
        assert_eq!(keys(&*objects, "", Some(key)).await, SORTED[place + 1..], "after {key}");
    }
    assert_eq!(
        keys(&*objects, "", Some("a/")).await,
        SORTED[4..],
        "after a key that is not there"
    );
    assert_eq!(keys(&*objects, "a/", Some("a/b-c")).await, SORTED[5..7]);
    assert_eq!(keys(&*objects, "a/", Some("b")).await, [""; 0]);
    assert_eq!(keys(&*objects, "b/", Some("a")).await, ["b/_SUCCESS"]);
}

pub(crate) async fn long_list_comes_in_pages(store: &dyn Store) {
    let count = 2 * PAGE_KEYS + 1;
    let mut expected: Vec<String> = (0..count)
        .map(|number| format!("jobs/{}/{number}.json", number % 3))
        .collect();
    let writes = stream::iter(expected.clone()).for_each_concurrent(8, |key| async move {
        store.overwrite(&key, Vec::new()).await;
    });
    writes.await;
    expected.sort_unstable();
    let (mut found, mut pages): (Vec<String>, Vec<usize>) = Default::default();
    loop {
        let page = keys(&*store.objects(), "jobs/", found.last().map(String::as_str)).await;
        if page.is_empty() {
            break;
        }
        pages.push(page.len());
        assert!(pages.len() <= 3, "the list does not end: {pages:?}");
        found.extend(page);
    }
    assert_eq!(pages, [PAGE_KEYS, PAGE_KEYS, 1]);
    assert_eq!(found, expected);
    assert_pages_are_those_of_a_list(&*store.objects(), &expected).await;
}

async fn assert_pages_are_those_of_a_list(objects: &dyn Objects, keys: &[String]) {
    // Begun before a folder, in one, and in the last one.
    for after in [None, Some(5), Some(PAGE_KEYS), Some(keys.len() - 2)] {
        let (rest, after) = after.map_or((keys, None), |place| (&keys[place + 1..], Some(keys[place].clone())));
        let pages: Vec<Vec<Meta>> = pages_after(objects, "jobs/", after).try_collect().await.unwrap();
        let found: Vec<Vec<String>> = pages
            .into_iter()
            .map(|page| page.into_iter().map(|meta| meta.key).collect())
            .collect();
        let expected: Vec<&[String]> = rest.chunks(PAGE_KEYS).collect();
        assert_eq!(found, expected);
    }
    assert!(pages_after(objects, "../", None).try_next().await.is_err());
}

pub(crate) async fn changed_object_is_never_read(store: &dyn Store) {
    let objects = store.objects();
    objects.put("k", "first one".into()).await.unwrap();
    for body in ["second one, longer", "short", ""] {
        let pin = objects.head("k").await.unwrap().unwrap();
        store.overwrite("k", body.into()).await;
        for range in [0..1, 0..pin.size, pin.size - 1..pin.size] {
            let error = objects
                .read(&pin, range)
                .await
                .err()
                .expect("a changed object was read");
            let text = error.to_string();
            assert!(
                matches!(error, ObjectError::Changed { .. }) && !error.is_retryable(),
                "{text}"
            );
            let sizes = [format!("{} bytes", pin.size), format!("{} bytes", body.len())];
            assert!(sizes.iter().all(|size| text.contains(size)), "{text}");
        }
    }
    objects.put("k", "aaaa".into()).await.unwrap();
    let pin = objects.head("k").await.unwrap().unwrap();
    objects.put("k", "bbbb".into()).await.unwrap();
    let error = objects
        .read(&pin, 0..4)
        .await
        .err()
        .expect("another object of the same size was read");
    assert!(matches!(error, ObjectError::Changed { .. }), "{error}");
}

pub(crate) async fn removed_object_is_not_found(store: &dyn Store) {
    let objects = store.objects();
    objects.put("k", "body".into()).await.unwrap();
    let pin = objects.head("k").await.unwrap().unwrap();
    store.remove("k").await;
    let error = objects.read(&pin, 0..4).await.err().unwrap();
    assert!(
        matches!(error, ObjectError::NotFound { .. }) && !error.is_retryable(),
        "{error}"
    );
    assert_eq!(objects.create("k", "again".into()).await.unwrap(), Created::New);
}

const TRICKS: [&str; 13] = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "a//b",
    "a/",
    ".",
    "./a",
    "a/./b",
    "a\0b",
];

pub(crate) async fn path_tricks_are_refused(store: &dyn Store) {
    let objects = store.objects();
    let long = "k".repeat(1_025);
    for key in TRICKS.into_iter().chain([long.as_str()]) {
        let pin = Meta {
            key: key.to_owned(),
            size: 1,
            etag: "\"e\"".to_owned(),
            version: None,
            modified: None,
        };
        let refused = [
            objects.head(key).await.err(),
            objects.get(key).await.err(),
            objects.read(&pin, 0..1).await.err(),
            objects.create(key, "x".into()).await.err(),
            objects.put(key, "x".into()).await.err(),
        ];
        for error in refused {
            let error = error.unwrap_or_else(|| panic!("{key:?} was taken for a key"));
            assert!(matches!(error, ObjectError::InvalidKey { .. }), "{key:?}: {error}");
        }
    }
    for prefix in ["/", "../", "a/../", "a//", "./", "a\0"] {
        let error = objects.list(prefix, None).await.unwrap_err();
        assert!(matches!(error, ObjectError::InvalidKey { .. }), "{prefix:?}: {error}");
    }
    assert_eq!(keys(&*objects, "", None).await, [""; 0]);
}
