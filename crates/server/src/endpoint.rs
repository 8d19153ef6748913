//! Listeners: the public one, and one inside of every sandbox.

use crate::{connection, limits};
use dispatch::Dispatcher;
use std::sync::Arc;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};

/// Serves a listener until `stop` says so, and then until its requests have ended or
/// [`limits::DRAIN_TIMEOUT`] is over.
pub(crate) async fn serve(
    listener: TcpListener,
    dispatcher: Arc<Dispatcher>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let (dispatcher, stop) = (dispatcher.clone(), stop.clone());
                connections.spawn(async move {
                    connection::serve(stream, peer.ip(), dispatcher, stop).await;
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
    if tokio::time::timeout(limits::DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::warn!("requests were cut off at the stop");
    }
}

/// Ends when `stop` says so, or when nobody is left to say it.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the same wish.
    let _ = stop.wait_for(|stop| *stop).await;
}
