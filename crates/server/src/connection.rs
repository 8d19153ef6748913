//! One connection: HTTP/1.1 requests, one after another.

use crate::{
    Endpoint, endpoint,
    incoming::Paced,
    reply::{self, ReplyBody, Socket},
};
use http::{HeaderValue, Request, Response, header};
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use service::{Body, Fault};
use std::{convert::Infallible, net::IpAddr, pin::pin};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

/// Answers the requests of one connection until it closes or `stop` says so.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    endpoint: Endpoint,
    stop: watch::Receiver<bool>,
) {
    // A small answer must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before its first request");
        return;
    }
    let limits = endpoint.limits.clone();
    let Some(acceptor) = endpoint.tls.clone() else {
        return talk(Socket::new(stream, limits.reply_pause), peer, endpoint, stop).await;
    };
    match timeout(limits.head_timeout, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            let socket = Socket::new(stream, limits.reply_pause);
            Box::pin(talk(socket, peer, endpoint, stop)).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, %peer, "a connection does not speak TLS"),
        Err(_) => tracing::debug!(%peer, "a connection took too long to speak TLS"),
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    socket: Socket<S>,
    peer: IpAddr,
    endpoint: Endpoint,
    mut stop: watch::Receiver<bool>,
) {
    let limits = endpoint.limits.clone();
    let answer = service_fn(move |request| {
        let endpoint = endpoint.clone();
        async move { Ok::<_, Infallible>(answer(&endpoint, request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.headers)
        .serve_connection(TokioIo::new(socket), answer);
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
    endpoint: &Endpoint,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Response<ReplyBody> {
    let (expects, is_empty) =
        (request.headers().contains_key(header::EXPECT), request.body().is_end_stream());
    let mut response = reply_to(endpoint, request, peer).await;
    // Clients wait for `100 Continue` even where nothing is to come, and some (the AWS CLI's
    // botocore) remember a final answer without it for the next request of the connection, whose
    // head they then take for its status.
    if expects && (is_empty || !response.status().is_success()) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn reply_to(
    endpoint: &Endpoint,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Response<ReplyBody> {
    let Endpoint { dispatcher, room, limits, tls } = endpoint;
    let (parts, body) = request.into_parts();
    if tls.is_some() && !parts.uri.path().starts_with(stacks::RESPONSES_PATH) {
        let text = "Over TLS, custom resources are answered and nothing else.";
        let fault = Fault::sender("AccessDenied", text).status(403);
        return dispatcher.refuse(&parts, &fault).map(Body::Whole).map(reply::body);
    }
    let streams = dispatcher.streams(&parts);
    let body = Paced::new(&parts, body, limits.clone());
    if streams {
        let body = Body::Stream(body.into_stream(&parts));
        return dispatcher.handle(parts, body, peer).await.map(reply::body);
    }
    match body.into_memory(&parts, room).await {
        Ok((body, _room)) => dispatcher.handle(parts, body, peer).await.map(reply::body),
        // What is left of the body is read on for a while: see `Limits::linger`.
        Err(fault) => dispatcher.refuse(&parts, &fault).map(Body::Whole).map(reply::body),
    }
}
