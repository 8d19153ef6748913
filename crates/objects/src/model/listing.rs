//! Lists: of objects, of versions and of uploads, in the order of their keys.
//!
//! Keys that share a prefix up to a delimiter are rolled up into one item; the rest of them is
//! passed with one seek. A list goes on behind the last item that it gave.

use crate::{Error, config};
use kv::{Entry, Key, Range, Scan, Transaction};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::VecDeque;

/// What a caller wants to see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Only what comes after this key or common prefix.
    pub(crate) after: Option<&'a str>,
    /// Items in the page, at most.
    pub(crate) limit: usize,
}

/// A page of a list.
#[derive(Debug, PartialEq)]
pub(crate) struct Page<T> {
    /// The items by their keys.
    pub(crate) items: Vec<(String, T)>,
    /// What was rolled up.
    pub(crate) prefixes: Vec<String>,
    /// Where the next page goes on, if there is more.
    pub(crate) next: Option<Next>,
}

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Behind this item, the last of the page: a key or a common prefix.
    After(String),
    /// Behind this key, within a common prefix of which nothing was found yet.
    Within(String),
}

/// What one entry of the store means to a list.
pub(crate) enum Read<T> {
    /// An item of this key.
    Item(String, T),
    /// Nothing to see up to that place.
    Pass {
        /// Of the entry.
        key: String,
        /// Where there may be something again.
        until: Key,
    },
}

/// The entries of a range, read in batches.
struct Walk {
    rest: Range,
    batch: VecDeque<Entry>,
    size: usize,
    scanned: usize,
}

impl Walk {
    fn new(range: Range, size: usize) -> Self {
        Self { rest: range, batch: VecDeque::new(), size, scanned: 0 }
    }

    async fn next(&mut self, tx: &mut Transaction) -> Result<Option<Entry>, kv::Error> {
        if self.batch.is_empty() && !self.rest.is_empty() {
            let entries = tx.scan(&self.rest, Scan::first(self.size).snapshot()).await?;
            self.scanned += entries.len();
            match entries.last() {
                Some(last) if entries.len() == self.size => self.rest = self.rest.after(&last.key),
                _ => self.rest.start = self.rest.end.clone(),
            }
            self.size = (self.size * 2).min(*config::LIST_BATCH.end());
            self.batch = entries.into();
        }
        Ok(self.batch.pop_front())
    }

    /// Passes everything before `target`.
    fn seek(&mut self, target: &Key) {
        while self.batch.front().is_some_and(|entry| entry.key < *target) {
            self.batch.pop_front();
        }
        if self.batch.is_empty() && self.rest.start < *target {
            self.rest.start = target.clone();
            self.size = *config::LIST_BATCH.start();
        }
    }
}

impl<'a> Query<'a> {
    /// The common prefix that a key is rolled up into.
    pub(crate) fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter.filter(|delimiter| !delimiter.is_empty())?;
        let rest = key.strip_prefix(self.prefix)?;
        let end = rest.find(delimiter)?;
        Some(&key[..self.prefix.len() + end + delimiter.len()])
    }

    /// A page of the entries of `range`, which begins behind [`Query::after`]; `end_of` tells where
    /// the keys with a prefix end, and `read` what an entry is.
    pub(crate) async fn page<T>(
        &self,
        tx: &mut Transaction,
        mut range: Range,
        end_of: impl Fn(&str) -> Key,
        read: impl Fn(&Entry) -> Result<Read<T>, kv::Error>,
    ) -> Result<Page<T>, kv::Error> {
        let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
        if self.limit == 0 {
            return Ok(page);
        }
        // A common prefix that does not come after it was told already.
        if let Some(told) = self.after.and_then(|after| self.common_prefix(after)) {
            range.start = range.start.max(end_of(told));
        }
        let batch = match self.delimiter {
            Some(_) => *config::LIST_BATCH.start(),
            None => self.limit + 1,
        };
        let mut walk = Walk::new(range, batch);
        let mut last = None;
        while let Some(entry) = walk.next(tx).await? {
            let (key, item) = match read(&entry)? {
                Read::Item(key, item) => (key, item),
                Read::Pass { key, until } => {
                    walk.seek(&until);
                    if walk.scanned > config::LIST_SCAN {
                        page.next = Some(Next::Within(key));
                        return Ok(page);
                    }
                    continue;
                }
            };
            if page.items.len() + page.prefixes.len() == self.limit {
                page.next = last.map(Next::After);
                return Ok(page);
            }
            match self.common_prefix(&key) {
                None => {
                    last = Some(key.clone());
                    page.items.push((key, item));
                }
                Some(prefix) => {
                    walk.seek(&end_of(prefix));
                    last = Some(prefix.to_owned());
                    page.prefixes.push(prefix.to_owned());
                }
            }
        }
        Ok(page)
    }
}

/// The number of items that a caller wants in a page.
pub(crate) fn limit(wanted: Option<i64>, name: &str) -> Result<usize, Error> {
    let wanted = wanted.unwrap_or(config::LIST_KEYS.into());
    match u32::try_from(wanted) {
        Ok(wanted) if wanted <= i32::MAX as u32 => Ok(wanted.min(config::LIST_KEYS) as usize),
        _ => Err(Error::InvalidArgument(format!(
            "Argument {name} must be an integer between 0 and 2147483647"
        ))),
    }
}

/// How keys are written in a list: XML has no place for some characters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding(bool);

const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b'~');

impl Encoding {
    /// As the parameter `encoding-type` says.
    pub(crate) fn of(name: Option<&str>) -> Result<Self, Error> {
        match name {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(_) => Err(Error::InvalidArgument(
                "Invalid Encoding Method specified in Request".to_owned(),
            )),
        }
    }

    pub(crate) fn write(self, text: &str) -> String {
        if self.0 { utf8_percent_encode(text, PLAIN).to_string() } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv::Store;
    use kv_memory::MemoryEngine;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Of the same query over a plain map: every item after `after`, rolled up.
    fn expected(keys: &BTreeMap<String, ()>, query: &Query<'_>) -> Vec<String> {
        let mut items: Vec<String> = Vec::new();
        for key in keys.keys().filter(|key| key.starts_with(query.prefix)) {
            let item = query.common_prefix(key).unwrap_or(key).to_owned();
            if items.last() != Some(&item) && query.after.is_none_or(|after| *item > *after) {
                items.push(item);
            }
        }
        items
    }

    fn read(entry: &Entry) -> Result<Read<()>, kv::Error> {
        let key = String::from_utf8(entry.key[1..].to_vec()).unwrap();
        Ok(Read::Item(key, ()))
    }

    fn in_store(key: &str) -> Key {
        [b"k", key.as_bytes()].concat().into()
    }

    async fn all_pages(keys: &BTreeMap<String, ()>, first: &Query<'_>) -> Vec<String> {
        let store = Store::new(MemoryEngine::new());
        let mut tx = store.begin();
        for key in keys.keys() {
            tx.put(in_store(key), Key::new()).unwrap();
        }
        let (mut found, mut after) = (Vec::new(), first.after.map(str::to_owned));
        loop {
            let query = Query { after: after.as_deref(), ..*first };
            let mut range = Range::prefix(&in_store(query.prefix));
            if let Some(after) = &after {
                range = range.after(&in_store(after));
            }
            let end_of = |prefix: &str| Range::prefix(&in_store(prefix)).end;
            let page = query.page(&mut tx, range, end_of, read).await.unwrap();
            let count = page.items.len() + page.prefixes.len();
            assert!(count <= query.limit);
            let mut items: Vec<String> = page.items.into_iter().map(|(key, ())| key).collect();
            items.extend(page.prefixes);
            items.sort();
            found.extend(items);
            match page.next {
                None => return found,
                Some(Next::After(last)) => {
                    assert_eq!(count, query.limit);
                    after = Some(last);
                }
                Some(Next::Within(_)) => unreachable!("nothing is passed"),
            }
        }
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_list_of_a_plain_map(
            keys in prop::collection::btree_map("[ab/é]{1,5}", Just(()), 0..40),
            prefix in "[ab/]{0,2}",
            delimiter in prop::option::of(prop::sample::select(vec!["/", "a", "b/"])),
            after in prop::option::of("[ab/é]{0,4}"),
            limit in 1_usize..6,
        ) {
            let after = after.as_deref().filter(|after| !after.is_empty());
            let query = Query { prefix: &prefix, delimiter, after, limit };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(all_pages(&keys, &query));
            prop_assert_eq!(found, expected(&keys, &query));
        }
    }

    #[test]
    fn a_limit_is_capped_and_checked() {
        assert_eq!(limit(None, "maxKeys").unwrap(), 1_000);
        assert_eq!(limit(Some(5_000), "maxKeys").unwrap(), 1_000);
        assert_eq!(limit(Some(0), "maxKeys").unwrap(), 0);
        assert!(limit(Some(-1), "maxKeys").is_err());
    }

    #[test]
    fn keys_are_encoded_when_they_are_asked_to_be() {
        assert_eq!(Encoding::of(Some("url")).unwrap().write("a b/é+"), "a%20b/%C3%A9%2B");
        assert_eq!(Encoding::of(None).unwrap().write("a b"), "a b");
    }
}
