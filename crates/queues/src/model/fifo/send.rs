//! How a message enters a group, once within five minutes.

use super::{Group, Sequence, State, open};
use crate::{
    Error, config,
    keys::{self, Hash, Id, StoreId},
    model::{Bodies, Message, Place, Queue, Sending, queue::Fifo},
};
use kv::{Range, Record, Scan, Stamp, Transaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use types::Timestamp;

/// A message that others may repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct First {
    pub(crate) id: Id,
    /// The position of its place among the stamped writes of its transaction.
    pub(crate) order: u16,
    pub(crate) sent: Timestamp,
}

impl Record for First {
    const VERSION: u8 = 1;
}

/// Checks that a message has a group and something that its duplicates are known by.
///
/// # Errors
/// What is missing.
pub(crate) fn check_ids(
    settings: &Fifo,
    group: Option<&str>,
    deduplication_id: Option<&str>,
) -> Result<(), Error> {
    if group.is_none() {
        return Err(Error::MissingParameter("MessageGroupId".to_owned()));
    }
    if deduplication_id.is_none() && !settings.content_based {
        return Err(Error::NoDeduplicationId);
    }
    Ok(())
}

/// Sends a message, or finds the one that it repeats.
pub(crate) async fn send(
    sending: &mut Sending<'_>,
    tx: &mut Transaction,
    queue: &Queue,
    settings: &Fifo,
    mut message: Message,
) -> Result<(Id, Sequence), Error> {
    check_ids(settings, message.group_id.as_deref(), message.deduplication_id.as_deref())?;
    let group = message.group_id.clone().unwrap_or_default();
    let id = message.deduplication_id.take();
    let id = id.unwrap_or_else(|| hex::encode(Sha256::digest(&message.body)));
    let hash = hash(settings.scope_is_group.then_some(group.as_str()), &id);
    message.deduplication_id = Some(id);
    if let Some(first) = sending.firsts.get(&hash) {
        return Ok((first.id, Sequence::Coming(first.order)));
    }
    let store = &queue.store;
    if let Some(found) = find(tx, store, &hash, message.sent).await? {
        return Ok(found);
    }
    let order = put(sending.bodies, tx, queue, &group, &message).await?;
    let first = First { id: message.id, order, sent: message.sent };
    let entry = [&hash[..], &tx.next_stamp().to_be_bytes()].concat();
    tx.put_versionstamped(keys::firsts(store, &hash), &[], kv::encode_record(&first))?;
    tx.put_versionstamped(keys::sent(store, message.sent), &[], entry.into())?;
    sending.firsts.insert(hash, first);
    Ok((message.id, Sequence::Coming(order)))
}

/// What duplicates have in common. No id has a zero byte.
fn hash(group: Option<&str>, id: &str) -> Hash {
    let hash = Sha256::new().chain_update(group.unwrap_or_default()).chain_update([0]);
    hash.chain_update(id).finalize().into()
}

/// The message that one of this hash repeats. Tracked: of two at once, one is the first.
async fn find(
    tx: &mut Transaction,
    store: &StoreId,
    hash: &Hash,
    now: Timestamp,
) -> Result<Option<(Id, Sequence)>, kv::Error> {
    let firsts = Range::prefix(&keys::firsts(store, hash));
    let Some(entry) = tx.scan(&firsts, Scan::last(1)).await?.pop() else { return Ok(None) };
    let first: First = kv::decode_record(&entry.value)?;
    let version = keys::last_stamp(&entry.key)?.version();
    let is_new = now >= first.sent + config::DEDUPLICATION_INTERVAL;
    Ok((!is_new).then(|| (first.id, Sequence::At(Stamp::new(version, first.order)))))
}

/// Puts a message behind the others of its group. The answer is its position among the stamped
/// writes of the transaction.
pub(crate) async fn put(
    bodies: &Bodies,
    tx: &mut Transaction,
    queue: &Queue,
    name: &str,
    message: &Message,
) -> Result<u16, Error> {
    let store = &queue.store;
    bodies.save(tx, queue, message)?;
    tx.add(keys::total(store), 1)?;
    // Senders to a group that is there only read it: they conflict with receivers, not with each
    // other.
    let life = match tx.get_record::<Group>(&keys::group(store, name)).await? {
        Some(group) => group.life,
        None => {
            // Greater than that of the last life: its end is in the snapshot.
            let life = tx.read_version().await?;
            let group = Group { life, head: None, state: State::Ready };
            open(tx, queue, name, group, message.sent, message.sent).await?;
            life
        }
    };
    let place = Place { id: message.id, sent: message.sent, receives: 0, first_received: None };
    let order = tx.next_stamp();
    tx.put_versionstamped(keys::places(store, name, life), &[], kv::encode_record(&place))?;
    Ok(order)
}
