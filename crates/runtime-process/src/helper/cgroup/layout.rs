//! Which hierarchies the host has, and where in them this helper may make directories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::owner::Owner;
use crate::parts::Part;

pub(super) const MEMORY: &str = "memory";
pub(super) const PROCESSES: &str = "pids";
pub(super) const PROCESSOR: &str = "cpu";

/// The controllers that limits need, with the part of the isolation that each is.
pub(super) const CONTROLLERS: [(Part, &str); 3] =
    [(Part::Memory, MEMORY), (Part::Processes, PROCESSES), (Part::Processor, PROCESSOR)];

/// The directory above all helpers' directories.
const OURS: &str = "pileus";
/// Where a delegated group's own processes go: a version 2 group that has processes itself
/// cannot hand controllers on.
const SUPERVISOR: &str = "pileus-supervisor";

/// Which interface files a hierarchy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// One mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    /// Where directories are made.
    pub(super) dir: PathBuf,
    /// Those of [`CONTROLLERS`] that it has.
    pub(super) controllers: Vec<&'static str>,
}

/// The hierarchies of this host that are of use.
pub(super) fn discover() -> Vec<Hierarchy> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    among(&mounts, &membership, rustix::process::geteuid().is_root())
}

/// As [`discover`], of the texts of `/proc/self/mounts` and `/proc/self/cgroup`.
fn among(mounts: &str, membership: &str, root: bool) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for hierarchy in mounts.lines().filter_map(|line| hierarchy(line, membership, root)) {
        let useful = hierarchy.version == Version::V2 || !hierarchy.controllers.is_empty();
        if useful && !found.iter().any(|other| other.is_same(&hierarchy)) {
            found.push(hierarchy);
        }
    }
    found
}

/// Reads one line of `/proc/self/mounts`.
fn hierarchy(line: &str, membership: &str, root: bool) -> Option<Hierarchy> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [_, mount, kind, options, ..] = fields[..] else { return None };
    let ours = |names: Vec<&str>| -> Vec<&'static str> {
        CONTROLLERS.into_iter().map(|(_, name)| name).filter(|name| names.contains(name)).collect()
    };
    match kind {
        "cgroup" => {
            let controllers = ours(options.split(',').collect());
            Some(Hierarchy { version: Version::V1, dir: PathBuf::from(mount), controllers })
        }
        "cgroup2" => {
            let dir = version_2_dir(Path::new(mount), membership, root);
            let available = fs::read_to_string(dir.join("cgroup.controllers")).unwrap_or_default();
            let controllers = ours(available.split_whitespace().collect());
            Some(Hierarchy { version: Version::V2, dir, controllers })
        }
        _ => None,
    }
}

/// The group that a service manager has delegated to this process, or that its user may own;
/// else, for root, the top.
fn version_2_dir(mount: &Path, membership: &str, root: bool) -> PathBuf {
    let own = membership.lines().find_map(|line| line.strip_prefix("0::/"));
    let own = mount.join(own.unwrap_or_default());
    if root && !is_delegated(&own) { mount.to_owned() } else { own }
}

/// systemd marks what it delegates with an extended attribute.
fn is_delegated(dir: &Path) -> bool {
    ["trusted.delegate", "user.delegate"].into_iter().any(|name| {
        let mut value = [0; 8];
        matches!(rustix::fs::getxattr(dir, name, &mut value[..]), Ok(1) if value[0] == b'1')
    })
}

impl Hierarchy {
    pub(super) fn has(&self, controller: &str) -> bool {
        self.controllers.contains(&controller)
    }

    /// Whether both are mounts of one hierarchy. There is one of version 2, and version 1 has
    /// each controller in one.
    fn is_same(&self, other: &Self) -> bool {
        self.version == other.version
            && (self.version == Version::V2 || self.controllers == other.controllers)
    }

    /// Removes what dead helpers left, and makes this helper's directory below.
    pub(super) fn prepare(&self, owner: &Owner) -> io::Result<Self> {
        let ours = self.dir.join(OURS);
        let dir = ours.join(owner.name());
        fs::create_dir_all(&ours)?;
        sweep(self.version, &ours, owner);
        fs::create_dir_all(&dir)?;
        if self.version == Version::V2 && !self.controllers.is_empty() {
            self.enable(&self.dir).or_else(|_| {
                move_own_processes(&self.dir)?;
                self.enable(&self.dir)
            })?;
            self.enable(&ours)?;
            self.enable(&dir)?;
        }
        Ok(Self { dir, ..self.clone() })
    }

    /// Hands the controllers on to the groups below.
    fn enable(&self, dir: &Path) -> io::Result<()> {
        let words: Vec<String> = self.controllers.iter().map(|name| format!("+{name}")).collect();
        fs::write(dir.join("cgroup.subtree_control"), words.join(" "))
    }
}

/// Moves the server and this helper out of the way. Whoever else is there stays, and then
/// enabling fails again.
fn move_own_processes(dir: &Path) -> io::Result<()> {
    let supervisor = dir.join(SUPERVISOR);
    fs::create_dir_all(&supervisor)?;
    let server = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    for pid in server.into_iter().chain([std::process::id().to_string()]) {
        fs::write(supervisor.join("cgroup.procs"), pid)?;
    }
    Ok(())
}

fn sweep(version: Version, ours: &Path, owner: &Owner) {
    for name in children(ours).filter(|name| owner.is_of_a_dead_sibling(name)) {
        let dead = ours.join(&name);
        for instance in children(&dead) {
            super::sweep(version, &dead.join(instance));
        }
        super::sweep(version, &dead);
    }
}

fn children(dir: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_1_hierarchy_is_read_with_its_controllers() {
        let line = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0";
        let found = hierarchy(line, "", true).expect("a hierarchy");
        assert_eq!(found.version, Version::V1);
        assert_eq!(found.controllers, ["cpu"]);
        assert_eq!(found.dir, Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert_eq!(hierarchy("proc /proc proc rw 0 0", "", true), None);
    }

    /// The tree of a version 2 hierarchy: groups and the controllers that each may use.
    fn tree(groups: &[(&str, &str)]) -> tempfile::TempDir {
        let top = tempfile::tempdir().expect("a folder");
        for (group, controllers) in groups {
            let dir = top.path().join(group);
            fs::create_dir_all(&dir).expect("made");
            fs::write(dir.join("cgroup.controllers"), controllers).expect("written");
        }
        top
    }

    const ALL: &str = "cpuset cpu io memory hugetlb pids rdma misc\n";

    #[test]
    fn debian_12_with_systemd_has_one_version_2_hierarchy_with_everything() {
        let scope = "user.slice/user-0.slice/session-1.scope";
        let top = tree(&[("", ALL), (scope, "memory pids\n")]);
        let mounts = format!(
            "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n\
             cgroup2 {} cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n\
             tmpfs /tmp tmpfs rw 0 0\n",
            top.path().display()
        );
        let [found] = &among(&mounts, &format!("0::/{scope}\n"), true)[..] else {
            panic!("one hierarchy")
        };
        // Root needs nobody's leave: the session's own group may be full of other processes.
        assert_eq!((found.version, found.dir.as_path()), (Version::V2, top.path()));
        assert_eq!(found.controllers, ["memory", "pids", "cpu"]);
    }

    #[test]
    fn a_user_of_systemd_has_what_the_manager_delegates() {
        let scope = "user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope";
        let top = tree(&[("", ALL), (scope, "cpu memory pids\n")]);
        let mounts = format!("cgroup2 {} cgroup2 rw 0 0\n", top.path().display());
        let found = among(&mounts, &format!("0::/{scope}\n"), false);
        assert_eq!(found[0].dir, top.path().join(scope));
        assert_eq!(found[0].controllers, ["memory", "pids", "cpu"]);
        // Before systemd 244 the processor is not among it; then it is a part that is missing.
        let older = tree(&[("", ALL), (scope, "memory pids\n")]);
        let mounts = format!("cgroup2 {} cgroup2 rw 0 0\n", older.path().display());
        let found = among(&mounts, &format!("0::/{scope}\n"), false);
        assert_eq!(found[0].controllers, ["memory", "pids"]);
    }

    #[test]
    fn a_hybrid_host_limits_with_version_1_and_kills_with_version_2() {
        let unified = tree(&[("", "")]);
        let mounts = format!(
            "tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0\n\
             cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n\
             cgroup /sys/fs/cgroup/cpuacct cgroup rw,relatime,cpuacct 0 0\n\
             cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n\
             cgroup /sys/fs/cgroup/freezer cgroup rw,relatime,freezer 0 0\n\
             cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0\n\
             cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0\n\
             cgroup2 {} cgroup2 rw,relatime 0 0\n",
            unified.path().display()
        );
        let membership = "8:pids:/\n4:memory:/process_api/1\n1:cpu:/\n0::/\n";
        let found = among(&mounts, membership, true);
        let all: Vec<_> =
            found.iter().map(|found| (found.version, found.controllers.clone())).collect();
        let expected = [
            (Version::V1, vec!["cpu"]),
            (Version::V1, vec!["memory"]),
            (Version::V1, vec!["pids"]),
            (Version::V2, vec![]),
        ];
        assert_eq!(all, expected);
        assert_eq!(found[1].dir, Path::new("/sys/fs/cgroup/memory"));
    }

    #[test]
    fn a_hierarchy_that_is_mounted_twice_counts_once_and_joined_controllers_together() {
        let mounts = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n\
                      cgroup /other/cpu cgroup rw,cpu,cpuacct 0 0\n\
                      cgroup /sys/fs/cgroup/rest cgroup rw,memory,pids 0 0\n";
        let found = among(mounts, "2:cpu,cpuacct:/\n", true);
        let dirs: Vec<_> = found.iter().map(|found| found.dir.display().to_string()).collect();
        assert_eq!(dirs, ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/rest"]);
        assert_eq!(found[1].controllers, ["memory", "pids"]);
    }

    #[test]
    fn a_container_that_shows_no_control_groups_has_none() {
        let found = among("overlay / overlay rw 0 0\nproc /proc proc rw 0 0\n", "0::/\n", true);
        assert_eq!(found, []);
    }

    #[test]
    fn a_user_gets_its_own_version_2_group_and_root_the_top() {
        let mount = tempfile::tempdir().expect("a folder");
        let own = mount.path().join("user.slice/app.scope");
        fs::create_dir_all(&own).expect("made");
        fs::write(own.join("cgroup.controllers"), "cpuset cpu memory pids\n").expect("written");
        let line = format!("cgroup2 {} cgroup2 rw 0 0", mount.path().display());
        let membership = "0::/user.slice/app.scope\n";
        let found = hierarchy(&line, membership, false).expect("a hierarchy");
        assert_eq!(found.dir, own);
        assert_eq!(found.controllers, ["memory", "pids", "cpu"]);
        let found = hierarchy(&line, membership, true).expect("a hierarchy");
        assert_eq!(found.dir, mount.path());
    }

    #[test]
    fn preparing_a_version_2_group_hands_the_controllers_down() {
        let top = tempfile::tempdir().expect("a folder");
        let hierarchy = Hierarchy {
            version: Version::V2,
            dir: top.path().to_owned(),
            controllers: vec![MEMORY, PROCESSES],
        };
        let owner = Owner::this_process();
        let prepared = hierarchy.prepare(&owner).expect("prepared");
        assert_eq!(prepared.dir, top.path().join(OURS).join(owner.name()));
        for dir in [top.path(), &top.path().join(OURS), &prepared.dir] {
            let enabled = fs::read_to_string(dir.join("cgroup.subtree_control")).expect("enabled");
            assert_eq!(enabled, "+memory +pids");
        }
    }

    #[test]
    fn what_a_dead_helper_left_is_removed_and_a_living_one_is_left_alone() {
        let top = tempfile::tempdir().expect("a folder");
        let owner = Owner::this_process();
        let dead = owner.name().replace(&format!("-{}-", std::process::id()), "-4194305-");
        fs::create_dir_all(top.path().join(&dead).join("7")).expect("made");
        fs::create_dir_all(top.path().join(owner.name())).expect("made");
        sweep(Version::V1, top.path(), &owner);
        assert_eq!(children(top.path()).collect::<Vec<_>>(), [owner.name()]);
    }
}
