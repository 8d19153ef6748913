use crate::{Error, RecordTable, live::entries_after};
use blob::{BlobId, Blobs, Listed};
use kv::{Entry, Key, Snapshot};
use serde::{Deserialize, Serialize};
use service::records::{Condition, Required};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use types::Timestamp;

/// How far the clocks of this host and of the blobs' storage may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// What is wrong with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// In which way.
    pub kind: Kind,
    /// What it is, and where.
    pub what: String,
}

/// In which way something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A record that cannot be read.
    DamagedRecord,
    /// An entry under a tag that no service has.
    UnknownEntry,
    /// A record without its index entry, an index entry without its record, or a wrong one.
    BrokenIndex,
    /// A blob that a record refers to is not there.
    MissingBlob,
    /// A blob has another size than its record says.
    DamagedBlob,
    /// A blob that nothing refers to and that nothing will collect.
    OrphanBlob,
}

/// How far a check is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Entries that were checked, in all steps.
    pub entries: u64,
    /// Blobs that were checked, in all steps.
    pub blobs: u64,
    /// What this step has found.
    pub findings: Vec<Finding>,
    /// Whether there is nothing left.
    pub done: bool,
}

/// Checks one snapshot of a store, and the blobs, in bounded steps. What blobs hold is not read:
/// a sealed one is checked whenever it is read.
pub struct Checker {
    snapshot: Arc<dyn Snapshot>,
    blobs: Blobs,
    table: Arc<RecordTable>,
    began: Timestamp,
    at: At,
    entries: u64,
    checked_blobs: u64,
    /// What the records refer to, and how large it must be.
    referred: HashMap<BlobId, u64>,
    /// What waits to be adopted or collected.
    intended: HashSet<BlobId>,
}

enum At {
    Entries(Option<Key>),
    Blobs(u8),
    End,
}

impl Checker {
    /// A check of this snapshot, which was taken at `now`, while the blobs are held.
    #[must_use]
    pub fn new(
        snapshot: Arc<dyn Snapshot>,
        blobs: Blobs,
        table: Arc<RecordTable>,
        now: Timestamp,
    ) -> Self {
        Self {
            snapshot,
            blobs,
            table,
            began: now,
            at: At::Entries(None),
            entries: 0,
            checked_blobs: 0,
            referred: HashMap::new(),
            intended: HashSet::new(),
        }
    }

    /// Checks about 1 MiB of entries, or the blobs of one folder.
    ///
    /// # Errors
    /// The store or the blobs cannot be read at all.
    pub async fn step(&mut self) -> Result<Step, Error> {
        let mut findings = Vec::new();
        self.at = match std::mem::replace(&mut self.at, At::End) {
            At::Entries(after) => {
                let (entries, more) = entries_after(&*self.snapshot, after.as_deref()).await?;
                for entry in &entries {
                    self.entry(entry, &mut findings).await?;
                }
                self.entries += entries.len() as u64;
                match entries.into_iter().next_back() {
                    Some(last) if more => At::Entries(Some(last.key)),
                    _ => At::Blobs(*blob::PAGES.start()),
                }
            }
            At::Blobs(page) => {
                let listed = self.blobs.list(page).await?;
                self.page(page, &listed, &mut findings);
                self.checked_blobs += listed.len() as u64;
                page.checked_add(1).map_or(At::End, At::Blobs)
            }
            At::End => At::End,
        };
        let done = matches!(self.at, At::End);
        Ok(Step { entries: self.entries, blobs: self.checked_blobs, findings, done })
    }

    async fn entry(&mut self, entry: &Entry, findings: &mut Vec<Finding>) -> Result<(), Error> {
        let name = self.table.name(entry);
        let place = hex::encode(&entry.key);
        let mut found = |kind, what: String| findings.push(Finding { kind, what });
        let inspection = match self.table.inspect(entry) {
            None => {
                found(Kind::UnknownEntry, format!("{name} at {place}"));
                return Ok(());
            }
            Some(Err(error)) => {
                found(Kind::DamagedRecord, format!("{name} at {place}: {error}"));
                return Ok(());
            }
            Some(Ok(inspection)) => inspection,
        };
        for required in &inspection.entries {
            if let Some(how) = self.broken(required).await? {
                let other = hex::encode(&required.key);
                let what = format!("{name} at {place}: what it needs at {other} {how}");
                found(Kind::BrokenIndex, what);
            }
        }
        for blob in inspection.blobs {
            self.referred.insert(blob.id, blob.stored_bytes);
        }
        if let Some(id) = intended(entry) {
            self.intended.insert(id);
        }
        Ok(())
    }

    async fn broken(&self, required: &Required) -> Result<Option<&'static str>, Error> {
        let found = self.snapshot.get(&required.key).await?;
        let how = match (&found, &required.value) {
            (None, _) => "is missing",
            (Some(found), Some(value)) if found != value => "is another",
            _ => return Ok(None),
        };
        if let Some(Condition { key, accepts, with }) = &required.only_if {
            let holds = self.snapshot.get(key).await?.is_some_and(|value| accepts(&value, with));
            return Ok(holds.then_some(how));
        }
        Ok(Some(how))
    }

    /// Compares the blobs of a folder with what the records say.
    fn page(&mut self, page: u8, listed: &[Listed], findings: &mut Vec<Finding>) {
        let mut found = |kind, what: String| findings.push(Finding { kind, what });
        for blob in listed {
            match self.referred.remove(&blob.id) {
                Some(bytes) if bytes == blob.stored_bytes => {}
                Some(bytes) => {
                    let (id, stored) = (blob.id, blob.stored_bytes);
                    found(Kind::DamagedBlob, format!("blob {id}: {stored} bytes, not {bytes}"));
                }
                // What was stored after the snapshot, the snapshot cannot know.
                None if blob.modified + CLOCKS_DIFFER > self.began => {}
                None if self.intended.contains(&blob.id) => {}
                None => {
                    let (id, stored) = (blob.id, blob.stored_bytes);
                    found(Kind::OrphanBlob, format!("blob {id}: {stored} bytes"));
                }
            }
        }
        let missing = self.referred.extract_if(|id, _| id.as_bytes()[0] == page);
        let mut missing: Vec<_> = missing.collect();
        missing.sort_unstable();
        for (id, bytes) in missing {
            found(Kind::MissingBlob, format!("blob {id}: {bytes} bytes"));
        }
    }
}

/// The blob of an intent.
fn intended(entry: &Entry) -> Option<BlobId> {
    let mut key = kv::KeyReader::new(service::tag::BLOB, &entry.key).ok()?;
    key.fixed16().ok().map(BlobId::from_random)
}
