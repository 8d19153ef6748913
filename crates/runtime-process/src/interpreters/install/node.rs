use super::{
    InstallError, Progress, Selection, command,
    pins::{self, Archive},
    publish::{publish, write},
};
use crate::interpreters::{component::Component, identifier::Family};
use sha2::{Digest, Sha512};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest release of the host that is used.
const OLDEST: u32 = 18;

/// Where a downloaded Node lies inside.
const INSIDE: &str = "/var/lang";

/// Installs the client and the SDK, the selected releases, and notes the host's own.
pub(super) fn install(
    runtimes: &Path,
    selection: &Selection,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    let hosts = selection.search.iter().map(|folder| folder.join("node")).find(|it| it.is_file());
    if let Some(program) = hosts {
        note(runtimes, &program)?;
    }
    for major in &selection.nodes {
        let step = format!("Node {major}");
        progress.begin(&step);
        let fresh = download(runtimes, *major)?;
        progress.done(&step, fresh);
    }
    let step = "Node: AWS runtime client and SDK";
    progress.begin(step);
    let fresh = publish(runtimes, &pins::NODE_RUNTIME.folder(), runtime)?;
    progress.done(step, fresh);
    Ok(())
}

/// Makes the host's own Node known, if it is new enough.
fn note(runtimes: &Path, program: &Path) -> Result<(), InstallError> {
    let program = program.canonicalize().map_err(InstallError::folder(program))?;
    let version = command::run(Command::new(&program).args(["-p", "process.versions.node"]))?;
    let Some(major) = version.split('.').next().and_then(|major| major.parse().ok()) else {
        return Ok(());
    };
    if major < OLDEST || !program.starts_with("/usr") {
        return Ok(());
    }
    let inside = program.display().to_string();
    let name = pins::folder(&format!("node{major}"), &[&inside, &version]);
    let component = Component {
        family: Family::Node,
        release: vec![major],
        version,
        program,
        inside,
        mounts: Vec::new(),
        folder: PathBuf::new(),
    };
    let describe = |folder: &Path| component.describe(folder).map_err(InstallError::folder(folder));
    publish(runtimes, &name, describe).map(drop)
}

fn download(runtimes: &Path, major: u32) -> Result<bool, InstallError> {
    let archive = pins::NODES.iter().find(|(known, _)| *known == major).map(|(_, archive)| archive);
    let archive = archive.filter(|_| cfg!(target_arch = "x86_64")).ok_or_else(|| {
        let remedy = "use the host's own Node: apt-get install -y nodejs";
        InstallError::missing(&format!("a download of Node {major} for this processor"), remedy)
    })?;
    let name = pins::folder(&format!("node{major}"), &[archive.sha512]);
    let finished = runtimes.join(&name);
    publish(runtimes, &name, |folder| {
        let package = unpack(archive, folder)?;
        let bin = folder.join("bin");
        fs::create_dir(&bin).map_err(InstallError::folder(&bin))?;
        rename(&package.join("bin/node"), &bin.join("node"))?;
        rename(&package.join("LICENSE"), &folder.join("LICENSE"))?;
        fs::remove_dir_all(&package).map_err(InstallError::folder(&package))?;
        let version = archive.package.rsplit('@').next().unwrap_or_default();
        let component = Component {
            family: Family::Node,
            release: vec![major],
            version: version.into(),
            program: finished.join("bin/node"),
            inside: format!("{INSIDE}/bin/node"),
            mounts: vec![(finished.clone(), INSIDE.into())],
            folder: PathBuf::new(),
        };
        component.describe(folder).map_err(InstallError::folder(folder))
    })
}

/// The folder that sandboxes see as `/var/runtime`.
fn runtime(folder: &Path) -> Result<(), InstallError> {
    write(&folder.join("package.json"), pins::NODE_SDK)?;
    write(&folder.join("package-lock.json"), pins::NODE_SDK_LOCK)?;
    // `ci` installs what the lock says and checks every hash.
    command::run(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"])
            .current_dir(folder),
    )?;
    for (archive, main, target) in [
        (&pins::CLIENT_3, "dist/index.mjs", "client-3"),
        (&pins::CLIENT_4, "index.mjs", "client-4"),
    ] {
        let package = unpack(archive, folder)?;
        let target = folder.join(target);
        let native = target.join("rapid-client.node");
        fs::create_dir_all(&native).map_err(InstallError::folder(&native))?;
        for file in [main, "LICENSE", "NOTICE"] {
            let name = Path::new(file).file_name().unwrap_or_default();
            rename(&package.join(file), &target.join(name))?;
        }
        write(&native.join("package.json"), r#"{"type":"commonjs"}"#)?;
        write(&native.join("index.js"), pins::NODE_CLIENT)?;
        fs::remove_dir_all(&package).map_err(InstallError::folder(&package))?;
    }
    write(&folder.join("node-path.mjs"), pins::NODE_PATH_HOOKS)?;
    write(&folder.join("parked.mjs"), pins::NODE_PARKED)?;
    write(&folder.join("bootstrap.mjs"), pins::NODE_BOOTSTRAP)
}

/// Downloads an archive, checks its hash and unpacks it into `<folder>/package`.
fn unpack(archive: &Archive, folder: &Path) -> Result<PathBuf, InstallError> {
    let downloads = folder.join(".download");
    fs::create_dir(&downloads).map_err(InstallError::folder(&downloads))?;
    command::run(
        Command::new("npm")
            .args(["pack", "--silent", archive.package, "--pack-destination"])
            .arg(&downloads)
            .current_dir(folder),
    )?;
    let file = only_file(&downloads).map_err(InstallError::folder(&downloads))?;
    let bytes = fs::read(&file).map_err(InstallError::folder(&file))?;
    if hex::encode(Sha512::digest(&bytes)) != archive.sha512 {
        return Err(InstallError::Hash { what: archive.package.into() });
    }
    command::run(
        Command::new("tar").arg("--no-same-owner").arg("-xzf").arg(&file).arg("-C").arg(folder),
    )?;
    fs::remove_dir_all(&downloads).map_err(InstallError::folder(&downloads))?;
    Ok(folder.join("package"))
}

fn only_file(folder: &Path) -> io::Result<PathBuf> {
    let entry = fs::read_dir(folder)?.next().ok_or(io::ErrorKind::NotFound)??;
    Ok(entry.path())
}

fn rename(from: &Path, to: &Path) -> Result<(), InstallError> {
    fs::rename(from, to).map_err(InstallError::folder(from))
}
