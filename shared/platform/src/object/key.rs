//! What a key may be, the same for every store: a relative path that cannot leave its folder.

use crate::ObjectError;

/// Longest key in bytes (S3 User Guide, "Naming Amazon S3 objects").
const MAX_KEY_BYTES: usize = 1_024;

/// Refuses what is no relative path of plain names.
pub(super) fn check(key: &str) -> Result<(), ObjectError> {
    if key.is_empty() {
        return refuse(key, "it is empty");
    }
    if key.len() > MAX_KEY_BYTES {
        return refuse(key, "it is longer than 1,024 bytes");
    }
    key.split('/').try_for_each(|segment| check_segment(key, segment))
}

/// Refuses a prefix whose folders are not plain names. Its last part may be any beginning of a name.
pub(super) fn check_prefix(prefix: &str) -> Result<(), ObjectError> {
    match prefix.rsplit_once('/') {
        Some((folder, name)) => check(folder).and_then(|()| check_bytes(prefix, name)),
        None => check_bytes(prefix, prefix),
    }
}

fn check_segment(key: &str, segment: &str) -> Result<(), ObjectError> {
    match segment {
        "" => refuse(key, "it starts or ends with `/` or has two in a row"),
        "." | ".." => refuse(key, "`.` and `..` are no names"),
        _ => check_bytes(key, segment),
    }
}

fn check_bytes(key: &str, part: &str) -> Result<(), ObjectError> {
    if part.contains('\0') {
        return refuse(key, "it holds a NUL");
    }
    Ok(())
}

fn refuse(key: &str, problem: &'static str) -> Result<(), ObjectError> {
    Err(ObjectError::InvalidKey {
        key: key.to_owned(),
        problem,
    })
}
