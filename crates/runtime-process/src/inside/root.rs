//! The root that a program sees: a small read-only tmpfs with the host's system directories, the
//! spec's mounts, a private `/tmp`, its own `/proc`, six devices and a generated `/etc`. There is
//! no `/sys`.

use std::ffi::CString;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
};

use super::Etc;
use crate::parts::Part;
use crate::protocol::{During, Failure, Plan};
use crate::settings::{CERTIFICATE_FILE, INSIDE_NAMES, INSIDE_USER};
use crate::sys::{self, MountAttributes};

/// Where the new root is built. What the host has there is hidden from this process, so every
/// source is opened before.
const NEW_ROOT: &str = "/tmp";

/// System directories. Those that the host lacks are left out; links stay links.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// What of the host's `/etc` a program needs to load libraries, follow alternatives and check
/// certificates.
const SYSTEM_ETC: [&str; 6] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/ld.so.cache",
    "/etc/pki",
    "/etc/ssl",
];

const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

const DEVICE_LINKS: [(&str, &str); 4] = [
    ("/proc/self/fd", "dev/fd"),
    ("/proc/self/fd/0", "dev/stdin"),
    ("/proc/self/fd/1", "dev/stdout"),
    ("/proc/self/fd/2", "dev/stderr"),
];

/// Files of `/proc` that tell about the whole host and that no runtime reads. Those that only
/// the host's root may read are covered too, as a second fence.
const COVERED: [&str; 14] = [
    "cmdline",
    "config.gz",
    "diskstats",
    "interrupts",
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "latency_stats",
    "modules",
    "sched_debug",
    "timer_list",
    "zoneinfo",
];

/// Names are looked up in `/etc/hosts` first.
const NSSWITCH: &str = "passwd: files\ngroup: files\nhosts: files dns\n";

/// A detached copy of a part of the host's files, and where it goes.
pub(super) struct Source {
    tree: OwnedFd,
    directory: bool,
    /// Relative to the new root.
    target: PathBuf,
}

/// Opens everything that comes from the host.
pub(super) fn open_sources(mounts: &[(PathBuf, String)]) -> Result<Vec<Source>, Failure> {
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .during(Part::Root, "make mounts private")?;
    let mut sources = Vec::new();
    for path in SYSTEM.iter().chain(&SYSTEM_ETC) {
        if is_no_link(path) {
            sources.push(open(Path::new(path), path, MountAttributes::READ_ONLY)?);
        }
    }
    for path in DEVICES {
        sources.push(open(Path::new(path), path, MountAttributes::DEVICE)?);
    }
    sources.extend(open_mounts(mounts)?);
    Ok(sources)
}

/// Opens what a program may read of the host. Nothing that is mounted there later shows inside.
pub(super) fn open_mounts(mounts: &[(PathBuf, String)]) -> Result<Vec<Source>, Failure> {
    let open =
        |(source, target): &(PathBuf, String)| open(source, target, MountAttributes::READ_ONLY);
    mounts.iter().map(open).collect()
}

fn is_no_link(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_symlink())
}

fn open(path: &Path, target: &str, attributes: MountAttributes) -> Result<Source, Failure> {
    let step = || format!("open {}", path.display());
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = rustix::mount::open_tree(CWD, path, flags).during(Part::Root, step())?;
    sys::set_mount_attributes(tree.as_fd(), attributes).during(Part::Root, step())?;
    let mode = rustix::fs::fstat(&tree).during(Part::Root, step())?.st_mode;
    let directory = rustix::fs::FileType::from_raw_mode(mode).is_dir();
    Ok(Source { tree, directory, target: relative(target).to_owned() })
}

fn relative(target: &str) -> &Path {
    let path = Path::new(target);
    path.strip_prefix("/").unwrap_or(path)
}

/// Whether there is a `/proc`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Processes {
    /// It shows the processes of the own pid namespace.
    Own,
    /// There is none: it would show the host's.
    Hidden,
}

/// Builds the root from the sources and enters it.
pub(super) fn build(
    sources: &[Source],
    plan: &Plan,
    etc: &Etc,
    processes: Processes,
) -> Result<(), Failure> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount_tmpfs(NEW_ROOT, flags, "mode=755,size=1m,nr_inodes=1k", "mount the root")?;
    rustix::process::chdir(NEW_ROOT).during(Part::Root, "enter the new root")?;
    make_skeleton(etc)?;
    for source in sources {
        attach(source)?;
    }
    make_tmp(plan.tmp_bytes)?;
    if processes == Processes::Own {
        make_proc()?;
    }
    let root = rustix::fs::open(
        ".",
        rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    );
    let root = root.during(Part::Root, "open the new root")?;
    rustix::mount::mount_remount(".", MountFlags::BIND | MountFlags::RDONLY | flags, c"")
        .during(Part::Root, "make the root read-only")?;
    enter(&root)
}

fn mount_tmpfs(
    target: &str,
    flags: MountFlags,
    options: &str,
    step: &'static str,
) -> Result<(), Failure> {
    let options = CString::new(options).during(Part::Root, step)?;
    rustix::mount::mount("tmpfs", target, "tmpfs", flags, options.as_c_str())
        .during(Part::Root, step)
}

fn make_skeleton(etc: &Etc) -> Result<(), Failure> {
    let step = "fill the root";
    for directory in ["dev", "etc", "proc", "tmp", "opt", "var/task"] {
        fs::create_dir_all(directory).during(Part::Root, step)?;
    }
    for path in SYSTEM.iter().chain(&SYSTEM_ETC) {
        if let Ok(link) = fs::read_link(path) {
            std::os::unix::fs::symlink(link, relative(path)).during(Part::Root, step)?;
        }
    }
    for (link, path) in DEVICE_LINKS {
        std::os::unix::fs::symlink(link, path).during(Part::Root, step)?;
    }
    let lookups =
        [("nsswitch.conf", NSSWITCH), ("hosts", &etc.hosts), ("resolv.conf", &etc.resolv_conf)];
    for (name, text) in lookups {
        fs::write(Path::new("etc").join(name), text).during(Part::Root, step)?;
    }
    if let Some(certificate) = &etc.certificate {
        let path = relative(CERTIFICATE_FILE);
        fs::create_dir_all(path.parent().unwrap_or(path)).during(Part::Root, step)?;
        fs::write(path, certificate).during(Part::Root, step)?;
    }
    let ((user, group), (uid, gid)) = (INSIDE_NAMES, INSIDE_USER);
    let passwd = format!("{user}:x:{uid}:{gid}::/tmp:/sbin/nologin\n");
    fs::write("etc/passwd", passwd).during(Part::Root, step)?;
    fs::write("etc/group", format!("{group}:x:{gid}:\n")).during(Part::Root, step)
}

/// Mounts it below the working directory.
pub(super) fn attach(source: &Source) -> Result<(), Failure> {
    let step = || format!("mount /{}", source.target.display());
    if source.directory {
        fs::create_dir_all(&source.target).during(Part::Root, step())?;
    } else if !source.target.exists() {
        let parent = source.target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).during(Part::Root, step())?;
        fs::File::create_new(&source.target).during(Part::Root, step())?;
    }
    move_to(&source.tree, &source.target).during(Part::Root, step())
}

fn move_to(tree: &OwnedFd, target: &Path) -> rustix::io::Result<()> {
    rustix::mount::move_mount(tree, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
}

fn make_tmp(bytes: u64) -> Result<(), Failure> {
    // Every file takes a page of kernel memory or so, whatever its size.
    let inodes = (bytes / 4096).max(1024);
    let options = format!("mode=1777,size={bytes},nr_inodes={inodes}");
    mount_tmpfs("tmp", MountFlags::NOSUID | MountFlags::NODEV, &options, "mount /tmp")
}

fn make_proc() -> Result<(), Failure> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RDONLY;
    rustix::mount::mount("proc", "proc", "proc", flags, c"").during(Part::Root, "mount /proc")?;
    for name in COVERED {
        let target = Path::new("proc").join(name);
        if target.exists() {
            let cover = open(Path::new("dev/null"), "", MountAttributes::DEVICE)?;
            move_to(&cover.tree, &target).during(Part::Root, format!("cover /proc/{name}"))?;
        }
    }
    Ok(())
}

/// Makes the new root the only one.
fn enter(root: &OwnedFd) -> Result<(), Failure> {
    let step = "enter the new root";
    rustix::process::fchdir(root).during(Part::Root, step)?;
    // With both the same directory, the old root ends on top of the new one and is what "." is.
    rustix::process::pivot_root(".", ".").during(Part::Root, step)?;
    rustix::mount::unmount(".", UnmountFlags::DETACH).during(Part::Root, "leave the old root")?;
    rustix::process::chdir("/").during(Part::Root, step)
}
