//! A system-call trace of the real binary: no reply to a write leaves before the write is synced.
//!
//! Every message and item carries a name of its own. A socket receives it, the store's log gets it,
//! that file is synced, and only then may the socket send what it sends next: the reply.

mod trace;

use anyhow::{Context, Result, ensure};
use e2e::{Node, binary};
use std::{collections::BTreeSet, fs, process::Command};
use trace::{Call, parse};

/// Writes that `durability.py` makes: 4 clients, 25 messages and 25 items each.
const WRITES: usize = 200;
const CALLS: &str = "trace=read,recvfrom,readv,recvmsg,write,writev,pwrite64,pwritev,pwritev2,\
                     sendto,sendmsg,sendfile,fsync,fdatasync,io_uring_enter";

#[test]
fn no_reply_to_a_write_precedes_the_sync_that_covers_it() -> Result<()> {
    let data = tempfile::tempdir()?;
    let file = data.path().join("trace");
    let mut strace = Command::new("strace");
    // -D: the process that the test starts and ends is pileus, and strace is beside it.
    strace.args(["-D", "-f", "-yy", "-s", "1000000", "-e", CALLS, "-o"]).arg(&file);
    strace.arg(binary()?);
    let mut node = Node::start_as(strace, &data.path().join("node"), "127.0.0.1:0")?;
    node.python("durability.py")?;
    node.stop()?;
    let calls = parse(&String::from_utf8_lossy(&fs::read(file)?));
    let checked = check(&calls)?;
    ensure!(checked == WRITES, "{checked} writes were traced instead of {WRITES}");
    Ok(())
}

/// Checks every write in a trace; the answer is how many there are.
fn check(calls: &[Call]) -> Result<usize> {
    let mut seen = BTreeSet::new();
    for request in calls.iter().filter(|call| call.is_receive()) {
        for name in names(&request.text) {
            ensure!(seen.insert(name), "{name} is received twice");
            check_write(calls, request, name)?;
        }
    }
    Ok(seen.len())
}

fn check_write(calls: &[Call], request: &Call, name: &str) -> Result<()> {
    let reply =
        calls.iter().find(|c| c.is_send() && c.file == request.file && c.begin > request.end);
    let reply = reply.with_context(|| format!("{name} has no reply"))?;
    ensure!(reply.text.contains("200 OK"), "{name} was answered with {}", reply.text);
    let mut logged = calls.iter().filter(|c| c.is_write() && c.text.contains(name));
    let logged = logged.next().with_context(|| format!("{name} is written nowhere"))?;
    let is_sync = |c: &&Call| c.is_sync() && c.file == logged.file && c.begin > logged.end;
    let synced = calls.iter().find(is_sync);
    let synced = synced.with_context(|| format!("{} is never synced", logged.file))?;
    ensure!(synced.end < reply.begin, "{name} is acknowledged before it is synced");
    Ok(())
}

/// The names of messages and items in a text: `traced-<client>-<number>-<kind>.`
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("traced-").filter_map(|(start, _)| {
        let rest = &text[start..];
        rest.find('.').map(|end| &rest[..=end])
    })
}

const IN_ORDER: &str = r#"
1 recvfrom(5<TCP:[a->b]>, "POST traced-0-0-item.", 99, 0, NULL, NULL) = 21
2 write(7</d/store/log/1.log>, "traced-0-0-item.", 16) = 16
2 fdatasync(7</d/store/log/1.log> <unfinished ...>
1 recvfrom(6<TCP:[c->b]>, "GET", 99, 0, NULL, NULL) = 3
2 <... fdatasync resumed>) = 0
1 sendto(5<TCP:[a->b]>, "HTTP/1.1 200 OK", 15, MSG_NOSIGNAL, NULL, 0) = 15
"#;

#[test]
fn a_trace_in_order_is_accepted() {
    assert_eq!(check(&parse(IN_ORDER)).unwrap(), 1);
}

#[test]
fn a_reply_during_a_sync_or_without_one_is_found() {
    let mut lines: Vec<&str> = IN_ORDER.lines().collect();
    lines.swap(5, 6);
    let error = check(&parse(&lines.join("\n"))).unwrap_err().to_string();
    assert_eq!(error, "traced-0-0-item. is acknowledged before it is synced");
    let other_file = IN_ORDER.replace("fdatasync(7</d/store/log/1.log>", "fdatasync(8</d/other>");
    let error = check(&parse(&other_file)).unwrap_err().to_string();
    assert_eq!(error, "/d/store/log/1.log is never synced");
}
