//! Runtimes without walls: the program that an instance runs, with its own bootstrap and the same
//! code, as a plain process of this host.

use anyhow::{Context, Result};
use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    runtime_api::VARIABLE,
    subject::{Installed, Subject},
};

/// Where an instance has its runtime. A plain process has it where it is installed.
const RUNTIME_ROOT: &str = "/var/runtime";
/// The memory that functions are deployed with here, in MiB.
pub(super) const MEMORY_MIB: u32 = 256;

/// A process that ends with the measurement.
pub(super) struct Ended(pub(super) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts so many runtimes, which serve the subject's code. `folder` is empty or has it already.
pub(super) fn start(
    installed: &Installed,
    subject: Subject,
    api: SocketAddr,
    folder: &Path,
    count: usize,
) -> Result<Vec<Ended>> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in subject.files() {
        std::fs::write(folder.join(name), text)?;
    }
    (0..count)
        .map(|_| {
            let mut command = command(installed, subject, folder)?;
            command
                .env(VARIABLE, api.to_string())
                .env("_HANDLER", "app.handler")
                .env("LAMBDA_TASK_ROOT", folder)
                .env("AWS_REGION", "us-east-1")
                .env("AWS_LAMBDA_FUNCTION_NAME", subject.name())
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MIB.to_string())
                .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bare")
                .env("AWS_LAMBDA_LOG_STREAM_NAME", "bare")
                .env("LANG", "en_US.UTF-8")
                .env("TZ", ":UTC")
                .current_dir(folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.spawn().map(Ended).context("a runtime without walls cannot be started")
        })
        .collect()
}

fn command(installed: &Installed, subject: Subject, folder: &Path) -> Result<Command> {
    let mut command = match subject {
        Subject::Native => {
            let mut command = Command::new(std::env::current_exe()?);
            command.env_clear().arg("native");
            command
        }
        Subject::Python | Subject::Boto3 => {
            let home = installed.python.folder.display();
            let mut command = Command::new(&installed.python.program);
            command.env_clear().args(["-S", "-B"]).arg(format!("{home}/bootstrap.py"));
            command.env("PYTHONPATH", format!("{home}:{home}/python-sdk"));
            command
        }
        Subject::Node => {
            let home = installed.node_runtime.display().to_string();
            let bootstrap = std::fs::read_to_string(installed.node_runtime.join("bootstrap.mjs"))?;
            let own = folder.join("bootstrap.mjs");
            std::fs::write(&own, bootstrap.replace(RUNTIME_ROOT, &home))?;
            let mut command = Command::new(&installed.node.program);
            command.env_clear().arg(format!("--max-old-space-size={}", MEMORY_MIB / 10 * 9));
            command.arg(own).arg("3").env("NODE_PATH", format!("{home}/node_modules"));
            command
        }
    };
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    Ok(command)
}
