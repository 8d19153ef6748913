//! How messages lie in the store.
//!
//! A version byte: 1 if the body is as it was sent, 2 if it is sealed; then a [`Message`] as JSON under
//! its length in four bytes, big-endian; then the body. In JSON, a body of quotes would outgrow what a
//! value holds.

use super::{Message, Queue};
use crate::{
    Error, config,
    keys::{self, StoreId},
};
use kv::Transaction;
use service::{NONCE_BYTES, Sealer};

const OPEN: u8 = 1;
const SEALED: u8 = 2;
/// Version and length.
const HEAD: usize = 5;
/// Makes the key one of this use only.
const PURPOSE: &[u8] = b"pileus queues bodies 1";

/// Writes and reads messages. Bodies are sealed where their queue has server-side encryption; as in
/// SQS, what is beside the body is not.
#[derive(Debug)]
pub(crate) struct Bodies(Sealer);

impl Bodies {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        Self(Sealer::derive(master_key, PURPOSE))
    }

    /// Stores a message in a queue.
    pub(crate) fn save(
        &self,
        tx: &mut Transaction,
        queue: &Queue,
        message: &Message,
    ) -> Result<(), Error> {
        let bytes = self.encode(&queue.store, message, queue.encryption.is_on());
        match tx.put(keys::body(&queue.store, &message.id), bytes.into()) {
            // Attributes that JSON escapes nearly all of.
            Err(kv::Error::ValueTooLarge { .. }) => {
                Err(Error::MessageTooLong(config::MESSAGE_BYTES as u32))
            }
            other => Ok(other?),
        }
    }

    /// Reads a message of which the caller has taken the place: it must be there.
    pub(crate) async fn load(
        &self,
        tx: &mut Transaction,
        store: &StoreId,
        id: &keys::Id,
    ) -> Result<Message, kv::Error> {
        let bytes = tx.get_snapshot(&keys::body(store, id)).await?;
        let message = bytes.as_deref().and_then(|bytes| self.decode(store, bytes));
        message.ok_or_else(|| kv::Error::Corrupt(format!("a message of {:?} is lost", store.name)))
    }

    fn encode(&self, store: &StoreId, message: &Message, is_sealed: bool) -> Vec<u8> {
        let mut bytes = vec![if is_sealed { SEALED } else { OPEN }, 0, 0, 0, 0];
        serde_json::to_writer(&mut bytes, message)
            .expect("a message is plain data with string keys, and a vector takes all bytes");
        let json = (bytes.len() - HEAD) as u32;
        bytes[1..HEAD].copy_from_slice(&json.to_be_bytes());
        let body = message.body.as_bytes();
        if is_sealed {
            bytes.extend(self.0.seal(nonce(store, message), &store.id, body));
        } else {
            bytes.extend_from_slice(body);
        }
        bytes
    }

    pub(crate) fn decode(&self, store: &StoreId, bytes: &[u8]) -> Option<Message> {
        let (&version, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (json, body) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let message: Message = serde_json::from_slice(json).ok()?;
        let body = match version {
            OPEN => body.to_vec(),
            SEALED => self.0.open(nonce(store, &message), &store.id, body)?,
            _ => return None,
        };
        Some(Message { body: String::from_utf8(body).ok()?, ..message })
    }
}

/// A message enters a store once, so its id and half of the store's make a nonce that is used once.
fn nonce(store: &StoreId, message: &Message) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[..16].copy_from_slice(&message.id);
    nonce[16..].copy_from_slice(&store.id[..8]);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AttributeValues;
    use types::Timestamp;

    fn message(body: &str) -> Message {
        Message {
            id: [7; 16],
            body: body.to_owned(),
            attributes: AttributeValues::new(),
            trace_header: None,
            group_id: None,
            deduplication_id: None,
            sent: Timestamp::from_millis(5),
            sender: "AIDA".to_owned(),
            dead_letter_source: None,
        }
    }

    fn store(id: u8) -> StoreId {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        StoreId { account, region, name: "q".to_owned(), id: [id; 16] }
    }

    const JSON: &str = r#"{"id":[7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7],"sent":5,"sender":"AIDA"}"#;

    /// What [`message`] became under the key of ones in the store of threes.
    const SEALED_BODY: &str = "64903bf97d2aa364a9616b2b90a95f1813be029d46";

    #[test]
    fn a_stored_message_is_what_it_always_was() {
        let bodies = Bodies::new(&[1; 32]);
        let head = |version: u8| [&[version, 0, 0, 0, JSON.len() as u8], JSON.as_bytes()].concat();
        let open = [&head(1)[..], b"a \"b\""].concat();
        assert_eq!(bodies.decode(&store(3), &open), Some(message("a \"b\"")));
        assert_eq!(bodies.encode(&store(3), &message("a \"b\""), false), open);
        let sealed = [&head(2)[..], &hex::decode(SEALED_BODY).unwrap()].concat();
        assert_eq!(
            hex::encode(bodies.encode(&store(3), &message("a \"b\""), true)),
            hex::encode(&sealed)
        );
        assert_eq!(bodies.decode(&store(3), &open[..20]), None);
        assert_eq!(bodies.decode(&store(3), &[&[9], &open[1..]].concat()), None);
    }

    #[test]
    fn a_sealed_body_opens_only_with_its_key_in_its_store() {
        let bodies = Bodies::new(&[1; 32]);
        let sealed = bodies.encode(&store(3), &message("a secret"), true);
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(bodies.decode(&store(3), &sealed), Some(message("a secret")));
        assert_eq!(bodies.decode(&store(4), &sealed), None);
        assert_eq!(Bodies::new(&[2; 32]).decode(&store(3), &sealed), None);
    }
}
