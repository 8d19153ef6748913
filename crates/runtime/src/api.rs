//! The Lambda Runtime API, version 2018-06-01, as its clients speak it.
//!
//! Contract: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

mod extensions;
mod reply;
mod routes;
mod streaming;

use crate::{
    config::{MAX_API_CONNECTIONS, MAX_HEAD_BYTES},
    exchange::Exchange,
    extensions::Extensions,
    logs::InstanceLog,
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What the Runtime API of one instance works on.
pub(crate) struct Api {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) log: Arc<InstanceLog>,
    /// The function's version, for `START` lines.
    pub(crate) version: String,
    pub(crate) extensions: Arc<Extensions>,
    pub(crate) about: About,
}

/// What extensions are told of their function.
pub(crate) struct About {
    pub(crate) function_name: String,
    pub(crate) handler: String,
    pub(crate) account: String,
}

/// Serves the Runtime API of one instance until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, api: Arc<Api>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_API_CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => { connections.spawn(converse(stream, api.clone())); }
                    // Out of file descriptors: the connection stays queued until some are free.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, api: Arc<Api>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not available");
    }
    let service = service_fn(|request| {
        let api = api.clone();
        async move { Ok::<_, Infallible>(routes::answer(&api, request).await) }
    });
    // A client that breaks off shows in its process's exit, not here.
    let _ = http1::Builder::new()
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
