//! What a node has on its host: processes, namespaces, control groups, mounts.

use anyhow::{Result, ensure};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// How long the kernel may take to end what belonged to a killed process.
const END: Duration = Duration::from_secs(5);

/// What belongs to one node at one moment.
pub(crate) struct Footprint {
    /// The processes below the node's own, each with its start time, as ids are reused.
    processes: Vec<(u32, String)>,
    /// The namespaces of these that are not the test's: `net:[4026532000]`.
    namespaces: BTreeSet<String>,
    /// The names of the control groups of its helpers.
    groups: BTreeSet<String>,
}

impl Footprint {
    /// What the node of this process has now.
    pub(crate) fn of(node: u32) -> Result<Self> {
        let all: Vec<_> = processes()?;
        let mut tree = BTreeSet::from([node]);
        // A child can come before its parent in the list.
        while let Some(child) =
            all.iter().find(|p| tree.contains(&p.parent) && !tree.contains(&p.id))
        {
            tree.insert(child.id);
        }
        tree.remove(&node);
        let own = namespaces(std::process::id());
        let below: Vec<_> = all.into_iter().filter(|p| tree.contains(&p.id)).collect();
        let namespaces = below.iter().flat_map(|p| namespaces(p.id)).filter(|n| !own.contains(n));
        let namespaces = namespaces.collect();
        let helpers: Vec<_> = below.iter().map(|p| format!("-{}-{}", p.id, p.started)).collect();
        let is_its = |group: &String| helpers.iter().any(|helper| group.ends_with(helper));
        let groups = groups().into_iter().filter(is_its).collect();
        let processes = below.into_iter().map(|p| (p.id, p.started)).collect();
        Ok(Self { processes, namespaces, groups })
    }

    /// Whether functions run in it.
    pub(crate) fn has_instances(&self) -> bool {
        self.namespaces.iter().any(|namespace| namespace.starts_with("pid:"))
    }

    /// Fails if a process or a mount of it is still there after a moment.
    ///
    /// So no namespace of it is left either: only its processes, their open files and mounts hold
    /// one. Numbers of namespaces prove nothing by themselves, as the kernel uses them again.
    pub(crate) fn wait_until_gone(&self, data: &Path) -> Result<()> {
        ensure!(!self.processes.is_empty(), "a node without a helper has shown nothing");
        let deadline = Instant::now() + END;
        let lives = |p: &Process| self.processes.contains(&(p.id, p.started.clone()));
        loop {
            let alive: Vec<_> = processes()?.into_iter().filter(lives).map(|p| p.id).collect();
            if alive.is_empty() {
                break;
            }
            ensure!(Instant::now() < deadline, "processes outlive their node: {alive:?}");
            std::thread::yield_now();
        }
        let data = data.display().to_string();
        let is_its = |mount: &&str| {
            mount.contains(&data) || self.namespaces.iter().any(|name| mount.contains(name))
        };
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let left: Vec<_> = mounts.lines().filter(is_its).collect();
        ensure!(left.is_empty(), "mounts are left: {left:?}");
        Ok(())
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

fn namespaces(process: u32) -> BTreeSet<String> {
    let links = fs::read_dir(format!("/proc/{process}/ns")).into_iter().flatten().flatten();
    let targets = links.filter_map(|link| fs::read_link(link.path()).ok());
    targets.map(|target| target.display().to_string()).collect()
}

/// The names of the control groups of all helpers of this host.
fn groups() -> BTreeSet<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let hierarchies = mounts.lines().filter_map(|line| {
        let fields: Vec<_> = line.split(' ').collect();
        matches!(fields[2], "cgroup" | "cgroup2").then(|| Path::new(fields[1]).to_owned())
    });
    let folders =
        hierarchies.flat_map(|top| fs::read_dir(top.join("pileus")).into_iter().flatten());
    folders.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
