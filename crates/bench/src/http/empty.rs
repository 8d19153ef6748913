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

/// The floor, in a process of its own, as `pileus` is.
pub(crate) struct EmptyServer {
    child: Child,
    address: SocketAddr,
    /// The server ends when this is closed, so it never outlives this process.
    _stdin: Option<ChildStdin>,
}

impl EmptyServer {
    /// Starts this binary as the server and waits until it listens.
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("empty")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the empty server cannot be started")?;
        let stdout = child.stdout.take().context("the empty server has no output")?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().parse().context("the empty server names no address")?;
        Ok(Self { child, address, _stdin: stdin })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for EmptyServer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `bench empty`: the server itself, with the threads and the protocol settings that `pileus` has.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        tokio::spawn(accept(listener));
        tokio::task::spawn_blocking(|| match std::io::stdin().read(&mut [0]) {
            Ok(0) => Ok(()),
            other => bail!("the input of the empty server gave {other:?}"),
        })
        .await?
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
