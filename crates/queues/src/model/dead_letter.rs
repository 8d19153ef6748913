//! Dead-letter queues: which queue may name which, and how a message goes there.

use super::{
    Bodies, Message, Queue, fifo,
    queue::{Name, RedriveAllow, find},
    send,
};
use crate::Error;
use kv::Transaction;
use std::time::Duration;
use types::{Arn, Timestamp};

/// The dead-letter queue of `queue`, if there is one and it takes its messages.
///
/// # Errors
/// What is wrong, for the one who sets the policy.
pub(crate) async fn target(
    tx: &mut Transaction,
    queue: &Queue,
) -> Result<Result<Queue, &'static str>, Error> {
    let Some(redrive) = &queue.redrive else { return Ok(Err("There is none.")) };
    let name = Name::of_arn(&redrive.target)?;
    let (account, region) = (&queue.store.account, &queue.store.region);
    if redrive.target.account() != account.as_str() {
        return Ok(Err("Dead-letter target owner should be same as the source."));
    }
    let here = redrive.target.region() == region.as_str();
    let found = if here { find(tx, account, region, &name).await? } else { None };
    Ok(match found {
        None => Err("Dead letter target does not exist."),
        Some(target) if target.name == queue.name => {
            Err("Dead letter target is the source queue itself.")
        }
        Some(target) if target.fifo.is_some() != queue.fifo.is_some() => {
            Err("Dead-letter queue must be same type of queue as the source.")
        }
        Some(target) if !accepts(&target, &queue.arn()) => {
            Err("The dead letter target's RedriveAllowPolicy does not permit this source queue.")
        }
        Some(target) => Ok(target),
    })
}

fn accepts(target: &Queue, source: &Arn) -> bool {
    let Some(text) = &target.redrive_allow else { return true };
    let Ok(allow) = serde_json::from_str::<RedriveAllow>(text) else { return false };
    match allow.redrive_permission.as_str() {
        "allowAll" => true,
        "byQueue" => allow.source_queue_arns.iter().any(|arn| arn == source.as_str()),
        _ => false,
    }
}

/// Puts a copy into the dead-letter queue; false if that queue is gone or does not take it, in
/// which case the message stays where it is. It keeps the time at which it was sent; that of a FIFO
/// queue begins anew, as "Amazon SQS dead-letter queues" says.
pub(crate) async fn bury(
    bodies: &Bodies,
    tx: &mut Transaction,
    queue: &Queue,
    message: &Message,
    now: Timestamp,
) -> Result<bool, Error> {
    let Ok(target) = target(tx, queue).await? else { return Ok(false) };
    let letter = Message { dead_letter_source: Some(queue.arn()), ..message.clone() };
    if let Some(group) = queue.fifo.as_ref().and(letter.group_id.clone()) {
        fifo::put(bodies, tx, &target, &group, &Message { sent: now, ..letter }).await?;
    } else {
        send::put(bodies, tx, &target, &letter, Duration::ZERO, now).await?;
    }
    Ok(true)
}
