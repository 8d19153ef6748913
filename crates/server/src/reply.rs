//! Bodies of replies, and the socket that they are written to.

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use http_body_util::{Either, Full, StreamBody};
use hyper::body::Frame;
use service::{Body, Fault};
use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// The body of a reply as HTTP sends it.
pub(crate) type ReplyBody = Either<Full<Bytes>, StreamBody<BoxStream<'static, Piece>>>;
type Piece = Result<Frame<Bytes>, Fault>;

/// A body that ends in an error breaks the connection: the client must not take it for whole.
pub(crate) fn body(body: Body) -> ReplyBody {
    match body {
        Body::Whole(bytes) => Either::Left(Full::new(bytes)),
        Body::Stream(stream) => {
            let pieces = stream.map(|piece| match piece {
                Ok(data) => Ok(Frame::data(data)),
                Err(fault) => {
                    tracing::error!(%fault, "a reply broke off");
                    Err(fault)
                }
            });
            Either::Right(StreamBody::new(pieces.boxed()))
        }
    }
}

/// A connection whose writes fail when its peer takes nothing for too long.
pub(crate) struct Socket<S> {
    stream: S,
    pause: Duration,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Socket<S> {
    pub(crate) fn new(stream: S, pause: Duration) -> Self {
        Self { stream, pause, stalled: None }
    }

    /// Passes on what a write came to, unless it has waited for too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let pause = self.pause;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(pause)));
        ready!(stalled.as_mut().poll(context));
        stalled.as_mut().reset(Instant::now() + pause);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, data);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, data);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
