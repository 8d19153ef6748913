//! What is left when something dies: nothing.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use runtime::sandbox::{ExitCause, SandboxSpec, Sandboxes};
use rustix::process::Signal;

use crate::support::{Namespaces, PROBE, guest, line, processes_with, sandboxes};

/// A guest whose processes can be found on the host.
fn marked(attempt: &[&str], mark: &str) -> SandboxSpec {
    let (name, value) = mark.split_once('=').expect("a variable");
    SandboxSpec { env: vec![(name.to_owned(), value.to_owned())], ..guest(attempt) }
}

fn mark(test: &str) -> String {
    format!("MARK={test}-{}", std::process::id())
}

#[tokio::test]
async fn kill_returns_when_processes_namespaces_and_control_groups_are_gone() {
    let sandboxes = sandboxes().await;
    let mark = mark("kill");
    let mut sandbox = sandboxes.create(marked(&["orphan"], &mark)).await.expect("created");
    assert_eq!(line(&mut sandbox).await, "left");
    let processes = processes_with(&mark);
    assert!(processes.len() >= 2, "the program and the orphan");
    let namespaces = processes[0].namespaces();
    let groups = processes[0].control_groups();
    sandbox.kill().await;
    assert!(processes_with(&mark).is_empty());
    namespaces.assert_unused();
    for group in groups {
        assert!(!group.exists(), "{}", group.display());
    }
    assert_eq!(sandbox.wait().await.cause, ExitCause::Signal(9));
    sandbox.kill().await;
}

#[tokio::test]
async fn a_program_that_ends_takes_what_it_left_with_it() {
    let sandboxes = sandboxes().await;
    let mark = mark("end");
    let mut spec = marked(&[], &mark);
    let script = "setsid /var/task/guest sleep & setsid /var/task/guest sleep & exit 3";
    spec.argv = vec!["/bin/sh".into(), "-c".into(), script.into()];
    let mut sandbox = sandboxes.create(spec).await.expect("created");
    assert_eq!(sandbox.wait().await.cause, ExitCause::Code(3));
    assert!(processes_with(&mark).is_empty());
}

#[tokio::test]
async fn a_dropped_sandbox_is_killed() {
    let sandboxes = sandboxes().await;
    let mark = mark("drop");
    let sandbox = sandboxes.create(marked(&["sleep"], &mark)).await.expect("created");
    let processes = processes_with(&mark);
    assert_eq!(processes.len(), 1);
    drop(sandbox);
    // The request is sent by a task of this thread's event loop.
    let ends = tokio::task::spawn_blocking(move || processes[0].assert_ends());
    ends.await.expect("it ended");
}

#[tokio::test]
async fn a_creator_that_stopped_waiting_leaves_no_sandbox() {
    let sandboxes = sandboxes().await;
    let mark = mark("abandon");
    let mut creating: futures_util::future::BoxFuture<'_, _> =
        sandboxes.create(marked(&["sleep"], &mark));
    let asked = futures_util::FutureExt::now_or_never(&mut creating);
    assert!(asked.is_none(), "it was asked for and has not come");
    drop(creating);
    // Requests are answered in order: when this one runs, the abandoned one has been answered.
    let mut next = sandboxes.create(guest(&["sleep"])).await.expect("created");
    let left = processes_with(&mark);
    let ends = tokio::task::spawn_blocking(move || {
        left.iter().for_each(crate::support::HostProcess::assert_ends);
    });
    ends.await.expect("it ended");
    next.kill().await;
}

#[test]
fn nothing_is_left_when_the_server_is_killed() {
    let mut server = Command::new(PROBE)
        .args(["hold", "3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut told = String::new();
    let output = server.stdout.take().expect("piped");
    BufReader::new(output).read_line(&mut told).expect("read");
    assert_eq!(told, "holding\n");
    let mark = format!("MARK=held-by-{}", server.id());
    // Others are started ahead of need, as soon as none is started for somebody.
    let processes = loop {
        let found = processes_with(&mark);
        if found.len() > 3 {
            break found;
        }
        std::thread::yield_now();
    };
    let helper = processes[0].parent().parent();
    // Some of them have no program yet.
    let firsts = helper.children();
    let groups: Vec<_> = processes.iter().flat_map(|process| process.control_groups()).collect();
    let namespaces: Vec<_> = processes.iter().map(|process| process.namespaces()).collect();

    server.kill().expect("killed");
    server.wait().expect("reaped");

    helper.assert_ends();
    for process in processes.iter().chain(&firsts) {
        process.assert_ends();
    }
    namespaces.iter().for_each(Namespaces::assert_unused);
    for group in groups {
        assert!(!group.exists(), "{}", group.display());
        let owner = group.parent().expect("a parent");
        assert!(!owner.exists(), "{}", owner.display());
    }
}

#[tokio::test]
async fn nothing_is_left_when_the_helper_is_killed_and_the_next_sandbox_gets_a_new_one() {
    let sandboxes = sandboxes().await;
    let mark = mark("helper");
    let mut sandbox = sandboxes.create(marked(&["sleep"], &mark)).await.expect("created");
    let processes = processes_with(&mark);
    let first = processes[0].parent();
    let helper = first.parent();
    let groups = processes[0].control_groups();

    rustix::process::kill_process(helper.pid, Signal::KILL).expect("killed");

    assert_eq!(sandbox.wait().await.cause, ExitCause::Signal(9));
    processes[0].assert_ends();
    first.assert_ends();
    let mut next = sandboxes.create(guest(&["sleep"])).await.expect("a new helper made it");
    for group in groups {
        assert!(!group.exists(), "{}", group.display());
    }
    next.kill().await;
}
