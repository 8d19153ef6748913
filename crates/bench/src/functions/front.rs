//! `bench front`: the least that stands between callers and a runtime. A hyper server with the
//! threads and the protocol settings that `pileus` has, which hands each body to a runtime without
//! walls and gives its answer back.

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, net::SocketAddr, sync::Arc};
use tokio::net::{TcpListener, TcpStream};

use super::runtime_api::RuntimeApi;
use crate::http::empty::{Served, until_input_ends};

/// The server, in a process of its own.
pub(super) struct Front {
    /// Where callers connect.
    pub(super) address: SocketAddr,
    /// Where runtimes ask for events.
    pub(super) api: SocketAddr,
    _served: Served,
}

impl Front {
    /// Starts this binary as the server and waits until it listens.
    pub(super) fn start() -> Result<Self> {
        let served = Served::start("front")?;
        let addresses = served.addresses()?;
        let [address, api] = addresses[..].try_into().context("the front names no addresses")?;
        Ok(Self { address, api, _served: served })
    }
}

/// The server itself.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = RuntimeApi::start().await?;
        println!("{} {}", listener.local_addr()?, api.address());
        tokio::spawn(accept(listener, api));
        until_input_ends().await
    })
}

async fn accept(listener: TcpListener, api: Arc<RuntimeApi>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, api.clone()));
    }
}

async fn converse(stream: TcpStream, api: Arc<RuntimeApi>) -> Result<()> {
    let answer = service_fn(|request: Request<Incoming>| {
        let api = api.clone();
        async move { Ok::<_, Infallible>(respond(&api, request).await) }
    });
    Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await?)
}

async fn respond(api: &RuntimeApi, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let called = async {
        let event = request.into_body().collect().await?.to_bytes();
        api.call(event).await
    };
    match called.await {
        Ok(body) => Response::new(Full::new(body)),
        Err(error) => {
            let mut failed = Response::new(Full::from(error.to_string()));
            *failed.status_mut() = StatusCode::BAD_GATEWAY;
            failed
        }
    }
}
