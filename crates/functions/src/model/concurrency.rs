//! Reserved concurrency: how many instances functions have for themselves.
//!
//! As on Lambda it is both a limit for the function and a guarantee against all others. Both count
//! for each node.

use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
use runtime::Share;
use serde::{Deserialize, Serialize};
use service::Platform;

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
    let (account, region) = (&platform.account, &platform.region);
    let key = keys::reserved(account, region, function);
    if wanted.is_none() && tx.get(&key).await?.is_none() {
        return Ok(());
    }
    // Added up anew each time: it is rarely changed, and a sum that is wrong once would stay so.
    let range = keys::all_of_reserved(account, region);
    let mut sum = AllReserved { instances: 0, functions: 0 };
    for entry in tx.scan(&range, Scan::first(config::RESERVING_FUNCTIONS + 1)).await? {
        if entry.key != key {
            let reserved: Reserved = kv::decode_record(&entry.value)?;
            sum.instances = sum.instances.saturating_add(reserved.instances);
            sum.functions += 1;
        }
    }
    if let Some(wanted) = wanted {
        sum.instances = sum.instances.saturating_add(wanted);
        sum.functions += 1;
        let most = instances.saturating_sub(config::UNRESERVED_INSTANCES);
        // Those that allow nothing take nothing from the others.
        if wanted > 0 && sum.instances as usize > most {
            return Err(Error::InvalidParameterValue(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's \
                 UnreservedConcurrentExecution below its minimum value of [{}].",
                config::UNRESERVED_INSTANCES
            )));
        }
        if sum.functions as usize > config::RESERVING_FUNCTIONS {
            let most = config::RESERVING_FUNCTIONS;
            let text = format!("At most {most} functions can have reserved concurrency.");
            return Err(Error::InvalidParameterValue(text));
        }
        tx.put_record(key, &Reserved { instances: wanted })?;
    } else {
        tx.delete(key)?;
    }
    let all = keys::all_reserved(account, region);
    match sum.functions {
        0 => tx.delete(all)?,
        _ => tx.put_record(all, &sum)?,
    }
    Ok(())
}
