use anyhow::{Context, Result, ensure};
use client::Credentials;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};
use types::Secret;

/// A node that serves on an address of its own, with default settings.
pub(crate) struct Node {
    child: Child,
    access: Access,
    start_up: Duration,
    /// Open for as long as it runs, so that it may print.
    _stdout: BufReader<ChildStdout>,
}

/// What `credentials.json` says.
pub(crate) struct Access {
    /// The URL of the endpoint.
    pub(crate) endpoint: String,
    /// The region that requests are signed for.
    pub(crate) region: String,
    /// The root's access key.
    pub(crate) credentials: Credentials,
}

impl Node {
    /// Starts `pileus up` on a data folder and waits for the line that says that it serves.
    pub(crate) fn start(binary: &Path, data: &Path) -> Result<Self> {
        let start = Instant::now();
        let mut child = Command::new(binary)
            .args(["up", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().context("pileus has no output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let start_up = start.elapsed();
        ensure!(!line.is_empty(), "pileus ended before it was ready: {}", child.wait()?);
        let access = Access::read(&data.join("credentials.json"))?;
        Ok(Self { child, access, start_up, _stdout: stdout })
    }

    /// How long it took from the spawn to the line.
    pub(crate) fn start_up(&self) -> Duration {
        self.start_up
    }

    /// How to reach it.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in order, as Ctrl-C does.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id())?;
        kill_process(Pid::from_raw(pid).context("pileus has no process id")?, Signal::INT)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "pileus ended with {status}");
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // After `stop` it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Access {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).context("pileus has written no credentials")?;
        let value: Value = serde_json::from_str(&text)?;
        let member = |name: &str| {
            let text = value[name].as_str().with_context(|| format!("there is no {name}"));
            text.map(str::to_owned)
        };
        let secret = Secret::new(member("secret_access_key")?);
        let credentials = Credentials::new(member("access_key_id")?, secret);
        Ok(Self { endpoint: member("endpoint")?, region: member("region")?, credentials })
    }

    /// The host and port of the endpoint.
    pub(crate) fn authority(&self) -> Result<&str> {
        self.endpoint.strip_prefix("http://").context("the endpoint is no http URL")
    }

    /// The address to connect to.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        self.authority()?.parse().context("the endpoint is no address")
    }
}
