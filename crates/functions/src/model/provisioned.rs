//! Provisioned concurrency: how many instances are kept ready for a version, or for what an alias
//! means. Like reserved concurrency it counts for each node.

use super::{
    Alias, Function, FunctionName,
    alias::{aliases, the_alias},
    concurrency::set_aside,
    describe::modified,
    function::the,
    name::{LATEST, Qualifier, qualified},
    version::find_version,
};
use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
use runtime::{InstanceKey, Pools};
use serde::{Deserialize, Serialize};
use service::Platform;
use types::{Arn, Timestamp};

/// What a version or an alias is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Provisioned {
    pub(crate) function: String,
    /// The number of a version, or the name of an alias.
    pub(crate) qualifier: String,
    pub(crate) instances: u32,
    pub(crate) modified: Timestamp,
}

impl Record for Provisioned {
    const VERSION: u8 = 1;
}

/// What is told of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProvisionedView {
    requested_provisioned_concurrent_executions: u32,
    available_provisioned_concurrent_executions: u32,
    allocated_provisioned_concurrent_executions: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    last_modified: String,
}

impl Provisioned {
    /// The versions that get instances, and how many each.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn parts(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
    ) -> Result<Vec<(Function, u32)>, kv::Error> {
        let split = match self.qualifier.parse::<u32>() {
            Ok(_) => vec![(self.qualifier.clone(), self.instances)],
            Err(_) => match super::find_alias(platform, tx, &self.function, &self.qualifier).await?
            {
                Some(alias) => split(&alias, self.instances),
                None => Vec::new(),
            },
        };
        let mut parts = Vec::new();
        for (version, instances) in split.into_iter().filter(|(_, instances)| *instances > 0) {
            let Ok(number) = version.parse() else { continue };
            if let Some(found) = find_version(platform, tx, &self.function, number).await? {
                parts.push((found, instances));
            }
        }
        Ok(parts)
    }

    /// How it stands, on this node.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn view(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
        pools: &Pools,
    ) -> Result<ProvisionedView, kv::Error> {
        let (mut ready, mut failure) = (0, None);
        for (version, instances) in self.parts(platform, tx).await? {
            let Some(status) = pools.provisioned(&instance_key(&version)) else { continue };
            ready += u32::try_from(status.ready).unwrap_or(u32::MAX).min(instances);
            failure = failure.or(status.failure);
        }
        let (status, status_reason) = match failure {
            _ if ready >= self.instances => ("READY", None),
            Some(reason) => ("FAILED", Some(reason)),
            None => ("IN_PROGRESS", None),
        };
        Ok(ProvisionedView {
            requested_provisioned_concurrent_executions: self.instances,
            available_provisioned_concurrent_executions: ready,
            allocated_provisioned_concurrent_executions: ready,
            status,
            status_reason,
            last_modified: modified(self.modified),
        })
    }

    /// The ARN of what it belongs to.
    pub(crate) fn arn(&self, function: &Arn) -> Arn {
        qualified(function, &self.qualifier)
    }

    /// Writes it, which wakes whoever starts the instances.
    pub(crate) fn save(&self, platform: &Platform, tx: &mut Transaction) -> Result<(), kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        let key = keys::provisioned(account, region, &self.function, &self.qualifier);
        tx.put_record(key, self)
    }
}

/// To which pool the instances of a version belong.
pub(crate) fn instance_key(function: &Function) -> InstanceKey {
    InstanceKey {
        function_arn: function.arn.to_string(),
        version: function.version(),
        revision: function.instances.to_string(),
    }
}

/// What the versions of an alias get: a weighted one as much of it as of the invocations.
fn split(alias: &Alias, instances: u32) -> Vec<(String, u32)> {
    let mut rest = instances;
    let mut parts = Vec::new();
    for (version, weight) in &alias.routing.additional_version_weights {
        // A weight is between 0 and 1.
        let part = ((f64::from(instances) * weight).round() as u32).min(rest);
        rest -= part;
        parts.push((version.clone(), part));
    }
    parts.push((alias.version.clone(), rest));
    parts
}

/// What a name is to have, if it is.
pub(crate) async fn find_provisioned(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    qualifier: &str,
) -> Result<Option<Provisioned>, kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    tx.get_record(&keys::provisioned(account, region, function, qualifier)).await
}

/// What the versions and aliases of a function are to have.
pub(crate) async fn all_provisioned_of(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
) -> Result<Vec<Provisioned>, kv::Error> {
    let range = keys::provisioned_of(&platform.account, &platform.region, function);
    let entries = tx.scan(&range, Scan::first(config::PROVISIONED)).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// What all functions are to have.
pub(crate) async fn all_provisioned(
    platform: &Platform,
    tx: &mut Transaction,
) -> Result<Vec<Provisioned>, kv::Error> {
    let range = keys::all_provisioned(&platform.account, &platform.region);
    let entries = tx.scan(&range, Scan::first(config::PROVISIONED)).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// The name of what has provisioned concurrency: a version or an alias that exists, and its
/// qualifier.
pub(crate) async fn provisioned_name(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<String, Error> {
    match name.qualifier() {
        Qualifier::Latest => Err(Error::InvalidParameterValue(
            "The function resource provided must be an alias or a published version.".to_owned(),
        )),
        Qualifier::Version(number) => the(platform, tx, name).await.map(|_| number.to_string()),
        Qualifier::Alias(alias) => {
            let unqualified = FunctionName::unqualified(platform, name.as_str())?;
            let function = the(platform, tx, &unqualified).await?;
            the_alias(platform, tx, &function, alias).await.map(|alias| alias.name)
        }
    }
}

/// Gives a version or an alias instances that are kept ready.
pub(crate) async fn provision(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
    (wanted, now): (u32, Timestamp),
    instances: usize,
) -> Result<Provisioned, Error> {
    let unpublished = || {
        let text =
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
        Err(Error::InvalidParameterValue(text.to_owned()))
    };
    if name.qualifier() == Qualifier::Latest {
        return unpublished();
    }
    let qualifier = provisioned_name(platform, tx, name).await?;
    if let Qualifier::Alias(alias) = name.qualifier() {
        let alias = check_unweighted(platform, tx, name.as_str(), alias).await?;
        if alias.as_ref().is_some_and(|alias| alias.version == LATEST) {
            return unpublished();
        }
        if let Some(alias) = alias
            && has_another(platform, tx, &alias).await?
        {
            let text = "Alias can't be used for Provisioned Concurrency configuration on an \
                        already Provisioned version";
            return Err(Error::Conflict(text.to_owned()));
        }
    } else if !pointing(platform, tx, name.as_str(), &qualifier).await?.is_empty() {
        let text = "Version is pointed by a Provisioned Concurrency alias";
        return Err(Error::Conflict(text.to_owned()));
    }
    let config = Provisioned {
        function: name.as_str().to_owned(),
        qualifier,
        instances: wanted,
        modified: now,
    };
    set_aside(platform, tx, &config, instances).await?;
    config.save(platform, tx)?;
    Ok(config)
}

/// The alias of a name, whose provisioned concurrency can only be changed while it means one version.
pub(crate) async fn check_unweighted(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    alias: &str,
) -> Result<Option<Alias>, Error> {
    let alias = super::find_alias(platform, tx, function, alias).await?;
    let weights = alias.as_ref().map(|alias| &alias.routing.additional_version_weights);
    if weights.is_some_and(|weights| !weights.is_empty()) {
        let text = "Alias with weights can not be used with Provisioned Concurrency";
        return Err(Error::InvalidParameterValue(text.to_owned()));
    }
    Ok(alias)
}

/// An alias that has provisioned concurrency means something else now: the instances follow.
pub(crate) async fn alias_changed(
    platform: &Platform,
    tx: &mut Transaction,
    alias: &Alias,
) -> Result<(), Error> {
    let found = find_provisioned(platform, tx, &alias.function, &alias.name).await?;
    let Some(config) = found else { return Ok(()) };
    if alias.version == LATEST || has_another(platform, tx, alias).await? {
        let text = "Invalid alias configuration for Provisioned Concurrency";
        return Err(Error::InvalidParameterValue(text.to_owned()));
    }
    Ok(config.save(platform, tx)?)
}

/// Whether what an alias means has provisioned concurrency of its own, or another alias's. A version
/// has one at most.
async fn has_another(
    platform: &Platform,
    tx: &mut Transaction,
    alias: &Alias,
) -> Result<bool, kv::Error> {
    let weighted = alias.routing.additional_version_weights.keys();
    for version in weighted.chain([&alias.version]) {
        if find_provisioned(platform, tx, &alias.function, version).await?.is_some() {
            return Ok(true);
        }
        let others = pointing(platform, tx, &alias.function, version).await?;
        if others.iter().any(|other| *other != alias.name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The aliases with provisioned concurrency that mean a version.
async fn pointing(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    version: &str,
) -> Result<Vec<String>, kv::Error> {
    let all = all_provisioned_of(platform, tx, function).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let aliases = aliases(platform, tx, function).await?;
    let names = aliases.into_iter().filter(|alias| alias.names(version)).map(|alias| alias.name);
    Ok(names.filter(|name| all.iter().any(|one| one.qualifier == *name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Routing;

    #[test]
    fn a_weighted_version_gets_its_part_of_the_instances() {
        let alias = |weight| Alias {
            name: "live".to_owned(),
            function: "f".to_owned(),
            function_arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".parse().unwrap(),
            version: "1".to_owned(),
            routing: Routing { additional_version_weights: [("2".to_owned(), weight)].into() },
            description: String::new(),
            revision: types::RequestId::from_random([0; 16]),
            statements: Vec::new(),
        };
        let parts = |weight, instances| split(&alias(weight), instances).into_iter().map(|p| p.1);
        assert_eq!(parts(0.25, 8).collect::<Vec<_>>(), [2, 6]);
        assert_eq!(parts(0.0, 1).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(parts(1.0, 3).collect::<Vec<_>>(), [3, 0]);
    }

    #[test]
    fn the_stored_form_is_kept() {
        let bytes = b"\x01{\"function\":\"f\",\"qualifier\":\"live\",\"instances\":3,\
            \"modified\":1000}";
        let config: Provisioned = kv::decode_record(bytes).unwrap();
        assert_eq!(&kv::encode_record(&config)[..], bytes);
    }
}
