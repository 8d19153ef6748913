//! The hashes in generated logical ids: the first ten digits of the SHA-1 of compact, key-sorted,
//! ASCII-only JSON.

use serde_json::Value;
use sha1::{Digest, Sha1};

/// The suffix for some data; a text is hashed as it is.
pub(super) fn suffix(data: &Value) -> String {
    let text = match data {
        Value::String(text) => text.clone(),
        other => ascii(&canonical(other)),
    };
    if text.is_empty() {
        return String::new();
    }
    let mut digits = hex::encode(Sha1::digest(text.as_bytes()));
    digits.truncate(10);
    digits
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, item)| format!("{}:{}", Value::String(key.clone()), canonical(item)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Escapes what is not ASCII as UTF-16 units.
fn ascii(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            result.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                result.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    result
}
