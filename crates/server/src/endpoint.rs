//! Listeners: the public one, and one inside of every sandbox.

use crate::{Limits, connection, room::Room};
use dispatch::Dispatcher;
use std::sync::Arc;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// What serves listeners. Its clones share the room for bodies.
#[derive(Clone)]
pub struct Endpoint {
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) room: Room,
    pub(crate) limits: Arc<Limits>,
    /// Speaks TLS on the connections, which are for the answers of custom resources only.
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Endpoint {
    /// An endpoint that answers with `dispatcher` within `limits`.
    #[must_use]
    pub fn new(dispatcher: Arc<Dispatcher>, limits: Limits) -> Self {
        Self { dispatcher, room: Room::new(&limits), limits: Arc::new(limits), tls: None }
    }

    /// The same endpoint for the inside of one sandbox, which has
    /// [`Limits::sandbox_connections`] for itself.
    #[must_use]
    pub fn inside(&self) -> Self {
        let connections = self.limits.sandbox_connections;
        let limits = Arc::new(Limits { connections, ..Limits::clone(&self.limits) });
        Self { limits, ..self.clone() }
    }

    /// The same endpoint over TLS, for the answers of custom resources.
    pub(crate) fn over_tls(self, acceptor: TlsAcceptor) -> Self {
        Self { tls: Some(acceptor), ..self }
    }

    /// Serves a listener until `stop` says so, and then until its requests have ended or
    /// [`Limits::drain_timeout`] is over.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let permits = Arc::new(Semaphore::new(self.limits.connections));
        let mut connections = JoinSet::new();
        loop {
            let Ok(permit) = permits.clone().acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let (endpoint, stop) = (self.clone(), stop.clone());
                    connections.spawn(async move {
                        connection::serve(stream, peer.ip(), endpoint, stop).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    // Out of descriptors, or a client that left at once: others may still come.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        }
        drop(listener);
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.drain_timeout, drained).await.is_err() {
            tracing::warn!("requests were cut off at the stop");
        }
    }
}

/// Ends when `stop` says so, or when nobody is left to say it.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the same wish.
    let _ = stop.wait_for(|stop| *stop).await;
}
