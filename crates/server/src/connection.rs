//! One connection: HTTP/1.1 requests, one after another.

use crate::{endpoint, limits};
use bytes::{Bytes, BytesMut};
use dispatch::Dispatcher;
use http::{Request, Response, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use service::Fault;
use std::{
    convert::Infallible,
    net::IpAddr,
    pin::pin,
    sync::{Arc, LazyLock},
};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, watch},
    time::timeout,
};

/// Room for bodies that are being read, in units of [`ROOM_UNIT`].
static ROOM: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(limits::BUFFERED_BYTES / ROOM_UNIT));
const ROOM_UNIT: usize = 64 * 1024;

/// Answers the requests of one connection until it closes or `stop` says so.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    dispatcher: Arc<Dispatcher>,
    mut stop: watch::Receiver<bool>,
) {
    // A small answer must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before its first request");
        return;
    }
    let answer = service_fn(move |request| {
        let dispatcher = dispatcher.clone();
        async move { Ok::<_, Infallible>(answer(&dispatcher, request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = endpoint::stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended");
    }
}

async fn answer(
    dispatcher: &Dispatcher,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let response = match read(&parts, body).await {
        Ok(body) => dispatcher.handle(parts, body, peer).await,
        Err(fault) => {
            // What is left of the body is not worth reading.
            let mut response = dispatcher.refuse(&parts, &fault);
            response
                .headers_mut()
                .insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            response
        }
    };
    response.map(Full::new)
}

/// Reads a body within the limits of size, room and time.
async fn read(parts: &Parts, body: Incoming) -> Result<Bytes, Fault> {
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits::BODY_BYTES) {
        return Err(too_large());
    }
    let room = announced.unwrap_or(ROOM_UNIT) / ROOM_UNIT;
    let _room = ROOM
        .acquire_many(room as u32)
        .await
        .map_err(|_| Fault::internal("the room for bodies is closed"))?;
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    loop {
        let frame = timeout(limits::BODY_PAUSE, body.frame()).await.map_err(|_| too_slow())?;
        let Some(frame) = frame else { return Ok(whole.freeze()) };
        let frame = frame.map_err(|error| broken(&error))?;
        if let Ok(data) = frame.into_data() {
            if whole.len() + data.len() > limits::BODY_BYTES {
                return Err(too_large());
            }
            whole.extend_from_slice(&data);
        }
    }
}

fn too_large() -> Fault {
    let text = format!("Request must be smaller than {} bytes.", limits::BODY_BYTES);
    Fault::sender("RequestEntityTooLarge", text).status(413)
}

fn too_slow() -> Fault {
    let text =
        format!("The request's body did not come on for {} seconds.", limits::BODY_PAUSE.as_secs());
    Fault::sender("RequestTimeout", text).status(408)
}

fn broken(error: &hyper::Error) -> Fault {
    Fault::sender("IncompleteBody", format!("The request's body cannot be read: {error}."))
}
