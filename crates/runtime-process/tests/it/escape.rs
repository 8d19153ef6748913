//! Attempts to reach beyond the walls.

use std::collections::HashMap;

use runtime::sandbox::Sandboxes;

use crate::support::{attempt, guest, line, memory_contains, processes_with, run, sandboxes};

#[tokio::test]
async fn no_process_but_its_own_is_visible() {
    let names = attempt(&["list", "/proc"]).await;
    let pids: Vec<&str> = names.split(' ').filter(|name| name.parse::<u32>().is_ok()).collect();
    assert_eq!(pids, ["1", "2"]);
}

#[tokio::test]
async fn the_data_folder_and_the_hosts_files_are_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("master.key"), "secret").expect("written");
    let sandboxes = sandboxes().await;
    let key = folder.path().join("master.key").display().to_string();
    for path in [key.as_str(), "/etc/shadow", "/root", "/sys/kernel", "/run", "/home"] {
        let (text, _) = run(&sandboxes, guest(&["read", path])).await;
        assert_eq!(text, "error NotFound 2\n", "{path}");
    }
}

#[tokio::test]
async fn nothing_but_tmp_can_be_written() {
    let sandboxes = sandboxes().await;
    let paths = ["/x", "/usr/x", "/etc/passwd", "/var/task/guest", "/opt/x", "/dev/x", "/bin/sh"];
    for path in paths {
        let (text, _) = run(&sandboxes, guest(&["write", path])).await;
        assert_eq!(text, "error ReadOnlyFilesystem 30\n", "{path}");
    }
    for path in ["/proc/sys/kernel/core_pattern", "/proc/1/oom_score_adj", "/proc/sysrq-trigger"] {
        let (text, _) = run(&sandboxes, guest(&["write", path])).await;
        assert!(text.starts_with("error "), "{path}: {text}");
    }
    assert_eq!(run(&sandboxes, guest(&["write", "/tmp/x"])).await.0, "written\n");
    assert_eq!(run(&sandboxes, guest(&["write", "/dev/null"])).await.0, "written\n");
}

#[tokio::test]
async fn calls_that_could_weaken_the_walls_are_refused() {
    let told = attempt(&["call"]).await;
    let errors: HashMap<&str, i32> = told
        .lines()
        .map(|line| line.split_once(' ').expect("two words"))
        .map(|(name, error)| (name, error.parse().expect("a number")))
        .collect();
    for (name, error) in &errors {
        let expected = match *name {
            "clone3" | "unknown" => libc::ENOSYS,
            _ => libc::EPERM,
        };
        assert_eq!(*error, expected, "{name}");
    }
    assert_eq!(errors.len(), 26);
}

#[tokio::test]
async fn a_program_has_no_privilege_and_cannot_gain_one() {
    let status = attempt(&["read", "/proc/self/status"]).await;
    let fields: HashMap<&str, &str> =
        status.lines().filter_map(|line| line.split_once(":\t")).collect();
    assert_eq!(fields["Uid"], "993\t993\t993\t993");
    assert_eq!(fields["Gid"], "990\t990\t990\t990");
    assert_eq!(fields["Groups"].trim(), "");
    for sets in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(fields[sets], "0000000000000000", "{sets}");
    }
    assert_eq!(fields["NoNewPrivs"], "1");
    assert_eq!(fields["Seccomp"], "2");
}

#[tokio::test]
async fn each_instance_is_another_unprivileged_user_of_the_host() {
    let sandboxes = sandboxes().await;
    let mark = format!("users-{}", std::process::id());
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut spec = guest(&["sleep"]);
        spec.env = vec![("MARK".into(), mark.clone())];
        held.push(sandboxes.create(spec).await.expect("created"));
    }
    let mut users: Vec<u32> = processes_with(&format!("MARK={mark}"))
        .iter()
        .map(|process| {
            let path = format!("/proc/{}/status", process.pid.as_raw_nonzero());
            let status = std::fs::read_to_string(path).expect("it lives");
            let line = status.lines().find_map(|line| line.strip_prefix("Uid:\t")).expect("a user");
            line.split('\t').next().and_then(|user| user.parse().ok()).expect("a number")
        })
        .collect();
    users.dedup();
    assert_eq!(users.len(), 2);
    assert!(users.iter().all(|user| *user >= 0x7000_0000), "{users:?}");
}

#[tokio::test]
async fn the_first_process_cannot_be_read() {
    let sandboxes = sandboxes().await;
    for file in ["environ", "mem", "maps"] {
        let (text, _) = run(&sandboxes, guest(&["read", &format!("/proc/1/{file}")])).await;
        assert_eq!(text, "error PermissionDenied 13\n", "{file}");
    }
}

#[tokio::test]
async fn the_environment_of_another_instance_is_nowhere() {
    let sandboxes = sandboxes().await;
    let secret = "tenant-one-secret-7f3a";
    let mut first = guest(&["echo", "x"]);
    first.env = vec![("SECRET".into(), secret.into())];
    let mut first = sandboxes.create(first).await.expect("created");
    line(&mut first).await;
    let helper_holds = helper_memory_contains(secret);
    assert!(!helper_holds, "the helper knows a tenant's environment");
    let (text, _) = run(&sandboxes, guest(&["environment"])).await;
    assert_eq!(text, "");
}

/// Searches the memory of every helper that this test process has started.
fn helper_memory_contains(secret: &str) -> bool {
    let pid = std::process::id();
    let mut searched = 0;
    for task in std::fs::read_dir("/proc/self/task").expect("read").flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            searched += 1;
            if memory_contains(child, secret.as_bytes()) {
                return true;
            }
        }
    }
    assert!(searched > 0, "process {pid} has no helper");
    false
}

#[tokio::test]
async fn proc_tells_nothing_about_the_hosts_keys_and_modules() {
    let sandboxes = sandboxes().await;
    for file in ["keys", "modules", "cmdline", "kcore", "interrupts"] {
        let (text, _) = run(&sandboxes, guest(&["read", &format!("/proc/{file}")])).await;
        assert!(text == "\n" || text.starts_with("error "), "{file}: {text}");
    }
    let (text, _) = run(&sandboxes, guest(&["read", "/proc/self/cgroup"])).await;
    assert!(!text.contains("pileus"), "{text}");
}
