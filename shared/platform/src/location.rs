//! Where a user says that objects lie.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::PlatformError;

/// A place named by a user: an object or prefix in S3, or a file or folder of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// `s3://bucket/key`.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// A key or a prefix; empty: the whole bucket.
        key: String,
    },
    /// A path, as given.
    Path(PathBuf),
}

impl Location {
    /// Understands `s3://bucket`, `s3://bucket/key or prefix`, and paths.
    ///
    /// # Errors
    /// If the text is empty, holds a NUL, has another scheme than `s3://`, or names no possible bucket.
    pub fn parse(text: &str) -> Result<Self, PlatformError> {
        let refuse = |problem| {
            Err(PlatformError::Location {
                text: text.to_owned(),
                problem,
            })
        };
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            return match bucket_problem(bucket) {
                Some(problem) => refuse(problem),
                None => Ok(Self::S3 {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                }),
            };
        }
        if text.trim().is_empty() {
            return refuse("it is empty");
        }
        if text.contains('\0') {
            return refuse("it holds a NUL");
        }
        if text.contains("://") {
            return refuse("only s3:// is known");
        }
        Ok(Self::Path(PathBuf::from(text)))
    }

    /// The location's store, as [`crate::Stores::open`] takes it, and what is named in it: a key or a prefix.
    ///
    /// A path's store is the folder that the file or folder is in, made absolute; nothing is looked up. A trailing `/`
    /// is kept.
    #[must_use]
    pub fn split(&self) -> (String, String) {
        match self {
            Self::S3 { bucket, key } => (format!("s3://{bucket}"), key.clone()),
            Self::Path(path) => split_path(path),
        }
    }
}

fn split_path(path: &Path) -> (String, String) {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let given = text(path);
    // Fails only where there is no working folder; then the path says by itself what is missing.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let absolute: PathBuf = absolute.components().collect();
    // `.` and `data/.` are a folder's whole content; `/` and `data/..` have no name in another folder.
    let whole = path == Path::new(".") || given.ends_with("/.");
    match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(name)) if !whole => {
            let slash = if given.ends_with('/') { "/" } else { "" };
            (text(folder), format!("{}{slash}", name.to_string_lossy()))
        }
        _ => (text(&absolute), String::new()),
    }
}

/// What is wrong with a bucket's name (S3 User Guide, "General purpose bucket naming rules"; older buckets may have
/// capitals and underscores).
pub(crate) fn bucket_problem(bucket: &str) -> Option<&'static str> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if bucket.is_empty() {
        Some("it names no bucket")
    } else if !(3..=255).contains(&bucket.len()) || !bucket.bytes().all(is_known) {
        Some("a bucket's name has 3 or more letters, digits, `-`, `.` or `_`")
    } else {
        None
    }
}

impl FromStr for Location {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        Self::parse(text)
    }
}

impl Display for Location {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(out, "s3://{bucket}/{key}"),
            Self::Path(path) => write!(out, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, String) {
        Location::parse(text).unwrap().split()
    }

    fn pair(store: &str, key: &str) -> (String, String) {
        (store.to_owned(), key.to_owned())
    }

    #[test]
    fn s3_locations_are_bucket_and_key() {
        assert_eq!(
            split("s3://acme-extracts/customers/"),
            pair("s3://acme-extracts", "customers/")
        );
        assert_eq!(split("s3://acme-extracts"), pair("s3://acme-extracts", ""));
        assert_eq!(
            Location::parse("s3://acme/a b.csv").unwrap().to_string(),
            "s3://acme/a b.csv"
        );
    }

    #[test]
    fn paths_are_the_folder_and_the_name_in_it() {
        assert_eq!(split("/data/customers.csv"), pair("/data", "customers.csv"));
        assert_eq!(split("/data/customers/"), pair("/data", "customers/"));
        assert_eq!(split("/data/."), pair("/data", ""));
        assert_eq!(split("/data/.."), pair("/data/..", ""));
        assert_eq!(split("/"), pair("/", ""));
    }

    #[test]
    fn relative_paths_become_absolute() {
        let here = std::env::current_dir().unwrap().to_string_lossy().into_owned();
        assert_eq!(split("customers.csv"), pair(&here, "customers.csv"));
        assert_eq!(split("data/customers/"), pair(&format!("{here}/data"), "customers/"));
        assert_eq!(split("."), pair(&here, ""));
        assert_eq!(split("./"), pair(&here, ""));
        assert_eq!(split("../x.csv"), pair(&format!("{here}/.."), "x.csv"));
    }

    #[test]
    fn refuses_what_names_no_place() {
        for text in [
            "",
            " ",
            "s3://",
            "s3:///key",
            "s3://a",
            "s3://a b/key",
            "gs://bucket/key",
            "S3://bucket",
            "a\0b",
        ] {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.contains("write s3://bucket/key or a path"), "{text:?}: {error}");
        }
    }
}
