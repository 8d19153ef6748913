//! What the tests need from PyPI and npm, in versions that are pinned in `crates/xtask/tools`:
//!
//! * `<tools>/python/bin/python` and `.../aws`: boto3, the AWS CLI, AWS's own SAM translator;
//! * `<tools>/node/node_modules`: the AWS SDK for JavaScript;
//! * `<tools>/sam/bin/sam`: SAM CLI, whose libraries are not the others';
//! * `<tools>/osls/node_modules`: the Serverless Framework's open fork;
//! * `<tools>/cdk/node_modules`: the CDK.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// A file beside the tools that says which pins they were installed from.
const STAMP: &str = "installed-from";

/// Installs what is missing or was installed from other pins.
pub(crate) fn bring(workspace: &Workspace) -> Result<()> {
    let tools = workspace.tools();
    fs::create_dir_all(&tools).with_context(|| format!("cannot create {}", tools.display()))?;
    let lock = File::create(tools.join("lock"))?;
    lock.lock().context("cannot lock the tools folder")?;
    let pins = workspace.root().join("crates/xtask/tools");
    once(&tools.join("python"), &pins.join("python/requirements.txt"), install_python)?;
    once(&tools.join("sam"), &pins.join("sam/requirements.txt"), install_python)?;
    once(&tools.join("osls"), &pins.join("osls/package-lock.json"), install_node)?;
    once(&tools.join("cdk"), &pins.join("cdk/package-lock.json"), install_node)?;
    once(&tools.join("node"), &pins.join("node/package-lock.json"), install_node)
}

/// Installs into the folder, unless a finished installation from the same pins is there.
fn once(
    folder: &Path,
    pins: &Path,
    install: impl FnOnce(&Path, &Path) -> Result<()>,
) -> Result<()> {
    let wanted =
        fs::read_to_string(pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    println!("installing {}", folder.display());
    install(folder, pins)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn install_python(folder: &Path, requirements: &Path) -> Result<()> {
    process::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    process::run(pip.arg("--requirement").arg(requirements))
}

fn install_node(folder: &Path, lock: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::copy(lock, folder.join("package-lock.json"))?;
    fs::copy(lock.with_file_name("package.json"), folder.join("package.json"))?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(npm.current_dir(folder))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn tools_are_installed_once_for_the_same_pins_and_again_for_others_or_after_a_failure() {
        let scratch = tempfile::tempdir().unwrap();
        let (folder, pins) = (scratch.path().join("python"), scratch.path().join("pins"));
        let installs = Cell::new(0);
        let bring = |works: bool| {
            once(&folder, &pins, |folder, _| {
                installs.set(installs.get() + 1);
                fs::create_dir(folder)?;
                anyhow::ensure!(works, "the network is down");
                Ok(())
            })
        };
        fs::write(&pins, "a==1").unwrap();
        bring(false).unwrap_err();
        bring(true).unwrap();
        bring(true).unwrap();
        assert_eq!(installs.get(), 2);
        fs::write(&pins, "a==2").unwrap();
        bring(true).unwrap();
        assert_eq!(installs.get(), 3);
    }
}
