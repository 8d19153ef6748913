//! The records of parameters and their versions.

use super::{Asked, Selector, Stored};
use crate::{Error, keys::Place};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{Tags, Timestamp};

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    String,
    StringList,
    SecureString,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

/// How large a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tier {
    Standard,
    Advanced,
}

impl Tier {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }
}

/// One version. It never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) kind: Kind,
    pub(crate) value: Stored,
    pub(crate) description: Option<String>,
    pub(crate) allowed_pattern: Option<String>,
    pub(crate) tier: Tier,
    pub(crate) modified: Timestamp,
    /// The ARN of who made it.
    pub(crate) modified_by: String,
}

impl Record for Version {
    const VERSION: u8 = 1;
}

/// A parameter with its latest version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    /// The versions that labels name.
    pub(crate) labels: BTreeMap<String, u64>,
    /// The number of the oldest version that there is.
    pub(crate) oldest: u64,
    pub(crate) current: Version,
}

impl Record for Parameter {
    const VERSION: u8 = 1;
}

impl Parameter {
    pub(crate) fn save(&self, tx: &mut Transaction, place: &Place) -> Result<(), kv::Error> {
        tx.put_record(place.parameter(&self.name), self)
    }

    /// The labels of a version.
    pub(crate) fn labels_of(&self, number: u64) -> Vec<String> {
        let own = self.labels.iter().filter(|(_, version)| **version == number);
        own.map(|(label, _)| label.clone()).collect()
    }
}

/// The parameter of a name.
pub(crate) async fn find(
    tx: &mut Transaction,
    place: &Place,
    name: &str,
) -> Result<Option<Parameter>, Error> {
    Ok(tx.get_record(&place.parameter(name)).await?)
}

/// The parameter of a name, which must exist.
pub(crate) async fn get(
    tx: &mut Transaction,
    place: &Place,
    name: &str,
) -> Result<Parameter, Error> {
    find(tx, place, name).await?.ok_or_else(|| Error::NotFound(name.to_owned()))
}

/// The parameter that a request names.
pub(crate) async fn found(
    tx: &mut Transaction,
    place: &Place,
    asked: &Asked,
) -> Result<Parameter, Error> {
    if let Some(parameter) = find(tx, place, &asked.name).await? {
        return Ok(parameter);
    }
    match asked.is_ambiguous {
        true => get(tx, place, &format!("/{}", asked.name)).await,
        false => Err(Error::NotFound(asked.name.clone())),
    }
}

/// The version of a parameter that a request names.
pub(crate) async fn select(
    tx: &mut Transaction,
    place: &Place,
    parameter: &Parameter,
    asked: &Asked,
) -> Result<Version, Error> {
    let missing = |version: &str| Error::VersionNotFound {
        name: parameter.name.clone(),
        version: version.to_owned(),
    };
    let number = match &asked.selector {
        None => parameter.current.number,
        Some(Selector::Version(number)) => *number,
        Some(Selector::Label(label)) => {
            *parameter.labels.get(label).ok_or_else(|| missing(label))?
        }
    };
    let version = version(tx, place, parameter, number).await?;
    version.ok_or_else(|| missing(&number.to_string()))
}

/// The version of a number.
pub(crate) async fn version(
    tx: &mut Transaction,
    place: &Place,
    parameter: &Parameter,
    number: u64,
) -> Result<Option<Version>, Error> {
    if number == parameter.current.number {
        return Ok(Some(parameter.current.clone()));
    }
    Ok(tx.get_record(&place.version(&parameter.name, number)).await?)
}

/// Deletes a parameter with all its versions.
pub(crate) async fn remove(
    tx: &mut Transaction,
    place: &Place,
    parameter: &Parameter,
) -> Result<(), Error> {
    for entry in tx.scan(&place.versions(&parameter.name), Scan::first(usize::MAX)).await? {
        tx.delete(entry.key)?;
    }
    tx.delete(place.parameter(&parameter.name))?;
    tx.add(place.count(parameter.current.tier), -1)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_parameter_stays_readable() {
        let bytes =
            b"\x01{\"name\":\"/a\",\"tags\":{\"t\":\"1\"},\"labels\":{\"prod\":2},\"oldest\":1,\
            \"current\":{\"number\":2,\"kind\":\"String\",\"value\":{\"Plain\":\"v\"},\
            \"description\":null,\"allowed_pattern\":\"v+\",\"tier\":\"Standard\",\"modified\":5,\
            \"modified_by\":\"arn:aws:iam::000000000000:root\"}}";
        let parameter: Parameter = kv::decode_record(bytes).unwrap();
        assert_eq!(parameter.labels_of(2), ["prod"]);
        assert_eq!(parameter.current.value, Stored::Plain("v".to_owned()));
        assert_eq!(&kv::encode_record(&parameter)[..], bytes);
        let bytes = kv::encode_record(&parameter.current);
        assert_eq!(kv::decode_record::<Version>(&bytes), Ok(parameter.current));
    }
}
