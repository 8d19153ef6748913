use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::{Map, Value};

/// Members that several operations share.
pub(crate) trait Shared: DeserializeOwned {
    /// Their names.
    const NAMES: &'static [&'static str];
}

/// A request's members in two structures: those that it shares with other operations, and the
/// others. Each refuses what it does not know, as two flattened ones could not.
#[derive(Debug)]
pub(crate) struct Split<A, B>(pub(crate) A, pub(crate) B);

impl<'de, A: Shared, B: DeserializeOwned> Deserialize<'de> for Split<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        let is_shared = |(name, _): &(String, Value)| A::NAMES.contains(&name.as_str());
        let (shared, others): (Vec<_>, Vec<_>) = members.into_iter().partition(is_shared);
        let (shared, others): (Map<_, _>, Map<_, _>) =
            (shared.into_iter().collect(), others.into_iter().collect());
        let shared = A::deserialize(Value::Object(shared)).map_err(D::Error::custom)?;
        let others = B::deserialize(Value::Object(others)).map_err(D::Error::custom)?;
        Ok(Self(shared, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChecksumMembers;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Own {
        key: String,
    }

    #[test]
    fn an_unknown_member_is_refused_by_its_name() {
        let members = json!({"key": "a", "ChecksumSHA1": "x"});
        let Split(_, own): Split<ChecksumMembers, Own> = serde_json::from_value(members).unwrap();
        assert_eq!(own.key, "a");
        let refused = serde_json::from_value::<Split<ChecksumMembers, Own>>(
            json!({"key": "a", "ChecksumOther": "x"}),
        );
        assert!(refused.unwrap_err().to_string().starts_with("unknown field `ChecksumOther`"));
    }
}
