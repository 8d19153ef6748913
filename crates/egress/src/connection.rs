//! One TCP connection of a sandbox, as a stream of bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{RecvError, Socket, State};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::gateway::{Shared, Wire};
use crate::packets::Flow;

/// The sandbox's end. Dropped before it was closed, it is reset.
pub(crate) struct Connection<W: Wire> {
    shared: Arc<Shared<W>>,
    handle: SocketHandle,
    is_closed: bool,
}

impl<W: Wire> Connection<W> {
    /// Accepts a connection with the packet that opened it.
    pub(crate) fn accept(shared: &Arc<Shared<W>>, flow: Flow, opening: &[u8]) -> Option<Self> {
        let handle = shared.stack().accept(flow, opening)?;
        shared.work.notify_one();
        Some(Self { shared: Arc::clone(shared), handle, is_closed: false })
    }

    /// Has it reset, even after it was closed.
    pub(crate) fn reset(&mut self) {
        self.is_closed = false;
    }

    /// Does something with the socket, and has the consequences sent if it did.
    fn with<T>(&self, act: impl FnOnce(&mut Socket<'_>) -> Poll<T>) -> Poll<T> {
        let done = act(self.shared.stack().socket(self.handle));
        if done.is_ready() {
            self.shared.work.notify_one();
        }
        done
    }
}

/// Whether the sandbox has not heard yet that the connection is made.
fn is_opening(socket: &Socket<'_>) -> bool {
    socket.state() == State::SynReceived
}

impl<W: Wire> AsyncRead for Connection<W> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|socket| {
            if !socket.can_recv() && (is_opening(socket) || socket.may_recv()) {
                socket.register_recv_waker(context.waker());
                return Poll::Pending;
            }
            Poll::Ready(match socket.recv_slice(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    Ok(())
                }
                Err(RecvError::Finished) => Ok(()),
                Err(RecvError::InvalidState) => Err(io::ErrorKind::ConnectionReset.into()),
            })
        })
    }
}

impl<W: Wire> AsyncWrite for Connection<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|socket| {
            if !socket.can_send() && (is_opening(socket) || socket.may_send()) {
                socket.register_send_waker(context.waker());
                return Poll::Pending;
            }
            let sent = socket.send_slice(bytes);
            Poll::Ready(sent.map_err(|_| io::ErrorKind::ConnectionReset.into()))
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_closed = true;
        self.with(|socket| {
            socket.close();
            Poll::Ready(Ok(()))
        })
    }
}

impl<W: Wire> Drop for Connection<W> {
    fn drop(&mut self) {
        let mut stack = self.shared.stack();
        if !self.is_closed {
            stack.socket(self.handle).abort();
        }
        stack.leave(self.handle);
        drop(stack);
        self.shared.work.notify_one();
    }
}
