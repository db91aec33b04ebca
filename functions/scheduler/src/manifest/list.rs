//! What a manifest says, whichever way it is written.

use serde::Deserialize;

/// Most objects that one manifest names: as many as a plan has room for.
pub(super) const MAX_ENTRIES: usize = 100_000;

/// Schemes of S3, by the names that Hadoop's programs have for it too.
const S3_SCHEMES: [&str; 3] = ["s3", "s3a", "s3n"];

/// One object, as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name as it is written.
    pub(super) name: String,
    /// Where that is.
    pub(super) place: Place,
    /// The object's size in bytes, where the manifest says it.
    pub(super) size: Option<u64>,
    /// Whether the extract may be without it.
    pub(super) is_optional: bool,
}

/// Where a named object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In a bucket, under a key.
    Bucket(String, String),
    /// Beside the manifest, or else in the same store.
    Relative(String),
}

/// Redshift's manifest (Amazon Redshift docs, "UNLOAD", MANIFEST, and "Using a manifest to specify data files"). What else it has, schema and author,
/// says nothing of where the objects are.
#[derive(Debug, Deserialize)]
struct RedshiftManifest {
    entries: Vec<RedshiftEntry>,
}

#[derive(Debug, Deserialize)]
struct RedshiftEntry {
    url: String,
    /// COPY goes on without an object of which this is false. UNLOAD leaves it away, and all that it names is there.
    #[serde(default = "yes")]
    mandatory: bool,
    #[serde(default)]
    meta: RedshiftMeta,
}

#[derive(Debug, Default, Deserialize)]
struct RedshiftMeta {
    content_length: Option<u64>,
}

fn yes() -> bool {
    true
}

/// Returns what a manifest names, in its order: Redshift's JSON, or one key or URL a line.
///
/// # Errors
/// Why it is no manifest.
pub(super) fn entries(manifest: &[u8]) -> Result<Vec<Entry>, String> {
    let text = str::from_utf8(manifest).map_err(|_| "it is not text".to_owned())?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let entries = match text.chars().next() {
        None => return Err("it is empty".to_owned()),
        Some('{' | '[') => of_redshift(text)?,
        Some(_) => of_lines(text)?,
    };
    if entries.len() > MAX_ENTRIES {
        let count = entries.len();
        return Err(format!("it names {count} objects, and at most {MAX_ENTRIES} are read"));
    }
    Ok(entries)
}

fn of_redshift(text: &str) -> Result<Vec<Entry>, String> {
    let manifest: RedshiftManifest = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let entries = manifest.entries.into_iter();
    entries
        .map(|entry| {
            Ok(Entry {
                place: place(&entry.url)?,
                name: entry.url,
                size: entry.meta.content_length,
                is_optional: !entry.mandatory,
            })
        })
        .collect()
}

fn of_lines(text: &str) -> Result<Vec<Entry>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            Ok(Entry {
                place: place(line)?,
                name: line.to_owned(),
                size: None,
                is_optional: false,
            })
        })
        .collect()
}

fn place(name: &str) -> Result<Place, String> {
    let Some((scheme, rest)) = name.split_once("://") else {
        return Ok(Place::Relative(name.strip_prefix("./").unwrap_or(name).to_owned()));
    };
    if !S3_SCHEMES.contains(&scheme) {
        return Err(format!("`{name}` is in no place that can be read, only s3:// is known"));
    }
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok(Place::Bucket(bucket.to_owned(), key.to_owned()))
        }
        _ => Err(format!("`{name}` names no object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(manifest: &str) -> Vec<String> {
        let entries = entries(manifest.as_bytes()).unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn reads_what_redshift_unloads() {
        let verbose = r#"{"entries": [
            {"url":"s3://acme/u/part_0000_part_00", "meta": {"content_length": 123, "record_count": 5}},
            {"url":"s3://acme/u/part_0001_part_00", "mandatory": false, "meta": {"record_count": 2}}],
            "schema": {"elements": [{"name": "id"}]}, "meta": {"content_length": 200}, "author": {"name": "x"}}"#;
        let entries = entries(verbose.as_bytes()).unwrap();
        assert_eq!(
            entries[0].place,
            Place::Bucket("acme".into(), "u/part_0000_part_00".into())
        );
        assert_eq!((entries[0].size, entries[0].is_optional), (Some(123), false));
        assert_eq!((entries[1].size, entries[1].is_optional), (None, true));
        assert_eq!(names("{\"entries\": []}"), [""; 0]);
    }

    #[test]
    fn reads_a_name_a_line() {
        let list = "\u{feff}./b.csv\r\n\r\n  \ns3a://acme/u/a b.csv\nx=1/c.csv";
        assert_eq!(names(list), ["./b.csv", "s3a://acme/u/a b.csv", "x=1/c.csv"]);
        let places: Vec<Place> = entries(list.as_bytes())
            .unwrap()
            .into_iter()
            .map(|entry| entry.place)
            .collect();
        assert_eq!(places[0], Place::Relative("b.csv".into()));
        assert_eq!(places[1], Place::Bucket("acme".into(), "u/a b.csv".into()));
    }

    #[test]
    fn says_why_something_is_no_manifest() {
        let many = "a\n".repeat(MAX_ENTRIES + 1);
        for (manifest, why) in [
            ("", "is empty"),
            ("\r\n", "is empty"),
            ("{\"files\": []}", "missing field `entries`"),
            ("[\"a.csv\"]", "expected"),
            ("{\"entries\": [{\"url\": 1}]}", "line 1"),
            ("a.csv\ngs://acme/b.csv", "`gs://acme/b.csv` is in no place"),
            ("s3://acme/", "`s3://acme/` names no object"),
            (many.as_str(), "100001 objects"),
        ] {
            let error = entries(manifest.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(entries(b"PAR1\xff").unwrap_err().contains("not text"));
    }
}
