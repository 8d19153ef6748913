//! Reserved concurrency: how many instances functions have for themselves.
//!
//! As on Lambda it is both a limit for the function and a guarantee against all others. What is
//! provisioned for versions of a function lies within what is reserved for it; without that it is a
//! guarantee of its own. Both count for each node.

use super::Provisioned;
use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
use runtime::Share;
use serde::{Deserialize, Serialize};
use service::Platform;
use std::collections::BTreeMap;

/// What one function has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reserved {
    pub(crate) instances: u32,
}

impl Record for Reserved {
    const VERSION: u8 = 1;
}

/// What all functions together have for themselves, so that an invocation need not add it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AllReserved {
    pub(crate) instances: u32,
    pub(crate) functions: u32,
}

impl Record for AllReserved {
    const VERSION: u8 = 1;
}

/// What a function has for itself, if it has.
pub(crate) async fn reserved(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
) -> Result<Option<u32>, kv::Error> {
    let key = keys::reserved(&platform.account, &platform.region, function);
    Ok(tx.get_record::<Reserved>(&key).await?.map(|reserved| reserved.instances))
}

/// What all functions together have for themselves.
pub(crate) async fn all_reserved(
    platform: &Platform,
    tx: &mut Transaction,
) -> Result<Option<AllReserved>, kv::Error> {
    tx.get_record(&keys::all_reserved(&platform.account, &platform.region)).await
}

/// The part of `instances` that an invocation of a function may use.
pub(crate) async fn share(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    instances: usize,
) -> Result<Share, kv::Error> {
    let Some(all) = all_reserved(platform, tx).await? else {
        return Ok(Share::Common(instances));
    };
    Ok(match reserved(platform, tx, function).await? {
        Some(own) => Share::Own(own),
        None => Share::Common(instances.saturating_sub(all.instances as usize)),
    })
}

/// Gives a function `wanted` of all `instances` for itself; with `None` it shares with the others
/// again. Enough must be left for these.
pub(crate) async fn reserve(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    wanted: Option<u32>,
    instances: usize,
) -> Result<(), Error> {
    let key = keys::reserved(&platform.account, &platform.region, function);
    if wanted.is_none() && tx.get(&key).await?.is_none() {
        return Ok(());
    }
    let mut parts = Parts::read(platform, tx).await?;
    let provisioned = parts.of(function).provisioned;
    if let Some(wanted) = wanted.filter(|wanted| *wanted < provisioned) {
        return Err(Error::InvalidParameterValue(format!(
            "ReservedConcurrentExecutions {wanted} should not be lower than function's total \
             provisioned concurrency [{provisioned}]."
        )));
    }
    parts.of(function).reserved = wanted;
    // Those that allow nothing take nothing from the others.
    if wanted.is_some_and(|wanted| wanted > 0) && parts.leave_too_little(instances) {
        return Err(Error::InvalidParameterValue(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's \
             UnreservedConcurrentExecution below its minimum value of [{}].",
            config::UNRESERVED_INSTANCES
        )));
    }
    match wanted {
        Some(wanted) => tx.put_record(key, &Reserved { instances: wanted })?,
        None => tx.delete(key)?,
    }
    parts.save(platform, tx)
}

/// Sets the instances of a version or an alias aside, in place of those that it has. They must fit
/// into what is reserved for its function, else enough must be left for the others.
pub(super) async fn set_aside(
    platform: &Platform,
    tx: &mut Transaction,
    config: &Provisioned,
    instances: usize,
) -> Result<(), Error> {
    let before = super::find_provisioned(platform, tx, &config.function, &config.qualifier).await?;
    let mut parts = Parts::read(platform, tx).await?;
    if before.is_none() && parts.provisioned >= config::PROVISIONED {
        let most = config::PROVISIONED;
        let text = format!("At most {most} versions and aliases can have provisioned concurrency.");
        return Err(Error::InvalidParameterValue(text));
    }
    let own = parts.of(&config.function);
    own.provisioned -= before.map_or(0, |before| before.instances);
    own.provisioned = own.provisioned.saturating_add(config.instances);
    let (reserved, provisioned) = (own.reserved, own.provisioned);
    let invalid = |text: String| Err(Error::InvalidParameterValue(text));
    match reserved {
        Some(reserved) if reserved < provisioned => {
            let text = "Requested Provisioned Concurrency should not be greater than the \
                        reservedConcurrentExecution for function";
            return invalid(text.to_owned());
        }
        Some(_) => {}
        None if config.instances as usize > instances => {
            return invalid(format!(
                "Specified ConcurrentExecutions for function is greater than account's unreserved \
                 concurrency [{instances}]."
            ));
        }
        None if parts.leave_too_little(instances) => {
            return invalid(format!(
                "Specified ConcurrentExecutions for function decreases account's \
                 UnreservedConcurrentExecution below its minimum value of [{}].",
                config::UNRESERVED_INSTANCES
            ));
        }
        None => {}
    }
    parts.save(platform, tx)
}

/// Takes what a version or an alias had of instances that are kept ready away, if it had some.
pub(crate) async fn unprovision(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    qualifier: &str,
) -> Result<(), Error> {
    let found = super::find_provisioned(platform, tx, function, qualifier).await?;
    let Some(found) = found else { return Ok(()) };
    let mut parts = Parts::read(platform, tx).await?;
    parts.of(function).provisioned -= found.instances;
    tx.delete(keys::provisioned(&platform.account, &platform.region, function, qualifier))?;
    parts.save(platform, tx)
}

/// What each function has for itself.
///
/// Read anew for each change: they are rare, and a sum that is wrong once would stay so.
struct Parts {
    functions: BTreeMap<String, Part>,
    /// Versions and aliases that have provisioned concurrency.
    provisioned: usize,
}

#[derive(Debug, Default)]
struct Part {
    reserved: Option<u32>,
    provisioned: u32,
}

impl Parts {
    async fn read(platform: &Platform, tx: &mut Transaction) -> Result<Self, kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        let mut functions: BTreeMap<String, Part> = BTreeMap::new();
        let range = keys::all_of_reserved(account, region);
        for entry in tx.scan(&range, Scan::first(config::RESERVING_FUNCTIONS + 1)).await? {
            let reserved: Reserved = kv::decode_record(&entry.value)?;
            let name = keys::function_of(keys::RESERVED, &entry.key)?;
            functions.entry(name).or_default().reserved = Some(reserved.instances);
        }
        let all = super::all_provisioned(platform, tx).await?;
        let provisioned = all.len();
        for one in all {
            let part = functions.entry(one.function).or_default();
            part.provisioned = part.provisioned.saturating_add(one.instances);
        }
        Ok(Self { functions, provisioned })
    }

    fn of(&mut self, function: &str) -> &mut Part {
        self.functions.entry(function.to_owned()).or_default()
    }

    fn sum(&self) -> AllReserved {
        let mut sum = AllReserved { instances: 0, functions: 0 };
        for part in self.functions.values() {
            if part.reserved.is_some() || part.provisioned > 0 {
                let own = part.reserved.unwrap_or(part.provisioned);
                sum.instances = sum.instances.saturating_add(own);
                sum.functions += 1;
            }
        }
        sum
    }

    fn leave_too_little(&self, instances: usize) -> bool {
        self.sum().instances as usize > instances.saturating_sub(config::UNRESERVED_INSTANCES)
    }

    fn save(&self, platform: &Platform, tx: &mut Transaction) -> Result<(), Error> {
        let (all, sum) = (keys::all_reserved(&platform.account, &platform.region), self.sum());
        let reserving = self.functions.values().filter(|part| part.reserved.is_some()).count();
        if reserving > config::RESERVING_FUNCTIONS {
            let most = config::RESERVING_FUNCTIONS;
            let text = format!("At most {most} functions can have reserved concurrency.");
            return Err(Error::InvalidParameterValue(text));
        }
        match sum.functions {
            0 => tx.delete(all)?,
            _ => tx.put_record(all, &sum)?,
        }
        Ok(())
    }
}
