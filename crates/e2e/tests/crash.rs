//! `kill -9` in the middle of the demo: under load, while the backend is deployed, and right after a
//! start. Nothing that was acknowledged is lost, every welcome job is done or set aside, and
//! nothing of a dead node stays on its host.

mod leftovers;
mod load;

use anyhow::{Context, Result, ensure};
use e2e::{
    Node, Signal, bring_runtimes,
    demo::{self, Backend, User},
    run, wait_for,
};
use leftovers::{Footprint, become_reaper};
use load::{Book, Load, is_poisoned};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The node is killed when the stack has so many events; its creation has some 30.
const EVENTS_BEFORE_KILL: usize = 8;
/// Kills under load.
const ROUNDS: usize = 3;
/// Acknowledged sign-ups of a round before its kill, and how many of them are poisoned.
const ACKNOWLEDGED: usize = 120;
const POISONED: usize = 4;
/// Files that are uploaded right before a kill.
const UPLOADS: usize = 4;
/// Two tries of a job may end with a kill, and on a busy host one or two more with its timeout.
const WELCOME_TRIES: &str = "WelcomeTries=6";
/// A state that has not come by then will never come: far longer than a busy host needs.
const PATIENCE: Duration = Duration::from_secs(240);

/// What a dead node leaves behind is looked for among this process's descendants, so tests that are
/// threads of one process take turns.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn kill_9_under_load_loses_nothing_that_was_acknowledged_and_leaves_nothing_behind() -> Result<()> {
    with_node(|node| {
        run(demo::deploy(node)?.args(["--parameter-overrides", WELCOME_TRIES]))?;
        let mut book = Book::default();
        for round in 0..ROUNDS {
            book.add(load_until_killed(node, round)?);
            // Right after its start, with all that the dead node had begun.
            kill_and_restart(node)?;
            // A job that is taken when its worker dies has lost one of its tries. So the next kill
            // waits until all jobs of this round are done.
            wait_until_welcomed(node, &book)?;
        }
        verify(node, &book)
    })
}

#[test]
fn a_deployment_goes_on_after_kill_9_in_the_middle_of_it() -> Result<()> {
    with_node(|node| {
        // Before anything is there.
        kill_and_restart(node)?;
        let mut deploy = demo::deploy(node)?;
        let mut deploy = deploy.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        wait_for("events of the stack", PATIENCE, || {
            let count = demo::events(node)?;
            Ok(if count < EVENTS_BEFORE_KILL { Err(count.to_string()) } else { Ok(()) })
        })?;
        kill_and_restart(node)?;
        kill_and_restart(node)?;
        // Whether it has seen its node die or not is its own matter: the stack is the node's.
        deploy.wait()?;
        wait_for("the stack", PATIENCE, || {
            let status = demo::status(node)?.context("the stack is lost")?;
            Ok(if status == "CREATE_COMPLETE" { Ok(()) } else { Err(status) })
        })?;
        run(&mut demo::deploy(node)?)?;
        verify(node, &Book::default())
    })
}

/// Runs a test with a node on an empty data folder, and ends the node in order.
fn with_node(test: impl FnOnce(&mut Node) -> Result<()>) -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    become_reaper()?;
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    test(&mut node)?;
    let footprint = Footprint::of(node.pid())?;
    node.stop()?;
    footprint.wait_until_gone(data.path())?;
    footprint.ensure_groups_are_gone()
}

/// Kills the node with all that it has, and starts it again at the same address.
fn kill_and_restart(node: &mut Node) -> Result<()> {
    // A stopped node starts no more instances, so what is seen is all that it has.
    node.signal(Signal::STOP)?;
    let footprint = Footprint::of(node.pid())?;
    node.kill()?;
    footprint.wait_until_gone(node.data())?;
    let listen = node.endpoint().trim_start_matches("http://").to_owned();
    let data = node.data().to_owned();
    *node = Node::start_at(&data, &listen)?;
    footprint.ensure_groups_are_gone()
}

/// Signs people up until enough are acknowledged, and kills the node while they go on.
fn load_until_killed(node: &mut Node, round: usize) -> Result<Book> {
    let load = Load::begin(Backend::connect(node)?.door(), round);
    wait_for("acknowledged sign-ups", PATIENCE, || {
        let (all, poisoned) = load.acknowledged()?;
        let enough = all >= ACKNOWLEDGED && poisoned >= POISONED;
        // Functions run by then: a kill without them would prove less.
        let ready = enough && Footprint::of(node.pid())?.has_instances();
        Ok(if ready { Ok(()) } else { Err(format!("{all}, {poisoned} of them poisoned")) })
    })?;
    // These are acknowledged at once; that functions have seen them is another matter.
    let backend = Backend::connect(node)?;
    let mut files = BTreeMap::new();
    for number in 0..UPLOADS {
        let (name, body) = (format!("r{round}-{number}.txt"), format!("{round} {number}\n"));
        backend.upload(&name, body.clone().into())?;
        files.insert(name, hex::encode(Sha256::digest(&body)));
    }
    kill_and_restart(node)?;
    let mut book = load.end()?;
    book.files = files;
    Ok(book)
}

/// Waits until everybody who was acknowledged and can be welcomed is.
fn wait_until_welcomed(node: &Node, book: &Book) -> Result<BTreeMap<String, User>> {
    let backend = Backend::connect(node)?;
    wait_for("welcomes", PATIENCE, || {
        let users = backend.users()?.into_iter().map(|user| (user.email.clone(), user));
        let users: BTreeMap<_, _> = users.collect();
        let is_done = |email: &&String| {
            let user = users.get(*email);
            is_poisoned(email) || user.is_some_and(|user| user.welcomed.is_some())
        };
        let left: Vec<_> = book.acknowledged.keys().filter(|email| !is_done(email)).collect();
        Ok(if left.is_empty() { Ok(users) } else { Err(format!("not welcomed: {left:?}")) })
    })
}

/// Fails unless the node keeps and has done all that was acknowledged, and still works.
fn verify(node: &Node, book: &Book) -> Result<()> {
    let backend = Backend::connect(node)?;
    ensure!(backend.sign_up("late@example.com")? == 201, "the node takes no more sign-ups");
    let users = wait_until_welcomed(node, book)?;
    for (email, name) in &book.acknowledged {
        let user = users.get(email).with_context(|| format!("{email} is lost"))?;
        ensure!(user.name == *name, "{email} is not as it was sent: {user:?}");
        ensure!(user.signed_up.ends_with('Z'), "{email} has no time: {user:?}");
        ensure!(user.welcomed.is_none() == is_poisoned(email), "wrongly handled: {user:?}");
    }
    let is_known = |email: &String| book.sent.contains(email) || email == "late@example.com";
    let invented: Vec<_> = users.keys().filter(|email| !is_known(email)).collect();
    ensure!(invented.is_empty(), "nobody signed these up: {invented:?}");

    wait_for("files", PATIENCE, || {
        let files = backend.files()?.into_iter().map(|file| (file.name, file.sha256)).collect();
        Ok(if book.files == files { Ok(()) } else { Err(format!("kept: {files:?}")) })
    })?;

    let mut dead = BTreeSet::new();
    wait_for("dead letters", PATIENCE, || {
        dead.extend(backend.take_dead_letters()?);
        let missing: Vec<_> = book.poisoned().difference(&dead).cloned().collect();
        let (jobs, letters) = (backend.welcome_jobs()?, backend.dead_letters()?);
        let done = missing.is_empty() && jobs == 0 && letters == 0;
        Ok(if done { Ok(()) } else { Err(format!("{jobs} jobs left; missing: {missing:?}")) })
    })?;
    let wrong: Vec<_> = dead.iter().filter(|email| !is_poisoned(email)).collect();
    ensure!(wrong.is_empty(), "set aside, though nothing is wrong with them: {wrong:?}");

    wait_for("the worker's log", PATIENCE, || {
        let log = node.pileus(&["logs", "backend/Worker"])?;
        let done = log.contains("welcomed late@example.com");
        Ok(if done { Ok(()) } else { Err(log) })
    })
}
