//! A message: its body and attributes.

use crate::{Error, config, keys};
use md5::{Digest, Md5};
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Base64, Caller};
use std::collections::BTreeMap;
use types::{Arn, Timestamp};

/// The value of a message attribute, on the wire and in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeValue {
    pub(crate) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<Base64>,
}

/// Message attributes by name, in the order in which they are hashed.
pub(crate) type AttributeValues = BTreeMap<String, AttributeValue>;

/// A message as it was sent. It does not change: what a receive changes lies elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: keys::Id,
    /// Stored behind the rest.
    #[serde(skip)]
    pub(crate) body: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: AttributeValues,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    /// Of a FIFO queue: the sender's, or the SHA-256 of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deduplication_id: Option<String>,
    pub(crate) sent: Timestamp,
    pub(crate) sender: String,
    /// The queue that it came from, if it is a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead_letter_source: Option<Arn>,
}

impl Message {
    /// The bytes that count towards the size limits.
    pub(crate) fn size(&self) -> u64 {
        size(&self.body, &self.attributes)
    }

    pub(crate) fn body_md5(&self) -> String {
        hex::encode(Md5::digest(self.body.as_bytes()))
    }

    /// The attributes that `names` asks for: by name, `All`, `.*`, or `prefix.*`.
    pub(crate) fn selected(&self, names: &[String]) -> AttributeValues {
        let is_wanted = |attribute: &str| {
            names.iter().any(|name| match name.strip_suffix(".*") {
                Some(prefix) => attribute.starts_with(prefix),
                None => name == "All" || name == attribute,
            })
        };
        let wanted = self.attributes.iter().filter(|(name, _)| is_wanted(name));
        wanted.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// The bytes of a body and of names, types and values of its attributes.
pub(crate) fn size(body: &str, attributes: &AttributeValues) -> u64 {
    let attribute = |(name, value): (&String, &AttributeValue)| {
        let string = value.string_value.as_ref().map_or(0, String::len);
        let binary = value.binary_value.as_ref().map_or(0, |bytes| bytes.0.len());
        name.len() + value.data_type.len() + string + binary
    };
    (body.len() + attributes.iter().map(attribute).sum::<usize>()) as u64
}

/// Which attributes a receiver wants to see.
#[derive(Debug, Default)]
pub(crate) struct Selection<'a> {
    pub(crate) system: &'a [String],
    pub(crate) message: &'a [String],
}

/// The MD5 of message attributes, as "Amazon SQS message metadata" in the Developer Guide
/// describes it: name, type, transport byte and value of each, with their lengths, in the order of
/// the names.
pub(crate) fn attributes_md5(attributes: &AttributeValues) -> Option<String> {
    (!attributes.is_empty()).then(|| hash_attributes(attributes))
}

fn hash_attributes(attributes: &AttributeValues) -> String {
    let mut hash = Md5::new();
    let part = |hash: &mut Md5, bytes: &[u8]| {
        hash.update((bytes.len() as u32).to_be_bytes());
        hash.update(bytes);
    };
    for (name, value) in attributes {
        part(&mut hash, name.as_bytes());
        part(&mut hash, value.data_type.as_bytes());
        match (&value.string_value, &value.binary_value) {
            (Some(text), _) => {
                hash.update([1]);
                part(&mut hash, text.as_bytes());
            }
            (None, Some(bytes)) => {
                hash.update([2]);
                part(&mut hash, &bytes.0);
            }
            (None, None) => {}
        }
    }
    hex::encode(hash.finalize())
}

/// Checks attributes as "SendMessage" documents them: types, names, values, and at most ten.
pub(crate) fn check_attributes(attributes: &AttributeValues) -> Result<(), Error> {
    if attributes.len() > config::MESSAGE_ATTRIBUTES {
        return Err(Error::InvalidParameterValue(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{}].",
            attributes.len(),
            config::MESSAGE_ATTRIBUTES
        )));
    }
    attributes.iter().try_for_each(|(name, value)| check_attribute(name, value))
}

fn check_attribute(name: &str, value: &AttributeValue) -> Result<(), Error> {
    let invalid = |reason: String| Err(Error::InvalidParameterValue(reason));
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let reserved = ["aws.", "amazon."].iter().any(|p| name.to_ascii_lowercase().starts_with(p));
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if name.is_empty()
        || name.len() > config::ATTRIBUTE_NAME_BYTES
        || !name.chars().all(allowed)
        || reserved
        || dots
    {
        return invalid(format!("The message attribute name '{name}' is invalid."));
    }
    if value.data_type.len() >= config::ATTRIBUTE_TYPE_BYTES {
        return invalid(format!(
            "Message (user) attribute types must be shorter than {} Bytes",
            config::ATTRIBUTE_TYPE_BYTES
        ));
    }
    let base = value.data_type.split('.').next().unwrap_or_default();
    match (base, &value.string_value, &value.binary_value) {
        ("String", Some(text), None) if !text.is_empty() => xml_characters(text),
        ("Number", Some(text), None) if text.parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
        ("Number", Some(text), None) if !text.is_empty() => invalid(format!(
            "Can't cast the value of message (user) attribute '{name}' to a number."
        )),
        ("Binary", None, Some(bytes)) if !bytes.0.is_empty() => Ok(()),
        ("String" | "Number" | "Binary", ..) => invalid(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{}'.",
            value.data_type
        )),
        _ => invalid(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the \
             following supported type prefixes: Binary, Number, String."
        )),
    }
}

/// Refuses an id of a group, a message or a receive that FIFO queues do not know.
pub(crate) fn check_fifo_id(parameter: &'static str, id: &str) -> Result<(), Error> {
    if config::FIFO_ID_CHARS.contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::InvalidParameterValue(format!(
        "Value {id} for parameter {parameter} is invalid. Reason: {parameter} can only include \
         alphanumeric and punctuation characters. 1 to 128 in length."
    )))
}

/// Refuses characters that XML 1.0 does not allow.
pub(crate) fn xml_characters(text: &str) -> Result<(), Error> {
    let allowed = |c: char| {
        matches!(c, '\u{9}' | '\u{a}' | '\u{d}' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            || c >= '\u{10000}'
    };
    if text.chars().all(allowed) { Ok(()) } else { Err(Error::InvalidMessageContents) }
}

/// The trace header among the system attributes, the only one that senders may give.
pub(crate) fn trace_header(attributes: &AttributeValues) -> Result<Option<String>, Error> {
    let mut header = None;
    for (name, value) in attributes {
        match value {
            AttributeValue { data_type, string_value: Some(text), binary_value: None }
                if name == "AWSTraceHeader" && data_type == "String" && !text.is_empty() =>
            {
                header = Some(text.clone());
            }
            _ => {
                return Err(Error::InvalidParameterValue(format!(
                    "Message (system) attribute '{name}' must be AWSTraceHeader, with a non-empty \
                     value of type 'String'."
                )));
            }
        }
    }
    Ok(header)
}

/// Who sends, as `SenderId` tells it: the unique id of the principal.
pub(crate) fn sender(caller: &Caller) -> String {
    match &caller.principal {
        Principal::User { id, .. } | Principal::Session { id, .. } => id.clone(),
        Principal::Root { account } => account.to_string(),
        Principal::Service { name } => name.clone(),
        Principal::Anonymous => "anonymous".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of the Developer Guide's algorithm, computed by Amazon SQS.
    #[test]
    fn attributes_are_hashed_in_the_order_of_their_names() {
        let text = |text: &str| AttributeValue {
            data_type: "String".to_owned(),
            string_value: Some(text.to_owned()),
            binary_value: None,
        };
        let all = [("Help.Me", "Me"), ("General", "Kenobi"), ("Hello", "There")];
        let all = all.map(|(name, value)| (name.to_owned(), text(value))).into();
        assert_eq!(attributes_md5(&all).unwrap(), "4c360f3fdafd970e05fae2f149d997f5");
        let bytes = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let binary = AttributeValue {
            data_type: "Binary".to_owned(),
            string_value: None,
            binary_value: Some(Base64(bytes.to_vec().into())),
        };
        let one = [("attr1".to_owned(), binary)].into();
        assert_eq!(attributes_md5(&one).unwrap(), "8cbe4db156db8a94db8b801b7addb984");
        assert_eq!(attributes_md5(&AttributeValues::new()), None);
    }
}
