//! A sandbox from start to end.

use runtime::sandbox::{Exit, ExitCause, Mount, SandboxError, Sandboxes};
use runtime_process::{Platform, ProcessSandboxes};

use crate::support::{attempt, guest, run, sandboxes, settings};

fn ended(cause: ExitCause) -> Exit {
    Exit { cause, out_of_memory: false }
}

#[tokio::test]
async fn a_program_runs_and_its_output_and_errors_arrive_in_order() {
    let (text, exit) = run(&sandboxes().await, guest(&["echo", "hello"])).await;
    assert_eq!(text, "hello\nand an error\n");
    assert_eq!(exit, ended(ExitCause::Code(0)));
}

#[tokio::test]
async fn the_way_a_program_ends_is_told() {
    let sandboxes = sandboxes().await;
    let (_, exit) = run(&sandboxes, guest(&["exit", "7"])).await;
    assert_eq!(exit, ended(ExitCause::Code(7)));
    let (_, exit) = run(&sandboxes, guest(&["abort"])).await;
    assert_eq!(exit, ended(ExitCause::Signal(6)));
}

#[tokio::test]
async fn the_environment_is_what_was_given_and_nothing_else() {
    let mut spec = guest(&["environment"]);
    spec.env = vec![("AWS_REGION".into(), "eu-central-1".into()), ("X".into(), "a=b".into())];
    let (text, _) = run(&sandboxes().await, spec).await;
    assert_eq!(text, "AWS_REGION=eu-central-1\nX=a=b\n");
}

#[tokio::test]
async fn the_standard_streams_are_the_only_open_files() {
    let files = attempt(&["open-files"]).await;
    let lines: Vec<&str> = files.lines().collect();
    assert_eq!(lines.len(), 3, "{files}");
    assert_eq!(lines[0], "0=/dev/null");
    assert!(lines[1].starts_with("1=pipe:") && lines[2].starts_with("2=pipe:"), "{files}");
}

#[tokio::test]
async fn a_mounted_directory_is_readable_where_it_was_put() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("layer")).expect("made");
    std::fs::write(folder.path().join("layer/file"), "content").expect("written");
    let sandboxes = sandboxes().await;
    let mut spec = guest(&["read", "/opt/deep/file"]);
    let source = folder.path().join("layer");
    spec.mounts.push(Mount { source, target: "/opt/deep".into() });
    assert_eq!(run(&sandboxes, spec.clone()).await.0, "content\n");
    spec.argv = guest(&["write", "/opt/deep/file"]).argv;
    assert_eq!(run(&sandboxes, spec).await.0, "error ReadOnlyFilesystem 30\n");
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_an_error_that_names_it() {
    let sandboxes = sandboxes().await;
    let mut spec = guest(&[]);
    spec.argv = vec!["/var/task/missing".into()];
    let Err(SandboxError::Start { step, detail }) = sandboxes.create(spec).await else {
        panic!("it started")
    };
    assert_eq!(step, "execute /var/task/missing");
    assert!(detail.contains("No such file"), "{detail}");
}

#[tokio::test]
async fn a_mount_that_does_not_exist_is_an_error_that_names_it() {
    let sandboxes = sandboxes().await;
    let mut spec = guest(&["echo", "x"]);
    spec.mounts.push(Mount { source: "/does/not/exist".into(), target: "/opt".into() });
    let Err(SandboxError::Start { step, .. }) = sandboxes.create(spec).await else {
        panic!("it started")
    };
    assert_eq!(step, "open /does/not/exist");
}

#[tokio::test]
async fn a_target_that_climbs_out_is_refused() {
    let sandboxes = sandboxes().await;
    for target in ["/opt/../etc", "opt", ""] {
        let mut spec = guest(&["echo", "x"]);
        spec.mounts.push(Mount { source: "/usr".into(), target: target.into() });
        let Err(SandboxError::Start { step, .. }) = sandboxes.create(spec).await else {
            panic!("{target:?} was taken")
        };
        assert_eq!(step, "check the specification");
    }
}

#[tokio::test]
async fn the_root_directory_holds_only_what_a_program_needs() {
    let names = attempt(&["list", "/"]).await;
    for name in ["dev", "etc", "opt", "proc", "tmp", "usr", "var"] {
        assert!(names.split(' ').any(|found| found == name), "{name} is missing in {names}");
    }
    for name in ["home", "root", "sys", "run", "boot", "srv", "mnt"] {
        assert!(!names.split(' ').any(|found| found == name), "{name} is in {names}");
    }
    let etc = attempt(&["list", "/etc"]).await;
    assert!(!etc.contains("shadow") && !etc.contains("hostname"), "{etc}");
}

#[tokio::test]
async fn the_platform_cannot_take_the_port_of_the_runtime_api() {
    let platform = Platform { host: "localhost".into(), port: 9001 };
    let settings = runtime_process::Settings { platform, ..settings() };
    let Err(SandboxError::Start { detail, .. }) = ProcessSandboxes::start(settings).await else {
        panic!("it started")
    };
    assert!(detail.contains("9001"), "{detail}");
}
