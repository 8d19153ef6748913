use clock::Ids;
use kv::{Entry, Error, Key, KeyBuilder, Range, Scan, Tag, Transaction, Value};

use crate::TAG;

/// Where each transaction that writes leaves its number, under a stamp.
pub(crate) const MARKERS: Tag = Tag(0xffef);

/// Few, so that transactions meet.
const KEYS: u32 = 10;
const NUMBERS: u32 = 3;

/// What one transaction does.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) id: u64,
    pub(crate) ops: Vec<Op>,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Get(Key),
    Scan(Range, Scan),
    Put(Key, Value),
    Delete(Key),
    Add(Key, i64),
}

/// What a reading operation returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Value(Option<Value>),
    Entries(Vec<Entry>),
}

impl Program {
    pub(crate) fn random(random: &Ids, id: u64) -> Self {
        let ops = (0..1 + random.below(6)).map(|_| Op::random(random)).collect();
        Self { id, ops }
    }

    pub(crate) fn writes(&self) -> bool {
        self.ops.iter().any(Op::writes)
    }

    /// Runs in `tx`, and leaves the marker if it writes.
    pub(crate) async fn run(&self, tx: &mut Transaction) -> Result<Vec<Seen>, Error> {
        let mut seen = Vec::new();
        for op in &self.ops {
            seen.extend(op.run(tx).await?);
        }
        if self.writes() {
            let id = Value::copy_from_slice(&self.id.to_be_bytes());
            tx.put_versionstamped(KeyBuilder::new(MARKERS).build(), b"", id)?;
        }
        Ok(seen)
    }
}

impl Op {
    pub(crate) fn random(random: &Ids) -> Self {
        let any = || KeyBuilder::new(TAG).u64(random.below(KEYS).into()).build();
        let number = || KeyBuilder::new(TAG).u64((100 + random.below(NUMBERS)).into()).build();
        match random.below(12) {
            0..3 => Self::Get(any()),
            3 => Self::Get(number()),
            4..7 => {
                let (a, b) = (any(), any());
                let limit = 1 + random.below(6) as usize;
                let scan =
                    if random.below(2) == 0 { Scan::first(limit) } else { Scan::last(limit) };
                Self::Scan(Range::new(a.clone().min(b.clone()), a.max(b)), scan)
            }
            7..10 => Self::Put(any(), Value::copy_from_slice(&random.bytes::<4>())),
            10 => Self::Delete(any()),
            _ => Self::Add(number(), random.below(100).into()),
        }
    }

    fn writes(&self) -> bool {
        match self {
            Self::Get(_) | Self::Scan(..) => false,
            Self::Put(..) | Self::Delete(_) | Self::Add(..) => true,
        }
    }

    pub(crate) async fn run(&self, tx: &mut Transaction) -> Result<Option<Seen>, Error> {
        match self {
            Self::Get(key) => return Ok(Some(Seen::Value(tx.get(key).await?))),
            Self::Scan(range, scan) => {
                return Ok(Some(Seen::Entries(tx.scan(range, *scan).await?)));
            }
            Self::Put(key, value) => tx.put(key.clone(), value.clone())?,
            Self::Delete(key) => tx.delete(key.clone())?,
            Self::Add(key, delta) => tx.add(key.clone(), *delta)?,
        }
        Ok(None)
    }
}
