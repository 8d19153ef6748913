//! Bodies, in memory or while they come.

use crate::Fault;
use bytes::{Bytes, BytesMut};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use std::{
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

/// Headers that follow a body: checksums of it.
pub type Trailers = Vec<(String, String)>;

/// The headers that follow a body, known when it has ended.
#[derive(Debug, Default)]
pub struct Trailing {
    announced: Vec<String>,
    read: OnceLock<Trailers>,
}

impl Trailing {
    /// Headers that are yet to come, by their names in lower case.
    #[must_use]
    pub fn new(announced: Vec<String>) -> Self {
        Self { announced, read: OnceLock::new() }
    }

    /// The names of the headers that will follow, in lower case.
    #[must_use]
    pub fn announced(&self) -> &[String] {
        &self.announced
    }

    /// Keeps what came; whoever reads the body calls it, once, before the body ends.
    pub fn fill(&self, trailers: Trailers) {
        // A second call would be of the same trailers: a body has one end.
        let _ = self.read.set(trailers);
    }

    /// What followed, in order; nothing before the body has ended.
    #[must_use]
    pub fn all(&self) -> &[(String, String)] {
        self.read.get().map_or(&[], Vec::as_slice)
    }

    /// The value of one of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all().iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The body of a request or of a reply.
#[derive(Debug)]
pub enum Body {
    /// In memory.
    Whole(Bytes),
    /// Read while it comes.
    Stream(BodyStream),
}

impl Body {
    /// The whole body, read into memory. For tests and for bodies known to be small.
    ///
    /// # Errors
    /// The stream ends in one.
    pub async fn collect(self) -> Result<Bytes, Fault> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Stream(stream) => stream.collect().await,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

/// A body that comes piece by piece and can be read once. Dropping it ends it.
pub struct BodyStream {
    pieces: BoxStream<'static, Result<Bytes, Fault>>,
    length: Option<u64>,
    trailing: Arc<Trailing>,
}

impl BodyStream {
    /// A body of these pieces; `length` is the number of bytes that it announces.
    pub fn new(
        pieces: impl Stream<Item = Result<Bytes, Fault>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self { pieces: pieces.boxed(), length, trailing: Arc::default() }
    }

    /// A body that is in memory.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self::new(stream::iter((!bytes.is_empty()).then_some(Ok(bytes))), Some(length))
    }

    /// Says what follows it.
    #[must_use]
    pub fn with_trailing(mut self, trailing: Arc<Trailing>) -> Self {
        self.trailing = trailing;
        self
    }

    /// The number of bytes that it announces, if it does. More or fewer end the stream in an error.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// What follows it: a handle that can be kept while the body is read.
    #[must_use]
    pub fn trailing(&self) -> Arc<Trailing> {
        self.trailing.clone()
    }

    /// Waits for the first piece, so that a body that fails at once does so before its reply begins
    /// and the piece leaves together with the reply's head.
    ///
    /// # Errors
    /// The stream begins with one.
    pub async fn primed(mut self) -> Result<Self, Fault> {
        let Some(first) = self.pieces.next().await.transpose()? else { return Ok(self) };
        self.pieces = stream::iter([Ok(first)]).chain(self.pieces).boxed();
        Ok(self)
    }

    async fn collect(self) -> Result<Bytes, Fault> {
        self.collect_within(usize::MAX).await
    }

    /// The whole body, read into memory.
    ///
    /// # Errors
    /// The stream ends in one, or `EntityTooLarge` if it has more than `limit` bytes.
    pub async fn collect_within(mut self, limit: usize) -> Result<Bytes, Fault> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.pieces.next().await {
            let piece = piece?;
            if whole.len() + piece.len() > limit {
                return Err(too_large(limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }
}

fn too_large(limit: usize) -> Fault {
    Fault::sender("EntityTooLarge", format!("The body is longer than {limit} bytes."))
}

impl Stream for BodyStream {
    type Item = Result<Bytes, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.poll_next_unpin(context)
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyStream").field("length", &self.length).finish_non_exhaustive()
    }
}
