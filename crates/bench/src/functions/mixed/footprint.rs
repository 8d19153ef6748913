//! What a node has on its host: processes, namespaces, control groups, mounts.

use anyhow::{Context, Result};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use crate::http::report::descendants;

const KINDS: [&str; 8] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

/// What belongs to a node at one moment.
pub(super) struct Footprint {
    /// Below its own.
    pub(super) processes: BTreeSet<u32>,
    /// Those that it and they are in or hold, and this process is not in.
    pub(super) namespaces: BTreeSet<String>,
    /// Folders of control groups, of its helper and below.
    pub(super) groups: BTreeSet<PathBuf>,
    /// Files that the node itself has open.
    pub(super) files: usize,
}

impl fmt::Display for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processes, namespaces, groups, files } = self;
        let counts = [processes.len(), namespaces.len(), groups.len()];
        let [processes, namespaces, groups] = counts;
        write!(
            f,
            "{processes} processes, {namespaces} namespaces, {groups} control groups, {files} open files"
        )
    }
}

impl Footprint {
    /// What the node has now.
    pub(super) fn of(node: u32) -> Result<Self> {
        let processes: BTreeSet<u32> = descendants(node)?.into_iter().collect();
        let own: BTreeSet<String> = held_by(std::process::id()).collect();
        let all = processes.iter().chain([&node]);
        let namespaces = all.flat_map(|pid| held_by(*pid)).filter(|name| !own.contains(name));
        let namespaces = namespaces.collect();
        let owners: Vec<_> = processes.iter().map(|pid| format!("-{pid}-")).collect();
        let is_its = |name: &str| owners.iter().any(|owner| name.contains(owner.as_str()));
        let mut groups = BTreeSet::new();
        for top in tops() {
            for folder in folders(&top) {
                if folder.file_name().is_some_and(|name| is_its(&name.to_string_lossy())) {
                    walk(folder, &mut groups);
                }
            }
        }
        let files = fs::read_dir(format!("/proc/{node}/fd"))?.count();
        Ok(Self { processes, namespaces, groups, files })
    }

    /// What this has more than another, beyond what a node may keep ready.
    pub(super) fn is_within(&self, before: &Self, margin: usize) -> bool {
        self.processes.len() <= before.processes.len() + margin
            && self.namespaces.len() <= before.namespaces.len() + margin * KINDS.len()
            && self.groups.len() <= before.groups.len() + margin * 4
            && self.files <= before.files + margin * 8
    }

    /// What of it is left after the node has ended, in words.
    pub(super) fn left(&self, data: &Path) -> Result<Vec<String>> {
        let mut left = Vec::new();
        // What has ended and was waited for by nobody is not there.
        let below = descendants(std::process::id())?.into_iter().filter(|pid| is_alive(*pid));
        left.extend(below.map(|pid| format!("process {pid}")));
        let data = data.display().to_string();
        for entry in fs::read_dir("/proc")?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            for name in held_by(pid).filter(|name| self.namespaces.contains(name)) {
                left.push(format!("{name} in process {pid}"));
            }
            let mounts = fs::read_to_string(entry.path().join("mountinfo")).unwrap_or_default();
            for mount in mounts.lines().filter(|mount| mount.contains(&data)) {
                left.push(format!("a mount in process {pid}: {mount}"));
            }
        }
        let groups = self.groups.iter().filter(|group| group.exists());
        left.extend(groups.map(|group| format!("control group {}", group.display())));
        Ok(left)
    }
}

/// The processes of instances: those below the node that do not see the host's processes.
pub(super) fn instances(node: u32) -> Result<Vec<u32>> {
    let own = fs::read_link("/proc/self/ns/pid")?;
    Ok(descendants(node)?.into_iter().filter(|pid| is_inside(*pid, &own)).collect())
}

fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The command's name is in parentheses and may contain anything.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn is_inside(pid: u32, own: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/ns/pid")).is_ok_and(|namespace| namespace != own)
}

/// Ends a process, unless its number is meanwhile another's; true if it was there.
pub(super) fn kill(node: u32, pid: u32) -> Result<bool> {
    let number = Pid::from_raw(i32::try_from(pid)?).context("no process has the number 0")?;
    let Ok(process) = pidfd_open(number, PidfdFlags::empty()) else { return Ok(false) };
    // What is held cannot become another's any more.
    if !instances(node)?.contains(&pid) {
        return Ok(false);
    }
    Ok(pidfd_send_signal(process, Signal::KILL).is_ok())
}

/// The namespaces that a process is in with a thread, or holds open.
fn held_by(pid: u32) -> impl Iterator<Item = String> {
    let top = PathBuf::from(format!("/proc/{pid}"));
    let threads = entries(&top.join("task")).map(|thread| thread.join("ns"));
    let links = threads.chain([top.join("fd")]).flat_map(|folder| entries(&folder));
    let names = links.filter_map(|link| Some(fs::read_link(link).ok()?.display().to_string()));
    names.filter(|name| name.split_once(":[").is_some_and(|(kind, _)| KINDS.contains(&kind)))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Where nodes have their control groups.
fn tops() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let hierarchies = mounts.lines().filter_map(|line| {
        let fields: Vec<_> = line.split(' ').collect();
        let is_one = fields.get(2).is_some_and(|kind| ["cgroup", "cgroup2"].contains(kind));
        is_one.then(|| Path::new(fields[1]).join("pileus"))
    });
    hierarchies.collect()
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(folder).filter(|path| path.is_dir())
}

fn walk(folder: PathBuf, all: &mut BTreeSet<PathBuf>) {
    for below in folders(&folder) {
        walk(below, all);
    }
    all.insert(folder);
}
