//! The demo: Pileus on an empty data folder, `examples/backend` deployed and used with real
//! requests, and what came of it. `cargo xtask demo` builds and runs it.

#![allow(clippy::print_stdout, reason = "it is a show")]

use anyhow::{Context, Result, bail, ensure};
use e2e::{Node, binary, demo::Backend, root};
use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// People who sign up, and one whose welcome always fails.
const PEOPLE: usize = 20;
const POISONED: &str = "eve@poison.example";
/// Everything must have happened by then.
const PATIENCE: Duration = Duration::from_secs(90);

fn main() -> Result<()> {
    let exit = std::env::args().any(|argument| argument == "--exit");
    let folder = root().canonicalize()?.join("target/demo");
    let data = folder.join("data");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&data)?;

    heading("Interpreters and SDKs for functions (once; later runs find them)");
    pileus(&["runtimes", "install", "--data", text(&folder)?])?;
    symlink(folder.join("runtimes"), data.join("runtimes"))?;

    heading("pileus up, on an empty data folder");
    let started = Instant::now();
    let mut node = Node::start_at(&data, "127.0.0.1:4566").or_else(|error| {
        println!("  port 4566 is not free ({error:#}), so another is taken");
        Node::start(&data)
    })?;
    println!("  serves {} after {:?}", node.endpoint(), round(started.elapsed()));

    heading("pileus deploy examples/backend");
    let template = root().join("examples/backend/template.yaml").canonicalize()?;
    let started = Instant::now();
    let deploy = ["deploy", "--stack-name", "backend", "--data", text(&data)?, text(&template)?];
    pileus(&deploy)?;
    println!("  deployed in {:?}", round(started.elapsed()));

    let backend = Backend::connect(&node)?;
    use_it(&backend)?;
    show(&node, &backend)?;
    if exit {
        node.stop()?;
        println!("\nEverything that was asked for was observed.");
        return Ok(());
    }
    println!("\nIt goes on until Ctrl-C. In another terminal:");
    println!("  eval \"$({} env --data {})\"", binary()?.display(), data.display());
    println!("  curl -d '{{\"email\": \"you@example.com\", \"name\": \"You\"}}' {}", backend.url());
    println!("  {} logs -f backend/Worker --data {}", binary()?.display(), data.display());
    node.wait()
}

/// Signs people up, and checks every answer.
fn use_it(backend: &Backend) -> Result<()> {
    heading("Real requests to the sign-up service");
    let mut times = Vec::new();
    for n in 0..PEOPLE {
        let started = Instant::now();
        expect(backend.sign_up(&email(n))?, 201, &email(n))?;
        times.push(started.elapsed());
    }
    let first = times[0];
    times.sort_unstable();
    println!("  {PEOPLE} sign-ups: the first, with a cold start, took {:?};", round(first));
    println!("  half of all took {:?} or less", round(times[PEOPLE / 2]));
    expect(backend.sign_up(&email(0))?, 409, "a second sign-up of the same address")?;
    expect(backend.sign_up("nobody")?, 400, "a sign-up without an address")?;
    expect(backend.sign_up(POISONED)?, 201, POISONED)?;
    println!("  a second sign-up of one address: 409; a bad address: 400");
    Ok(())
}

/// Waits for every effect, and shows it.
fn show(node: &Node, backend: &Backend) -> Result<()> {
    heading("What happened");
    let started = Instant::now();
    loop {
        let users = backend.users()?;
        let welcomed = users.iter().filter(|user| user.welcomed.is_some()).count();
        let dead = backend.dead_letters()?;
        if welcomed == PEOPLE && users.len() == PEOPLE + 1 && dead == 1 {
            let poisoned = users.iter().find(|user| user.email == POISONED);
            let poisoned = poisoned.context("the poisoned sign-up is not in the table")?;
            ensure!(poisoned.welcomed.is_none(), "the poisoned message was handled");
            break;
        }
        if started.elapsed() > PATIENCE {
            bail!("after {PATIENCE:?}: {welcomed} of {PEOPLE} welcomed, {dead} dead letters");
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    let mut users = backend.users()?;
    users.sort_by(|one, other| one.email.cmp(&other.email));
    println!("  rows of the table of users:");
    for user in users.iter().take(5) {
        let welcomed = user.welcomed.as_deref().unwrap_or("never: its job is a dead letter");
        println!("    {:<24} signed up {}  welcomed {welcomed}", user.email, user.signed_up);
    }
    println!("    ... {} rows, {PEOPLE} of them welcomed", users.len());
    println!("  the poisoned job was tried three times and is in the dead-letter queue");
    println!("  the last lines of the worker's log:");
    let log = node.pileus(&["logs", "backend/Worker", "--data", text(node.data())?])?;
    let lines: Vec<&str> = log.lines().collect();
    for line in &lines[lines.len().saturating_sub(6)..] {
        println!("    {line}");
    }
    Ok(())
}

fn email(n: usize) -> String {
    format!("person-{n:02}@example.com")
}

fn expect(status: u16, wanted: u16, what: &str) -> Result<()> {
    ensure!(status == wanted, "{what}: status {status} instead of {wanted}");
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}

/// Runs `pileus` on this terminal, progress bars and all.
fn pileus(arguments: &[&str]) -> Result<()> {
    let status = Command::new(binary()?).args(arguments).status()?;
    ensure!(status.success(), "pileus {} failed with {status}", arguments.join(" "));
    Ok(())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the path of the checkout is not UTF-8")
}

fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
