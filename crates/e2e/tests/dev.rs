//! `pileus dev`: what is saved is what is served.

use anyhow::{Context, Result};
use e2e::{binary, bring_runtimes, root, run, tools, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs::{self, File},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(300);

/// The command at work. Dropping it ends it.
struct Dev(Child);

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended already, by the test's own hand.
        let _ = self.signal(Signal::TERM);
        let _ = self.0.wait();
    }
}

impl Dev {
    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.0.id().try_into()?).context("a process without an id")?;
        Ok(kill_process(pid, signal)?)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[test]
fn a_saved_change_is_served_errors_are_shown_and_the_end_is_clean() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (project, data) = (place.path().join("project"), place.path().join("data"));
    copy(&root().join("examples/backend"), &project)?;
    fs::create_dir(&data)?;
    bring_runtimes(&data)?;
    let (said, printed) = (place.path().join("said"), place.path().join("printed"));
    let mut command = Command::new(binary()?);
    command.args(["dev", "--stack-name", "backend", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(&data).arg("--build-dir").arg(place.path().join("build")).arg(&project);
    command.env_remove("AWS_ENDPOINT_URL").stdin(Stdio::null());
    command.stdout(File::create(&printed)?).stderr(File::create(&said)?);
    let mut dev = Dev(command.spawn()?);
    wait_for("the deployment", PATIENCE, || {
        let text = fs::read_to_string(&said)?;
        Ok(if text.contains("backend is deployed") { Ok(()) } else { Err(text) })
    })?;

    let access: Value = serde_json::from_str(&fs::read_to_string(data.join("credentials.json"))?)?;
    let text = |name: &str| access[name].as_str().unwrap_or_default().to_owned();
    let mut script = Command::new(tools().join("python/bin/python"));
    script.arg("-u").arg(root().join("crates/e2e/tests/scripts/dev.py"));
    script.args([&project, &said, &printed]);
    script.env("AWS_ENDPOINT_URL", text("endpoint")).env("AWS_DEFAULT_REGION", text("region"));
    script.env("AWS_ACCESS_KEY_ID", text("access_key_id"));
    script.env("AWS_SECRET_ACCESS_KEY", text("secret_access_key"));
    let measured = run(&mut script)?;
    println!("{measured}");

    let address = text("endpoint").trim_start_matches("http://").to_owned();
    TcpStream::connect(&address)?;
    dev.signal(Signal::INT)?;
    let status = dev.0.wait()?;
    assert!(status.success(), "{status}: {}", fs::read_to_string(&said)?);
    assert!(TcpStream::connect(&address).is_err(), "the installation still runs");
    assert!(!fs::read_to_string(&printed)?.contains('\u{1b}'), "colours in a file");
    Ok(())
}
