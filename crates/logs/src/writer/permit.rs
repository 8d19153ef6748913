//! Whether a function's role may write its output, as on Lambda.

use super::Destination;
use crate::model;
use kv::Transaction;
use service::{Fault, Permission, Platform, authorize};

/// The service as which roles are assumed: those of functions trust it.
const LAMBDA: &str = "lambda.amazonaws.com";

/// What has to be made before lines can be stored.
pub(super) struct Makes {
    pub(super) group: bool,
    pub(super) stream: bool,
}

/// Why the role may not write there; nothing if it may.
///
/// # Errors
/// What passes: the store is away, or a conflict.
pub(super) async fn refusal(
    platform: &Platform,
    tx: &mut Transaction,
    to: &Destination,
    makes: Makes,
) -> Result<Option<String>, Fault> {
    let identities = platform.identities();
    let identities = identities.ok_or_else(|| Fault::internal("no identities connected"))?;
    let caller = match identities.assume(tx, &to.role, &to.session, LAMBDA).await {
        Ok(caller) => caller,
        Err(fault) if fault.is_retryable() || fault.http_status() >= 500 => return Err(fault),
        Err(fault) => return Ok(Some(fault.message().to_owned())),
    };
    let (account, region) = (&platform.account, &platform.region);
    let group = model::group_resource(account, region, &to.group);
    let stream = model::stream_resource(account, region, &to.group, &to.stream);
    let needed = [
        (makes.group, "logs:CreateLogGroup", group),
        (makes.stream, "logs:CreateLogStream", stream.clone()),
        (true, "logs:PutLogEvents", stream),
    ];
    let now = platform.clock.now();
    let denied = needed.into_iter().filter(|(is_needed, ..)| *is_needed).find_map(
        |(_, action, resource)| {
            authorize(&caller, &Permission::new(action, resource), region, now).err()
        },
    );
    Ok(denied.map(|fault| fault.message().to_owned()))
}
