//! Strings, bytes and flags, with DynamoDB's words for what is none.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

const STRUCTURE: &str = "Start of structure or map found where not expected";

/// The methods of a visitor that refuses every scalar but null with one text.
macro_rules! refuse_scalars {
    ($text:expr) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Err(E::custom($text))
        }
        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Err(E::custom($text))
        }
        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Err(E::custom($text))
        }
        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Err(E::custom($text))
        }
        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Err(E::custom($text))
        }
    };
}
pub(super) use refuse_scalars;

/// The methods that the visitors of a scalar share: null is `None`, a list or object is refused.
macro_rules! scalar {
    ($name:ident, $value:ty, $class:literal) => {
        impl<'de> DeserializeSeed<'de> for $name {
            type Value = Option<$value>;

            fn deserialize<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                deserializer.deserialize_any(Visit(self))
            }
        }

        impl<'de> Visitor<'de> for Visit<$name> {
            type Value = Option<$value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($class)
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(de::Error::custom(concat!("Unrecognized collection type class ", $class)))
            }
            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(de::Error::custom(STRUCTURE))
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
                <$name>::from_bool(flag).map(Some).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
                Err(E::custom(<$name>::not_from("NUMBER_VALUE")))
            }
            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
                Err(E::custom(<$name>::not_from("NUMBER_VALUE")))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
                Err(E::custom(<$name>::not_from("DECIMAL_VALUE")))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                <$name>::from_text(text).map(Some).map_err(E::custom)
            }
        }
    };
}

struct Visit<T>(T);

/// A string.
#[derive(Clone, Copy)]
pub(super) struct Text;
/// Bytes in base64.
#[derive(Clone, Copy)]
pub(super) struct Blob;
/// A truth value; DynamoDB also takes some words for one.
#[derive(Clone, Copy)]
pub(super) struct Flag;

scalar!(Text, String, "java.lang.String");
scalar!(Blob, Vec<u8>, "java.nio.ByteBuffer");
scalar!(Flag, bool, "java.lang.Boolean");

impl Text {
    fn from_bool(flag: bool) -> Result<String, String> {
        Err(Self::not_from(if flag { "TRUE_VALUE" } else { "FALSE_VALUE" }))
    }

    fn not_from(token: &str) -> String {
        format!("{token} cannot be converted to String")
    }

    fn from_text(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }
}

impl Blob {
    fn from_bool(_: bool) -> Result<Vec<u8>, String> {
        Err(Self::not_from(""))
    }

    fn not_from(_: &str) -> String {
        "only base-64-encoded strings are convertible to bytes".to_owned()
    }

    fn from_text(text: &str) -> Result<Vec<u8>, String> {
        if !text.len().is_multiple_of(4) {
            let length = text.len();
            return Err(format!(
                "Base64 encoded length is expected a multiple of 4 bytes but found: {length}"
            ));
        }
        // The spelling of the last word is DynamoDB's.
        STANDARD
            .decode(text)
            .map_err(|_| "Invalid last non-pad Base64 character dectected".to_owned())
    }
}

impl Flag {
    fn from_bool(flag: bool) -> Result<bool, String> {
        Ok(flag)
    }

    fn not_from(token: &str) -> String {
        format!("{token} cannot be converted to Boolean")
    }

    fn from_text(text: &str) -> Result<bool, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" => Ok(false),
            _ => Err("Unexpected token received from parser".to_owned()),
        }
    }
}
