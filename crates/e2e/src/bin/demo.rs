//! The demo: Pileus on an empty data folder, `examples/backend` deployed and used with real
//! requests, and what came of it. `cargo xtask demo` builds and runs it.

#![allow(clippy::print_stdout, reason = "it is a show")]

use anyhow::{Context, Result, bail, ensure};
use e2e::{
    Node, binary,
    demo::{self, Backend},
    root, wait_for,
};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::IsTerminal,
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// People who sign up, and one whose welcome always fails.
const PEOPLE: usize = 20;
const POISONED: &str = "eve@poison.example";
/// Files that are uploaded, relative to the checkout. One is a picture.
const FILES: [&str; 3] =
    ["examples/backend/files/pileus.jpg", "README.md", "crates/objects/model.json"];
/// Everything must have happened by then.
const PATIENCE: Duration = Duration::from_secs(90);

fn main() -> Result<()> {
    let exit = std::env::args().any(|argument| argument == "--exit");
    let folder = root().canonicalize()?.join("target/demo");
    let data = folder.join("data");
    if data.exists() {
        let empty = || format!("{} cannot be emptied: remove it", data.display());
        fs::remove_dir_all(&data).with_context(empty)?;
    }
    fs::create_dir_all(&data)?;

    // First what takes a moment and may show that this host lacks something.
    heading("pileus up, on an empty data folder");
    let mut node = start(&data, exit)?;

    heading("pileus runtimes install (the first time this takes a minute or two)");
    show_run(Command::new(binary()?).args(["runtimes", "install", "--data"]).arg(&folder))?;
    symlink(folder.join("runtimes"), data.join("runtimes"))?;

    heading("pileus deploy examples/backend");
    let started = Instant::now();
    show_run(&mut demo::deploy(&node)?)?;
    println!("  deployed in {:?}", round(started.elapsed()));

    let backend = Backend::connect(&node)?;
    sign_up(&backend)?;
    upload(&backend)?;
    show_users(&node, &backend)?;
    show_files(&backend)?;
    if exit {
        node.stop()?;
        println!("\nEverything that was asked for was observed.");
        return Ok(());
    }
    println!("\nIt goes on until Ctrl-C. In another terminal:");
    println!("  eval \"$({} env --data {})\"", binary()?.display(), data.display());
    let url = backend.door().url();
    println!("  curl -d '{{\"email\": \"you@example.com\", \"name\": \"You\"}}' {url}");
    println!("  {} logs -f backend/Worker --data {}", binary()?.display(), data.display());
    until_ctrl_c(node)
}

/// Starts the platform, and fails if functions cannot run on this host.
fn start(data: &Path, exit: bool) -> Result<Node> {
    let started = Instant::now();
    let node = Node::start_at(data, "127.0.0.1:4566").or_else(|_| {
        println!("  port 4566 is taken, so a free one");
        Node::start(data)
    })?;
    println!("  serves {} after {:?}", node.endpoint(), round(started.elapsed()));
    let isolation = node.ready()["isolation"].as_str().unwrap_or_default();
    println!("  isolation of functions: {isolation}");
    let missing = node.ready()["missing"].as_array().map(Vec::as_slice).unwrap_or_default();
    if missing.is_empty() {
        return Ok(node);
    }
    for part in missing {
        let text = |name: &str| part[name].as_str().unwrap_or_default();
        println!("  missing: {}. {}", text("part"), text("remedy"));
    }
    if geteuid().is_root() {
        bail!("functions cannot run on this host until it has these");
    }
    let demo = std::env::current_exe()?;
    let exit = if exit { " --exit" } else { "" };
    bail!("functions cannot run until Pileus has these. Run:\n  sudo {}{exit}", demo.display());
}

/// Lets the node go on until Ctrl-C or `SIGTERM`, and ends it in order.
fn until_ctrl_c(mut node: Node) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let pid = Pid::from_raw(node.pid().try_into()?).context("a process without an id")?;
        let mut ended = tokio::task::spawn_blocking(move || node.wait());
        tokio::select! {
            ended = &mut ended => return ended?,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // A terminal tells its whole group of the Ctrl-C; others may have told this process alone.
        kill_process(pid, Signal::TERM)?;
        ended.await??;
        println!("\nStopped. `cargo xtask demo` begins again with an empty data folder.");
        Ok(())
    })
}

/// Signs people up, and checks every answer.
fn sign_up(backend: &Backend) -> Result<()> {
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

/// Uploads files, and one of them twice.
fn upload(backend: &Backend) -> Result<()> {
    heading("Real files to the upload service");
    for path in FILES.iter().chain(&FILES[..1]) {
        let body = fs::read(root().join(path)).with_context(|| (*path).to_owned())?;
        let (size, started) = (body.len(), Instant::now());
        backend.upload(name(path), body.into())?;
        println!("  {} ({size} bytes) in {:?}", name(path), round(started.elapsed()));
    }
    Ok(())
}

/// The name that a file is uploaded by.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Waits for every effect of the uploads, checks them against the files, and shows them.
fn show_files(backend: &Backend) -> Result<()> {
    let files = wait_for("the uploads", PATIENCE, || {
        let files = backend.files()?;
        let state = format!("{} of {} files are known", files.len(), FILES.len());
        Ok(if files.len() == FILES.len() { Ok(files) } else { Err(state) })
    })?;
    println!("  rows of the table of files:");
    for path in FILES {
        let body = fs::read(root().join(path))?;
        let kept = files.iter().find(|file| file.name == name(path)).context("a file too few")?;
        ensure!(kept.size == body.len() as u64, "{path} has another size than {}", kept.size);
        let sha256 = hex::encode(Sha256::digest(&body));
        ensure!(kept.sha256 == sha256, "{path} has another hash than {}", kept.sha256);
        let picture = Path::new(path).extension().is_some_and(|extension| extension == "jpg");
        ensure!(kept.thumbnail.is_some() == picture, "{path}: thumbnail {:?}", kept.thumbnail);
        let thumbnail = match &kept.thumbnail {
            None => String::new(),
            Some(name) => {
                let bytes = backend.thumbnail(name)?;
                ensure!(bytes.starts_with(b"\x89PNG"), "{name} is no PNG");
                format!("  thumbnail of {} bytes", bytes.len())
            }
        };
        let (name, size) = (&kept.name, kept.size);
        println!("    {name:<12} {size:>7} bytes  SHA-256 {}...{thumbnail}", &sha256[..16]);
    }
    Ok(())
}

/// Waits for every effect of the sign-ups, and shows it.
fn show_users(node: &Node, backend: &Backend) -> Result<()> {
    heading("What happened");
    let mut users = wait_for("the welcomes", PATIENCE, || {
        let users = backend.users()?;
        let welcomed = users.iter().filter(|user| user.welcomed.is_some()).count();
        let dead = backend.dead_letters()?;
        let done = welcomed == PEOPLE && users.len() == PEOPLE + 1 && dead == 1;
        let state = || format!("{welcomed} of {PEOPLE} are welcomed, {dead} dead letters");
        Ok(if done { Ok(users) } else { Err(state()) })
    })?;
    let poisoned = users.iter().find(|user| user.email == POISONED);
    let poisoned = poisoned.context("the poisoned sign-up is not in the table")?;
    ensure!(poisoned.welcomed.is_none(), "the poisoned message was handled");
    users.sort_by(|one, other| one.email.cmp(&other.email));
    println!("  rows of the table of users:");
    for user in users.iter().take(5) {
        let welcomed = user.welcomed.as_deref().unwrap_or("never: its job is a dead letter");
        println!("    {:<24} signed up {}  welcomed {welcomed}", user.email, user.signed_up);
    }
    println!("    ... {} rows, {PEOPLE} of them welcomed", users.len());
    println!("  the poisoned job was tried three times and is in the dead-letter queue");
    println!("  the last lines of the worker's log:");
    let log = node.pileus(&["logs", "backend/Worker"])?;
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
    let (bold, plain) =
        if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("\n{bold}== {text}{plain}");
}

/// Runs `pileus` on this terminal, progress bars and all.
fn show_run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    ensure!(status.success(), "{command:?} failed with {status}");
    Ok(())
}

fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
