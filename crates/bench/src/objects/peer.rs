use anyhow::{Context, Result, bail};
use client::Credentials;
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long it may take to listen: some load much Python.
const START: Duration = Duration::from_secs(60);

/// Another server that speaks S3, with the same access key.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Peer {
    /// Starts one of those that are known, on a folder of its own.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        folder: &Path,
        key: &Credentials,
    ) -> Result<Self> {
        // Not all take port 0, so a free one is looked for.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = folder.join(name);
        std::fs::create_dir(&folder)?;
        let mut command = Command::new(program);
        let port = address.port().to_string();
        match name {
            "s3s-fs" => {
                command.args(["--host", "127.0.0.1", "--port", &port]);
                command.args(["--access-key", &key.access_key_id]);
                command.args(["--secret-key", key.secret.expose()]).arg(&folder)
            }
            "ministack" => command.env("GATEWAY_PORT", &port).env("EDGE_PORT", &port),
            "moto" => command.args(["-H", "127.0.0.1", "-p", &port]),
            _ => bail!("{name} is not known"),
        };
        let child = command
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let peer = Self { name, address, child };
        peer.wait_until_it_listens()?;
        Ok(peer)
    }

    fn wait_until_it_listens(&self) -> Result<()> {
        let start = Instant::now();
        loop {
            match TcpStream::connect(self.address) {
                Ok(_) => return Ok(()),
                Err(error) if start.elapsed() > START => {
                    return Err(error).with_context(|| format!("{} does not listen", self.name));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
