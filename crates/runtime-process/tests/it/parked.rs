//! Programs that were started ahead of need have the walls of those that are executed; nothing of
//! a function is there before they are its own, and none outlives its use.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use runtime::sandbox::{Exit, ExitCause, Mount, Parked, SandboxSpec, Sandboxes};
use runtime_process::{ProcessSandboxes, Settings};
use tempfile::TempDir;

use crate::support::{
    ATTEMPTS, GUEST, HostProcess, Namespaces, assert_full, guest, line, processes_with, run,
    settings,
};

/// Stands for AWS's client: tells what it finds, or runs the guest.
const CLIENT: &str = r#"
import { spawnSync } from "node:child_process";
import fs from "node:fs";
const isParked = fs.readFileSync("/proc/self/cmdline", "latin1").includes("parked");
const read = (file) => { try { return fs.readFileSync(file, "utf8"); } catch (e) { return e.code; } };
export async function run(root, handler) {
  fs.writeSync(1, isParked ? "parked\n" : "executed\n");
  // Its output may be closed by now.
  if (handler === "stay") return void setInterval(() => {}, 1000);
  if (handler === "tell") {
    const fields = read("/proc/self/status").split("\n").filter((line) => FIELDS.test(line));
    const files = fs.readdirSync("/proc/self/fd").map((fd) => {
      try { return fs.readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, ""); } catch { return ""; }
    });
    const mounts = read("/proc/self/mountinfo").trim().split("\n").map((it) => it.split(" "));
    const facts = {
      argv: process.argv, execArgv: process.execArgv, cwd: process.cwd(), root, env: process.env,
      code: read("/var/task/code"), layer: read("/opt/layer"), fields, files: files.sort(),
      mounts: mounts.map((it) => it.slice(3).join(" ").replace(/([ug]id)=\d+/g, "$1")).sort(),
      limits: read("/proc/self/limits"), heap: (await import("node:v8")).getHeapStatistics().heap_size_limit,
    };
    fs.writeSync(1, JSON.stringify(facts, null, 1) + "\n");
    return;
  }
  const child = spawnSync("/var/task/guest", JSON.parse(handler), { stdio: "inherit" });
  if (child.signal) process.kill(process.pid, child.signal);
  process.exitCode = child.status;
}
const FIELDS = /^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|SigBlk|SigIgn|SigCgt|Umask):/;
"#;

/// Sandboxes in which a Node can be parked.
struct Lot {
    sandboxes: ProcessSandboxes,
    parked: Parked,
    runtime: TempDir,
    code: TempDir,
    layers: TempDir,
    /// In the environment of what waits only.
    mark: String,
}

impl Lot {
    async fn open() -> Self {
        Self::with(settings()).await
    }

    async fn with(settings: Settings) -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        let (runtime, code, layers) = (folder(), folder(), folder());
        let inside = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interpreters/inside");
        for name in ["bootstrap.mjs", "parked.mjs", "node-path.mjs"] {
            fs::copy(inside.join(name), runtime.path().join(name)).expect("copied");
        }
        let write = |path: &str, text: &str| {
            let path = runtime.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("client-3/index.mjs", CLIENT);
        write("client-3/rapid-client.node/index.js", "");
        write("client-3/rapid-client.node/package.json", r#"{"type":"commonjs"}"#);
        fs::copy(GUEST, code.path().join("guest")).expect("copied");
        fs::write(code.path().join("code"), "of the function").expect("written");
        fs::write(layers.path().join("layer"), "of the layer").expect("written");
        for folder in [&runtime, &code, &layers] {
            runtime_process::make_readable(folder.path()).expect("readable");
        }
        let node = fs::canonicalize("/usr/bin/node").expect("Node is installed");
        let node = node.to_str().expect("a name");
        let bootstrap = "/var/runtime/bootstrap.mjs";
        let mark = format!("{:?}", runtime.path());
        let argv = [node, "--max-old-space-size=90", bootstrap, "3", "parked"];
        let parked = Parked {
            argv: argv.map(str::to_owned).into(),
            env: vec![("WAITS".into(), mark.clone())],
            mounts: vec![mount(runtime.path(), "/var/runtime")],
            reads: &["NODE_"],
            ignores: &["NODE_ENV"],
        };
        let sandboxes = ProcessSandboxes::start(settings).await.expect("the helper starts");
        assert_full(sandboxes.isolation());
        Self { sandboxes, parked, runtime, code, layers, mark }
    }

    /// A program that is executed.
    fn executed(&self, handler: &str, env: &[(&str, &str)]) -> SandboxSpec {
        let mut spec = guest(&[]);
        spec.argv = self.parked.argv[..4].to_vec();
        let own = [("LAMBDA_TASK_ROOT", "/var/task"), ("_HANDLER", handler)];
        let all = env.iter().chain(&own);
        spec.env = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        spec.mounts = vec![
            mount(self.runtime.path(), "/var/runtime"),
            mount(self.code.path(), "/var/task"),
            mount(self.layers.path(), "/opt"),
        ];
        spec.memory_bytes = 256 << 20;
        spec.max_processes = 64;
        spec
    }

    /// The same, which a parked one may serve.
    fn parked(&self, handler: &str, env: &[(&str, &str)]) -> SandboxSpec {
        SandboxSpec { parked: Some(self.parked.clone()), ..self.executed(handler, env) }
    }

    /// Runs it until a parked one has served it.
    async fn run_parked(&self, handler: &str, env: &[(&str, &str)]) -> (String, Exit) {
        loop {
            let (text, exit) = run(&self.sandboxes, self.parked(handler, env)).await;
            if let Some(text) = text.strip_prefix("parked\n") {
                return (text.to_owned(), exit);
            }
            assert!(text.starts_with("executed\n"), "{text}");
        }
    }

    async fn run_executed(&self, handler: &str, env: &[(&str, &str)]) -> (String, Exit) {
        let (text, exit) = run(&self.sandboxes, self.executed(handler, env)).await;
        (text.strip_prefix("executed\n").expect("executed").to_owned(), exit)
    }

    /// Creates one that a parked one serves, and stays.
    async fn hold(&self) -> Box<dyn runtime::sandbox::Sandbox> {
        loop {
            let mut sandbox =
                self.sandboxes.create(self.parked("stay", &[])).await.expect("created");
            if line(&mut sandbox).await == "parked" {
                return sandbox;
            }
            sandbox.kill().await;
        }
    }

    /// Those that wait, or are a function's since.
    fn processes(&self) -> Vec<HostProcess> {
        processes_with(&format!("WAITS={}", self.mark))
    }

    /// Waits until one waits.
    async fn waiting(&self) -> HostProcess {
        loop {
            if let Some(process) = self.processes().pop() {
                return process;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn mount(source: &Path, target: &str) -> Mount {
    Mount { source: source.to_owned(), target: target.to_owned() }
}

#[tokio::test]
async fn a_parked_program_meets_the_walls_that_an_executed_one_meets() {
    let lot = Lot::open().await;
    for attempt in ATTEMPTS {
        let handler = serde_json::to_string(attempt).expect("a text");
        let (executed, _) = lot.run_executed(&handler, &[]).await;
        let (text, _) = lot.run_parked(&handler, &[]).await;
        // Inodes of pipes differ between any two sandboxes, and the number of Node's own threads is
        // not always the same.
        let plain = |text: &str| match **attempt {
            ["fork"] => text.split(' ').next_back().expect("a part").to_owned(),
            _ => text.split("pipe:[").next().expect("a part").to_owned(),
        };
        assert_eq!(plain(&text), plain(&executed), "{attempt:?}");
        assert!(!text.is_empty(), "{attempt:?}");
    }
    let (text, _) = lot.run_parked(r#"["write", "/opt/layer"]"#, &[]).await;
    assert_eq!(text, "error ReadOnlyFilesystem 30\n");
}

#[tokio::test]
async fn what_a_parked_program_finds_is_what_an_executed_one_finds() {
    let lot = Lot::open().await;
    let env = [("SECRET", "tenant-secret-51c0"), ("NODE_ENV", "production")];
    let (executed, _) = lot.run_executed("tell", &env).await;
    let (text, exit) = lot.run_parked("tell", &env).await;
    assert_eq!(exit.cause, ExitCause::Code(0));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&text), lines(&executed));
    for part in ["tenant-secret-51c0", "of the function", "of the layer", "\"cwd\": \"/var/task\""]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("WAITS"), "{text}");
}

#[tokio::test]
async fn a_variable_that_is_read_at_the_start_gets_a_program_of_its_own() {
    let lot = Lot::open().await;
    lot.run_parked("tell", &[]).await;
    let spec = lot.parked("tell", &[("NODE_OPTIONS", "--no-warnings")]);
    let (text, _) = run(&lot.sandboxes, spec).await;
    assert!(text.starts_with("executed"), "{text}");
    let mut spec = lot.parked("tell", &[]);
    spec.mounts.push(mount(lot.layers.path(), "/var/elsewhere"));
    let (text, _) = run(&lot.sandboxes, spec).await;
    assert!(text.starts_with("executed"), "{text}");
}

#[tokio::test]
async fn parked_programs_are_different_users_in_namespaces_and_groups_of_their_own() {
    let lot = Lot::open().await;
    let mut held = [lot.hold().await, lot.hold().await];
    let processes = lot.processes();
    assert!(processes.len() >= 2);
    let users: BTreeSet<u32> = processes.iter().map(HostProcess::user).collect();
    assert_eq!(users.len(), processes.len());
    assert!(users.iter().all(|user| (0x7000_0000..0x7040_0000).contains(user)), "{users:?}");
    let sets: Vec<_> = processes.iter().map(HostProcess::namespaces).collect();
    assert!(sets[0].differs_from(&sets[1]));
    let groups: Vec<_> = processes.iter().map(HostProcess::control_groups).collect();
    assert!(groups[0].is_disjoint(&groups[1]));
    for sandbox in &mut held {
        sandbox.kill().await;
    }
    drop((held, lot));
    // The tasks that hold the socket end in this thread's event loop.
    let ends = tokio::task::spawn_blocking(move || {
        processes.iter().for_each(HostProcess::assert_ends);
        // The first processes of sandboxes that nobody took end with the helper, which tells nobody.
        sets.iter().for_each(Namespaces::assert_left);
    });
    ends.await.expect("they ended");
}

#[tokio::test]
async fn the_way_a_parked_program_ends_is_told() {
    let lot = Lot::open().await;
    let (_, exit) = lot.run_parked(r#"["exit", "3"]"#, &[]).await;
    assert_eq!(exit, Exit { cause: ExitCause::Code(3), out_of_memory: false });
    let (_, exit) = lot.run_parked(r#"["abort"]"#, &[]).await;
    assert_eq!(exit.cause, ExitCause::Signal(libc::SIGABRT));
    let (_, exit) = lot.run_parked(r#"["eat", "1000"]"#, &[]).await;
    assert!(exit.out_of_memory, "{exit:?}");
}

#[tokio::test]
async fn a_function_that_cannot_be_put_there_says_why() {
    let lot = Lot::open().await;
    lot.run_parked("tell", &[]).await;
    let mut spec = lot.parked("tell", &[]);
    spec.mounts[1].source = "/does/not/exist".into();
    let error = lot.sandboxes.create(spec).await.err().expect("refused");
    assert!(error.to_string().contains("/does/not/exist"), "{error}");
    let (text, _) = lot.run_parked("tell", &[]).await;
    assert!(text.contains("of the function"), "{text}");
}

#[tokio::test]
async fn one_that_died_while_it_waited_costs_nothing_but_its_speed() {
    let lot = Lot::open().await;
    run(&lot.sandboxes, lot.parked("tell", &[])).await;
    let waiting = lot.waiting().await;
    rustix::process::kill_process(waiting.pid, rustix::process::Signal::KILL).expect("killed");
    waiting.assert_ends();
    let (text, exit) = run(&lot.sandboxes, lot.parked("tell", &[])).await;
    assert!(text.contains("of the function"), "{text}");
    assert_eq!(exit.cause, ExitCause::Code(0));
}

#[tokio::test]
async fn what_waits_ends_when_it_is_not_wanted_for_a_while() {
    let zygote_idle = Duration::from_millis(500);
    let lot = Lot::with(Settings { zygote_idle, ..settings() }).await;
    run(&lot.sandboxes, lot.parked("tell", &[])).await;
    // It may have waited and ended before it is looked for.
    while !lot.processes().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(lot.processes().is_empty());
}

#[tokio::test]
async fn no_more_wait_than_may() {
    let lot = Lot::with(Settings { parked: 1, ..settings() }).await;
    run(&lot.sandboxes, lot.parked("tell", &[])).await;
    let first = lot.waiting().await;
    // Another kind, which is wanted later.
    let mut other = lot.parked("tell", &[]);
    other.memory_bytes += 1 << 20;
    run(&lot.sandboxes, other).await;
    let ends = tokio::task::spawn_blocking(move || first.assert_ends());
    ends.await.expect("it made room");
    lot.waiting().await;
    assert_eq!(lot.processes().len(), 1);
}

#[tokio::test]
async fn none_waits_where_none_may() {
    let lot = Lot::with(Settings { parked: 0, ..settings() }).await;
    for _ in 0..3 {
        let (text, _) = run(&lot.sandboxes, lot.parked("tell", &[])).await;
        assert!(text.starts_with("executed"), "{text}");
    }
    assert!(lot.processes().is_empty());
}

#[tokio::test]
async fn what_waits_ends_when_the_helper_is_killed_and_with_the_server() {
    let lot = Lot::open().await;
    let mut sandbox = lot.hold().await;
    let waiting = lot.waiting().await;
    let groups = waiting.control_groups();
    let helper = waiting.parent().parent();
    rustix::process::kill_process(helper.pid, rustix::process::Signal::KILL).expect("killed");
    assert_eq!(sandbox.wait().await.cause, ExitCause::Signal(libc::SIGKILL));
    waiting.assert_ends();
    let (text, _) = lot.run_parked("tell", &[]).await;
    assert!(text.contains("of the function"), "{text}");
    assert!(groups.iter().all(|dir| !dir.exists()), "the next helper sweeps");
    let waiting = lot.waiting().await;
    drop((sandbox, lot));
    let ends = tokio::task::spawn_blocking(move || waiting.assert_ends());
    ends.await.expect("it ended");
}
