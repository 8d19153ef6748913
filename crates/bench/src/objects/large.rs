//! The memory of the server while an object of several GiB comes in parts and goes out in one piece.

use super::requests;
use crate::http::{
    connection::Connection,
    node::Node,
    report,
    template::{Expected, Signer},
};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clock::SystemClock;
use http::Method;
use md5::{Digest, Md5};
use std::{net::SocketAddr, sync::Arc, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The size of a part.
const PART_BYTES: usize = 64 << 20;
const PARTS_PER_GIB: u64 = (1 << 30) / PART_BYTES as u64;
/// A part begins with its number, in so many bytes.
const NUMBER_BYTES: usize = 8;
const BUCKET: &str = "/large-one";
const OBJECT: &str = "/large-one/object";
/// What is read of a download at a time, in bytes.
const READ_BYTES: usize = 256 * 1024;
/// What platform memory an object may need, however large it is, in bytes.
const BOUND: u64 = 100 << 20;

/// Uploads and downloads an object of so many GiB, and fails if the server needs more than its bound.
pub(crate) async fn measure(node: &Node, gib: u64) -> Result<()> {
    let signer = Signer::new(node.access(), Arc::new(SystemClock::default()));
    let address = node.access().address()?;
    report::memory("resident memory, idle", node.pid())?;
    let mut client = Client { address, signer };
    client.ask(Method::PUT, BUCKET, Bytes::new(), Expected::Anything).await?;
    let mut part = vec![0; PART_BYTES];
    for (at, byte) in part.iter_mut().enumerate() {
        *byte = ((at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
    }
    let count = gib * PARTS_PER_GIB;
    report::forget_peak(node.pid())?;
    let start = Instant::now();
    client.upload(&mut part, count).await?;
    speed(&format!("upload of {gib} GiB in parts"), gib, start);
    let up = report::peak_memory("most memory of the upload", node.pid())?;
    report::forget_peak(node.pid())?;
    let start = Instant::now();
    client.download(&mut part, count).await?;
    speed(&format!("download of {gib} GiB"), gib, start);
    let down = report::peak_memory("most memory of the download", node.pid())?;
    ensure!(up.max(down) <= BOUND, "that is more than {} MiB", BOUND >> 20);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a speed to print")]
fn speed(name: &str, gib: u64, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    report::print(name, seconds, &format!("s ({:.0} MiB/s)", (gib << 10) as f64 / seconds));
}

struct Client {
    address: SocketAddr,
    signer: Signer,
}

impl Client {
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        expected: Expected,
    ) -> Result<Bytes> {
        let mut template = requests::request(self.address, method, path, body, expected);
        let mut connection = Connection::open(self.address).await?;
        let reply = connection.exchange(template.request(&self.signer)?).await?;
        template.check(&reply).with_context(|| path.to_owned())?;
        Ok(reply.body)
    }

    async fn upload(&mut self, part: &mut [u8], count: u64) -> Result<()> {
        let path = format!("{OBJECT}?uploads");
        let begun = self.ask(Method::POST, &path, Bytes::new(), Expected::Anything).await?;
        let begun = String::from_utf8_lossy(&begun).into_owned();
        let id = begun.split(['<', '>']).skip_while(|text| *text != "UploadId").nth(1);
        let id = id.context("there is no upload id")?;
        let mut listed = String::new();
        for number in 1..=count {
            part[..NUMBER_BYTES].copy_from_slice(&number.to_be_bytes());
            let etag = hex::encode(Md5::digest(&*part));
            listed += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
            let path = format!("{OBJECT}?partNumber={number}&uploadId={id}");
            let body = Bytes::copy_from_slice(part);
            self.ask(Method::PUT, &path, body, Expected::Stored(etag)).await?;
        }
        let document = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
        let path = format!("{OBJECT}?uploadId={id}");
        self.ask(Method::POST, &path, document.into(), Expected::Anything).await.map(drop)
    }

    /// Reads the object in one request, and compares it as it comes.
    async fn download(&mut self, part: &mut [u8], count: u64) -> Result<()> {
        let expected = Expected::Anything;
        let mut get = requests::request(self.address, Method::GET, OBJECT, Bytes::new(), expected);
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(get.request(&self.signer)?).await?;
        let (mut buffer, mut head) = (vec![0; READ_BYTES], Vec::new());
        let body = loop {
            let read = stream.read(&mut buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            head.extend_from_slice(&buffer[..read]);
            if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break head.split_off(end + 4);
            }
        };
        ensure!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
        let mut place = Place { part, number: 0, at: 0 };
        place.compare(&body)?;
        while place.number < count || place.at < PART_BYTES {
            let read = stream.read(&mut buffer).await?;
            ensure!(read > 0, "the download ends in part {}", place.number);
            place.compare(&buffer[..read])?;
        }
        ensure!(place.number == count, "the download is too long");
        Ok(())
    }
}

/// How far a download is.
struct Place<'a> {
    part: &'a mut [u8],
    number: u64,
    at: usize,
}

impl Place<'_> {
    fn compare(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            if self.number == 0 || self.at == PART_BYTES {
                (self.number, self.at) = (self.number + 1, 0);
                self.part[..NUMBER_BYTES].copy_from_slice(&self.number.to_be_bytes());
            }
            let next = bytes.len().min(PART_BYTES - self.at);
            let equal = bytes[..next] == self.part[self.at..self.at + next];
            ensure!(equal, "part {} has other bytes after {}", self.number, self.at);
            self.at += next;
            bytes = &bytes[next..];
        }
        Ok(())
    }
}
