//! Sandboxes from Linux's own parts: no daemon, no container runtime, nothing to install.
//!
//! A sandbox is a set of namespaces (user, pid, mount, ipc, uts, net, cgroup) with a read-only
//! root, a private `/tmp`, an unprivileged user of its own, rules of file access (Landlock), system
//! call filters, and limits on memory, processes and processor time. A single-threaded helper
//! process, which this program starts from its own file, clones them ([`helper_main`]);
//! [`ProcessSandboxes`] asks it to.
//!
//! Invariants:
//! - No process of a sandbox outlives its first process, the helper, or the server.
//! - `kill` and `wait` return when processes, mounts and control groups are gone.
//! - A program that is forked from a zygote, or that was started ahead of need and parked, has the
//!   walls of one that is executed.
//! - The helper never sees a program's arguments, environment or mounts.
//! - From inside, the platform's listeners can be reached and no other address, unless
//!   [`Settings::egress`] says so: then also what it names, through the gateway of the crate `egress`.
//!
//! What it is not: a virtual machine. Programs share the host's kernel.

mod channel;
mod helper;
mod inside;
pub mod interpreters;
mod link;
mod output;
mod parking;
mod parts;
mod plan_file;
mod protocol;
mod readable;
mod sandbox;
mod sandboxes;
mod settings;
mod sys;
mod way_out;
mod zygotes;

pub use helper::helper_main;
pub use readable::make_readable;
pub use sandboxes::ProcessSandboxes;
pub use settings::{CERTIFICATE_FILE, HELPER_ARGUMENT, Platform, RUNTIME_API_PORT, Settings, Tls};
