//! Telling an object's format.

use std::str::Utf8Error;

use crate::Format;
use crate::csv::BYTE_ORDER_MARK;
use crate::parquet::MAGIC;

/// What names of compressed objects add to the name of their text.
const COMPRESSED: [&str; 5] = [".gz", ".gzip", ".zst", ".zstd", ".bz2"];

/// Returns the format of the object `key`: Parquet if it begins as such, else told by its name's ending, else by the first bytes of its text (some
/// hundred will do).
///
/// `.csv` and `.tsv` are CSV; `.jsonl`, `.ndjson` and `.json` are JSON lines; `.parquet`, `.pq` and `.parq` are Parquet; in any case. Else text that begins with
/// `{` is JSON lines and other text is CSV. `None`: not text, or nothing there. An ending
/// that tells of compression (`.gz`, `.zst`, `.bz2`) does not count.
#[must_use]
pub fn detect(key: &str, first_bytes: &[u8]) -> Option<Format> {
    if first_bytes.starts_with(MAGIC) {
        return Some(Format::Parquet);
    }
    by_name(key).or_else(|| by_content(first_bytes))
}

fn by_name(key: &str) -> Option<Format> {
    let name = key.rsplit('/').next()?.to_ascii_lowercase();
    let name = COMPRESSED
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(&name);
    let (_, extension) = name.rsplit_once('.')?;
    match extension {
        "csv" | "tsv" => Some(Format::Csv),
        "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
        "parquet" | "pq" | "parq" => Some(Format::Parquet),
        _ => None,
    }
}

fn by_content(bytes: &[u8]) -> Option<Format> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.contains(&0) || !is_text(bytes) {
        return None;
    }
    match bytes.trim_ascii_start().first()? {
        b'{' => Some(Format::Jsonl),
        _ => Some(Format::Csv),
    }
}

/// Whether this is the beginning of UTF-8 text; its last character may be cut.
fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes)
        .map_err(|error: Utf8Error| error.error_len())
        .map_or_else(|length| length.is_none(), |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_by_the_name_first() {
        for key in ["a/b.csv", "b.CSV", "x.y.tsv", "a.csv.gz", "b.csv.ZST"] {
            assert_eq!(detect(key, b"{"), Some(Format::Csv), "{key}");
        }
        for key in ["a/b.jsonl", "b.ndjson", "b.JSON"] {
            assert_eq!(detect(key, b"a,b"), Some(Format::Jsonl), "{key}");
        }
        for key in ["a.parquet", "b.PQ", "c.parq", "part-0.snappy.parquet", "d.gz.parquet"] {
            assert_eq!(detect(key, b""), Some(Format::Parquet), "{key}");
        }
    }

    #[test]
    fn knows_parquet_by_its_first_bytes_whatever_the_name() {
        for key in ["part-0000", "a.csv"] {
            assert_eq!(detect(key, b"PAR1\x15"), Some(Format::Parquet), "{key}");
        }
    }

    #[test]
    fn goes_by_the_first_bytes_where_the_name_does_not_tell() {
        assert_eq!(
            detect("runs.csv/part-0000", b"\xEF\xBB\xBF \n{\"a\":1}"),
            Some(Format::Jsonl)
        );
        assert_eq!(detect("0000_part_00", b"1|Acme|"), Some(Format::Csv));
        assert_eq!(
            detect("part.txt", "id,é".as_bytes().split_last().unwrap().1),
            Some(Format::Csv)
        );
    }

    #[test]
    fn does_not_guess_at_what_is_not_text() {
        for bytes in [&b"\x1f\x8b\x08"[..], b"\x28\xb5\x2f\xfd", b"", b" \n", b"a\0b"] {
            assert_eq!(detect("part-0000", bytes), None, "{bytes:?}");
        }
        assert_eq!(detect("0000_part_00.gz", b"\x1f\x8b\x08"), None);
    }
}
