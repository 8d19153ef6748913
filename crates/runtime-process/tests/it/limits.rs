//! What a sandbox may use.

use runtime::sandbox::{ExitCause, Sandboxes};

use crate::support::{guest, line, run, sandboxes};

#[tokio::test]
async fn more_memory_than_allowed_ends_the_program_and_says_why() {
    let (text, exit) = run(&sandboxes().await, guest(&["eat", "1000"])).await;
    assert!(!text.contains("ate"), "{text}");
    assert_eq!(exit.cause, ExitCause::Signal(9));
    assert!(exit.out_of_memory);
}

#[tokio::test]
async fn memory_within_the_limit_is_given_and_counted() {
    let sandboxes = sandboxes().await;
    let mut spec = guest(&["sleep"]);
    spec.argv =
        vec!["/bin/sh".into(), "-c".into(), "/var/task/guest eat 40; exec sleep 1000".into()];
    let mut sandbox = sandboxes.create(spec).await.expect("created");
    let gauge = sandbox.memory_gauge().expect("counted here");
    assert_eq!(line(&mut sandbox).await, "ate 40");
    let peak = gauge().expect("a number");
    assert!((40 << 20..80 << 20).contains(&peak), "{peak}");
    sandbox.kill().await;
    assert_eq!(gauge(), None);
}

#[tokio::test]
async fn a_fork_bomb_stops_at_the_process_limit() {
    let mut spec = guest(&["fork"]);
    spec.max_processes = 20;
    let (text, _) = run(&sandboxes().await, spec).await;
    let (count, error) = text.trim_end().split_once(' ').expect("two words");
    let count: u32 = count.parse().expect("a number");
    assert!((10..20).contains(&count), "{text}");
    assert_eq!(error, "WouldBlock");
}

#[tokio::test]
async fn tmp_ends_at_its_size() {
    let (text, exit) = run(&sandboxes().await, guest(&["fill", "/tmp/file"])).await;
    assert_eq!(text, format!("{} StorageFull\n", 16 << 20));
    assert_eq!(exit.cause, ExitCause::Code(0));
}

#[tokio::test]
async fn tmp_and_memory_do_not_take_from_each_other() {
    let mut spec = guest(&[]);
    let script = "/var/task/guest fill /tmp/file && /var/task/guest eat 50";
    spec.argv = vec!["/bin/sh".into(), "-c".into(), script.into()];
    let (text, exit) = run(&sandboxes().await, spec).await;
    assert_eq!(text, format!("{} StorageFull\nate 50\n", 16 << 20));
    assert_eq!(exit.cause, ExitCause::Code(0));
}

#[tokio::test]
async fn a_process_has_no_more_open_files_than_allowed() {
    let (text, _) = run(&sandboxes().await, guest(&["read", "/proc/self/limits"])).await;
    let line = text.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    assert_eq!(line.split_whitespace().skip(3).take(2).collect::<Vec<_>>(), ["256", "256"]);
}

#[tokio::test]
async fn the_processor_share_is_set() {
    let sandboxes = sandboxes().await;
    let mark = format!("MARK=share-{}", std::process::id());
    let mut spec = guest(&["sleep"]);
    spec.cpu_millis = Some(250);
    spec.env = vec![("MARK".into(), mark.replace("MARK=", ""))];
    let _held = sandboxes.create(spec).await.expect("created");
    let [process] = &crate::support::processes_with(&mark)[..] else { panic!("one process") };
    let quotas: Vec<String> = process
        .control_groups()
        .iter()
        .flat_map(|dir| ["cpu.cfs_quota_us", "cpu.max"].map(|file| dir.join(file)))
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    assert_eq!(quotas.len(), 1, "{quotas:?}");
    assert!(["5000\n", "5000 20000\n"].contains(&quotas[0].as_str()), "{quotas:?}");
}
