//! Event streams: events in frames of `application/vnd.amazon.eventstream`.
//!
//! A frame is its whole length, the length of its headers, a checksum of these two, the headers,
//! the payload, and a checksum of all before it: numbers of 4 bytes, the most significant first.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::StreamExt;
use http::HeaderValue;
use service::{BodyStream, Event, EventContent, EventStream, Fault};

/// The media type of a body of frames.
pub(crate) const MEDIA_TYPE: HeaderValue =
    HeaderValue::from_static("application/vnd.amazon.eventstream");

/// Lengths and checksum before the headers, in bytes.
const PRELUDE_BYTES: usize = 12;
/// The checksum at the end, in bytes.
const CHECKSUM_BYTES: usize = 4;
/// The type of a header value that is a text.
const TEXT: u8 = 7;

/// The body that carries these events. The operation's other members are in the reply's head, so
/// there is no event for them.
pub(crate) fn body(events: EventStream) -> BodyStream {
    BodyStream::new(events.map(|event| event.and_then(|event| frame(&event))), None)
}

/// The frame of one event.
fn frame(event: &Event) -> Result<Bytes, Fault> {
    let internal = |error: serde_json::Error| Fault::internal(error.to_string());
    let (media_type, payload) = match &event.content {
        EventContent::Bytes(bytes) => ("application/octet-stream", bytes.clone()),
        EventContent::Members(members) => {
            ("application/json", serde_json::to_vec(members).map_err(internal)?.into())
        }
    };
    let headers =
        [(":event-type", event.name), (":content-type", media_type), (":message-type", "event")];
    message(&headers, &payload)
}

fn message(headers: &[(&str, &str)], payload: &[u8]) -> Result<Bytes, Fault> {
    let too_long = |_| Fault::internal("an event does not fit into a frame");
    let mut block = BytesMut::new();
    for (name, value) in headers {
        block.put_u8(u8::try_from(name.len()).map_err(too_long)?);
        block.put_slice(name.as_bytes());
        block.put_u8(TEXT);
        block.put_u16(u16::try_from(value.len()).map_err(too_long)?);
        block.put_slice(value.as_bytes());
    }
    let total = PRELUDE_BYTES + block.len() + payload.len() + CHECKSUM_BYTES;
    let mut frame = BytesMut::with_capacity(total);
    frame.put_u32(u32::try_from(total).map_err(too_long)?);
    frame.put_u32(u32::try_from(block.len()).map_err(too_long)?);
    frame.put_u32(crc32fast::hash(&frame));
    frame.put_slice(&block);
    frame.put_slice(payload);
    frame.put_u32(crc32fast::hash(&frame));
    Ok(frame.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_empty_message_is_two_lengths_and_two_checksums() {
        // The official vector `empty_message`.
        let expected = [0, 0, 0, 0x10, 0, 0, 0, 0, 5, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];
        assert_eq!(message(&[], b"").unwrap(), expected.as_slice());
    }

    #[test]
    fn a_payload_without_headers_is_the_official_vector() {
        // The official vector `payload_no_headers`.
        let expected = [
            0, 0, 0, 0x1d, 0, 0, 0, 0, 0xfd, 0x52, 0x8c, 0x5a, b'{', b'\'', b'f', b'o', b'o',
            b'\'', b':', b'\'', b'b', b'a', b'r', b'\'', b'}', 0xc3, 0x65, 0x39, 0x36,
        ];
        assert_eq!(message(&[], b"{'foo':'bar'}").unwrap(), expected.as_slice());
    }

    #[test]
    fn an_event_says_its_name_and_the_type_of_what_it_carries() {
        let bytes = EventContent::Bytes(Bytes::from_static(b"abc"));
        let frame_of = |name, content| frame(&Event { name, content }).unwrap();
        let sent = frame_of("PayloadChunk", bytes);
        let head = b"\x0b:event-type\x07\0\x0cPayloadChunk\
                     \x0d:content-type\x07\0\x18application/octet-stream\
                     \x0d:message-type\x07\0\x05event";
        assert_eq!(sent[4..8], u32::try_from(head.len()).unwrap().to_be_bytes());
        assert_eq!(&sent[12..12 + head.len()], head);
        assert_eq!(&sent[12 + head.len()..sent.len() - 4], b"abc");
        let members = EventContent::Members(json!({"ErrorCode": "Unhandled"}));
        let sent = frame_of("InvokeComplete", members);
        let text = String::from_utf8_lossy(&sent);
        assert!(text.contains("application/json") && text.contains(r#"{"ErrorCode":"Unhandled"}"#));
    }
}
