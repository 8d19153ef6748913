//! How asynchronous invocations of a function are retried, and where their results go.

use crate::{Error, config, keys, model::FunctionName};
use kv::{Record, Transaction};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use service::{Platform, Seconds};
use types::{Arn, Timestamp};

/// The stored configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InvokeConfig {
    pub(crate) function: Arn,
    pub(crate) modified: Timestamp,
    pub(crate) retries: Option<u32>,
    pub(crate) age_seconds: Option<u32>,
    pub(crate) destinations: Destinations,
}

impl Record for InvokeConfig {
    const VERSION: u8 = 1;
}

/// `DestinationConfig`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Destinations {
    #[serde(default)]
    pub(crate) on_success: Destination,
    #[serde(default)]
    pub(crate) on_failure: Destination,
}

/// One destination, or none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Destination {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "none_if_empty")]
    pub(crate) destination: Option<Arn>,
}

/// An empty ARN takes a destination away.
fn none_if_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arn>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty());
    text.map(|text| text.parse()).transpose().map_err(D::Error::custom)
}

impl Destinations {
    /// Queues and functions only.
    pub(crate) fn check(&self, platform: &Platform) -> Result<(), Error> {
        let all = [&self.on_success.destination, &self.on_failure.destination];
        all.into_iter().flatten().try_for_each(|arn| match arn.service() {
            "sqs" => Ok(()),
            "lambda" => FunctionName::of_arn(platform, arn).map(drop),
            other => Err(Error::Unsupported(format!(
                "destinations of invocations in {other}; queues and functions are supported"
            ))),
        })
    }
}

/// `FunctionEventInvokeConfig`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvokeConfigView {
    last_modified: Seconds,
    function_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u32>,
    destination_config: Destinations,
}

impl InvokeConfig {
    pub(crate) fn view(&self) -> InvokeConfigView {
        InvokeConfigView {
            last_modified: Seconds(self.modified),
            function_arn: format!("{}:$LATEST", self.function),
            maximum_retry_attempts: self.retries,
            maximum_event_age_in_seconds: self.age_seconds,
            destination_config: self.destinations.clone(),
        }
    }

    /// Retries after function errors.
    pub(crate) fn retries(config: Option<&Self>) -> u32 {
        config.and_then(|config| config.retries).unwrap_or(config::DEFAULT_RETRY_ATTEMPTS)
    }

    /// The age at which an event is given up, in seconds.
    pub(crate) fn age_seconds(config: Option<&Self>) -> u32 {
        config.and_then(|config| config.age_seconds).unwrap_or(config::DEFAULT_EVENT_AGE_SECONDS)
    }

    /// The configuration of a function.
    pub(crate) async fn find(
        platform: &Platform,
        tx: &mut Transaction,
        function: &str,
    ) -> Result<Option<Self>, kv::Error> {
        tx.get_record(&keys::invoke_config(&platform.account, &platform.region, function)).await
    }

    /// The configuration of a function, which must have one.
    pub(crate) async fn the(
        platform: &Platform,
        tx: &mut Transaction,
        function: &str,
        arn: &Arn,
    ) -> Result<Self, Error> {
        Self::find(platform, tx, function).await?.ok_or_else(|| {
            Error::NotFound(format!("The function {arn}:$LATEST doesn't have an EventInvokeConfig"))
        })
    }
}
