use kv::{Entry, Tag};
use service::{Inspection, Records};
use std::collections::HashMap;

/// What all services keep in the store, by key tag.
pub struct RecordTable(HashMap<Tag, Records>);

impl RecordTable {
    /// A table of these.
    ///
    /// # Panics
    /// Two are of the same tag: a mistake in the program, which the tests of `server` find.
    #[must_use]
    pub fn new(records: impl IntoIterator<Item = Records>) -> Self {
        let mut table = HashMap::new();
        for records in records {
            let (tag, name) = (records.tag, records.name);
            assert!(table.insert(tag, records).is_none(), "{name}: the tag {tag:?} is taken");
        }
        Self(table)
    }

    fn of(&self, entry: &Entry) -> Option<&Records> {
        let (tag, _) = entry.key.split_first_chunk::<2>()?;
        self.0.get(&Tag(u16::from_be_bytes(*tag)))
    }

    /// What an entry is called.
    pub(crate) fn name(&self, entry: &Entry) -> &'static str {
        self.of(entry).map_or("entry that no service knows", |records| records.name)
    }

    /// What an entry says of others. `None`: no service knows its tag.
    pub(crate) fn inspect(&self, entry: &Entry) -> Option<Result<Inspection, kv::Error>> {
        let records = self.of(entry)?;
        let mut inspection = Inspection::default();
        Some((records.inspect)(entry, &mut inspection).map(|()| inspection))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "is taken")]
    fn two_records_of_one_tag_are_a_mistake() {
        let _ = RecordTable::new([Records::bytes(Tag(1), "one"), Records::bytes(Tag(1), "other")]);
    }
}
