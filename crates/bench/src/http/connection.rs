use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The most headers that a reply may have.
const MAX_HEADERS: usize = 32;
/// Room for a whole reply, in bytes; a larger one takes more reads.
const BUFFER_BYTES: usize = 16 * 1024;

/// A connection that costs little: whole requests are written as they are, and of a reply only the
/// status and the body are looked at. A general client would take more of the shared cores than
/// the server that is measured.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

/// A reply.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("there is no connection")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::with_capacity(BUFFER_BYTES) })
    }

    /// Sends a request, head and body, and reads its reply.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Reply> {
        self.stream.write_all(request).await?;
        loop {
            self.buffer.reserve(BUFFER_BYTES);
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(head) = Head::parse(&self.buffer)?
                && self.buffer.len() >= head.bytes + head.body_bytes
            {
                let mut reply = self.buffer.split_to(head.bytes + head.body_bytes).freeze();
                ensure!(self.buffer.is_empty(), "there is more than one reply");
                let body = reply.split_off(head.bytes);
                return Ok(Reply { status: head.status, body });
            }
        }
    }
}

/// What the head of a reply says.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// The head, once all of it is there.
    fn parse(buffer: &[u8]) -> Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut reply = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(bytes) = reply.parse(buffer)? else { return Ok(None) };
        let length = reply.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
        let Some(length) = length else { bail!("the reply has no Content-Length") };
        let body_bytes = std::str::from_utf8(length.value)?.trim().parse()?;
        let status = reply.code.context("the reply has no status")?;
        Ok(Some(Self { status, bytes, body_bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        for end in 0..whole.len() - 2 {
            assert_eq!(Head::parse(&whole[..end]).unwrap(), None);
        }
        let head = Head { status: 200, bytes: whole.len() - 2, body_bytes: 2 };
        assert_eq!(Head::parse(whole).unwrap(), Some(head));
    }

    #[test]
    fn a_reply_without_a_length_is_refused() {
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").is_err());
    }
}
