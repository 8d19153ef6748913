//! Brings a pinned botocore into the tools folder and reads service models from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::operations::Service;
use super::source::Model;
use crate::process;
use crate::workspace::Workspace;

/// Prints a file as it is, unpacked if it was packed: newer releases of botocore gzip their data.
const READ: &str = "import gzip, pathlib, sys
path = pathlib.Path(sys.argv[1])
packed = path.with_name(path.name + '.gz')
data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
sys.stdout.buffer.write(data)";

/// One installed release.
pub(crate) struct Botocore {
    python: PathBuf,
    data: PathBuf,
}

impl Botocore {
    /// Downloads the release unless it is there already.
    pub(crate) fn install(workspace: &Workspace, version: &str) -> Result<Self> {
        let folder = workspace.tools().join("botocore");
        let python = folder.join("venv/bin/python");
        if !python.exists() {
            std::fs::create_dir_all(&folder)?;
            let mut venv = Command::new("python3");
            process::run(venv.args(["-m", "venv"]).arg(folder.join("venv")))
                .context("python3 with its venv module is needed: apt-get install python3-venv")?;
        }
        let release = folder.join(version);
        if !release.join("botocore/data").exists() {
            pip_install(&python, version, &release)?;
        }
        Ok(Self { python, data: release.join("botocore/data") })
    }

    /// Reads one service's model.
    pub(crate) fn model(&self, service: &Service) -> Result<Model> {
        let path = self.data.join(service.botocore).join(service.version).join("service-2.json");
        let mut read = Command::new(&self.python);
        let text = process::output(read.args(["-c", READ]).arg(&path))?;
        serde_json::from_str(&text).with_context(|| format!("cannot parse {}", path.display()))
    }
}

fn pip_install(python: &Path, version: &str, release: &Path) -> Result<()> {
    let requirement = format!("botocore=={version}");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    process::run(pip.arg("--target").arg(release).arg(requirement))
}
