//! Sandboxes that were made ahead of need are like those that are made for somebody, and none
//! outlives its use.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use runtime::sandbox::{Exit, ExitCause, Mount, SandboxSpec, Sandboxes};
use runtime_process::{ProcessSandboxes, Settings};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{
    ATTEMPTS, GUEST, HostProcess, assert_full, guest, only_process_with, run, settings,
};

/// Sandboxes of which some are made ahead, beside others.
struct Ready {
    sandboxes: ProcessSandboxes,
    helper: HostProcess,
    code: TempDir,
}

impl Ready {
    async fn start() -> Self {
        Self::with(settings()).await
    }

    async fn with(settings: Settings) -> Self {
        let code = tempfile::tempdir().expect("a folder");
        fs::copy(GUEST, code.path().join("guest")).expect("copied");
        runtime_process::make_readable(code.path()).expect("readable");
        let sandboxes = ProcessSandboxes::start(settings).await.expect("the helper starts");
        assert_full(sandboxes.isolation());
        let mut spec = in_folder(&code, &["sleep"]);
        let mark = format!("{:?}", code.path());
        spec.env = vec![("FIRST".into(), mark.clone())];
        let mut sandbox = sandboxes.create(spec).await.expect("created");
        let helper = only_process_with(&format!("FIRST={mark}")).parent().parent();
        sandbox.kill().await;
        Self { sandboxes, helper, code }
    }

    fn guest(&self, attempt: &[&str]) -> SandboxSpec {
        in_folder(&self.code, attempt)
    }

    fn firsts(&self) -> BTreeSet<i32> {
        let children = self.helper.children();
        children.iter().map(|process| process.pid.as_raw_nonzero().get()).collect()
    }

    /// Waits until one is there that nobody has asked for.
    async fn waiting(&self) -> HostProcess {
        loop {
            if let Some(first) = self.helper.children().pop() {
                return first;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Runs it until it was in a sandbox that was there before.
    async fn run(&self, attempt: &[&str]) -> (String, Exit) {
        loop {
            self.waiting().await;
            let before = self.firsts();
            let (text, exit) = run(&self.sandboxes, self.guest(attempt)).await;
            if !before.is_subset(&self.firsts()) {
                return (text, exit);
            }
        }
    }
}

fn in_folder(code: &TempDir, attempt: &[&str]) -> SandboxSpec {
    let mut spec = guest(attempt);
    spec.mounts = vec![Mount { source: code.path().into(), target: "/var/task".into() }];
    spec
}

#[tokio::test]
async fn a_program_in_a_sandbox_made_ahead_meets_the_walls_of_any_other() {
    let ready = Ready::start().await;
    let others = Ready::with(Settings { ready: 0, ..settings() }).await;
    for attempt in ATTEMPTS {
        let (other, _) = run(&others.sandboxes, others.guest(attempt)).await;
        let (text, _) = ready.run(attempt).await;
        // Inodes of pipes differ between any two sandboxes.
        let plain = |text: &str| text.split("pipe:[").next().expect("a part").to_owned();
        assert_eq!(plain(&text), plain(&other), "{attempt:?}");
        assert!(!text.is_empty() || **attempt == ["environment"], "{attempt:?}");
    }
    assert!(others.firsts().is_empty());
    for file in ["/proc/self/status", "/proc/self/mountinfo"] {
        let (other, _) = run(&others.sandboxes, others.guest(&["read", file])).await;
        let (text, _) = ready.run(&["read", file]).await;
        assert_eq!(facts(&text), facts(&other), "{file}");
    }
}

/// What a file of `/proc` says of walls: no numbers of processes, mounts, folders or pages.
fn facts(text: &str) -> BTreeSet<String> {
    let is_told = |line: &&str| !line.contains("kB") && !line.contains("ctxt_switches");
    let lines = text.lines().filter(is_told).map(|line| match line.split_once(" - ") {
        Some((mount, kind)) => {
            let mount: Vec<&str> = mount.split(' ').skip(4).collect();
            let kind = kind.split(",uid=").next().expect("a part");
            format!("{} {kind}", mount.join(" "))
        }
        None => line.to_owned(),
    });
    lines.collect()
}

#[tokio::test]
async fn the_way_a_program_ends_in_one_is_told() {
    let ready = Ready::start().await;
    let (_, exit) = ready.run(&["exit", "3"]).await;
    assert_eq!(exit, Exit { cause: ExitCause::Code(3), out_of_memory: false });
    let (_, exit) = ready.run(&["eat", "1000"]).await;
    assert_eq!(exit, Exit { cause: ExitCause::Signal(libc::SIGKILL), out_of_memory: true });
}

#[tokio::test]
async fn what_cannot_start_in_one_says_why() {
    let ready = Ready::start().await;
    ready.run(&["exit", "0"]).await;
    let mut spec = ready.guest(&[]);
    spec.argv = vec!["/var/task/missing".into()];
    let error = ready.sandboxes.create(spec).await.err().expect("refused");
    assert!(error.to_string().contains("execute /var/task/missing"), "{error}");
    let mut spec = ready.guest(&[]);
    spec.mounts[0].source = "/does/not/exist".into();
    let error = ready.sandboxes.create(spec).await.err().expect("refused");
    assert!(error.to_string().contains("open /does/not/exist"), "{error}");
    assert_eq!(ready.run(&["exit", "4"]).await.1.cause, ExitCause::Code(4));
}

#[tokio::test]
async fn one_that_died_while_it_waited_costs_nothing_but_its_speed() {
    let ready = Ready::start().await;
    let waiting = ready.waiting().await;
    rustix::process::kill_process(waiting.pid, Signal::KILL).expect("killed");
    waiting.assert_ends();
    let (_, exit) = run(&ready.sandboxes, ready.guest(&["exit", "5"])).await;
    assert_eq!(exit.cause, ExitCause::Code(5));
}

#[tokio::test]
async fn they_end_when_none_is_wanted_for_a_while() {
    let zygote_idle = Duration::from_millis(500);
    let ready = Ready::with(Settings { zygote_idle, ..settings() }).await;
    loop {
        run(&ready.sandboxes, ready.guest(&["exit", "0"])).await;
        // It may have ended before it was looked for.
        if tokio::time::timeout(Duration::from_secs(1), ready.waiting()).await.is_ok() {
            break;
        }
    }
    while !ready.firsts().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn they_end_with_the_server_and_leave_no_control_group() {
    let ready = Ready::start().await;
    let waiting = ready.waiting().await;
    let groups = waiting.control_groups();
    drop(ready);
    // The tasks that hold the socket end in this thread's event loop.
    let ends = tokio::task::spawn_blocking(move || waiting.assert_ends());
    ends.await.expect("it ended");
    // The helper removes them before it ends.
    while groups.iter().any(|dir| dir.exists()) {
        tokio::task::yield_now().await;
    }
}
