//! Prints the isolation that this host gives and what a sandbox costs.
//!
//! `sandbox-probe [COUNT]` makes COUNT sandboxes, one after another. `sandbox-probe hold COUNT`
//! makes COUNT that sleep, says so, and keeps them, and what is started ahead of
//! further ones, until its input ends; the tests kill it.
//! `sandbox-probe run PROGRAM [ARGUMENT...]` runs a program of the host in one.

#![allow(clippy::print_stdout)]

use std::io::Read;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;

use runtime::sandbox::{IsolationLevel, Parked, SandboxError, SandboxSpec, Sandboxes};
use runtime_process::{HELPER_ARGUMENT, Platform, ProcessSandboxes, Settings, helper_main};

fn main() -> Result<(), SandboxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.first() == Some(&HELPER_ARGUMENT) {
        helper_main();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| SandboxError::Start {
        step: "start the event loop".to_owned(),
        detail: error.to_string(),
    })?;
    let count = arguments.last().and_then(|count| count.parse().ok()).unwrap_or(100);
    runtime.block_on(async {
        let platform = Platform { host: "localhost".to_owned(), port: 4566 };
        let settings = Settings { allow_reduced: true, ..Settings::new(platform) };
        let before = Instant::now();
        let sandboxes = ProcessSandboxes::start(settings).await?;
        if arguments.first() == Some(&"hold") {
            return hold(&sandboxes, count).await;
        }
        if arguments.first() == Some(&"run") {
            return run(&sandboxes, &arguments[1..]).await;
        }
        print_isolation(&sandboxes);
        println!("start of the helper with its probe: {:.1?}", before.elapsed());
        measure(&sandboxes, count).await
    })
}

fn spec(argv: &[&str], mark: &str) -> SandboxSpec {
    SandboxSpec {
        name: "probe".to_owned(),
        argv: argv.iter().map(|argument| (*argument).to_owned()).collect(),
        env: vec![("MARK".to_owned(), mark.to_owned())],
        cwd: "/tmp".to_owned(),
        mounts: Vec::new(),
        memory_bytes: 128 << 20,
        tmp_bytes: 64 << 20,
        max_processes: 64,
        max_open_files: 1024,
        cpu_millis: Some(1000),
        zygote: None,
        parked: None,
    }
}

async fn hold(sandboxes: &ProcessSandboxes, count: usize) -> Result<(), SandboxError> {
    let mark = format!("held-by-{}", std::process::id());
    let mut held = Vec::new();
    for _ in 0..count {
        let mut spec = spec(&["/bin/sleep", "1000"], &mark);
        let (argv, env) = (spec.argv.clone(), spec.env.clone());
        // Others of the kind are started ahead of need.
        spec.parked = Some(Parked { argv, env, mounts: Vec::new(), reads: &[], ignores: &[] });
        held.push(sandboxes.create(spec).await?);
    }
    println!("holding");
    // Whatever ends the input ends this program.
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = ended.await;
    Ok(())
}

async fn run(sandboxes: &ProcessSandboxes, argv: &[&str]) -> Result<(), SandboxError> {
    let spec = SandboxSpec { memory_bytes: 512 << 20, ..spec(argv, "") };
    let mut sandbox = sandboxes.create(spec).await?;
    let mut text = Vec::new();
    if let Some(mut output) = sandbox.output() {
        // What came before an error is shown.
        let _ = output.read_to_end(&mut text).await;
    }
    println!("{}{:?}", String::from_utf8_lossy(&text), sandbox.wait().await);
    Ok(())
}

fn print_isolation(sandboxes: &ProcessSandboxes) {
    let isolation = sandboxes.isolation();
    let level = match isolation.level {
        IsolationLevel::Full => "full",
        IsolationLevel::Reduced => "reduced",
    };
    println!("isolation: {level}");
    for part in &isolation.parts {
        if part.achieved {
            println!("  yes  {}", part.name);
        } else {
            println!("  no   {}: {}", part.name, part.remedy);
        }
    }
}

async fn measure(sandboxes: &ProcessSandboxes, count: usize) -> Result<(), SandboxError> {
    let (mut starts, mut kills, mut lives) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let before = Instant::now();
        let mut sandbox = sandboxes.create(spec(&["/bin/sleep", "1000"], "")).await?;
        starts.push(before.elapsed());
        let before = Instant::now();
        sandbox.kill().await;
        kills.push(before.elapsed());
        let before = Instant::now();
        let mut sandbox = sandboxes.create(spec(&["/bin/true"], "")).await?;
        sandbox.wait().await;
        lives.push(before.elapsed());
    }
    print_spread("request to running program", starts);
    print_spread("kill to everything gone", kills);
    print_spread("request to /bin/true gone", lives);
    Ok(())
}

fn print_spread(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    if let (Some(median), Some(p99)) =
        (times.get(times.len() / 2), times.get(times.len() * 99 / 100))
    {
        println!("{what}: p50 {median:.2?}, p99 {p99:.2?}, {} times", times.len());
    }
}
