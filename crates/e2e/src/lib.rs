//! The real binary, driven by the real clients: the AWS SDKs for Python and JavaScript, the AWS CLI
//! and `pileus` itself.

pub mod demo;

pub use rustix::process::Signal;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// What [`wait_for`] leaves to others between two questions.
const BETWEEN_ASKING: Duration = Duration::from_millis(50);

/// A node that a test started, on an empty data folder and a free port.
pub struct Node {
    child: Child,
    data: PathBuf,
    access: Value,
    ready: Value,
}

impl Node {
    /// Starts `pileus up` on a data folder and waits until it serves.
    ///
    /// # Errors
    /// It does not come up; the error has what it printed.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_at(data, "127.0.0.1:0")
    }

    /// As [`Node::start`], at an address.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub fn start_at(data: &Path, listen: &str) -> Result<Self> {
        Self::start_as(Command::new(binary()?), data, listen)
    }

    /// As [`Node::start_at`], through a command that becomes the `pileus` of [`binary`]: the
    /// arguments of `pileus up` are added to it.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub fn start_as(mut command: Command, data: &Path, listen: &str) -> Result<Self> {
        let mut child = command
            .args(["up", "--json", "--listen", listen, "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("pileus cannot be started")?;
        let stdout = child.stdout.take().context("pileus has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("pileus printed no line")?;
        if line.is_empty() {
            bail!("pileus ended before it was ready: {}", child.wait()?);
        }
        let credentials = std::fs::read_to_string(data.join("credentials.json"))
            .context("pileus has written no credentials")?;
        let access = serde_json::from_str(&credentials)?;
        let ready = serde_json::from_str(&line).context("pileus printed no JSON")?;
        Ok(Self { child, data: data.to_owned(), access, ready })
    }

    /// The URL of its endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.access["endpoint"].as_str().unwrap_or_default()
    }

    /// What `credentials.json` says of it.
    #[must_use]
    pub fn access(&self) -> &Value {
        &self.access
    }

    /// The line that it printed when it was ready: the isolation of functions, and what is missing.
    #[must_use]
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// The system's, or an exit that reports a failure.
    pub fn wait(&mut self) -> Result<()> {
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("pileus ended with {status}") }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A command with the environment of `pileus env`.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let text = |name: &str| self.access[name].as_str().unwrap_or_default().to_owned();
        let mut command = Command::new(program);
        command
            .env("AWS_ENDPOINT_URL", text("endpoint"))
            .env("AWS_ACCESS_KEY_ID", text("access_key_id"))
            .env("AWS_SECRET_ACCESS_KEY", text("secret_access_key"))
            .env("AWS_REGION", text("region"))
            .env("AWS_DEFAULT_REGION", text("region"))
            .env("AWS_MAX_ATTEMPTS", "1")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .stdin(Stdio::null());
        command
    }

    /// Runs `pileus` against this node; the answer is what it printed.
    ///
    /// # Errors
    /// It fails; the error has what it printed.
    pub fn pileus(&self, arguments: &[&str]) -> Result<String> {
        run(self.command(binary()?).args(arguments))
    }

    /// Runs a Python script of `tests/scripts` with boto3.
    ///
    /// # Errors
    /// It fails; the error has what it printed.
    pub fn python(&self, script: &str) -> Result<String> {
        run(&mut self.python_command(script))
    }

    /// The command that runs a Python script of `tests/scripts` with boto3.
    #[must_use]
    pub fn python_command(&self, script: &str) -> Command {
        let mut command = self.command(tools().join("python/bin/python"));
        command.arg("-u").arg(scripts().join(script));
        command
    }

    /// Runs a script of `tests/scripts` with the AWS SDK for JavaScript.
    ///
    /// # Errors
    /// It fails; the error has what it printed.
    pub fn javascript(&self, script: &str) -> Result<String> {
        let modules = tools().join("node/node_modules");
        run(self.command("node").env("NODE_PATH", modules).arg(scripts().join(script)))
    }

    /// Runs the AWS CLI; the answer is its JSON.
    ///
    /// # Errors
    /// It fails; the error has what it printed.
    pub fn aws(&self, arguments: &[&str]) -> Result<Value> {
        // Version 1 of the CLI sends `sqs` to AWS itself, whatever AWS_ENDPOINT_URL says, unless
        // the endpoint is an argument.
        let printed = run(self
            .command(tools().join("python/bin/aws"))
            .args(["--output", "json", "--endpoint-url", self.endpoint()])
            .args(arguments))?;
        Ok(if printed.trim().is_empty() { Value::Null } else { serde_json::from_str(&printed)? })
    }

    /// Sends it a signal. Not by the program `kill`, which a small Debian lacks.
    ///
    /// # Errors
    /// The system's.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.pid().try_into()?).context("a process without an id")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Ends it as a power cut would: `kill -9`.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it in order, as Ctrl-C does.
    ///
    /// # Errors
    /// The system's, or an exit that reports a failure.
    pub fn stop(&mut self) -> Result<()> {
        self.signal(Signal::INT)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("pileus ended with {status}") }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already, by the test's own hand.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a state: asks until the answer is there, and says what was missing if it never comes.
/// `ask` gives the answer, or as text how far things are.
///
/// # Errors
/// `ask` fails, or the state has not come after so long.
pub fn wait_for<T>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> Result<Result<T, String>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        match ask()? {
            Ok(answer) => return Ok(answer),
            Err(state) if Instant::now() > deadline => {
                bail!("waited {} s for {what}: {state}", patience.as_secs())
            }
            Err(_) => std::thread::sleep(BETWEEN_ASKING),
        }
    }
}

/// The `pileus` binary of this build.
///
/// # Errors
/// It is not built.
pub fn binary() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.ancestors().find(|folder| folder.join("pileus").is_file());
    let folder = folder.context("there is no pileus binary: run `cargo build -p pileus`")?;
    Ok(folder.join("pileus"))
}

/// Where `cargo xtask test` puts the clients.
#[must_use]
pub fn tools() -> PathBuf {
    option_env!("PILEUS_TEST_TOOLS").map_or_else(|| root().join("target/tools"), PathBuf::from)
}

/// Gives a data folder the interpreters that functions need: one installation, which all tests
/// share, beside the clients.
///
/// # Errors
/// They cannot be installed.
pub fn bring_runtimes(data: &Path) -> Result<()> {
    // The installer holds a lock, so tests that come at once wait for the first.
    run(Command::new(binary()?).args(["runtimes", "install", "--data"]).arg(tools()))?;
    let folder = tools().canonicalize()?.join("runtimes");
    std::os::unix::fs::symlink(folder, data.join("runtimes"))?;
    Ok(())
}

/// The newest Node of [`bring_runtimes`]: tools want a newer one than the host may have.
///
/// # Errors
/// None is installed.
pub fn node() -> Result<PathBuf> {
    let folder = tools().canonicalize()?.join("runtimes");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = name.strip_prefix("node").and_then(|rest| rest.split('-').next());
        if let Some(version) = version.and_then(|version| version.parse::<u32>().ok()) {
            found.extend(Some((version, path.join("bin/node"))).filter(|(_, node)| node.is_file()));
        }
    }
    let newest = found.into_iter().max();
    newest.map(|(_, program)| program).with_context(|| format!("no Node in {}", folder.display()))
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

/// Runs a command to its end; the answer is its standard output.
///
/// # Errors
/// It cannot start or fails; the error has all that it printed.
pub fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot start"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        bail!("{command:?} failed with {}:\n{out}{err}", output.status);
    }
    Ok(text(&output.stdout))
}
