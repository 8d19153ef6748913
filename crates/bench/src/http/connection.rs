use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The most headers that a reply may have.
const MAX_HEADERS: usize = 64;
/// Room for a whole reply, in bytes; a larger one takes more reads.
const BUFFER_BYTES: usize = 16 * 1024;

/// A connection that costs little: whole requests are written as they are, and of a reply only the
/// status and the body are looked at. A general client would take more of the shared cores than
/// the server that is measured.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: BytesMut,
    /// The server has said that the next request needs another connection.
    is_over: bool,
}

/// A reply.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    head: Bytes,
}

impl Reply {
    /// The text of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.head).ok()?;
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|line| line.0.eq_ignore_ascii_case(name)).map(|line| line.1.trim())
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = connect(address).await?;
        let buffer = BytesMut::with_capacity(BUFFER_BYTES);
        Ok(Self { address, stream, buffer, is_over: false })
    }

    /// Sends a request, head and body, and reads its reply.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Reply> {
        if self.is_over {
            self.stream = connect(self.address).await?;
            self.buffer.clear();
        }
        self.stream.write_all(request).await?;
        let head = loop {
            ensure!(self.read(BUFFER_BYTES).await? > 0, "the server closed the connection");
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
        };
        self.is_over = head.is_last;
        let bytes = self.buffer.split_to(head.bytes).freeze();
        let body = match head.body {
            BodyLength::Known(length) => self.take(length).await?,
            BodyLength::Chunked => self.chunks().await?,
            BodyLength::UntilClose => {
                while self.read(BUFFER_BYTES).await? > 0 {}
                self.buffer.split().freeze()
            }
        };
        ensure!(self.buffer.is_empty(), "there is more than one reply");
        Ok(Reply { status: head.status, body, head: bytes })
    }

    async fn read(&mut self, room: usize) -> Result<usize> {
        self.buffer.reserve(room);
        Ok(self.stream.read_buf(&mut self.buffer).await?)
    }

    /// The next so many bytes.
    async fn take(&mut self, length: usize) -> Result<Bytes> {
        while self.buffer.len() < length {
            let missing = length - self.buffer.len();
            ensure!(self.read(missing).await? > 0, "the server closed the connection");
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    async fn chunks(&mut self) -> Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let Ok(parsed) = httparse::parse_chunk_size(&self.buffer) else {
                bail!("the reply has a chunk without a size")
            };
            let httparse::Status::Complete((head, size)) = parsed else {
                ensure!(self.read(BUFFER_BYTES).await? > 0, "the server closed the connection");
                continue;
            };
            self.take(head).await?;
            let chunk = self.take(usize::try_from(size)? + 2).await?;
            if size == 0 {
                return Ok(body.freeze());
            }
            body.extend_from_slice(&chunk[..chunk.len() - 2]);
        }
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.context("there is no connection")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// What the head of a reply says.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    bytes: usize,
    body: BodyLength,
    /// No other reply comes over this connection.
    is_last: bool,
}

#[derive(Debug, PartialEq)]
enum BodyLength {
    Known(usize),
    Chunked,
    UntilClose,
}

impl Head {
    /// The head, once all of it is there.
    fn parse(buffer: &[u8]) -> Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut reply = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(bytes) = reply.parse(buffer)? else { return Ok(None) };
        let find = |name: &str| -> Result<Option<&str>> {
            let header = reply.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
            Ok(header.map(|header| std::str::from_utf8(header.value)).transpose()?.map(str::trim))
        };
        let connection = find("connection")?.unwrap_or_default().to_ascii_lowercase();
        let is_last = match reply.version {
            Some(1) => connection == "close",
            _ => connection != "keep-alive",
        };
        let body = match (find("content-length")?, find("transfer-encoding")?) {
            (Some(length), _) => BodyLength::Known(length.parse()?),
            (None, Some("chunked")) => BodyLength::Chunked,
            (None, None) if is_last => BodyLength::UntilClose,
            _ => bail!("the reply does not say how long its body is"),
        };
        let status = reply.code.context("the reply has no status")?;
        Ok(Some(Self { status, bytes, body, is_last }))
    }
}

#[cfg(test)]
impl Reply {
    pub(crate) fn of(status: u16, head: &'static str, body: &str) -> Self {
        let head = Bytes::from_static(head.as_bytes());
        Self { status, head, body: body.to_owned().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        for end in 0..whole.len() - 2 {
            assert_eq!(Head::parse(&whole[..end]).unwrap(), None);
        }
        let body = BodyLength::Known(2);
        let head = Head { status: 200, bytes: whole.len() - 2, body, is_last: false };
        assert_eq!(Head::parse(whole).unwrap(), Some(head));
    }

    #[test]
    fn a_reply_without_a_length_is_refused() {
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").is_err());
    }

    /// What a client reads of a server that sends this to each of its connections, piece by piece.
    async fn exchange(pieces: &'static [&'static str]) -> Result<[Reply; 2]> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await?;
                stream.read_u8().await?;
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).await?;
                    stream.flush().await?;
                }
            }
            #[expect(unreachable_code, reason = "the type of the task")]
            Ok::<(), std::io::Error>(())
        });
        let mut connection = Connection::open(address).await?;
        let replies = [connection.exchange(b"x").await?, connection.exchange(b"x").await?];
        serving.abort();
        Ok(replies)
    }

    #[tokio::test]
    async fn a_body_in_chunks_or_up_to_the_end_is_read_and_then_the_next_one() {
        let chunked = &[
            "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab",
            "cd\r\n1",
            "\r\ne\r\n0\r\n\r\n",
        ];
        let to_the_end = &["HTTP/1.0 200 OK\r\nETag: \"x\"\r\n\r\n", "abc", "de"];
        for pieces in [chunked.as_slice(), to_the_end] {
            for reply in exchange(pieces).await.unwrap() {
                assert_eq!((reply.status, &reply.body[..]), (200, b"abcde".as_slice()));
                let etag = (pieces.len() == 3 && pieces[1] == "abc").then_some("\"x\"");
                assert_eq!(reply.header("etag"), etag);
            }
        }
    }
}
