//! How the runtime's ports reach the platform's services.

use crate::Endpoint;
use futures_util::future::BoxFuture;
use logs::{Destination, LogWriter};
use std::sync::{Arc, OnceLock};
use tokio::{net::TcpListener, sync::watch};
use tokio_rustls::TlsAcceptor;
use types::Timestamp;

/// What functions print goes to the log service.
pub(crate) struct FunctionLogs(pub(crate) Arc<LogWriter>);

impl runtime::LogSink for FunctionLogs {
    fn write(&self, stream: &runtime::LogStream, lines: Vec<(Timestamp, String)>) {
        let runtime::LogStream { group, name, role, function } = stream.clone();
        self.0.write(Destination { group, stream: name, role, session: function }, lines);
    }
}

/// The platform's endpoint inside of sandboxes. It comes later than the pools, because
/// it is made of the services, and one of them has the pools.
#[derive(Clone)]
pub(crate) struct InnerEndpoint {
    pub(crate) endpoint: Arc<OnceLock<Endpoint>>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) tls: TlsAcceptor,
}

impl runtime::Platform for InnerEndpoint {
    fn serve(&self, listener: TcpListener) -> BoxFuture<'static, ()> {
        let Self { endpoint, stop, .. } = self.clone();
        Box::pin(async move {
            // No function runs before the endpoint that asked for it exists.
            if let Some(endpoint) = endpoint.get() {
                endpoint.inside().serve(listener, stop).await;
            }
        })
    }

    fn serve_over_tls(&self, listener: TcpListener) -> BoxFuture<'static, ()> {
        let Self { endpoint, stop, tls } = self.clone();
        Box::pin(async move {
            if let Some(endpoint) = endpoint.get() {
                endpoint.inside().over_tls(tls).serve(listener, stop).await;
            }
        })
    }
}
