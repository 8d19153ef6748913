use super::{
    Due, due_of,
    place::{Held, Place, id_of},
};
use crate::config;
use kv::{Entry, Key, Range, Record, Scan, Transaction};
use service::{Fault, Platform, Transact, transact};
use types::Timestamp;

/// A record that this process works on.
pub(crate) struct Claim<R> {
    pub(crate) place: Place,
    /// As it lies there.
    pub(crate) record: R,
}

/// What the head of a range holds.
pub(crate) enum Claimed<R> {
    /// These were due, the last of them at `seen`.
    Some { claims: Vec<Claim<R>>, seen: Timestamp },
    /// Nothing is due before `next`.
    None { next: Option<Timestamp> },
}

/// Where to look for what is due. Claiming leaves deleted keys behind, and a read that starts at
/// them grows slower with each: so it starts where the last one ended, and only now and then at
/// the start of the range.
#[derive(Default)]
pub(crate) struct Head {
    floor: Timestamp,
    full_look: Timestamp,
}

impl Head {
    pub(crate) async fn claim<D: Due>(
        &mut self,
        platform: &Platform,
        kind: &D,
        held: &Held,
        limit: usize,
    ) -> Result<Claimed<D::Record>, Fault> {
        let now = platform.clock.now();
        if now.since(self.full_look) >= config::FALLBACK {
            self.floor = Timestamp::default();
            self.full_look = now;
        }
        let range = from(&kind.range(), self.floor);
        let claimed =
            transact(&platform.store, &ClaimDue { kind, held, range, limit, now }).await?;
        let seen = match &claimed {
            Claimed::Some { seen, .. } => *seen,
            Claimed::None { .. } => now,
        };
        self.floor = self.floor.max(seen.min(now - config::LATE_COMMIT));
        Ok(claimed)
    }
}

/// The part of a range from `due` on: the time is what follows the range's prefix.
fn from(range: &Range, due: Timestamp) -> Range {
    let start = [&range.start[..], &due.as_millis().to_be_bytes()].concat();
    Range::new(start.into(), range.end.clone())
}

struct ClaimDue<'a, D> {
    kind: &'a D,
    /// What this process works on already: it may have stood still for longer than its leases.
    held: &'a Held,
    range: Range,
    limit: usize,
    now: Timestamp,
}

impl<D: Due> Transact for ClaimDue<'_, D> {
    type Output = Claimed<D::Record>;

    async fn run(&self, tx: &mut Transaction) -> Result<Self::Output, Fault> {
        // One entry tells whether anything is due; far-off payloads are not read for nothing.
        let head = tx.scan(&self.range, Scan::first(1).snapshot()).await?;
        let Some(head) = head.first() else { return Ok(Claimed::None { next: None }) };
        let due = due_of(self.kind.tag(), &head.key)?;
        if due > self.now {
            return Ok(Claimed::None { next: Some(due) });
        }
        let mut claims = Vec::new();
        let mut bytes = 0;
        let (mut seen, mut next) = (due, None);
        for entry in tx.scan(&self.range, Scan::first(self.limit).snapshot()).await? {
            let due = due_of(self.kind.tag(), &entry.key)?;
            bytes += entry.value.len();
            if due > self.now || (bytes > config::CLAIM_BYTES && !claims.is_empty()) {
                next = Some(due);
                break;
            }
            seen = due;
            claims.extend(self.take(tx, entry)?);
        }
        Ok(match claims.is_empty() {
            true => Claimed::None { next },
            false => Claimed::Some { claims, seen },
        })
    }
}

impl<D: Due> ClaimDue<'_, D> {
    fn take(
        &self,
        tx: &mut Transaction,
        entry: Entry,
    ) -> Result<Option<Claim<D::Record>>, kv::Error> {
        if self.held.contains(id_of(&self.kind.range(), &entry.key)) {
            return Ok(None);
        }
        let mut record: D::Record = match kv::decode_record(&entry.value) {
            Ok(record) => record,
            Err(error) => {
                // It stays for a person to look at; the others must not wait behind it.
                tracing::error!(%error, key = ?entry.key, "a record that is due cannot be read");
                return Ok(None);
            }
        };
        self.kind.begin(&mut record);
        let key = self.kind.key(self.now + config::LEASE, &record);
        // Only one of those who saw it there may take it.
        tx.require_read(&entry.key);
        tx.delete(entry.key)?;
        tx.put_record(key.clone(), &record)?;
        Ok(Some(Claim { place: Place::new(key), record }))
    }
}

/// Whether a claim was still held when its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It was, and the transaction did its part.
    Held,
    /// Its lease had ended and another has it: nothing was done.
    Lost,
}

/// Moves a claimed record to another time, or removes it.
pub(crate) struct Move<'a, R> {
    pub(crate) claim: &'a Key,
    pub(crate) to: Option<(Key, &'a R)>,
}

impl<R: Record + Sync> Transact for Move<'_, R> {
    type Output = Settled;

    async fn run(&self, tx: &mut Transaction) -> Result<Settled, Fault> {
        if tx.get(self.claim).await?.is_none() {
            return Ok(Settled::Lost);
        }
        tx.delete(self.claim.clone())?;
        if let Some((key, record)) = &self.to {
            tx.put_record(key.clone(), *record)?;
        }
        Ok(Settled::Held)
    }
}
