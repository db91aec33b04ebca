//! Hashes that are the same for the same meaning.

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

/// Returns a hash of a value as 32 hexadecimal digits; the order of an object's keys does not matter.
pub(super) fn of_value(value: &Value) -> String {
    let mut text = Vec::new();
    write_canonical(value, &mut text);
    format!("{:032x}", xxh3_128(&text))
}

/// Writes JSON with sorted keys, whichever order the map type of `serde_json` keeps.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (key, item) in fields {
                mapping::write_json_string(key, out);
                out.push(b':');
                write_canonical(item, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        scalar => out.extend_from_slice(scalar.to_string().as_bytes()),
    }
}
