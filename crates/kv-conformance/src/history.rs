use std::collections::{BTreeMap, HashMap};

use kv::{Committed, Entry, Error, Key, KeyReader, Range, Scan, Store, Transaction, Value, add_to};

use crate::TAG;
use crate::program::{MARKERS, Op, Program, Seen};

/// What a transaction did and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) program: Program,
    /// What it saw, if it came as far as its commit.
    pub(crate) seen: Option<Vec<Seen>>,
    pub(crate) result: Result<Committed, Error>,
}

/// Runs `program` once.
pub(crate) async fn attempt(store: &Store, program: Program) -> Outcome {
    let mut tx = store.begin();
    match program.run(&mut tx).await {
        Err(error) => Outcome { program, seen: None, result: Err(error) },
        Ok(seen) => Outcome { program, seen: Some(seen), result: tx.commit().await },
    }
}

/// Checks that `outcomes`, all that ever happened in `store`, could have happened one after the
/// other in the order of their versions, and that just those that may have taken effect did.
pub(crate) async fn verify(store: &Store, outcomes: Vec<Outcome>) {
    let mut tx = store.begin();
    let applied: HashMap<u64, u64> =
        scan_all(&mut tx, &MARKERS.range()).await.iter().map(marker).collect();
    let found = scan_all(&mut tx, &TAG.range()).await;

    let mut order: Vec<(u64, bool, &Outcome)> = Vec::new();
    for outcome in &outcomes {
        let applied_at = applied.get(&outcome.program.id).copied();
        match &outcome.result {
            Ok(committed) if outcome.program.writes() => {
                assert_eq!(applied_at, Some(committed.version), "{outcome:?}");
            }
            Ok(committed) => order.push((committed.version, true, outcome)),
            Err(Error::CommitUnknown) => {}
            Err(_) => assert_eq!(applied_at, None, "it failed, but took effect: {outcome:?}"),
        }
        if let Some(version) = applied_at {
            order.push((version, false, outcome));
        }
    }
    // Those that only read come after the writer at whose version they read.
    order.sort_by_key(|(version, reads_only, _)| (*version, *reads_only));

    let mut model = Model::default();
    for (version, _, outcome) in order {
        let seen = model.run(&outcome.program);
        assert_eq!(Some(&seen), outcome.seen.as_ref(), "at version {version}: {outcome:?}");
    }
    assert_eq!(model.scan(&TAG.range(), Scan::first(usize::MAX)), found);
}

async fn scan_all(tx: &mut Transaction, range: &Range) -> Vec<Entry> {
    tx.scan(range, Scan::first(1_000_000).snapshot()).await.unwrap()
}

/// The number of a transaction and the version at which it took effect.
fn marker(entry: &Entry) -> (u64, u64) {
    let mut reader = KeyReader::new(MARKERS, &entry.key).unwrap();
    let version = reader.stamp().unwrap().version();
    (u64::from_be_bytes(entry.value[..].try_into().unwrap()), version)
}

/// A store in which one thing happens after the other.
#[derive(Default)]
struct Model(BTreeMap<Key, Value>);

impl Model {
    fn run(&mut self, program: &Program) -> Vec<Seen> {
        let mut seen = Vec::new();
        for op in &program.ops {
            match op {
                Op::Get(key) => seen.push(Seen::Value(self.0.get(key).cloned())),
                Op::Scan(range, scan) => seen.push(Seen::Entries(self.scan(range, *scan))),
                Op::Put(key, value) => drop(self.0.insert(key.clone(), value.clone())),
                Op::Delete(key) => drop(self.0.remove(key)),
                Op::Add(key, delta) => {
                    let sum = add_to(self.0.get(key).map(|value| &value[..]), *delta).unwrap();
                    self.0.insert(key.clone(), sum);
                }
            }
        }
        seen
    }

    fn scan(&self, range: &Range, scan: Scan) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self
            .0
            .iter()
            .filter(|(key, _)| range.contains(key))
            .map(|(key, value)| Entry { key: key.clone(), value: value.clone() })
            .collect();
        if scan.reverse {
            entries.reverse();
        }
        entries.truncate(scan.limit);
        entries
    }
}
