//! The system calls that have no safe wrapper elsewhere. The only module with `unsafe`.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::process::Pid;
use tokio::io::unix::AsyncFd;

/// Namespaces that a process gets when it is cloned.
#[derive(Clone, Copy)]
pub(crate) struct Namespaces(i32);

impl Namespaces {
    /// A sandbox's. Its net namespace is the one that the helper is in at that moment.
    pub(crate) const SANDBOX: Self = Self(
        libc::CLONE_NEWUSER
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNS
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUTS,
    );
    /// A sandbox's, with its net namespace, which then belongs to its user namespace.
    pub(crate) const SANDBOX_AND_NET: Self = Self(Self::SANDBOX.0 | libc::CLONE_NEWNET);
    /// A zygote's. It stays in the user and pid namespaces above those of the sandboxes that it
    /// enters: nobody may enter others.
    pub(crate) const ZYGOTE: Self =
        Self(libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWNET);
}

/// A flag of `clone3` beyond 32 bits, which libc lacks on some platforms.
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// Which side of a clone or fork this is.
pub(crate) enum Side<T> {
    Parent(T),
    Child,
}

/// Clones this process into new namespaces, as their first process, and into a version 2 control
/// group, if one is given. The parent gets its id and a descriptor that becomes readable when it
/// has ended.
///
/// The caller must be the only thread of its process: a lock that another thread holds would
/// stay locked for ever in the child. The helper never starts a thread.
pub(crate) fn clone_into_new_namespaces(
    namespaces: Namespaces,
    cgroup: Option<BorrowedFd<'_>>,
) -> io::Result<Side<(Pid, OwnedFd)>> {
    #[repr(C)]
    #[derive(Default)]
    struct CloneArgs {
        flags: u64,
        pidfd: u64,
        child_tid: u64,
        parent_tid: u64,
        exit_signal: u64,
        stack: u64,
        stack_size: u64,
        tls: u64,
        set_tid: u64,
        set_tid_size: u64,
        cgroup: u64,
    }
    let mut pidfd: RawFd = -1;
    let arguments = CloneArgs {
        flags: u64::from((namespaces.0 | libc::CLONE_PIDFD).cast_unsigned())
            | cgroup.map_or(0, |_| CLONE_INTO_CGROUP),
        cgroup: cgroup.map_or(0, |fd| u64::from(fd.as_raw_fd().cast_unsigned())),
        pidfd: std::ptr::from_mut(&mut pidfd).addr() as u64,
        exit_signal: u64::from(libc::SIGCHLD.cast_unsigned()),
        ..CloneArgs::default()
    };
    // SAFETY: the structure has the layout and size of the kernel's version of Linux 5.7 and
    // outlives the call; `pidfd` is exposed to the kernel by its address only during it. Without CLONE_VM
    // the child has its own copy of everything, as after fork.
    let pid =
        unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<CloneArgs>()) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Side::Child),
        pid => {
            // SAFETY: the kernel stored a new descriptor that nobody else owns.
            let pidfd = unsafe { OwnedFd::from_raw_fd(std::ptr::read_volatile(&raw const pidfd)) };
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
            Ok(Side::Parent((pid.expect("the kernel returned a positive id"), pidfd)))
        }
    }
}

/// Forks. As for [`clone_into_new_namespaces`], the caller must be the only thread.
pub(crate) fn fork() -> io::Result<Side<Pid>> {
    // SAFETY: no pointers; the process has one thread, so no lock is held in the child.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Side::Child),
        pid => Ok(Side::Parent(Pid::from_raw(pid).expect("fork returned a positive id"))),
    }
}

/// Replaces this process by a program. Returns only if that failed.
pub(crate) fn execute(path: &CString, argv: &[CString], env: &[CString]) -> io::Error {
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: both arrays end with a null pointer, and their texts outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    io::Error::last_os_error()
}

/// Ends this process at once, without destructors or exit handlers: after a clone they belong to
/// the parent.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: always sound, never returns.
    unsafe { libc::_exit(code) }
}

/// Leaves the net namespace for a new, empty one.
pub(crate) fn new_net_namespace() -> rustix::io::Result<()> {
    // SAFETY: only unsharing the descriptor table endangers other threads.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) }
}

/// Leaves the user namespace for a new one, in which this process has every capability.
pub(crate) fn new_user_namespace() -> rustix::io::Result<()> {
    // SAFETY: as above.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWUSER) }
}

/// Makes the control groups that this process is in the roots of what it sees of them.
pub(crate) fn new_cgroup_namespace() -> rustix::io::Result<()> {
    // SAFETY: as above.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWCGROUP) }
}

/// Attributes of a mount.
#[derive(Clone, Copy)]
pub(crate) struct MountAttributes(u64);

impl MountAttributes {
    /// Files may be read and executed.
    pub(crate) const READ_ONLY: Self =
        Self(libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV);
    /// A device may be used.
    pub(crate) const DEVICE: Self =
        Self(libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC);
}

/// Makes a descriptor of `/dev/net/tun` the other end of a new device of this net namespace, whose
/// packets of IP it gives and takes without a header before them.
pub(crate) fn attach_tun(file: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    // SAFETY: all zeros are a valid value of this plain structure.
    let mut request = unsafe { std::mem::zeroed::<libc::ifreq>() };
    for (place, byte) in request.ifr_name.iter_mut().take(libc::IFNAMSIZ - 1).zip(name.bytes()) {
        *place = byte.cast_signed();
    }
    let flags = libc::IFF_TUN | libc::IFF_NO_PI;
    request.ifr_ifru.ifru_flags = flags.try_into().map_err(io::Error::other)?;
    // SAFETY: the request takes this structure, which outlives the call.
    let result = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Sets attributes of a mount and of every mount below it, and separates them from what they are
/// copies of (`mount_setattr`, Linux 5.12).
pub(crate) fn set_mount_attributes(
    mount: BorrowedFd<'_>,
    attributes: MountAttributes,
) -> io::Result<()> {
    #[repr(C)]
    struct MountAttr {
        attr_set: u64,
        attr_clr: u64,
        propagation: u64,
        userns_fd: u64,
    }
    let attr = MountAttr {
        attr_set: attributes.0,
        attr_clr: 0,
        propagation: libc::MS_PRIVATE,
        userns_fd: 0,
    };
    // SAFETY: the path is an empty C string, the structure has the layout and size of the
    // kernel's first version, and both outlive the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Closes every descriptor but the standard three and those to keep. Owners of the others must never be dropped: only a
/// program that has just started, or a child that ends with [`exit_now`] or [`execute`], may call
/// this.
pub(crate) fn close_all_but(keep: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut keep: Vec<u32> = keep.iter().map(|fd| fd.as_raw_fd().cast_unsigned()).collect();
    keep.sort_unstable();
    let mut from = 3;
    for fd in keep {
        if from < fd {
            close_range(from, fd - 1, 0)?;
        }
        from = fd + 1;
    }
    close_range(from, u32::MAX, 0)
}

/// Registers a descriptor that does not block with the event loop.
pub(crate) fn async_fd(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` owns a valid descriptor and keeps it until it is dropped.
    Ok(unsafe { AsyncFd::register(fd) }?)
}

/// Marks every descriptor from this one up to be closed when a program is started.
pub(crate) fn close_above_at_exec(first: u32) -> io::Result<()> {
    close_range(first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC)
}

/// Puts a copy of a descriptor at this place, for a program to find. What is there is closed; the
/// caller ends with [`exit_now`] or [`execute`], so that nobody drops an owner of it.
pub(crate) fn put(fd: &OwnedFd, place: RawFd) -> io::Result<()> {
    // SAFETY: no pointers; the contract says that nobody uses what was at that place.
    let put = unsafe { libc::dup2(fd.as_raw_fd(), place) };
    if put == place { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn close_range(first: u32, last: u32, flags: libc::c_uint) -> io::Result<()> {
    // SAFETY: no pointers; the callers' contracts say who may still own these descriptors.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Becomes another user for files only.
pub(crate) fn set_file_user(user: u32) {
    // SAFETY: no pointers.
    unsafe { libc::setfsuid(user) };
}

/// Has the kernel reap this process's children from here on.
pub(crate) fn ignore_children() {
    // SAFETY: ignoring a signal installs no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// A child that has ended and waits to be reaped.
pub(crate) fn next_ended_child() -> Option<Pid> {
    // SAFETY: all zeros are a valid value of this plain structure.
    let mut information = unsafe { std::mem::zeroed::<libc::siginfo_t>() };
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the structure outlives the call.
    let result = unsafe { libc::waitid(libc::P_ALL, 0, &raw mut information, options) };
    // SAFETY: after a success the structure describes a child, or is all zeros.
    let pid = if result == 0 { unsafe { information.si_pid() } } else { 0 };
    Pid::from_raw(pid)
}

/// Waits for a signal that ends this process.
pub(crate) fn wait_for_the_end() -> ! {
    loop {
        // SAFETY: always sound.
        unsafe { libc::pause() };
    }
}

/// Gives a program the signals it expects: none blocked, and `SIGPIPE`, which Rust ignores, at
/// its default.
pub(crate) fn reset_signals() {
    // SAFETY: the set is initialised by `sigemptyset` before it is read, and setting a default
    // disposition installs no handler.
    unsafe {
        let mut none = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}

/// The error of a call on a descriptor that is none.
#[cfg(test)]
pub(crate) fn error_on_nothing(number: libc::c_long, argument: libc::c_long) -> i32 {
    // SAFETY: the kernel reads neither argument as a pointer before it has found no descriptor.
    unsafe { libc::syscall(number, -1, argument, 0) };
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
