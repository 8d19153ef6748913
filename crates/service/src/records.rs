//! What a service says of its own entries, so that others can check them and find their blobs without
//! knowing where they lie.

use blob::BlobId;
use kv::{Entry, Error, Key, Record, Tag, Value, decode_record};

/// The entries under one key tag.
pub struct Records {
    /// The tag; it belongs to these entries alone.
    pub tag: Tag,
    /// What one of them is called where one is damaged: `function`.
    pub name: &'static str,
    /// Reads one entry.
    pub inspect: Inspect,
}

/// Reads an entry and tells what else must be there if it is. Fails with [`Error::Corrupt`] if the
/// entry is not what its tag says.
pub type Inspect = Box<dyn Fn(&Entry, &mut Inspection) -> Result<(), Error> + Send + Sync>;

impl Records {
    /// Entries that are read by a function.
    pub fn new(
        tag: Tag,
        name: &'static str,
        inspect: impl Fn(&Entry, &mut Inspection) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Self { tag, name, inspect: Box::new(inspect) }
    }

    /// Records that refer to nothing.
    #[must_use]
    pub fn plain<R: Record>(tag: Tag, name: &'static str) -> Self {
        Self::of::<R>(tag, name, |_, _, _| Ok(()))
    }

    /// Records that a function looks at.
    pub fn of<R: Record>(
        tag: Tag,
        name: &'static str,
        inspect: impl Fn(&Entry, R, &mut Inspection) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Self::new(tag, name, move |entry, inspection| {
            inspect(entry, decode_record(&entry.value)?, inspection)
        })
    }

    /// Numbers that are changed by atomic adds.
    #[must_use]
    pub fn numbers(tag: Tag, name: &'static str) -> Self {
        Self::new(tag, name, |entry, _| {
            let wrong = || Error::Corrupt(format!("{} bytes are no number", entry.value.len()));
            <[u8; 8]>::try_from(&entry.value[..]).map(drop).map_err(|_| wrong())
        })
    }

    /// Texts.
    #[must_use]
    pub fn texts(tag: Tag, name: &'static str) -> Self {
        Self::new(tag, name, |entry, _| {
            let text = std::str::from_utf8(&entry.value);
            text.map(drop).map_err(|error| Error::Corrupt(error.to_string()))
        })
    }

    /// Entries of any bytes.
    #[must_use]
    pub fn bytes(tag: Tag, name: &'static str) -> Self {
        Self::new(tag, name, |_, _| Ok(()))
    }
}

/// What one entry says of others.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Entries that must be there too.
    pub entries: Vec<Required>,
    /// Blobs that it refers to.
    pub blobs: Vec<Referred>,
}

/// An entry that must be there.
#[derive(Debug)]
pub struct Required {
    /// Where.
    pub key: Key,
    /// What it must hold, if that is known.
    pub value: Option<Value>,
    /// When alone it must be there, if not always: what a job clears goes in any order.
    pub only_if: Option<Condition>,
}

/// That an entry is there and holds what a function accepts.
#[derive(Debug)]
pub struct Condition {
    /// Where.
    pub key: Key,
    /// Whether the value is the right one; an answer for what cannot be read is `false`.
    pub accepts: fn(&Value, &[u8]) -> bool,
    /// What the function compares with.
    pub with: Vec<u8>,
}

/// A blob that something refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referred {
    /// Which.
    pub id: BlobId,
    /// The size that it must have in the storage, in bytes.
    pub stored_bytes: u64,
}

impl Inspection {
    /// There must be an entry.
    pub fn requires(&mut self, key: Key) {
        self.entries.push(Required { key, value: None, only_if: None });
    }

    /// There must be an entry with this value.
    pub fn requires_value(&mut self, key: Key, value: Value) {
        self.entries.push(Required { key, value: Some(value), only_if: None });
    }

    /// There must be an entry as long as a condition holds.
    pub fn requires_if(&mut self, key: Key, only_if: Condition) {
        self.entries.push(Required { key, value: None, only_if: Some(only_if) });
    }

    /// There must be a blob with this many bytes in the storage.
    pub fn refers(&mut self, id: BlobId, stored_bytes: u64) {
        self.blobs.push(Referred { id, stored_bytes });
    }
}

/// The entries of the contract itself: deliveries, mappings, jobs, and what blobs keep.
#[must_use]
pub fn common() -> Vec<Records> {
    use crate::{JobRecord, delivery::Delivery, mapping::Mapping, tag};
    vec![
        Records::bytes(tag::META, "setting of the store"),
        Records::plain::<Delivery>(tag::DELIVERY, "delivery"),
        Records::bytes(tag::DELIVERY_PAYLOAD, "payload of deliveries"),
        Records::plain::<Mapping>(tag::MAPPING, "event source mapping"),
        Records::numbers(tag::MAPPING_VERSION, "count of changes to mappings"),
        Records::plain::<JobRecord>(tag::JOB, "job"),
        Records::new(tag::BLOB, "intent of a blob", |entry, _| blob::check_entry(tag::BLOB, entry)),
    ]
}
