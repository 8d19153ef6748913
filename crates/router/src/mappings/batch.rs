use crate::config::PAYLOAD_BYTES;
use bytes::Bytes;
use service::SourceRecord;
use std::collections::{HashSet, VecDeque};

/// What stands around the records in a payload.
const FRAME: (&str, &str) = ("{\"Records\":[", "]}");

/// A record that was read, as the function will see it.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) handle: String,
    /// Within it, the order counts.
    pub(crate) group: Option<String>,
    pub(crate) trace: Option<String>,
    event: String,
}

impl From<SourceRecord> for Item {
    fn from(record: SourceRecord) -> Self {
        let SourceRecord { id, event, handle, group, trace } = record;
        Self { id, handle, group, trace, event: event.to_string() }
    }
}

/// The records of one invocation.
pub(crate) struct Batch {
    limit: usize,
    bytes: usize,
    pub(crate) items: Vec<Item>,
}

impl Batch {
    pub(crate) fn new(limit: u32) -> Self {
        Self { limit: limit.max(1) as usize, bytes: FRAME.0.len() + FRAME.1.len(), items: vec![] }
    }

    /// Takes records from the front of `waiting` while they fit: so many of them, in a payload of
    /// so many bytes. The first always fits.
    pub(crate) fn fill(&mut self, waiting: &mut VecDeque<Item>) {
        while let Some(item) = waiting.front() {
            let bytes = self.bytes + item.event.len() + 1;
            if self.is_full() || (bytes > PAYLOAD_BYTES && !self.items.is_empty()) {
                return;
            }
            self.bytes = bytes;
            self.items.extend(waiting.pop_front());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= self.limit
    }

    /// How many more records it could take.
    pub(crate) fn room(&self) -> u32 {
        u32::try_from(self.limit - self.items.len()).unwrap_or(u32::MAX)
    }

    /// Takes the records at these places out, and those behind them that may not overtake them.
    pub(crate) fn take_out(&mut self, places: &[usize]) -> Vec<Item> {
        let mut groups = HashSet::new();
        let mut place = 0;
        let is_out = |item: &mut Item| {
            let is_meant = places.contains(&place);
            place += 1;
            let is_out = is_meant || item.group.as_ref().is_some_and(|it| groups.contains(it));
            if is_out {
                groups.extend(item.group.clone());
            }
            is_out
        };
        self.items.extract_if(.., is_out).collect()
    }

    /// The trace header of each record.
    pub(crate) fn traces(&self) -> Vec<Option<String>> {
        self.items.iter().map(|item| item.trace.clone()).collect()
    }

    /// `{"Records":[...]}`.
    pub(crate) fn payload(&self) -> Bytes {
        let mut payload = String::with_capacity(self.bytes);
        payload.push_str(FRAME.0);
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                payload.push(',');
            }
            payload.push_str(&item.event);
        }
        payload.push_str(FRAME.1);
        payload.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn item(id: &str, body: &str) -> Item {
        let event = json!({ "messageId": id, "body": body });
        SourceRecord {
            id: id.to_owned(),
            event,
            handle: format!("h-{id}"),
            group: None,
            trace: None,
        }
        .into()
    }

    #[test]
    fn a_payload_holds_the_records_in_their_order() {
        let mut waiting = VecDeque::from([item("a", "1"), item("b", "2"), item("c", "3")]);
        let mut batch = Batch::new(2);
        batch.fill(&mut waiting);
        assert!(batch.is_full() && waiting.len() == 1);
        let payload: Value = serde_json::from_slice(&batch.payload()).unwrap();
        assert_eq!(
            payload,
            json!({ "Records": [
                { "messageId": "a", "body": "1" }, { "messageId": "b", "body": "2" }
            ] })
        );
    }

    #[test]
    fn a_payload_never_exceeds_six_mebibytes() {
        let large = "x".repeat(1024 * 1024);
        let mut waiting: VecDeque<_> = (0..10).map(|n| item(&n.to_string(), &large)).collect();
        let mut batch = Batch::new(10);
        batch.fill(&mut waiting);
        assert_eq!((batch.items.len(), waiting.len()), (5, 5));
        assert!(batch.payload().len() <= PAYLOAD_BYTES);
    }
}
