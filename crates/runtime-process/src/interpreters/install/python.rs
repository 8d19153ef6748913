use super::{
    InstallError, Progress, Selection, command, pins,
    publish::{publish, write},
};
use crate::interpreters::{component::Component, identifier::Family};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest release that AWS's client supports.
const OLDEST: (u32, u32) = (3, 10);

/// Prints what a sandbox must see of this interpreter.
const PROBE: &str = r#"
import json, os, sys
libraries = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if "/" in line}
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "release": sys.version_info[:2],
    "program": os.path.realpath(sys.executable),
    "prefix": os.path.realpath(sys.base_prefix),
    "libraries": sorted(os.path.dirname(path) for path in libraries if ".so" in path),
}))
"#;

#[derive(Deserialize)]
struct Probe {
    version: String,
    release: (u32, u32),
    program: PathBuf,
    prefix: PathBuf,
    libraries: Vec<PathBuf>,
}

/// Installs AWS's client and boto3 for every selected Python.
pub(super) fn install(
    runtimes: &Path,
    selection: &Selection,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    let found = find(selection);
    let wanted: Vec<(u32, u32)> = match &selection.pythons {
        Some(pythons) => pythons.clone(),
        None => found.keys().copied().collect(),
    };
    if wanted.is_empty() && selection.pythons.is_none() {
        return Err(InstallError::missing(
            "Python 3.10 or newer",
            "apt-get install -y python3 python3-venv",
        ));
    }
    for release in wanted {
        let (major, minor) = release;
        let probe = found.get(&release).ok_or_else(|| InstallError::Missing {
            what: format!("Python {major}.{minor}"),
            remedy: format!("apt-get install -y python{major}.{minor} python{major}.{minor}-venv"),
        })?;
        let step = format!("Python {major}.{minor}: AWS runtime client and boto3");
        progress.begin(&step);
        let fresh = install_one(runtimes, probe)?;
        progress.done(&step, fresh);
    }
    Ok(())
}

/// The first interpreter of each release, in the order of the folders.
fn find(selection: &Selection) -> BTreeMap<(u32, u32), Probe> {
    let mut found = BTreeMap::new();
    for folder in &selection.search {
        for minor in OLDEST.1..OLDEST.1 + 10 {
            let program = folder.join(format!("python{}.{minor}", OLDEST.0));
            if found.contains_key(&(OLDEST.0, minor)) || !program.is_file() {
                continue;
            }
            if let Some(probe) = probe(&program) {
                found.entry(probe.release).or_insert(probe);
            }
        }
    }
    found
}

/// What cannot tell about itself is no interpreter that could be used.
fn probe(program: &Path) -> Option<Probe> {
    let text = command::run(Command::new(program).args(["-I", "-c", PROBE])).ok()?;
    serde_json::from_str(&text).ok()
}

fn install_one(runtimes: &Path, probe: &Probe) -> Result<bool, InstallError> {
    let (major, minor) = probe.release;
    let program = probe.program.to_string_lossy();
    let parts =
        [pins::PYTHON_CLIENT, pins::PYTHON_SDK, pins::PYTHON_BOOTSTRAP, &program, &probe.version];
    let name = pins::folder(&format!("python{major}.{minor}"), &parts);
    publish(runtimes, &name, |folder| {
        let pip = Pip::find(probe, folder)?;
        pip.install(pins::PYTHON_CLIENT, folder, folder)?;
        pip.install(pins::PYTHON_SDK, folder, &folder.join("python-sdk"))?;
        pip.remove(folder)?;
        write(&folder.join("bootstrap.py"), pins::PYTHON_BOOTSTRAP)?;
        command::run(
            // Nothing changes these files, so nothing has to look whether they changed.
            Command::new(&probe.program)
                .args(["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"])
                .arg(folder),
        )?;
        component(probe).describe(folder).map_err(InstallError::folder(folder))
    })
}

fn component(probe: &Probe) -> Component {
    let is_base =
        |path: &Path| ["/usr", "/lib", "/lib64", "/bin"].iter().any(|base| path.starts_with(base));
    let mut folders = vec![probe.prefix.clone()];
    folders.extend(probe.libraries.iter().filter(|it| !it.starts_with(&probe.prefix)).cloned());
    folders.retain(|folder| !is_base(folder));
    folders.dedup();
    let same = |folder: PathBuf| (folder.clone(), folder.display().to_string());
    Component {
        family: Family::Python,
        release: vec![probe.release.0, probe.release.1],
        version: probe.version.clone(),
        program: probe.program.clone(),
        inside: probe.program.display().to_string(),
        mounts: folders.into_iter().map(same).collect(),
        folder: PathBuf::new(),
    }
}

/// A program that runs pip: the interpreter itself, or one in a virtual environment.
struct Pip(PathBuf);

impl Pip {
    const ENVIRONMENT: &str = ".venv";

    fn find(probe: &Probe, folder: &Path) -> Result<Self, InstallError> {
        if command::run(Command::new(&probe.program).args(["-m", "pip", "--version"])).is_ok() {
            return Ok(Self(probe.program.clone()));
        }
        let environment = folder.join(Self::ENVIRONMENT);
        let made =
            command::run(Command::new(&probe.program).args(["-m", "venv"]).arg(&environment));
        made.map_err(|_| InstallError::Missing {
            what: format!("pip for Python {}.{}", probe.release.0, probe.release.1),
            remedy: "apt-get install -y python3-venv".into(),
        })?;
        Ok(Self(environment.join("bin/python")))
    }

    fn install(&self, pins: &str, folder: &Path, target: &Path) -> Result<(), InstallError> {
        let requirements = folder.join(".requirements.txt");
        write(&requirements, pins)?;
        command::run(
            Command::new(&self.0)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-compile"])
                .arg("--target")
                .arg(target)
                .arg("--requirement")
                .arg(&requirements),
        )?;
        fs::remove_file(&requirements).map_err(InstallError::folder(&requirements))
    }

    fn remove(self, folder: &Path) -> Result<(), InstallError> {
        let environment = folder.join(Self::ENVIRONMENT);
        if environment.exists() {
            fs::remove_dir_all(&environment).map_err(InstallError::folder(&environment))?;
        }
        Ok(())
    }
}
