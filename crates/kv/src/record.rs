use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Value};

/// A stored record with a version. Its bytes are one version byte and then JSON, which stays
/// readable in a dump and lets a version add optional members.
///
/// A change that old bytes do not satisfy raises `VERSION` and teaches `migrate` the version before;
/// the old bytes stay in the record's file as an asserted fixture.
pub trait Record: Serialize + DeserializeOwned {
    /// The version that this build writes.
    const VERSION: u8;

    /// The record from the JSON of an older `version`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the version is not known; that is the default.
    fn migrate(version: u8, bytes: &[u8]) -> Result<Self, Error> {
        let _ = bytes;
        Err(Error::Corrupt(format!(
            "{} of version {version}; this build knows {}",
            std::any::type_name::<Self>(),
            Self::VERSION
        )))
    }
}

/// The bytes under which `record` is stored.
#[must_use]
pub fn encode_record<T: Record>(record: &T) -> Value {
    let mut bytes = vec![T::VERSION];
    serde_json::to_writer(&mut bytes, record)
        .expect("a record is plain data with string keys, and a vector takes all bytes");
    bytes.into()
}

/// The record stored as `bytes`, migrated if they are of an older version.
///
/// # Errors
/// [`Error::Corrupt`] if they are empty, of an unknown version or not such a record.
pub fn decode_record<T: Record>(bytes: &[u8]) -> Result<T, Error> {
    let name = std::any::type_name::<T>();
    match bytes.split_first() {
        None => Err(Error::Corrupt(format!("{name} without bytes"))),
        Some((&version, json)) if version == T::VERSION => {
            serde_json::from_slice(json).map_err(|error| Error::Corrupt(format!("{name}: {error}")))
        }
        Some((&version, json)) => T::migrate(version, json),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Person {
        name: String,
        age: u32,
    }

    impl Record for Person {
        const VERSION: u8 = 2;

        fn migrate(version: u8, bytes: &[u8]) -> Result<Self, Error> {
            match version {
                1 => Ok(Self { name: String::from_utf8_lossy(bytes).into_owned(), age: 0 }),
                other => Err(Error::Corrupt(format!("person of version {other}"))),
            }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit {}

    impl Record for Unit {
        const VERSION: u8 = 1;
    }

    #[test]
    fn a_record_is_its_version_and_json() {
        let person = Person { name: "Ada".into(), age: 36 };
        let bytes = encode_record(&person);
        assert_eq!(&bytes[..], b"\x02{\"name\":\"Ada\",\"age\":36}");
        assert_eq!(decode_record::<Person>(&bytes), Ok(person));
    }

    #[test]
    fn an_old_version_is_migrated() {
        let expected = Person { name: "Ada".into(), age: 0 };
        assert_eq!(decode_record::<Person>(b"\x01Ada"), Ok(expected));
    }

    #[test]
    fn what_is_not_the_record_is_corrupt() {
        assert!(matches!(decode_record::<Person>(b""), Err(Error::Corrupt(_))));
        assert!(matches!(decode_record::<Person>(b"\x02{"), Err(Error::Corrupt(_))));
        assert!(matches!(decode_record::<Person>(b"\x09{}"), Err(Error::Corrupt(_))));
        assert!(matches!(decode_record::<Unit>(b"\x02{}"), Err(Error::Corrupt(_))));
    }
}
