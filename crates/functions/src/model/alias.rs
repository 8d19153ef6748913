//! Aliases: names for a version, or for two with weights.

use super::{
    Function,
    function::find,
    name::{LATEST, qualified},
    version::find_version,
};
use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Platform;
use std::collections::BTreeMap;
use types::{Arn, RequestId};

/// An alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) name: String,
    /// The function's name and ARN.
    pub(crate) function: String,
    pub(crate) function_arn: Arn,
    /// The version that it means: `$LATEST`, or a number.
    pub(crate) version: String,
    pub(crate) routing: Routing,
    pub(crate) description: String,
    /// Changes with every change, its policy's included.
    pub(crate) revision: RequestId,
    /// The statements of its policy.
    pub(crate) statements: Vec<Value>,
}

impl Record for Alias {
    const VERSION: u8 = 1;
}

/// `RoutingConfig`: the share of the invocations that another version gets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Routing {
    #[serde(default)]
    pub(crate) additional_version_weights: BTreeMap<String, f64>,
}

/// `AliasConfiguration`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AliasView {
    alias_arn: Arn,
    name: String,
    function_version: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_config: Option<Routing>,
    revision_id: String,
}

impl Alias {
    pub(crate) fn arn(&self) -> Arn {
        qualified(&self.function_arn, &self.name)
    }

    pub(crate) fn view(&self) -> AliasView {
        let is_weighted = !self.routing.additional_version_weights.is_empty();
        AliasView {
            alias_arn: self.arn(),
            name: self.name.clone(),
            function_version: self.version.clone(),
            description: self.description.clone(),
            routing_config: is_weighted.then(|| self.routing.clone()),
            revision_id: self.revision.to_string(),
        }
    }

    /// The version for a number between 0 and 1, which is drawn for each invocation: the weighted one
    /// has the beginning of the range, and 1 always means the other.
    fn pick(&self, draw: f64) -> &str {
        let mut rest = draw;
        for (version, weight) in &self.routing.additional_version_weights {
            if rest < *weight {
                return version;
            }
            rest -= weight;
        }
        &self.version
    }

    /// The function that it means now.
    pub(crate) async fn function(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
        draw: f64,
    ) -> Result<Option<Function>, kv::Error> {
        version_of(platform, tx, &self.function, self.pick(draw)).await
    }

    /// True if it means that version, with any weight.
    pub(crate) fn names(&self, version: &str) -> bool {
        self.version == version || self.routing.additional_version_weights.contains_key(version)
    }

    /// The versions must exist, and two of them need numbers.
    pub(crate) async fn check(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
    ) -> Result<(), Error> {
        let weights = &self.routing.additional_version_weights;
        let invalid = |text: String| Err(Error::InvalidParameterValue(text));
        if weights.len() > 1 {
            let text = "Number of items in AdditionalVersionWeights cannot be greater than 1";
            return invalid(text.to_owned());
        }
        if !weights.is_empty() && self.version == LATEST {
            let text = "$LATEST is not supported for an alias pointing to more than 1 version";
            return invalid(text.to_owned());
        }
        if weights.contains_key(&self.version) {
            let version = &self.version;
            return invalid(format!(
                "Invalid function version {version}. Function version {version} is already \
                 included in routing configuration."
            ));
        }
        for version in weights.keys().chain([&self.version]) {
            if version_of(platform, tx, &self.function, version).await?.is_none() {
                return Err(Error::FunctionNotFound(qualified(&self.function_arn, version)));
            }
        }
        Ok(())
    }

    pub(crate) fn save(&self, platform: &Platform, tx: &mut Transaction) -> Result<(), kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        tx.put_record(keys::alias(account, region, &self.function, &self.name), self)
    }
}

async fn version_of(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    version: &str,
) -> Result<Option<Function>, kv::Error> {
    match version.parse::<u32>() {
        Ok(number) => find_version(platform, tx, function, number).await,
        Err(_) if version == LATEST => find(platform, tx, function).await,
        Err(_) => Ok(None),
    }
}

/// The alias of a name.
pub(crate) async fn find_alias(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    alias: &str,
) -> Result<Option<Alias>, kv::Error> {
    tx.get_record(&keys::alias(&platform.account, &platform.region, function, alias)).await
}

/// The alias of a name, which must exist.
pub(crate) async fn the_alias(
    platform: &Platform,
    tx: &mut Transaction,
    function: &Function,
    alias: &str,
) -> Result<Alias, Error> {
    let found = find_alias(platform, tx, &function.name, alias).await?;
    found.ok_or_else(|| {
        Error::NotFound(format!("Cannot find alias arn: {}", qualified(&function.arn, alias)))
    })
}

/// All aliases of a function, in the order of their names.
pub(crate) async fn aliases(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
) -> Result<Vec<Alias>, kv::Error> {
    let range = keys::aliases(&platform.account, &platform.region, function);
    let entries = tx.scan(&range, Scan::first(config::ALIASES)).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weighted_version_gets_its_share_and_the_other_one_the_rest() {
        let bytes = b"\x01{\"name\":\"live\",\"function\":\"f\",\
            \"function_arn\":\"arn:aws:lambda:eu-1:000000000000:function:f\",\"version\":\"1\",\
            \"routing\":{\"AdditionalVersionWeights\":{\"2\":0.25}},\"description\":\"\",\
            \"revision\":[0,0,0,0,0,0,64,0,128,0,0,0,0,0,0,0],\"statements\":[]}";
        let alias: Alias = kv::decode_record(bytes).unwrap();
        assert_eq!(&kv::encode_record(&alias)[..], bytes);
        let picks = [0.0, 0.24, 0.25, 0.99].map(|draw| alias.pick(draw).to_owned());
        assert_eq!(picks, ["2", "2", "1", "1"]);
        assert!(alias.names("1") && alias.names("2") && !alias.names("3"));
    }
}
