use crate::{BodyStream, Fault};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde::Serialize;
use serde_json::Value;

/// An answer on its way to the protocol: the members of the output shape, and beside them what
/// only some operations have.
pub trait Output: Send {
    /// The members, as JSON text.
    ///
    /// # Errors
    /// The shape cannot be written as JSON, which is a defect of the operation.
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error>;

    /// The members, as a tree.
    ///
    /// # Errors
    /// As [`Output::to_json`].
    fn to_value(&self) -> Result<Value, serde_json::Error>;

    /// The body, where the output shape has a payload member.
    fn body(&self) -> Option<Bytes> {
        None
    }

    /// The body as a stream, where it need not be in memory at once; the members then say its
    /// length. Asked for after everything else.
    fn into_stream(self: Box<Self>) -> Option<BodyStream> {
        None
    }

    /// The events, where the payload member is an event stream. Asked for once, after the members.
    fn take_events(&mut self) -> Option<EventStream> {
        None
    }

    /// Tells the answer the commit of its transaction, where it depends on it.
    fn committed(&mut self, _committed: &kv::Committed) {}

    /// The status, where it is not the one that the model gives.
    fn status(&self) -> Option<u16> {
        None
    }
}

/// One event of an event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The member of the stream's union that it is: `PayloadChunk`.
    pub name: &'static str,
    /// What it carries.
    pub content: EventContent,
}

/// What an event carries.
#[derive(Debug, Clone, PartialEq)]
pub enum EventContent {
    /// The bytes of the member that is its payload.
    Bytes(Bytes),
    /// The members of its shape.
    Members(Value),
}

/// Events while they happen. A fault breaks the reply off: what came before has been sent.
pub type EventStream = BoxStream<'static, Result<Event, Fault>>;

/// An answer of any operation.
pub type Rendered = Box<dyn Output>;

/// The output of operations that answer nothing: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Empty {}

/// Any serialisable shape is an output without a body.
pub(crate) struct Members<T>(pub(crate) T);

impl<T: Serialize + Send + Sync> Output for Members<T> {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.0)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.0)
    }
}
