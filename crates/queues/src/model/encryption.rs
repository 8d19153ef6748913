//! Server-side encryption as a queue's attributes say it.

use crate::{Error, config};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the bodies of a queue are encrypted. Both ways seal them under the installation's master key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// Not at all.
    #[default]
    Off,
    /// `SqsManagedSseEnabled`.
    Managed,
    /// `KmsMasterKeyId`, with SQS's own key, and `KmsDataKeyReusePeriodSeconds`.
    Kms { reuse_seconds: u32 },
}

const MANAGED: &str = "SqsManagedSseEnabled";
const KEY: &str = "KmsMasterKeyId";
const REUSE: &str = "KmsDataKeyReusePeriodSeconds";

impl Encryption {
    pub(crate) fn is_on(&self) -> bool {
        *self != Self::Off
    }

    /// What it becomes with these attributes of a queue.
    ///
    /// # Errors
    /// Both ways at once, a key of the account's own, or values that are out of range.
    pub(crate) fn changed(&self, attributes: &BTreeMap<String, String>) -> Result<Self, Error> {
        let get = |name: &str| attributes.get(name).map(String::as_str);
        let key = get(KEY).filter(|key| !key.is_empty());
        if key.is_some() && get(MANAGED) == Some("true") {
            return Err(Error::InvalidAttributeValue(format!(
                "{MANAGED}. Reason: You can use one type of server-side encryption (SSE) at one \
                 time. You can either enable KMS SSE or SQS SSE"
            )));
        }
        if let Some(key) = key.filter(|key| *key != config::KMS_KEY) {
            let text = format!("the queue attribute {KEY} with the value {key:?}");
            return Err(Error::UnsupportedOperation(text));
        }
        let present = match self {
            Self::Kms { reuse_seconds } => *reuse_seconds,
            _ => config::DEFAULT_DATA_KEY_SECONDS,
        };
        let reuse_seconds = get(REUSE).map_or(Some(present), |text| text.parse().ok());
        let reuse_seconds = reuse_seconds
            .filter(|seconds| config::DATA_KEY_SECONDS.contains(seconds))
            .ok_or_else(|| Error::InvalidAttributeValue(REUSE.to_owned()))?;
        let removed = get(KEY).is_some() && matches!(self, Self::Kms { .. });
        Ok(match (key, get(MANAGED), self) {
            (Some(_), ..) => Self::Kms { reuse_seconds },
            (None, Some("true"), _) => Self::Managed,
            (None, Some("false"), Self::Kms { .. }) if !removed => Self::Kms { reuse_seconds },
            (None, Some("false"), _) => Self::Off,
            (None, Some(_), _) => return Err(Error::InvalidAttributeValue(MANAGED.to_owned())),
            (None, None, _) if removed => Self::Off,
            (None, None, Self::Kms { .. }) => Self::Kms { reuse_seconds },
            (None, None, same) => same.clone(),
        })
    }

    /// As attributes.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, String)> {
        let managed = (MANAGED, (*self == Self::Managed).to_string());
        match self {
            Self::Off | Self::Managed => vec![managed],
            Self::Kms { reuse_seconds } => {
                vec![managed, (KEY, config::KMS_KEY.to_owned()), (REUSE, reuse_seconds.to_string())]
            }
        }
    }
}
