//! Who the sandbox's processes are and what they may do.

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets, Gid, Uid};

use crate::parts::Part;
use crate::protocol::{During, Failure, Plan};
use crate::settings::{INSIDE_HOST_NAME, INSIDE_USER, ZYGOTE_USER};
use crate::sys;

/// Takes the user that the helper has mapped, and its own view of host name and control groups.
/// Capabilities inside the new namespaces stay: user 0 is not mapped, so nothing clears them.
pub(super) fn become_sandbox_user() -> Result<(), Failure> {
    let (user, group) = (Uid::from_raw(INSIDE_USER.0), Gid::from_raw(INSIDE_USER.1));
    // Refused where the helper is not root; there it is reported as a missing part.
    let _ = rustix::thread::set_thread_groups(&[]);
    rustix::thread::set_thread_res_gid(group, group, group)
        .during(Part::Namespaces, "take the sandbox's group")?;
    rustix::thread::set_thread_res_uid(user, user, user)
        .during(Part::Namespaces, "take the sandbox's user")?;
    sys::new_cgroup_namespace().during(Part::Namespaces, "unshare the cgroup namespace")?;
    rustix::system::sethostname(INSIDE_HOST_NAME.as_bytes())
        .during(Part::Namespaces, "set the host name")
}

/// Gives up every capability, for this process and all that follow, and hides this one's memory
/// from them: it holds the plan.
pub(super) fn give_up_privileges() -> Result<(), Failure> {
    empty_bounding_set()?;
    give_up_capabilities()?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .during(Part::Namespaces, "hide the first process")
}

/// Becomes the user of zygotes, without any privilege.
pub(super) fn become_zygote_user() -> Result<(), Failure> {
    // Only who has privileges may empty it.
    empty_bounding_set()?;
    let (user, group) = (Uid::from_raw(ZYGOTE_USER), Gid::from_raw(ZYGOTE_USER));
    let step = "take the zygote's user";
    rustix::thread::set_thread_groups(&[]).during(Part::OwnUser, step)?;
    rustix::thread::set_thread_res_gid(group, group, group).during(Part::OwnUser, step)?;
    rustix::thread::set_thread_res_uid(user, user, user).during(Part::OwnUser, step)?;
    give_up_capabilities()
}

fn empty_bounding_set() -> Result<(), Failure> {
    let step = "give up capabilities";
    for capability in CapabilitySet::all().iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // The kernel is older than this capability.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error).during(Part::Namespaces, step),
        }
    }
    Ok(())
}

fn give_up_capabilities() -> Result<(), Failure> {
    let step = "give up capabilities";
    rustix::thread::clear_ambient_capability_set().during(Part::Namespaces, step)?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).during(Part::Namespaces, step)?;
    rustix::thread::set_no_new_privs(true).during(Part::Namespaces, "set no_new_privs")
}

/// Ends the sandbox when the helper ends. Changing credentials forgets this, so it comes after.
pub(super) fn die_with_helper() -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .during(Part::Namespaces, "ask to end with the helper")
}

/// Bytes of a core file: too few for any, and the one value at which the kernel also starts no
/// program of the host to take a core (`kernel.core_pattern` with a pipe), whatever the size. The
/// system call filter keeps it.
const CORE_BYTES: u64 = 1;

/// The limits that the kernel keeps per process or user.
pub(super) fn set_resource_limits(plan: &Plan) -> Result<(), Failure> {
    let both = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    let limits = [
        (Resource::Nofile, both(u64::from(plan.open_files))),
        (Resource::Core, both(CORE_BYTES)),
        // A second fence behind the control group; the first process counts too.
        (Resource::Nproc, both(u64::from(plan.processes) + 1)),
    ];
    for (resource, limit) in limits {
        rustix::process::setrlimit(resource, limit)
            .during(Part::Namespaces, "set the resource limits")?;
    }
    Ok(())
}
