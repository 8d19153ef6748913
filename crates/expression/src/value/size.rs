use super::{Item, Value};
use crate::number::Number;

/// Bytes of overhead of a list or map.
const DOCUMENT: usize = 3;
/// Bytes of overhead of each member of a list or map.
const MEMBER: usize = 1;

impl Value {
    /// Its size in bytes, as the developer guide counts it ("DynamoDB item sizes and formats").
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number_bytes(*number),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(list) => DOCUMENT + list.iter().map(|v| v.bytes() + MEMBER).sum::<usize>(),
            Self::M(map) => DOCUMENT + map.len() * MEMBER + item_bytes(map),
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().copied().map(number_bytes).sum(),
            Self::Bs(set) => set.iter().map(Vec::len).sum(),
        }
    }
}

/// One byte for two significant digits, and one.
fn number_bytes(number: Number) -> usize {
    number.digits().div_ceil(2) as usize + 1
}

/// The size of an item in bytes: the names of its attributes in UTF-8 and their values.
#[must_use]
pub fn item_bytes(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.bytes()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::item;
    use serde_json::json;

    #[test]
    fn sizes_follow_the_developer_guide() {
        for (attributes, bytes) in [
            (json!({"id": {"S": "abc"}}), 5),
            (json!({"é": {"S": "é"}}), 4),
            (json!({"n": {"N": "0"}}), 2),
            (json!({"n": {"N": "-12300"}}), 4),
            (json!({"b": {"B": "AAEC"}}), 4),
            (json!({"t": {"BOOL": true}, "u": {"NULL": true}}), 4),
            (json!({"l": {"L": []}}), 4),
            (json!({"l": {"L": [{"S": "ab"}, {"NULL": true}]}}), 9),
            (json!({"m": {"M": {"k": {"S": "v"}}}}), 7),
            (json!({"s": {"SS": ["a", "bc"]}, "n": {"NS": ["1", "23"]}}), 9),
        ] {
            assert_eq!(item_bytes(&item(attributes.clone())), bytes, "{attributes}");
        }
    }
}
