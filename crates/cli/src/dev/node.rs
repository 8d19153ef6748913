//! The installation: the one that runs, or one of its own.

use crate::{access::Access, error::Error, host::Isolation, output, session::Session};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// How long an endpoint may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often it is asked whether a node of its own has ended.
const LOOK: Duration = Duration::from_millis(200);

/// An installation that was started here.
pub(super) struct Node(Child);

impl Node {
    /// Starts an installation, unless one runs.
    pub(super) fn find_or_start(
        session: &Session,
        listen: Option<SocketAddr>,
        isolation: Option<Isolation>,
    ) -> Result<Option<Self>, Error> {
        let before = Access::of_folder(Some(&session.data()))?;
        if let Ok(Access { endpoint, .. }) = Access::find(&session.global) {
            if answers(&endpoint) {
                output::note(&format!("using the installation at {endpoint}"));
                return Ok(None);
            }
            // Whatever is started here would not be what the next request is sent to.
            if before.as_ref().is_none_or(|own| own.endpoint != endpoint) {
                let what = format!("Pileus is not running at {endpoint}");
                return Err(Error::new(what).next("unset AWS_ENDPOINT_URL, or start it there"));
            }
        }
        let again = before.and_then(|access| address(&access.endpoint)).map(|at| at.to_string());
        let mut command = Command::new(program()?);
        command.args(["up", "--json", "--data"]).arg(session.data());
        if let Some(listen) = listen.map(|at| at.to_string()).or(again) {
            command.args(["--listen", &listen]);
        }
        match isolation {
            Some(Isolation::Full) => command.args(["--isolation", "full"]),
            Some(Isolation::Reduced) => command.args(["--isolation", "reduced"]),
            None => &mut command,
        };
        Self::start(command).map(Some)
    }

    fn start(mut command: Command) -> Result<Self, Error> {
        // A group of its own: Ctrl-C is for this command, which ends the installation itself.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        let failed = |error| Error::new(format!("the installation does not start: {error}"));
        let mut child = command.spawn().map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(endpoint) = ready["endpoint"].as_str() else {
            let status = child.wait().map_err(failed)?;
            return Err(Error::new(format!("the installation does not start: {status}"))
                .next("see what it says above; --listen names another address"));
        };
        let isolation = ready["isolation"].as_str().unwrap_or_default();
        output::note(&format!(
            "{} at {endpoint}, isolation of functions: {isolation}",
            output::good("started an installation")
        ));
        Ok(Self(child))
    }

    /// Ends it in order.
    pub(super) fn stop(mut self) -> Result<(), Error> {
        if let Ok(Some(status)) = self.0.try_wait() {
            return check(status);
        }
        output::note("ending the installation; what was deployed stays");
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // One that is gone meanwhile is waited for below.
        let _ = pid.map(|pid| kill_process(pid, Signal::INT));
        let status = self.0.wait();
        check(status.map_err(|error| Error::new(format!("the installation: {error}")))?)
    }
}

fn check(status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("the installation ended with {status}")))
}

/// Returns when the installation has ended; never, if it is not one of its own.
pub(super) async fn ended(mut node: Option<&mut Node>) {
    loop {
        if let Some(node) = &mut node
            && !matches!(node.0.try_wait(), Ok(None))
        {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn program() -> Result<std::path::PathBuf, Error> {
    env::current_exe().map_err(|error| Error::new(format!("this program has no path: {error}")))
}

/// Whether something listens there.
fn answers(endpoint: &str) -> bool {
    address(endpoint).is_some_and(|at| TcpStream::connect_timeout(&at, CONNECT_TIMEOUT).is_ok())
}

fn address(endpoint: &str) -> Option<SocketAddr> {
    let authority = endpoint.strip_prefix("http://")?.trim_end_matches('/');
    let default = format!("{authority}:80");
    let authority = if authority.contains(':') { authority } else { &default };
    authority.to_socket_addrs().ok()?.next()
}
