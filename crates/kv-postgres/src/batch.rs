use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use kv::{Commit, Committed, Error, Key, Mutation, Stamp, Value, Window, add_to};

/// The newest values of the keys that a batch adds to, as far as they are there.
pub(crate) type Numbers = HashMap<Key, Value>;

/// Transactions that were checked, and what they write together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The version that they were checked against; theirs follow.
    pub(crate) base: u64,
    /// The version of the last one that was accepted.
    pub(crate) version: u64,
    /// What is newest afterwards. No snapshot can see anything in between.
    pub(crate) writes: BTreeMap<Key, Option<Value>>,
    /// What to tell each of them, once the batch is committed.
    pub(crate) answers: Vec<Result<Committed, Error>>,
}

impl Batch {
    /// Checks `commits`, in this order, against the window, which knows all commits up to `base`.
    pub(crate) fn check(commits: &[Commit], window: &Window, base: u64, numbers: &Numbers) -> Self {
        let mut batch = Self { base, version: base, ..Self::default() };
        for commit in commits {
            let answer = window
                .check(commit)
                .and_then(|()| batch.check_within(commit))
                .and_then(|()| batch.accept(commit, numbers));
            batch.answers.push(answer);
        }
        batch
    }

    /// Whether no transaction was accepted.
    pub(crate) fn is_empty(&self) -> bool {
        self.version == self.base
    }

    /// What others in the batch have written, nobody can have read.
    fn check_within(&self, commit: &Commit) -> Result<(), Error> {
        let key = commit.reads.iter().any(|key| self.writes.contains_key(key));
        let range = commit.ranges.iter().any(|range| {
            let bounds = (Bound::Included(&range.start), Bound::Excluded(&range.end));
            self.writes.range::<Key, _>(bounds).next().is_some()
        });
        if key || range { Err(Error::Conflict) } else { Ok(()) }
    }

    /// Takes the mutations in, all or none.
    fn accept(&mut self, commit: &Commit, numbers: &Numbers) -> Result<Committed, Error> {
        let version = self.version.max(commit.after) + 1;
        let mut order = 0;
        let mut writes = Vec::with_capacity(commit.mutations.len());
        for mutation in &commit.mutations {
            writes.push(match mutation {
                Mutation::Put { key, value } => (key.clone(), Some(value.clone())),
                Mutation::Delete { key } => (key.clone(), None),
                Mutation::Add { key, delta } => {
                    let newest = match self.writes.get(key) {
                        Some(value) => value.as_ref(),
                        None => numbers.get(key),
                    };
                    (key.clone(), Some(add_to(newest.map(|value| &value[..]), *delta)?))
                }
                Mutation::PutVersionstamped { prefix, suffix, value } => {
                    order += 1;
                    let key = Stamp::new(version, order - 1).in_key(prefix, suffix);
                    (key, Some(value.clone()))
                }
            });
        }
        self.writes.extend(writes);
        self.version = version;
        Ok(Committed { version })
    }
}

/// The keys that `commits` add to.
pub(crate) fn added(commits: &[Commit]) -> Vec<&[u8]> {
    let mutations = commits.iter().flat_map(|commit| &commit.mutations);
    let added = mutations.filter_map(|mutation| match mutation {
        Mutation::Add { key, .. } => Some(&key[..]),
        Mutation::Put { .. } | Mutation::Delete { .. } | Mutation::PutVersionstamped { .. } => None,
    });
    added.collect()
}

/// About how many bytes a transaction writes.
pub(crate) fn bytes(commit: &Commit) -> usize {
    let bytes = commit.mutations.iter().map(|mutation| match mutation {
        Mutation::Put { key, value } => key.len() + value.len(),
        Mutation::Delete { key } | Mutation::Add { key, .. } => key.len(),
        Mutation::PutVersionstamped { prefix, suffix, value } => {
            prefix.len() + Stamp::BYTES + suffix.len() + value.len()
        }
    });
    bytes.sum()
}

/// Keys as they stand in the log: each its length, in two bytes, and then itself.
pub(crate) fn pack<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<u8> {
    let mut packed = Vec::new();
    for key in keys {
        let length = u16::try_from(key.len()).expect("a key is at most 2,560 bytes long");
        packed.extend_from_slice(&length.to_be_bytes());
        packed.extend_from_slice(key);
    }
    packed
}

/// The keys of [`pack`].
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<Key>, Error> {
    let mut keys = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        let key = rest.split_first_chunk::<2>().and_then(|(length, after)| {
            after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        let Some((key, after)) = key else {
            return Err(Error::Corrupt("keys in the log of commits are cut short".to_owned()));
        };
        keys.push(Key::copy_from_slice(key));
        rest = after;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str) -> Key {
        Key::from_static(name.as_bytes())
    }

    fn put(name: &'static str) -> Mutation {
        Mutation::Put { key: key(name), value: Value::from_static(b"1") }
    }

    #[test]
    fn a_transaction_conflicts_with_one_before_it_in_the_batch() {
        let reader = Commit {
            read_version: 7,
            reads: vec![key("a")],
            ranges: Vec::new(),
            mutations: vec![put("b")],
            ..Commit::default()
        };
        let writer = Commit { mutations: vec![put("a")], ..Commit::default() };
        let window = Window::new(7);
        let check = |commits: &[Commit]| {
            let batch = Batch::check(commits, &window, 7, &Numbers::new());
            (batch.answers, batch.writes.len())
        };
        let (first, second) = (Committed { version: 8 }, Committed { version: 9 });
        let both = check(&[reader.clone(), writer.clone()]);
        assert_eq!(both, (vec![Ok(first), Ok(second)], 2));
        let one = check(&[writer, reader]);
        assert_eq!(one, (vec![Ok(first), Err(Error::Conflict)], 1));
    }

    #[test]
    fn adds_build_on_one_another_and_a_failed_one_leaves_nothing() {
        let add = |name| Mutation::Add { key: key(name), delta: 2 };
        let commit = |mutations| Commit { mutations, ..Commit::default() };
        let commits = [
            commit(vec![add("n")]),
            commit(vec![add("n"), put("beside"), add("text")]),
            commit(vec![add("n")]),
        ];
        let numbers = Numbers::from([
            (key("n"), Value::copy_from_slice(&10i64.to_le_bytes())),
            (key("text"), Value::from_static(b"text")),
        ]);
        let batch = Batch::check(&commits, &Window::new(0), 0, &numbers);
        assert!(matches!(batch.answers[1], Err(Error::Corrupt(_))));
        assert_eq!(batch.version, 2);
        let sum = Value::copy_from_slice(&14i64.to_le_bytes());
        assert_eq!(batch.writes, BTreeMap::from([(key("n"), Some(sum))]));
    }

    #[test]
    fn packed_keys_come_back_and_what_is_cut_short_is_corrupt() {
        let keys = vec![key("a"), key(""), key("abc")];
        let packed = pack(&keys);
        assert_eq!(unpack(&packed), Ok(keys));
        assert!(matches!(unpack(&packed[..packed.len() - 1]), Err(Error::Corrupt(_))));
    }
}
