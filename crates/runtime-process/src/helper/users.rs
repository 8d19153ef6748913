//! Which users of the host the instances are.

use std::fs;

use rustix::process::Pid;
use rustix::thread::Uid;

use crate::parts::{Lack, Part};
use crate::protocol::{During, Failure};
use crate::settings::{FIRST_HOST_USER, INSIDE_USER, ZYGOTE_USER};
use crate::sys;

/// How instances' users map to the host's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Users {
    /// Each its own, unprivileged one.
    PerInstance,
    /// All the one that runs Pileus, as the helper is not allowed to map another.
    Shared,
}

impl Users {
    /// Finds out what the helper may do, and gives it what it needs: root has it; anybody else
    /// gets it in a user namespace of its own, with its own net namespace.
    pub(super) fn prepare() -> Result<(Self, Option<Lack>), Failure> {
        let probe = sys::new_net_namespace();
        let lack = |detail: &str| Some(Lack { part: Part::OwnUser, detail: detail.to_owned() });
        match probe {
            Ok(()) if maps_enough_users() => Ok((Self::PerInstance, None)),
            Ok(()) => Ok((Self::Shared, lack("this container maps too few users"))),
            Err(_) => {
                become_root_of_own_namespace()?;
                sys::new_net_namespace().during(Part::Network, "make a net namespace")?;
                Ok((Self::Shared, lack("only root may map other users")))
            }
        }
    }

    /// Does something that makes a user namespace, which then belongs to the zygotes' user. Files
    /// are still the helper's own. Where all users are one, it belongs to that one.
    pub(super) fn as_owner<T>(self, make: impl FnOnce() -> T) -> Result<T, Failure> {
        if self == Self::Shared {
            return Ok(make());
        }
        let (root, owner) = (Uid::ROOT, Uid::from_raw(ZYGOTE_USER));
        let step = "become the owner of user namespaces";
        rustix::thread::set_thread_res_uid(root, owner, root).during(Part::OwnUser, step)?;
        sys::set_file_user(0);
        let made = make();
        let step = "become root again";
        rustix::thread::set_thread_res_uid(root, root, root).during(Part::OwnUser, step)?;
        Ok(made)
    }

    /// Maps the sandbox's user, which is the only one in its user namespace.
    pub(super) fn map(self, first: Pid) -> Result<(), Failure> {
        let pid = first.as_raw_nonzero();
        let outside = match self {
            Self::PerInstance => FIRST_HOST_USER + pid.get().unsigned_abs(),
            Self::Shared => 0,
        };
        let step = "map the sandbox's user";
        fs::write(format!("/proc/{pid}/uid_map"), format!("{} {outside} 1", INSIDE_USER.0))
            .during(Part::Namespaces, step)?;
        fs::write(format!("/proc/{pid}/gid_map"), format!("{} {outside} 1", INSIDE_USER.1))
            .during(Part::Namespaces, step)
    }
}

fn become_root_of_own_namespace() -> Result<(), Failure> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    sys::new_user_namespace().during(Part::Namespaces, "make a user namespace")?;
    let files = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {} 1", user.as_raw())),
        ("gid_map", format!("0 {} 1", group.as_raw())),
    ];
    for (file, text) in files {
        fs::write(format!("/proc/self/{file}"), text)
            .during(Part::Namespaces, "map the helper's user")?;
    }
    Ok(())
}

/// Whether every user that an instance may get exists here: in a container it may not.
fn maps_enough_users() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.lines().any(|line| {
        let numbers: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
        let [inside, _, count] = numbers[..] else { return false };
        let last = u64::from(ZYGOTE_USER);
        inside <= u64::from(FIRST_HOST_USER) && last < inside + count
    })
}
