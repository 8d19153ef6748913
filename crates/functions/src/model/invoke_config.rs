//! How asynchronous invocations of a function are retried, and where their results go.

use super::{
    FunctionName,
    function::the,
    name::{LATEST, Qualifier},
    settings::check_standard,
};
use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
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
    /// Queues, and other functions that exist, only.
    pub(crate) async fn check(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
        of: &FunctionName,
    ) -> Result<(), Error> {
        let all = [&self.on_success.destination, &self.on_failure.destination];
        for arn in all.into_iter().flatten() {
            match arn.service() {
                "sqs" => check_standard(arn)?,
                "lambda" => {
                    let name = FunctionName::of_arn(platform, arn)?;
                    if name.arn() == of.arn() {
                        let text = "You can't specify the function as a destination for itself.";
                        return Err(Error::InvalidParameterValue(text.to_owned()));
                    }
                    if let Err(Error::FunctionNotFound(_)) = the(platform, tx, &name).await {
                        let text = format!("The destination ARN {arn} is invalid.");
                        return Err(Error::InvalidParameterValue(text));
                    }
                }
                other => {
                    return Err(Error::Unsupported(format!(
                        "destinations of invocations in {other}; queues and functions are supported"
                    )));
                }
            }
        }
        Ok(())
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
            function_arn: match self.function.resource().split(':').count() {
                // Without a qualifier: `function:f`.
                2 => format!("{}:{LATEST}", self.function),
                _ => self.function.to_string(),
            },
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

    /// The configuration of what a name means.
    pub(crate) async fn find(
        platform: &Platform,
        tx: &mut Transaction,
        name: &FunctionName,
    ) -> Result<Option<Self>, kv::Error> {
        let place = name.place();
        tx.get_record(&keys::invoke_config(&platform.account, &platform.region, &place)).await
    }

    /// The configuration of what a name means, which must have one.
    pub(crate) async fn the(
        platform: &Platform,
        tx: &mut Transaction,
        name: &FunctionName,
    ) -> Result<Self, Error> {
        Self::find(platform, tx, name).await?.ok_or_else(|| {
            let arn = match name.qualifier() {
                Qualifier::Latest => format!("{}:{LATEST}", name.arn()),
                _ => name.qualified_arn().to_string(),
            };
            Error::NotFound(format!("The function {arn} doesn't have an EventInvokeConfig"))
        })
    }

    /// The function that is to have a configuration must exist.
    pub(crate) async fn check_function(
        platform: &Platform,
        tx: &mut Transaction,
        name: &FunctionName,
    ) -> Result<(), Error> {
        match the(platform, tx, name).await {
            Err(Error::FunctionNotFound(_)) => {
                Err(Error::NotFound("The function doesn't exist.".to_owned()))
            }
            found => found.map(drop),
        }
    }

    /// The configurations of a function and of its qualifiers.
    pub(crate) async fn all(
        platform: &Platform,
        tx: &mut Transaction,
        function: &str,
    ) -> Result<Vec<Self>, kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        let own = tx.get_record(&keys::invoke_config(account, region, function)).await?;
        let mut all: Vec<Self> = own.into_iter().collect();
        let range = keys::qualified(keys::INVOKE_CONFIG, account, region, function);
        let most = config::VERSIONS + config::ALIASES;
        for entry in tx.scan(&range, Scan::first(most)).await? {
            all.push(kv::decode_record(&entry.value)?);
        }
        Ok(all)
    }
}
