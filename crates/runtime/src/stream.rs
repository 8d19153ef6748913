//! Responses that are handed on while the function writes them.

use crate::{InstanceSpec, Invocation, InvokeError, Outcome, Pools, config::STREAM_PIECES};
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a function writes, in order.
#[derive(Debug)]
enum Part {
    /// It has begun.
    Head { content_type: Option<String> },
    /// Some of its bytes.
    Data(Bytes),
}

/// Where a response goes while it is written. Made by [`Pools::stream`].
#[derive(Debug, Clone)]
pub struct ResponseSink(mpsc::Sender<Part>);

impl ResponseSink {
    /// Says that the response begins. Nobody may be listening any more: a function runs to its end.
    pub(crate) async fn begin(&self, content_type: Option<String>) {
        let _ = self.0.send(Part::Head { content_type }).await;
    }

    /// Hands some bytes on, as soon as there is room; drops them when nobody wants them.
    pub(crate) async fn data(&self, bytes: Bytes) {
        let _ = self.0.send(Part::Data(bytes)).await;
    }

    /// One that nobody listens to.
    #[cfg(test)]
    pub(crate) fn unread() -> Self {
        Self(mpsc::channel(1).0)
    }
}

/// What a function answers.
pub enum Response {
    /// It did not stream, or failed before it began.
    Whole(Box<Outcome>),
    /// It has begun to stream.
    Stream(ResponseStream),
}

type Done = BoxFuture<'static, Result<Outcome, InvokeError>>;

/// A response on its way. The invocation goes on to its end when it is dropped.
pub struct ResponseStream(Box<Going>);

struct Going {
    content_type: Option<String>,
    parts: mpsc::Receiver<Part>,
    done: Done,
    /// How the invocation ended, while its last parts are still here.
    ended: Option<Result<Outcome, InvokeError>>,
}

/// The next piece of a response.
pub enum Piece {
    /// Some bytes, and the rest.
    Data(Bytes, ResponseStream),
    /// The end. Its outcome has no payload unless it is a failure, which then describes it.
    End(Result<Box<Outcome>, InvokeError>),
}

impl Pools {
    /// As [`Pools::invoke`], but answers as soon as the function begins to stream its response. A
    /// function that waits for a caller who reads slowly is still running, within its timeout.
    ///
    /// # Errors
    /// As [`Pools::invoke`].
    pub async fn stream(
        &self,
        spec: Arc<InstanceSpec>,
        mut invocation: Invocation,
    ) -> Result<Response, InvokeError> {
        let (sender, mut parts) = mpsc::channel(STREAM_PIECES);
        invocation.sink = Some(ResponseSink(sender));
        let pools = self.clone();
        let mut done = async move { pools.invoke(spec, invocation).await }.boxed();
        tokio::select! {
            biased;
            Some(Part::Head { content_type }) = parts.recv() => {
                Ok(Response::Stream(ResponseStream::new(content_type, parts, done, None)))
            }
            ended = &mut done => match parts.try_recv() {
                Ok(Part::Head { content_type }) => {
                    let ended = Some(ended);
                    Ok(Response::Stream(ResponseStream::new(content_type, parts, done, ended)))
                }
                _ => ended.map(|outcome| Response::Whole(Box::new(outcome))),
            }
        }
    }
}

impl ResponseStream {
    fn new(
        content_type: Option<String>,
        parts: mpsc::Receiver<Part>,
        done: Done,
        ended: Option<Result<Outcome, InvokeError>>,
    ) -> Self {
        Self(Box::new(Going { content_type, parts, done, ended }))
    }

    /// The media type that the function gave to its response.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// Waits for the next piece.
    pub async fn next(mut self) -> Piece {
        let going = &mut *self.0;
        loop {
            let part = match going.ended.take() {
                Some(ended) => match going.parts.try_recv() {
                    Ok(part) => {
                        going.ended = Some(ended);
                        part
                    }
                    Err(_) => return Piece::End(ended.map(Box::new)),
                },
                None => tokio::select! {
                    biased;
                    Some(part) = going.parts.recv() => part,
                    ended = &mut going.done => {
                        going.ended = Some(ended);
                        continue;
                    }
                },
            };
            if let Part::Data(bytes) = part {
                return Piece::Data(bytes, self);
            }
        }
    }
}
