//! What a node has on its host: processes, namespaces, control groups, mounts.

use anyhow::{Result, ensure};
use rustix::process::{getpid, set_child_subreaper};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the kernel of a busy host may take to end what belonged to a killed process.
const END: Duration = Duration::from_secs(60);

/// Makes this process the parent of all orphans below it: whatever a dead node leaves behind is
/// found among this process's descendants, however it was started.
///
/// # Errors
/// The kernel has no such thing.
pub(crate) fn become_reaper() -> Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// What belongs to one node at one moment.
pub(crate) struct Footprint {
    /// How many processes it has below its own.
    processes: usize,
    /// The namespaces that its processes are in or hold, and the test's do not: `net:[4026532000]`.
    /// Held open here, so that the kernel gives their numbers to nobody else.
    namespaces: BTreeMap<String, File>,
    /// The names of the control groups of its helpers.
    groups: BTreeSet<String>,
}

impl Footprint {
    /// What the node of this process has now.
    pub(crate) fn of(node: u32) -> Result<Self> {
        let all = processes()?;
        let below = descendants(node, &all);
        let own: BTreeSet<String> = held_by(std::process::id()).map(|(name, _)| name).collect();
        let ids = below.iter().map(|process| process.id).chain([node]);
        let held = ids.flat_map(held_by).filter(|(name, _)| !own.contains(name));
        // One that has ended meanwhile is gone.
        let namespaces = held.filter_map(|(name, path)| Some((name, File::open(path).ok()?)));
        let namespaces = namespaces.collect();
        let helpers: Vec<_> = below.iter().map(|p| format!("-{}-{}", p.id, p.started)).collect();
        let is_its = |group: &String| helpers.iter().any(|helper| group.ends_with(helper));
        let groups = groups().into_iter().filter(is_its).collect();
        Ok(Self { processes: below.len(), namespaces, groups })
    }

    /// Whether functions run in it.
    pub(crate) fn has_instances(&self) -> bool {
        self.namespaces.keys().any(|namespace| namespace.starts_with("pid:"))
    }

    /// Fails if a process, a namespace or a mount of it is still there after a moment.
    pub(crate) fn wait_until_gone(&self, data: &Path) -> Result<()> {
        ensure!(self.processes > 0, "a node without a helper has shown nothing");
        let data = data.display().to_string();
        e2e::wait_for("a dead node's things to go", END, || {
            let all = processes()?;
            // The test's own children, such as a `pileus deploy`, have the node's data folder as
            // an argument; they are no part of the node.
            let left = descendants(std::process::id(), &all);
            let left = left.iter().filter(|process| !process.is_client());
            let left = left.map(|process| format!("process {} {}", process.id, process.command()));
            let holders = all.iter().filter(|process| process.id != std::process::id());
            let held = holders.flat_map(|process| {
                let names = held_by(process.id).filter(|(name, _)| self.has(name));
                names.map(|(name, path)| format!("{name} in {}", path.display()))
            });
            let mounts = all.iter().flat_map(|process| mounts(process.id));
            let mounts = mounts.filter(|mount| mount.contains(&data) || self.is_mounted(mount));
            let left: Vec<_> = left.chain(held).chain(mounts).collect();
            Ok(if left.is_empty() { Ok(()) } else { Err(left.join("; ")) })
        })
    }

    fn has(&self, namespace: &str) -> bool {
        self.namespaces.contains_key(namespace)
    }

    /// Whether a line of `mountinfo` keeps one of its namespaces.
    fn is_mounted(&self, mount: &str) -> bool {
        self.namespaces.keys().any(|namespace| mount.contains(namespace.as_str()))
    }

    /// Fails if a control group of it is left. After a kill, the next node removes them.
    pub(crate) fn ensure_groups_are_gone(&self) -> Result<()> {
        ensure!(!self.groups.is_empty(), "a node without control groups has shown nothing");
        let left: Vec<_> = groups().into_iter().filter(|g| self.groups.contains(g)).collect();
        ensure!(left.is_empty(), "control groups are left: {left:?}");
        Ok(())
    }
}

struct Process {
    id: u32,
    parent: u32,
    started: String,
}

impl Process {
    fn command(&self) -> String {
        let words = fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        String::from_utf8_lossy(&words).replace('\0', " ")
    }

    /// Whether it is a command that the test runs against a node.
    fn is_client(&self) -> bool {
        self.command().split(' ').nth(1) == Some("deploy")
    }
}

fn processes() -> Result<Vec<Process>> {
    let ids = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok()?.parse().ok());
    // Those that end meanwhile, and those that nobody has waited for yet, do not count.
    Ok(ids.filter_map(process).collect())
}

fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The command's name is in parentheses and may contain anything.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let is_dead = matches!(fields[0], "Z" | "X");
    let process =
        || Some(Process { id, parent: fields[1].parse().ok()?, started: fields[19].into() });
    if is_dead { None } else { process() }
}

/// The processes below one.
fn descendants(top: u32, all: &[Process]) -> Vec<&Process> {
    let mut tree = BTreeSet::from([top]);
    // A child can come before its parent in the list.
    while let Some(child) = all.iter().find(|p| tree.contains(&p.parent) && !tree.contains(&p.id)) {
        tree.insert(child.id);
    }
    all.iter().filter(|process| process.id != top && tree.contains(&process.id)).collect()
}

/// The namespaces that a process is in with a thread, or holds open, with where that is seen.
fn held_by(process: u32) -> impl Iterator<Item = (String, PathBuf)> {
    let top = PathBuf::from(format!("/proc/{process}"));
    let threads = entries(&top.join("task")).map(|thread| thread.join("ns"));
    let links = threads.chain([top.join("fd")]).flat_map(|folder| entries(&folder));
    let named = links.filter_map(|link| Some((fs::read_link(&link).ok()?, link)));
    named.map(|(target, link)| (target.display().to_string(), link)).filter(|(name, _)| {
        let kind = name.split_once(":[").map_or("", |(kind, _)| kind);
        ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"].contains(&kind)
    })
}

/// The lines of `mountinfo` as a process sees them.
fn mounts(process: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// The names of the control groups of all helpers of this host.
fn groups() -> BTreeSet<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let hierarchies = mounts.lines().filter_map(|line| {
        let fields: Vec<_> = line.split(' ').collect();
        matches!(fields[2], "cgroup" | "cgroup2").then(|| Path::new(fields[1]).to_owned())
    });
    let folders = hierarchies.flat_map(|top| entries(&top.join("pileus")));
    folders.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect()
}
