//! What tells one version of a file from another.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::object::Meta;

/// The file's size, time of change and inode. A writer that keeps all three goes unseen; no usual one does: appending
/// changes the size, replacing the inode, and overwriting in place the time, as finely as the file system keeps it.
pub(super) fn meta(key: String, metadata: &Metadata) -> Meta {
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    let etag = format!(
        "\"{:x}-{seconds:x}.{nanoseconds:x}-{:x}\"",
        metadata.size(),
        metadata.ino()
    );
    Meta {
        key,
        size: metadata.size(),
        etag,
        version: None,
        modified: Some(seconds),
    }
}
