//! TCP: a connection of the sandbox, continued by one of the host.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::gateway::{Shared, Wire};
use crate::host;
use crate::limits::CONNECT_TIMEOUT;
use crate::packets::{Flow, Unreachable};

/// Carries the connection that a packet asks for, from its making to its end. The sandbox is told
/// what came of the host's.
pub(crate) async fn carry<W: Wire>(
    shared: Arc<Shared<W>>,
    flow: Flow,
    opening: Vec<u8>,
    destination: Vec<SocketAddr>,
) {
    match timeout(CONNECT_TIMEOUT, host::connect(&destination)).await {
        Ok(Ok(mut outside)) => match Connection::accept(&shared, flow, &opening) {
            Some(mut inside) => {
                if copy_bidirectional(&mut inside, &mut outside).await.is_err() {
                    // One side was reset, and so is the other.
                    inside.reset();
                    let _ = outside.set_zero_linger();
                }
            }
            None => shared.stack().take(&opening),
        },
        // Nothing listens for it here, so it is refused here too.
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            shared.stack().take(&opening);
        }
        Ok(Err(_)) | Err(_) => shared.tell(&opening, Unreachable::Host),
    }
    shared.stack().end(flow);
}
