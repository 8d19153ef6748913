//! Clearing of what nobody comes for: expired messages, and what duplicates and receives are known by.

use super::{
    Attempted, Group, State, delay,
    receive::{Candidate, ticket},
    release,
};
use crate::{
    Error, config,
    keys::{self, Id, StoreId},
    model::{Place, Queue, receive::forget},
};
use kv::{Key, Range, Scan, Stamp, Tag, Transaction};
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// How far a run of the job has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Which list it goes through.
    list: usize,
    /// The last key that it has seen there, in hexadecimal digits.
    after: Option<String>,
    /// Behind the last key that was there when it began with the list, in hexadecimal digits:
    /// receives add to the lists, which else might never end.
    end: Option<String>,
    /// The last key of `SENT` that was ever cleared: what lies before it are tombstones.
    cleared: Option<String>,
}

/// The lists of one run, in order.
const LISTS: [Tag; 5] = [keys::SENT, keys::ATTEMPT, keys::TICKET, keys::LOCKED, keys::DELAYED];

/// Takes one step. The answer is where the next one goes on, and nothing at the end of the run.
pub(crate) async fn expire(
    tx: &mut Transaction,
    queue: &Queue,
    now: Timestamp,
    progress: &Progress,
) -> Result<(Progress, bool), Error> {
    let Some(&tag) = LISTS.get(progress.list) else {
        return Ok((Progress { list: 0, after: None, end: None, ..progress.clone() }, false));
    };
    let due = due(tx, queue, tag, now).await?;
    let range = rest(tx, due, tag, progress).await?;
    let page = if tag == keys::SENT { config::JOB_STEP } else { config::JOB_GROUPS };
    let entries = tx.scan(&range, Scan::first(page).snapshot()).await?;
    let mut is_end = entries.len() < page;
    let mut last = None;
    let mut room = config::JOB_STEP;
    for entry in entries {
        let key = entry.key.clone();
        match tag {
            keys::SENT => forget_first(tx, &queue.store, entry.key, &entry.value)?,
            keys::ATTEMPT => {
                let attempted: Attempted = kv::decode_record(&entry.value)?;
                if attempted.is_over(now) {
                    // One of the same id that begins anew writes it.
                    tx.require_read(&entry.key);
                    tx.delete(entry.key)?;
                }
            }
            keys::TICKET => clear(tx, queue, ticket(entry)?, now, &mut room).await?,
            tag => {
                let (_, name) = keys::read_timed_group(tag, &entry.key)?;
                let candidate = Candidate { origin: entry.key, name };
                clear(tx, queue, candidate, now, &mut room).await?;
            }
        }
        if room == 0 {
            // The next step goes on with this group.
            is_end = false;
            break;
        }
        last = Some(hex::encode(&key));
    }
    let mut next = Progress { end: Some(hex::encode(&range.end)), ..progress.clone() };
    if tag == keys::SENT {
        next.cleared = last.or(next.cleared);
    } else {
        next.after = last.or(next.after);
    }
    if is_end {
        next = Progress { list: progress.list + 1, after: None, end: None, ..next };
    }
    Ok((next, true))
}

/// What of a list the run has not seen yet, up to where the list ended when it began with it.
async fn rest(
    tx: &mut Transaction,
    due: Range,
    tag: Tag,
    progress: &Progress,
) -> Result<Range, kv::Error> {
    let key = |digits: &Option<String>| hex::decode(digits.as_ref()?).ok().map(Key::from);
    let after = if tag == keys::SENT { &progress.cleared } else { &progress.after };
    let range = key(after).map_or_else(|| due.clone(), |last| due.after(&last));
    if let Some(end) = key(&progress.end) {
        return Ok(range.before(&end));
    }
    let last = tx.scan(&range, Scan::last(1).snapshot()).await?.pop();
    let end = last.map_or_else(|| range.start.clone(), |entry| Range::single(&entry.key).end);
    Ok(range.before(&end))
}

/// What of a list may be over, from its cursor on.
async fn due(
    tx: &mut Transaction,
    queue: &Queue,
    tag: Tag,
    now: Timestamp,
) -> Result<Range, kv::Error> {
    let store = &queue.store;
    let all = keys::all(store, tag);
    let (cursor, end) = match tag {
        keys::SENT => {
            let age = config::DEDUPLICATION_INTERVAL.max(delay(queue));
            return Ok(Range::new(all.start, keys::sent(store, now - age)));
        }
        keys::TICKET => (keys::ticket_cursor(store), all.end),
        // Groups that somebody holds are left alone.
        keys::LOCKED => {
            let locked = keys::timeline(store, tag);
            let end = locked.from(now);
            (locked.cursor, end)
        }
        keys::DELAYED => (keys::timeline(store, tag).cursor, all.end),
        _ => return Ok(all),
    };
    Ok(Range::new(tx.get_snapshot(&cursor).await?.unwrap_or(all.start), end))
}

/// Deletes by what a message and its duplicates are known. Nobody need read it: both keys have the
/// stamps of one commit.
fn forget_first(
    tx: &mut Transaction,
    store: &StoreId,
    sent: Key,
    value: &[u8],
) -> Result<(), kv::Error> {
    let bad = || kv::Error::Corrupt("what was sent has no hash".to_owned());
    let (hash, order) = value.split_first_chunk().ok_or_else(bad)?;
    let order = order.try_into().map(u16::from_be_bytes).map_err(|_| bad())?;
    let stamp = Stamp::new(keys::last_stamp(&sent)?.version(), order);
    tx.delete(stamp.in_key(&keys::firsts(store, hash), &[]))?;
    tx.delete(sent)
}

/// Drops expired messages at the head of a group that nobody holds, as many as there is `room` for.
async fn clear(
    tx: &mut Transaction,
    queue: &Queue,
    candidate: Candidate,
    now: Timestamp,
    room: &mut usize,
) -> Result<(), Error> {
    let Candidate { origin, name } = candidate;
    let key = keys::group(&queue.store, &name);
    let Some(mut group) = tx.get_record_snapshot::<Group>(&key).await? else { return Ok(()) };
    let places = group.places(&queue.store, &name);
    let mut expired = expired(tx, queue, places, now, *room + 1).await?;
    if expired.is_empty() {
        return Ok(());
    }
    // Nobody may have taken it meanwhile.
    tx.require_read(&key);
    let rest = expired.split_off(expired.len().min(*room));
    *room -= expired.len();
    for (place, id) in expired {
        tx.delete(place)?;
        forget(tx, queue, &id)?;
    }
    let Some((first, _)) = rest.first() else {
        tx.delete(origin)?;
        return Ok(release(tx, queue, &name, group, now).await?);
    };
    // It stays in its list, so that the run meets it again. What was in flight there may be gone.
    group.head = Some(*keys::last_stamp(first)?.as_bytes());
    if let State::Locked(lock) = &mut group.state {
        lock.flights.clear();
    }
    Ok(tx.put_record(key, &group)?)
}

/// The expired ones of these messages, up to `most`.
async fn expired(
    tx: &mut Transaction,
    queue: &Queue,
    mut places: Range,
    now: Timestamp,
    most: usize,
) -> Result<Vec<(Key, Id)>, Error> {
    let mut expired = Vec::new();
    loop {
        let page = tx.scan(&places, Scan::first(config::JOB_PAGE).snapshot()).await?;
        let is_last = page.len() < config::JOB_PAGE;
        for entry in page {
            let place: Place = kv::decode_record(&entry.value)?;
            // They lie in the order in which they were sent.
            if expired.len() == most || !place.has_expired(queue, now) {
                return Ok(expired);
            }
            places = places.after(&entry.key);
            expired.push((entry.key, place.id));
        }
        if is_last {
            return Ok(expired);
        }
    }
}
