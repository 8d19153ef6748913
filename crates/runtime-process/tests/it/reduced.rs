//! A host that lacks something.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::PROBE;

/// A user of every host who may do nothing: `nobody`.
const NOBODY: u32 = 65_534;

#[test]
fn an_ordinary_user_is_told_what_is_missing_and_how_to_get_it() {
    // The build may lie where no other user may look.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    let program = folder.path().join("probe");
    fs::copy(PROBE, &program).expect("a copy");
    open(folder.path()).and_then(|()| open(&program)).expect("open to everybody");
    let mut probe = Command::new(program);
    if rustix::process::geteuid().is_root() {
        probe.uid(NOBODY).gid(NOBODY);
    }
    let output = probe.arg("0").current_dir("/").output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    assert!(text.starts_with("isolation: reduced\n"), "{text}");
    let line = |name: &str| text.lines().find(|line| line.contains(name)).expect("a line");
    let user = line("unprivileged user per instance");
    assert!(user.starts_with("  no ") && user.contains("sudo pileus up"), "{user}");
}
