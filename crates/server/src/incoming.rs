//! Bodies of requests as they come from a connection: into memory, or as a stream.

use crate::{Limits, room::Room};
use bytes::Bytes;
use futures_util::stream;
use http::{header, request::Parts};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use service::{BodyStream, Fault};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

/// A body that is cut off when it comes too slowly.
pub(crate) struct Paced {
    limits: Arc<Limits>,
    /// Gone when it has ended.
    body: Option<Incoming>,
    /// True while the client waits to be told that its body is wanted.
    is_held_back: bool,
    waited: Duration,
    received: u64,
}

impl Paced {
    pub(crate) fn new(parts: &Parts, body: Incoming, limits: Arc<Limits>) -> Self {
        let is_held_back = parts.headers.contains_key(header::EXPECT);
        Self { limits, body: Some(body), is_held_back, waited: Duration::ZERO, received: 0 }
    }

    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        self.is_held_back = false;
        let Some(body) = &mut self.body else { return Ok(None) };
        loop {
            // What counts is the time that the client took, not that of whoever reads.
            let earned = Duration::from_millis(self.received * 1_000 / self.limits.body_rate);
            let allowed = (self.limits.body_pause + earned).saturating_sub(self.waited);
            let began = Instant::now();
            let frame = timeout(allowed, body.frame()).await;
            self.waited += began.elapsed();
            let Ok(Some(frame)) = frame else {
                // It has ended, or is not worth more waiting: the connection closes then.
                self.body = None;
                return frame.map(|_| None).map_err(|_| too_slow());
            };
            let frame = frame.map_err(|error| broken(&error))?;
            if let Ok(data) = frame.into_data() {
                self.received += data.len() as u64;
                return Ok(Some(data));
            }
        }
    }

    /// Reads all of it into memory, within the limits of size, room and time.
    pub(crate) async fn into_memory(
        mut self,
        parts: &Parts,
        room: &Room,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Fault> {
        let most = self.limits.body_bytes;
        let announced = announced(parts).unwrap_or(0);
        if announced > most as u64 {
            return Err(too_large(most));
        }
        let mut place = room.place(announced as usize)?;
        while let Some(data) = self.next().await? {
            if place.len() + data.len() > most {
                return Err(too_large(most));
            }
            place.push(&data)?;
        }
        Ok(place.finish())
    }

    /// Hands it on piece by piece.
    pub(crate) fn into_stream(self, parts: &Parts) -> BodyStream {
        let pieces = stream::try_unfold(self, |mut body| async move {
            Ok(body.next().await?.map(|piece| (piece, body)))
        });
        BodyStream::new(pieces, announced(parts))
    }
}

impl Drop for Paced {
    /// Reads on for a while what nobody wants: see [`Limits::linger`].
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|_| !self.is_held_back) else { return };
        let (linger, runtime) = (self.limits.linger, tokio::runtime::Handle::try_current());
        if let Ok(runtime) = runtime {
            runtime.spawn(async move {
                let rest = async { while let Some(Ok(_)) = body.frame().await {} };
                // However it ends, the connection is closed or free for its next request.
                let _ = timeout(linger, rest).await;
            });
        }
    }
}

fn announced(parts: &Parts) -> Option<u64> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(most: usize) -> Fault {
    let text = format!("Request must be smaller than {most} bytes.");
    Fault::sender("RequestEntityTooLarge", text).status(413)
}

fn too_slow() -> Fault {
    let text = "Your socket connection to the server was not read from or written to within the \
                timeout period.";
    Fault::sender("RequestTimeout", text).status(408)
}

fn broken(error: &hyper::Error) -> Fault {
    Fault::sender("IncompleteBody", format!("The request's body cannot be read: {error}."))
}
