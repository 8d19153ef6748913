use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use types::Timestamp;

/// A time as the APIs carry it: seconds since the epoch, with a fraction. The XML protocols turn
/// it into ISO 8601 because the model says that the member is a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_millis() % 1000 {
            0 => serializer.serialize_u64(self.0.as_secs()),
            _ => serializer.serialize_f64(self.0.as_secs_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if !(0.0..=1e12).contains(&seconds) {
            return Err(D::Error::custom("a time lies outside the years 1970 to 33658"));
        }
        Ok(Self(Timestamp::from_millis((seconds * 1000.0).round() as u64)))
    }
}

/// Bytes that an API carries as base64 text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base64(pub Bytes);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        Ok(Self(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_are_written_without_a_fraction() {
        let text =
            |millis| serde_json::to_string(&Seconds(Timestamp::from_millis(millis))).unwrap();
        assert_eq!(text(1_000), "1");
        assert_eq!(text(1_500), "1.5");
        assert!(serde_json::from_str::<Seconds>("-1").is_err());
    }

    #[test]
    fn base64_goes_both_ways() {
        let value: Base64 = serde_json::from_str("\"aGk=\"").unwrap();
        assert_eq!(&value.0[..], b"hi");
        assert_eq!(serde_json::to_string(&value).unwrap(), "\"aGk=\"");
        assert!(serde_json::from_str::<Base64>("\"?\"").is_err());
    }
}
