//! What the tests share.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use runtime::sandbox::{Exit, Isolation, Mount, Sandbox, SandboxSpec, Sandboxes};
use runtime_process::{Platform, ProcessSandboxes, Settings};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, PidfdFlags};
use tokio::io::AsyncReadExt;

pub(crate) const PROBE: &str = env!("CARGO_BIN_EXE_sandbox-probe");
pub(crate) const GUEST: &str = env!("CARGO_BIN_EXE_sandbox-guest");

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of what only a very busy machine needs.
pub(crate) const LONG_PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn settings() -> Settings {
    let platform = Platform { host: "pileus.example".to_owned(), port: 4566 };
    Settings { helper: PathBuf::from(PROBE), ..Settings::new(platform) }
}

/// A maker with full isolation, or a failed test that says how to get it.
pub(crate) async fn sandboxes() -> ProcessSandboxes {
    let sandboxes = ProcessSandboxes::start(settings()).await.expect("the helper starts");
    assert_full(sandboxes.isolation());
    sandboxes
}

pub(crate) fn assert_full(isolation: &Isolation) {
    if let Some(part) = isolation.missing() {
        panic!("this host does not provide {}; {}", part.name, part.remedy);
    }
}

/// A sandbox that runs the guest.
pub(crate) fn guest(attempt: &[&str]) -> SandboxSpec {
    let mut argv = vec!["/var/task/guest".to_owned()];
    argv.extend(attempt.iter().map(|&argument| argument.to_owned()));
    SandboxSpec {
        name: attempt.join(" "),
        argv,
        env: Vec::new(),
        cwd: "/var/task".to_owned(),
        mounts: vec![Mount { source: GUEST.into(), target: "/var/task/guest".to_owned() }],
        memory_bytes: 64 << 20,
        tmp_bytes: 16 << 20,
        max_processes: 32,
        max_open_files: 256,
        cpu_millis: None,
        zygote: None,
        parked: None,
    }
}

/// What a program that was not executed in the usual way tries as well, with the same result.
pub(crate) const ATTEMPTS: &[&[&str]] = &[
    &["call"],
    &["open-files"],
    &["environment"],
    &["list", "/"],
    &["list", "/var/task"],
    &["read", "/etc/shadow"],
    &["read", "/etc/passwd"],
    &["read", "/etc/hosts"],
    &["read", "/root"],
    &["read", "/sys/kernel"],
    &["read", "/proc/1/environ"],
    &["read", "/proc/1/mem"],
    &["read", "/proc/1/maps"],
    &["read", "/proc/self/cgroup"],
    &["read", "/proc/self/limits"],
    &["read", "/proc/self/oom_score_adj"],
    &["read", "/proc/self/loginuid"],
    &["read", "/proc/sys/kernel/hostname"],
    &["read", "/proc/keys"],
    &["write", "/x"],
    &["write", "/usr/x"],
    &["write", "/var/task/guest"],
    &["write", "/proc/sys/kernel/core_pattern"],
    &["write", "/proc/1/oom_score_adj"],
    &["write", "/tmp/x"],
    &["fill", "/tmp/x"],
    &["fork"],
    &["connect", "127.0.0.1:22"],
    &["connect", "169.254.169.254:80"],
];

/// Runs a specification to its end.
pub(crate) async fn run(sandboxes: &ProcessSandboxes, spec: SandboxSpec) -> (String, Exit) {
    let mut sandbox = sandboxes.create(spec).await.expect("created");
    let mut text = String::new();
    let mut output = sandbox.output().expect("not taken");
    output.read_to_string(&mut text).await.expect("read");
    let exit = sandbox.wait().await;
    (text, exit)
}

/// Runs one attempt in a sandbox of its own and returns what it told.
pub(crate) async fn attempt(attempt: &[&str]) -> String {
    run(&sandboxes().await, guest(attempt)).await.0.trim_end().to_owned()
}

/// Reads one line of output.
pub(crate) async fn line(sandbox: &mut Box<dyn Sandbox>) -> String {
    let mut output = sandbox.output().expect("not taken");
    let mut line = String::new();
    loop {
        match output.read_u8().await.expect("a whole line") {
            b'\n' => return line,
            byte => line.push(char::from(byte)),
        }
    }
}

/// A process of a sandbox, as the host sees it.
pub(crate) struct HostProcess {
    pub(crate) pid: Pid,
    pidfd: OwnedFd,
}

impl HostProcess {
    fn open(pid: Pid) -> Option<Self> {
        let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?;
        Some(Self { pid, pidfd })
    }

    /// Waits until it has ended.
    pub(crate) fn assert_ends(&self) {
        let mut poll = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let patience = PATIENCE.try_into().expect("fits");
        // Another test's helper may end meanwhile, which is a signal to this process.
        let ended = rustix::io::retry_on_intr(|| rustix::event::poll(&mut poll, Some(&patience)));
        let ended = ended.expect("polled");
        assert_eq!(ended, 1, "process {:?} still lives", self.pid);
    }

    pub(crate) fn parent(&self) -> Self {
        let stat = fs::read_to_string(self.proc("stat")).expect("it lives");
        let after_name = stat.rsplit_once(')').expect("a name").1;
        let parent = after_name.split_whitespace().nth(1).expect("a parent");
        let pid = Pid::from_raw(parent.parse().expect("a number")).expect("not 0");
        Self::open(pid).expect("it lives")
    }

    /// Waits until nobody has to wait for it any more.
    pub(crate) async fn assert_reaped(&self) {
        let reaped = async {
            while self.proc("stat").exists() {
                tokio::task::yield_now().await;
            }
        };
        let reaped = tokio::time::timeout(LONG_PATIENCE, reaped).await;
        assert!(reaped.is_ok(), "nobody has waited for process {:?}", self.pid);
    }

    /// How often it has waited for something.
    pub(crate) fn waits(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).expect("it lives");
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.expect("a field").trim().parse().expect("a number")
    }

    /// Its children that have ended.
    pub(crate) fn ended_children(&self) -> usize {
        let of_this = |pid: Pid| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            let stat = stat.unwrap_or_default();
            let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            after_name.trim_start().starts_with(&format!("Z {} ", self.pid.as_raw_nonzero()))
        };
        all_pids().filter(|pid| of_this(*pid)).count()
    }

    /// Those of its children that live.
    pub(crate) fn children(&self) -> Vec<Self> {
        let pid = self.pid.as_raw_nonzero();
        let text = fs::read_to_string(self.proc(&format!("task/{pid}/children")));
        let pids = text.unwrap_or_default();
        let pids = pids.split_whitespace().filter_map(|pid| pid.parse().ok());
        pids.filter_map(Pid::from_raw).filter_map(Self::open).collect()
    }

    /// Its user on the host.
    pub(crate) fn user(&self) -> u32 {
        let status = fs::read_to_string(self.proc("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:\t"));
        let user = line.and_then(|line| line.split('\t').next());
        user.and_then(|user| user.parse().ok()).unwrap_or(u32::MAX)
    }

    fn proc(&self, file: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.as_raw_nonzero().to_string()).join(file)
    }

    /// The directories of its control groups that are a sandbox's own.
    pub(crate) fn control_groups(&self) -> BTreeSet<PathBuf> {
        let membership = fs::read_to_string(self.proc("cgroup")).expect("it lives");
        let mut dirs = BTreeSet::new();
        for line in membership.lines() {
            let path = line.splitn(3, ':').nth(2).expect("a path").trim_start_matches('/');
            for mount in control_group_mounts() {
                let dir = mount.join(path);
                if path.contains("pileus/") && dir.is_dir() {
                    dirs.insert(dir);
                }
            }
        }
        assert!(!dirs.is_empty(), "no control group in {membership}");
        dirs
    }

    /// Its namespaces, held open: the kernel gives the numbers of closed ones to new ones.
    pub(crate) fn namespaces(&self) -> Namespaces {
        let open = |name: &&str| {
            let path = self.proc("ns").join(name);
            let held = fs::File::open(&path).expect("it lives");
            (fs::read_link(&path).expect("it lives"), held)
        };
        Namespaces(NAMESPACES.iter().map(open).collect())
    }
}

const NAMESPACES: [&str; 7] = ["mnt", "pid", "net", "user", "ipc", "uts", "cgroup"];

pub(crate) struct Namespaces(Vec<(PathBuf, fs::File)>);

impl Namespaces {
    /// Whether no namespace is in both.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        !self.0.iter().any(|(held, _)| other.0.iter().any(|(others, _)| held == others))
    }

    /// Fails if a process of the host is in one of them.
    pub(crate) fn assert_unused(&self) {
        let users: Vec<Pid> = self.users().collect();
        assert!(users.is_empty(), "{users:?} are in one of {:?}", self.0);
    }

    /// Waits until no process of the host is in one of them, where nobody is told of the end.
    pub(crate) fn assert_left(&self) {
        self.users().filter_map(HostProcess::open).for_each(|process| process.assert_ends());
        self.assert_unused();
    }

    /// The processes of the host that are in one of them.
    fn users(&self) -> impl Iterator<Item = Pid> {
        all_pids().filter(|pid| {
            let folder = Path::new("/proc").join(pid.as_raw_nonzero().to_string()).join("ns");
            let mut links = NAMESPACES.iter().filter_map(|name| folder.join(name).read_link().ok());
            links.any(|link| self.0.iter().any(|(held, _)| *held == link))
        })
    }
}

fn control_group_mounts() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").expect("read");
    let lines = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.filter(|fields| fields[2].starts_with("cgroup")).map(|fields| fields[1].into()).collect()
}

/// The process of a program that was just created.
pub(crate) fn only_process_with(variable: &str) -> HostProcess {
    let mut found = processes_with(variable);
    assert_eq!(found.len(), 1, "{variable}");
    found.remove(0)
}

/// Every process of the host whose environment has this variable.
pub(crate) fn processes_with(variable: &str) -> Vec<HostProcess> {
    all_pids()
        .filter(|pid| {
            let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
            let environment = fs::read(path).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
        })
        .filter_map(HostProcess::open)
        .collect()
}

fn all_pids() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").expect("read").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
}

/// Whether a process has these bytes anywhere in the memory that it can write.
pub(crate) fn memory_contains(pid: &str, needle: &[u8]) -> bool {
    use std::os::unix::fs::FileExt;
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let Ok(memory) = std::fs::File::open(format!("/proc/{pid}/mem")) else { return false };
    maps.lines().filter(|line| line.contains("rw-p")).any(|line| {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let (from, to) = range.expect("a range");
        let number = |text| u64::from_str_radix(text, 16).expect("a number");
        let mut bytes = vec![0; usize::try_from(number(to) - number(from)).expect("fits")];
        let read = memory.read_at(&mut bytes, number(from)).unwrap_or(0);
        bytes[..read].windows(needle.len()).any(|window| window == needle)
    })
}
