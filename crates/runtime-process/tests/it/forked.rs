//! Programs that are forked from a zygote have the walls of those that are executed, and the
//! zygote holds nothing of them and ends with its server.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use runtime::sandbox::{Exit, ExitCause, Mount, Sandbox, SandboxSpec, Sandboxes, Zygote};
use runtime_process::ProcessSandboxes;
use tempfile::TempDir;

use crate::support::{
    ATTEMPTS, HostProcess, LONG_PATIENCE, Namespaces, guest, line, memory_contains, processes_with,
    run, sandboxes,
};

const ZYGOTE: &str = include_str!("../../src/interpreters/inside/zygote.py");
/// What stands for the runtime's client and the SDK.
const CLIENT: [&str; 5] = [
    "__init__",
    "lambda_context",
    "lambda_runtime_client",
    "lambda_runtime_log_utils",
    "lambda_runtime_marshaller",
];
const SESSION: &str = "from botocore.loaders import Loader
class Session:
    def __init__(self, **_): self._session = self
    def client(self, _): pass
    def resource(self, _): pass
    def get_component(self, _): return Loader()
";
const LOADERS: &str = "class Loader:
    def __init__(self, extra_search_paths=None): self._cache = {}
";
/// Tells what it finds, as a function's program would.
const BOOTSTRAP: &str = "
import os, random, sys
print(os.getppid(), 'boto3' in sys.modules, sys.argv, sys.path[0], os.getcwd())
print(random.random(), sorted(os.environ.items()))
print('done', flush=True)
if os.environ.get('STAY'):
    import time
    time.sleep(1000)
sys.exit(int(os.environ.get('CODE', '0')))
";

/// Sandboxes with a zygote that can be forked.
struct Forked {
    sandboxes: ProcessSandboxes,
    zygote: Zygote,
    runtime: TempDir,
    /// In the zygote's environment only.
    mark: String,
}

impl Forked {
    async fn start() -> Self {
        let forked = Self::with(ZYGOTE).await;
        // The first ones do not wait until it is loaded.
        for _ in 0..8 {
            forked.tell(Vec::new()).await;
        }
        let (text, _) = forked.tell(Vec::new()).await;
        assert!(text.starts_with("0 True"), "it was not forked: {text}");
        forked
    }

    /// With a program whose parent lives until it is killed.
    async fn with_a_parent_that_stays(env: Vec<(String, String)>) -> (Self, Box<dyn Sandbox>) {
        let ends = "\"pid\": child}})\n        os._exit(0)\n";
        assert_eq!(ZYGOTE.matches(ends).count(), 1);
        let stays = ZYGOTE.replace(ends, "\"pid\": child}})\n        signal.pause()\n");
        let forked = Self::with(stays.leak()).await;
        for _ in 0..9 {
            let spec = forked.python(env.clone());
            let mut sandbox = forked.sandboxes.create(spec).await.expect("created");
            if line(&mut sandbox).await.starts_with("0 True") {
                return (forked, sandbox);
            }
            sandbox.kill().await;
        }
        panic!("none was forked")
    }

    async fn with(input: &'static str) -> Self {
        let runtime = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = runtime.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        for module in CLIENT {
            write(&format!("awslambdaric/{module}.py"), "");
        }
        write("boto3/__init__.py", "from . import session");
        write("boto3/session.py", SESSION);
        write("botocore/loaders.py", LOADERS);
        write("bootstrap.py", BOOTSTRAP);
        runtime_process::make_readable(runtime.path()).expect("readable");
        let python = fs::canonicalize("/usr/bin/python3").expect("Python is installed");
        let python = python.to_str().expect("a name").to_owned();
        let mark = format!("{:?}", runtime.path());
        let zygote = Zygote {
            argv: [&python, "-S", "-B", "-"].map(str::to_owned).into(),
            env: vec![("ZYGOTE".into(), mark.clone())],
            mounts: vec![mount(runtime.path(), "/var/runtime")],
            input,
        };
        Self { sandboxes: sandboxes().await, zygote, runtime, mark }
    }

    /// A program of Python, as a function's is.
    fn python(&self, env: Vec<(String, String)>) -> SandboxSpec {
        let mut spec = guest(&[]);
        spec.argv = self.zygote.argv.clone();
        *spec.argv.last_mut().expect("arguments") = "/var/runtime/bootstrap.py".into();
        spec.env = env;
        spec.mounts.push(mount(self.runtime.path(), "/var/runtime"));
        spec.zygote = Some(self.zygote.clone());
        spec
    }

    async fn tell(&self, env: Vec<(String, String)>) -> (String, Exit) {
        run(&self.sandboxes, self.python(env)).await
    }

    /// What an attempt came to in the guest when it was executed, and when a fork of the zygote
    /// became it.
    async fn both(&self, attempt: &[&str]) -> [String; 2] {
        let attempt = [&["parent"][..], attempt].concat();
        let (executed, _) = run(&self.sandboxes, guest(&attempt)).await;
        let (forked, _) = run(&self.sandboxes, self.guest(&attempt)).await;
        // The parent of a fork is outside of its namespace.
        [(executed, "parent 1\n"), (forked, "parent 0\n")].map(|(text, parent)| {
            let told = text.strip_prefix(parent);
            told.unwrap_or_else(|| panic!("no {parent:?} in {text:?}")).to_owned()
        })
    }

    /// The guest, which a fork of the zygote executes behind its walls.
    fn guest(&self, attempt: &[&str]) -> SandboxSpec {
        SandboxSpec { zygote: Some(self.zygote.clone()), ..guest(attempt) }
    }

    fn process(&self) -> HostProcess {
        let mut found = self.processes();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// The zygote, and the parent of the one program that was forked from it.
    fn process_and_parent(&self) -> [HostProcess; 2] {
        let mut found = self.processes();
        let first = found.first().expect("the zygote").parent().pid;
        if found.iter().any(|process| process.pid == first) {
            found.reverse();
        }
        found.try_into().ok().expect("two processes")
    }

    fn processes(&self) -> Vec<HostProcess> {
        let mut found = processes_with(&format!("ZYGOTE={}", self.mark));
        // Forks have its environment until they have their own.
        found.retain(|process| process.user() == 0x7040_0001);
        found
    }
}

fn mount(source: &Path, target: &str) -> Mount {
    Mount { source: source.to_owned(), target: target.to_owned() }
}

fn variable(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[tokio::test]
async fn a_forked_program_meets_the_walls_that_an_executed_one_meets() {
    let forked = Forked::start().await;
    for attempt in ATTEMPTS {
        let [executed, text] = forked.both(attempt).await;
        // Inodes of pipes differ between any two sandboxes.
        let plain = |text: &str| text.split("pipe:[").next().expect("a part").to_owned();
        assert_eq!(plain(&text), plain(&executed), "{attempt:?}");
        assert!(!text.is_empty() || **attempt == ["environment"], "{attempt:?}");
    }
}

#[tokio::test]
async fn a_forked_program_has_no_privilege_and_sees_no_other_process() {
    let forked = Forked::start().await;
    let [executed, text] = forked.both(&["read", "/proc/self/status"]).await;
    let names = [
        "Uid",
        "Gid",
        "Groups",
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
        "Seccomp",
        "SigBlk",
        "SigIgn",
        "SigCgt",
        "Umask",
    ];
    for name in names {
        let field = |text: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
            found.expect("a field").trim().to_owned()
        };
        assert_eq!(field(&text), field(&executed), "{name}");
    }
    let [_, text] = forked.both(&["list", "/proc"]).await;
    let pids = text.split_whitespace().filter(|name| name.parse::<u32>().is_ok()).count();
    assert_eq!(pids, 2, "{text}");
}

#[tokio::test]
async fn forked_programs_are_different_users_in_namespaces_and_groups_of_their_own() {
    let forked = Forked::start().await;
    let mark = format!("forked-{}", std::process::id());
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut spec = forked.guest(&["sleep"]);
        spec.env = variable("MARK", &mark);
        held.push(forked.sandboxes.create(spec).await.expect("created"));
    }
    let processes = loop {
        let found = processes_with(&format!("MARK={mark}"));
        if found.len() == 2 {
            break found;
        }
        tokio::task::yield_now().await;
    };
    let users: BTreeSet<u32> = processes.iter().map(HostProcess::user).collect();
    assert_eq!(users.len(), 2);
    assert!(users.iter().all(|user| (0x7000_0000..0x7040_0000).contains(user)), "{users:?}");
    let zygote = forked.process();
    let sets: Vec<_> = processes.iter().chain([&zygote]).map(HostProcess::namespaces).collect();
    assert!(sets[0].differs_from(&sets[1]) && sets[0].differs_from(&sets[2]));
    let groups: Vec<_> = processes.iter().chain([&zygote]).map(|it| it.control_groups()).collect();
    assert!(groups[0].is_disjoint(&groups[1]) && groups[0].is_disjoint(&groups[2]));
    for sandbox in &mut held {
        sandbox.kill().await;
    }
    processes.iter().for_each(HostProcess::assert_ends);
    sets[..2].iter().for_each(Namespaces::assert_unused);
    assert!(groups[..2].iter().flatten().all(|dir| !dir.exists()));
}

#[tokio::test]
async fn what_a_forked_program_finds_is_its_own() {
    let forked = Forked::start().await;
    let mut env = variable("SECRET", "tenant-secret-93b1");
    env.extend(variable("CODE", "7"));
    let (first, exit) = forked.tell(env.clone()).await;
    let (second, _) = forked.tell(env).await;
    assert_eq!(exit.cause, ExitCause::Code(7));
    let lines: Vec<&str> = first.lines().collect();
    assert_eq!(lines[0], "0 True ['/var/runtime/bootstrap.py'] /var/runtime /var/task");
    let (number, environment) = lines[1].split_once(' ').expect("two parts");
    assert!(environment.contains("('CODE', '7'), ") && environment.contains("tenant-secret-93b1"));
    assert!(!environment.contains("ZYGOTE"), "{environment}");
    assert!(!second.contains(number), "two forks have the same random numbers");
    let zygote = forked.process().pid.as_raw_nonzero().to_string();
    assert!(memory_contains(&zygote, forked.mark.as_bytes()));
    assert!(!memory_contains(&zygote, b"tenant-secret-93b1"));
}

#[tokio::test]
async fn code_or_variables_that_change_what_is_loaded_get_an_interpreter_of_their_own() {
    let forked = Forked::start().await;
    let (text, _) = forked.tell(variable("PYTHONHASHSEED", "1")).await;
    assert!(text.starts_with("0 False"), "{text}");
    let code = tempfile::tempdir().expect("a folder");
    fs::write(code.path().join("json.py"), "").expect("written");
    runtime_process::make_readable(code.path()).expect("readable");
    let mut spec = forked.python(Vec::new());
    spec.mounts =
        vec![mount(forked.runtime.path(), "/var/runtime"), mount(code.path(), "/var/task")];
    let (text, _) = run(&forked.sandboxes, spec).await;
    assert!(text.starts_with("0 False"), "{text}");
}

#[tokio::test]
async fn the_way_a_forked_program_ends_is_told() {
    let forked = Forked::start().await;
    let (_, exit) = run(&forked.sandboxes, forked.guest(&["exit", "3"])).await;
    assert_eq!(exit, Exit { cause: ExitCause::Code(3), out_of_memory: false });
    let (_, exit) = run(&forked.sandboxes, forked.guest(&["abort"])).await;
    assert_eq!(exit.cause, ExitCause::Signal(libc::SIGABRT));
    let (_, exit) = run(&forked.sandboxes, forked.guest(&["eat", "1000"])).await;
    assert_eq!(exit, Exit { cause: ExitCause::Signal(libc::SIGKILL), out_of_memory: true });
}

#[tokio::test]
async fn a_sandbox_that_cannot_be_complete_says_why_and_harms_no_zygote() {
    let forked = Forked::start().await;
    let mut spec = forked.python(Vec::new());
    spec.mounts.push(mount(Path::new("/does/not/exist"), "/opt"));
    let error = forked.sandboxes.create(spec).await.err().expect("refused");
    assert!(error.to_string().contains("/does/not/exist"), "{error}");
    let mut spec = forked.python(Vec::new());
    spec.cwd = "/missing".into();
    let error = forked.sandboxes.create(spec).await.err().expect("refused");
    assert!(error.to_string().contains("/missing"), "{error}");
    let (text, _) = forked.tell(Vec::new()).await;
    assert!(text.starts_with("0 True"), "{text}");
}

#[tokio::test]
async fn a_zygote_that_died_costs_nothing_but_its_speed() {
    let forked = Forked::start().await;
    let zygote = forked.process();
    rustix::process::kill_process(zygote.pid, rustix::process::Signal::KILL).expect("killed");
    zygote.assert_ends();
    let (text, exit) = forked.tell(Vec::new()).await;
    assert!(text.contains("done"), "{text}");
    assert_eq!(exit.cause, ExitCause::Code(0));
}

#[tokio::test]
async fn the_helper_waits_while_a_program_that_has_ended_is_still_its_parents() {
    let (forked, mut sandbox) = Forked::with_a_parent_that_stays(variable("CODE", "7")).await;
    let [zygote, parent] = forked.process_and_parent();
    let helper = zygote.parent();
    let waited = async {
        while parent.ended_children() == 0 {
            tokio::task::yield_now().await;
        }
        let before = helper.waits();
        while helper.waits() < before + 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG_PATIENCE, waited).await.expect("the helper waits");
    rustix::process::kill_process(parent.pid, rustix::process::Signal::KILL).expect("killed");
    assert_eq!(sandbox.wait().await.cause, ExitCause::Code(7));
}

#[tokio::test]
async fn nothing_stays_of_the_parents_of_programs_whose_zygote_has_ended() {
    let (forked, mut sandbox) = Forked::with_a_parent_that_stays(variable("STAY", "1")).await;
    let [zygote, parent] = forked.process_and_parent();
    for process in [&zygote, &parent] {
        rustix::process::kill_process(process.pid, rustix::process::Signal::KILL).expect("killed");
        process.assert_ends();
    }
    sandbox.kill().await;
    parent.assert_reaped().await;
}

#[tokio::test]
async fn zygotes_and_their_forks_end_with_the_server() {
    let forked = Forked::start().await;
    let mut sandbox =
        forked.sandboxes.create(forked.python(variable("STAY", "1"))).await.expect("created");
    line(&mut sandbox).await;
    let zygote = forked.process();
    let groups = zygote.control_groups();
    let Forked { sandboxes, .. } = forked;
    drop((sandbox, sandboxes));
    // The tasks that hold the socket end in this thread's event loop.
    let helper = zygote.parent();
    let ends = tokio::task::spawn_blocking(move || {
        zygote.assert_ends();
        helper.assert_ends();
    });
    ends.await.expect("they ended");
    assert!(groups.iter().all(|dir| !dir.exists()));
}

#[tokio::test]
async fn zygotes_end_when_the_helper_is_killed() {
    let forked = Forked::start().await;
    let mut sandbox = forked.sandboxes.create(forked.guest(&["sleep"])).await.expect("created");
    let zygote = forked.process();
    let helper = zygote.parent();
    rustix::process::kill_process(helper.pid, rustix::process::Signal::KILL).expect("killed");
    assert_eq!(sandbox.wait().await.cause, ExitCause::Signal(libc::SIGKILL));
    zygote.assert_ends();
    let (text, _) = forked.tell(Vec::new()).await;
    assert!(text.contains("done"), "{text}");
}
