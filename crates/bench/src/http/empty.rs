use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
};
use tokio::net::{TcpListener, TcpStream};

/// This binary as a server in a process of its own, as `pileus` is.
pub(crate) struct Served {
    child: Child,
    said: String,
    /// The server ends when this is closed, so it never outlives this process.
    _stdin: Option<ChildStdin>,
}

impl Served {
    /// Starts a subcommand that serves and waits for its first line.
    pub(crate) fn start(subcommand: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(subcommand)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("bench {subcommand} cannot be started"))?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let stdin = child.stdin.take();
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        Ok(Self { child, said, _stdin: stdin })
    }

    /// The addresses in its first line.
    pub(crate) fn addresses(&self) -> Result<Vec<SocketAddr>> {
        let words = self.said.split_ascii_whitespace();
        words.map(|word| word.parse().context("the server names no address")).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until nothing can come from standard input any more, which is when the parent has gone.
pub(crate) async fn until_input_ends() -> Result<()> {
    tokio::task::spawn_blocking(|| match std::io::stdin().read(&mut [0]) {
        Ok(0) => Ok(()),
        other => bail!("the input of the server gave {other:?}"),
    })
    .await?
}

/// The floor.
pub(crate) struct EmptyServer {
    address: SocketAddr,
    _served: Served,
}

impl EmptyServer {
    /// Starts this binary as the server and waits until it listens.
    pub(crate) fn start() -> Result<Self> {
        let served = Served::start("empty")?;
        let address = served.addresses()?.first().copied();
        Ok(Self { address: address.context("the empty server names no address")?, _served: served })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// `bench empty`: the server itself, with the threads and the protocol settings that `pileus` has.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        tokio::spawn(accept(listener));
        until_input_ends().await
    })
}

async fn accept(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream));
    }
}

async fn connection(stream: TcpStream) -> Result<()> {
    let connection =
        http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
    Ok(connection.await?)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
