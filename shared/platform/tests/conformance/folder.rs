//! The suite on a folder, and what only folders have: unfinished files, links, changes under an open reader.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use platform::{BLOCK_BYTES, Created, FolderObjects, ObjectError, Objects, PAGE_KEYS, pages};
use tempfile::TempDir;

use crate::suite::{Store, conformance, keys, pattern, whole};

#[derive(Debug)]
struct Folder(TempDir);

impl Folder {
    fn path(&self, key: &str) -> PathBuf {
        self.0.path().join(key)
    }

    fn write(&self, key: &str, body: &[u8]) {
        let path = self.path(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, body).unwrap();
    }
}

#[async_trait]
impl Store for Folder {
    fn objects(&self) -> Arc<dyn Objects> {
        Arc::new(FolderObjects::new(self.0.path()))
    }

    async fn overwrite(&self, key: &str, body: Vec<u8>) {
        self.write(key, &body);
    }

    async fn remove(&self, key: &str) {
        fs::remove_file(self.path(key)).unwrap();
    }
}

#[expect(clippy::unused_async, reason = "the suite makes every store this way")]
async fn folder() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

conformance!(folder);

/// The names in a folder, hidden ones included.
fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.0.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn writes_leave_no_unfinished_file_behind() {
    let folder = folder().await;
    let objects = folder.objects();
    objects.create("a", "1".into()).await.unwrap();
    objects.create("a", "2".into()).await.unwrap();
    objects.put("a", "3".into()).await.unwrap();
    objects.put("b", "4".into()).await.unwrap();
    fs::create_dir(folder.path("taken")).unwrap();
    assert!(objects.put("taken", "5".into()).await.is_err());
    assert_eq!(names(&folder), ["a", "b", "taken"]);
}

#[tokio::test]
async fn unfinished_file_of_a_crash_changes_nothing() {
    let folder = folder().await;
    folder.write(".tmp-1-2-0", b"half an outc");
    folder.write("outcomes/.tmp-1-2-1", b"half");
    let objects = folder.objects();
    assert_eq!(keys(&*objects, "", None).await, [""; 0]);
    assert_eq!(keys(&*objects, ".tmp", None).await, [""; 0]);
    assert_eq!(
        objects.create("outcomes/1.json", "whole".into()).await.unwrap(),
        Created::New
    );
    objects.put("outcomes/1.json", "whole again".into()).await.unwrap();
    assert_eq!(keys(&*objects, "", None).await, ["outcomes/1.json"]);
    assert_eq!(objects.get("outcomes/1.json").await.unwrap().unwrap(), "whole again");
}

#[tokio::test]
async fn hidden_names_are_neither_listed_nor_written() {
    let folder = folder().await;
    for key in [".DS_Store", "a/.part.crc", ".git/config", "a/b.csv"] {
        folder.write(key, b"x");
    }
    let objects = folder.objects();
    assert_eq!(keys(&*objects, "", None).await, ["a/b.csv"]);
    for key in [".x", "a/.x", ".a/x"] {
        let error = objects.create(key, "x".into()).await.unwrap_err();
        assert!(matches!(error, ObjectError::InvalidKey { .. }), "{error}");
        assert!(objects.put(key, "x".into()).await.is_err());
    }
}

#[tokio::test]
async fn hidden_folder_is_listed_when_the_prefix_names_it() {
    let folder = folder().await;
    folder.write(".data/extracts/a.csv", b"x");
    folder.write(".data/.hidden", b"x");
    let objects = folder.objects();
    assert_eq!(keys(&*objects, ".data/", None).await, [".data/extracts/a.csv"]);
    assert_eq!(objects.get(".data/extracts/a.csv").await.unwrap().unwrap(), "x");
}

#[tokio::test]
async fn long_listing_reads_a_folder_once() {
    let folder = folder().await;
    for number in 0..=PAGE_KEYS {
        folder.write(&format!("a/{number:04}"), b"");
    }
    let objects = folder.objects();
    let mut pages = pages(&*objects, "a/").boxed();
    assert_eq!(pages.next().await.unwrap().unwrap().len(), PAGE_KEYS);
    folder.write("a/1000-late", b"");
    let last = pages.next().await.unwrap().unwrap();
    assert_eq!(last.iter().map(|meta| &meta.key).collect::<Vec<_>>(), ["a/1000"]);
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn file_that_grows_or_shrinks_under_a_reader_ends_it_before_a_changed_byte() {
    for grows in [true, false] {
        let folder = folder().await;
        let body = pattern(4 * BLOCK_BYTES);
        folder.write("k", &body);
        let objects = folder.objects();
        let pin = objects.head("k").await.unwrap().unwrap();
        let mut blocks = objects.read(&pin, 0..pin.size).await.unwrap();
        assert_eq!(blocks.next().await.unwrap().unwrap(), body[..BLOCK_BYTES]);
        let mut file = fs::OpenOptions::new().append(true).open(folder.path("k")).unwrap();
        if grows {
            file.write_all(b"one more row").unwrap();
        } else {
            file.set_len(pin.size - 1).unwrap();
        }
        let error = blocks.next().await.unwrap().unwrap_err();
        assert!(matches!(error, ObjectError::Changed { .. }), "{error}");
        assert!(
            error.to_string().contains(folder.path("k").to_str().unwrap()),
            "{error}"
        );
        assert!(blocks.next().await.is_none());
    }
}

#[tokio::test]
async fn change_before_the_stream_s_end_is_seen_though_all_bytes_were_read() {
    let folder = folder().await;
    folder.write("k", b"all in one block");
    let objects = folder.objects();
    let pin = objects.head("k").await.unwrap().unwrap();
    let blocks = objects.read(&pin, 0..pin.size).await.unwrap();
    folder.write("k", b"all in one block, and more");
    assert!(matches!(whole(blocks).await.unwrap_err(), ObjectError::Changed { .. }));
}

#[tokio::test]
async fn replaced_file_is_read_to_its_end_as_it_was() {
    let folder = folder().await;
    let body = pattern(3 * BLOCK_BYTES);
    let objects = folder.objects();
    objects.put("k", body.clone().into()).await.unwrap();
    let pin = objects.head("k").await.unwrap().unwrap();
    let blocks = objects.read(&pin, 0..pin.size).await.unwrap();
    objects.put("k", "another".into()).await.unwrap();
    assert!(whole(blocks).await.unwrap() == body);
    assert!(objects.read(&pin, 0..1).await.is_err());
}

#[tokio::test]
async fn links_to_files_are_followed_and_to_folders_not_listed() {
    let (folder, elsewhere) = (folder().await, folder().await);
    elsewhere.write("real.csv", b"rows");
    symlink(elsewhere.path("real.csv"), folder.path("link.csv")).unwrap();
    symlink(elsewhere.0.path(), folder.path("folder")).unwrap();
    symlink(".", folder.path("loop")).unwrap();
    let objects = folder.objects();
    assert_eq!(keys(&*objects, "", None).await, ["link.csv"]);
    assert_eq!(keys(&*objects, "folder/", None).await, ["folder/real.csv"]);
    let pin = objects.head("link.csv").await.unwrap().unwrap();
    assert_eq!(whole(objects.read(&pin, 0..4).await.unwrap()).await.unwrap(), b"rows");
    assert_eq!(objects.create("link.csv", "x".into()).await.unwrap(), Created::Exists);
}

#[tokio::test]
async fn what_would_silently_be_left_out_is_an_error() {
    let dangling = folder().await;
    symlink("nowhere", dangling.path("link.csv")).unwrap();
    let error = dangling.objects().list("", None).await.unwrap_err();
    assert!(error.to_string().contains("link.csv"), "{error}");

    let foreign = folder().await;
    fs::write(foreign.0.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.csv")), "x").unwrap();
    let error = foreign.objects().list("", None).await.unwrap_err();
    assert!(
        matches!(error, ObjectError::InvalidKey { .. }) && error.to_string().contains("rename it"),
        "{error}"
    );
}

#[tokio::test]
async fn folder_is_made_by_the_first_write_only() {
    let outer = folder().await;
    let objects = FolderObjects::new(outer.path("state/of/it"));
    assert_eq!(objects.get("a").await.unwrap(), None);
    assert_eq!(keys(&objects, "", None).await, [""; 0]);
    assert!(names(&outer).is_empty());
    assert_eq!(objects.create("b/c", "x".into()).await.unwrap(), Created::New);
    assert_eq!(keys(&objects, "", None).await, ["b/c"]);
}

#[tokio::test]
async fn file_where_a_folder_is_needed_is_an_error_with_remedy() {
    let folder = folder().await;
    let objects = folder.objects();
    objects.put("a", "x".into()).await.unwrap();
    for error in [
        objects.create("a/b", "x".into()).await.err(),
        objects.put("a/b/c", "x".into()).await.err(),
    ] {
        let error = error.unwrap();
        assert!(
            error.to_string().contains("move one away") && !error.is_retryable(),
            "{error}"
        );
    }
}

#[tokio::test]
async fn large_file_is_not_read_whole() {
    let folder = folder().await;
    let file = fs::File::create(folder.path("k")).unwrap();
    file.set_len(platform::MAX_SMALL_OBJECT + 1).unwrap();
    let error = folder.objects().get("k").await.unwrap_err();
    assert!(matches!(error, ObjectError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn same_size_hides_neither_a_replaced_nor_an_overwritten_file() {
    let folder = folder().await;
    let objects = folder.objects();
    let set_time = |time| {
        let file = fs::File::options().write(true).open(folder.path("k")).unwrap();
        file.set_modified(time).unwrap();
    };
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    objects.put("k", "aaaa".into()).await.unwrap();
    set_time(time);
    let pin = objects.head("k").await.unwrap().unwrap();

    objects.put("k", "bbbb".into()).await.unwrap();
    set_time(time);
    assert!(matches!(
        objects.read(&pin, 0..4).await.err().unwrap(),
        ObjectError::Changed { .. }
    ));

    let pin = objects.head("k").await.unwrap().unwrap();
    folder.write("k", b"cccc");
    set_time(time + std::time::Duration::from_nanos(1));
    assert!(matches!(
        objects.read(&pin, 0..4).await.err().unwrap(),
        ObjectError::Changed { .. }
    ));
}
