//! Which system calls a program may make.
//!
//! Two filters. The first allows what CPython, Node, Go and Rust programs use and answers
//! everything else with "no such system call", for which their libraries have a fallback. The
//! second refuses, with "not permitted", calls and arguments that could weaken the walls, so
//! that a program is told the truth about them.

use std::collections::BTreeMap;

use libc::{c_int, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

mod calls;

/// Both filters, compiled once and inherited by every sandbox.
pub(crate) struct Filters {
    known: BpfProgram,
    refused: BpfProgram,
    /// Those of a zygote, below those of its forks. The only difference is `setns`.
    zygote: [BpfProgram; 2],
}

impl Filters {
    /// Compiles the filters for this processor.
    ///
    /// # Errors
    /// On a processor for which there is no filter.
    pub(crate) fn compile() -> Result<Self, String> {
        let arch: TargetArch =
            std::env::consts::ARCH.try_into().map_err(|error| format!("{error}"))?;
        let program = |rules: Rules, matching: SeccompAction, other: SeccompAction| {
            SeccompFilter::new(rules, other, matching, arch)
                .and_then(BpfProgram::try_from)
                .map_err(|error| error.to_string())
        };
        let errno = |number: c_int| SeccompAction::Errno(number.cast_unsigned());
        let known_only = |rules| program(rules, SeccompAction::Allow, errno(libc::ENOSYS));
        let not_refused = |rules| program(rules, errno(libc::EPERM), SeccompAction::Allow);
        let (known, refused) = (known(), refused().map_err(|error| error.to_string())?);
        let (mut more, mut less) = (known.clone(), refused.clone());
        more.insert(libc::SYS_setns, Vec::new());
        let rules = found_namespaces().map_err(|error| error.to_string())?;
        less.extend([(libc::SYS_setns, rules.0)]);
        less.entry(libc::SYS_ioctl).or_default().extend(rules.1);
        Ok(Self {
            known: known_only(known)?,
            refused: not_refused(refused)?,
            zygote: [known_only(more)?, not_refused(less)?],
        })
    }

    /// Filters a zygote from here on.
    pub(crate) fn install_for_zygote(&self) -> Result<(), seccompiler::Error> {
        self.zygote.iter().try_for_each(|program| seccompiler::apply_filter(program))
    }

    /// The filters of a program in the order in which they are installed, each with its length in
    /// bytes in front, as a zygote reads them.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for program in [&self.known, &self.refused] {
            let length =
                u32::try_from(program.len() * 8).expect("a filter has at most 4,096 steps");
            bytes.extend(length.to_ne_bytes());
            for step in program {
                bytes.extend(step.code.to_ne_bytes());
                bytes.extend([step.jt, step.jf]);
                bytes.extend(step.k.to_ne_bytes());
            }
        }
        bytes
    }

    /// Filters this process from here on. Where both refuse, the error of the last one installed
    /// is what the program sees.
    pub(crate) fn install(&self) -> Result<(), seccompiler::Error> {
        seccompiler::apply_filter(&self.known)?;
        seccompiler::apply_filter(&self.refused)
    }
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn known() -> Rules {
    calls::KNOWN.iter().chain(calls::KNOWN_HERE).map(|call| (*call, Vec::new())).collect()
}

fn refused() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = calls::REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, new_namespaces()?);
    rules.insert(libc::SYS_socket, other_families()?);
    rules.insert(libc::SYS_socketpair, other_families()?);
    rules.insert(libc::SYS_ioctl, terminal_input()?);
    rules.insert(libc::SYS_prlimit64, core_size()?);
    #[cfg(target_arch = "x86_64")]
    rules.insert(
        libc::SYS_setrlimit,
        vec![SeccompRule::new(vec![condition(0, SeccompCmpOp::Eq, RESOURCE_CORE)?])?],
    );
    Ok(rules)
}

/// `RLIMIT_CORE`, the same number on every processor; libc gives it several types.
const RESOURCE_CORE: c_int = 4;

/// Setting the size of core files: a size of 0 would let a program of the host take them again.
fn core_size() -> Conditions {
    Ok(vec![SeccompRule::new(vec![
        condition(1, SeccompCmpOp::Eq, RESOURCE_CORE)?,
        SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?,
    ])?])
}

type Conditions = Result<Vec<SeccompRule>, seccompiler::BackendError>;

fn condition(
    argument: u8,
    operator: SeccompCmpOp,
    value: c_int,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    let value = u64::from(value.cast_unsigned());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

/// What leads a zygote into namespaces that it was not given: `setns` with a descriptor of a
/// process (which wants to be told what to enter), and the requests for a process's namespaces.
fn found_namespaces() -> Result<(Vec<SeccompRule>, Vec<SeccompRule>), seccompiler::BackendError> {
    let of_process = SeccompRule::new(vec![condition(1, SeccompCmpOp::Ne, 0)?])?;
    // PIDFD_GET_CGROUP_NAMESPACE and all that follow it.
    let requests = SeccompRule::new(vec![
        condition(1, SeccompCmpOp::Ge, 0xFF01)?,
        condition(1, SeccompCmpOp::Le, 0xFFFF)?,
    ])?;
    Ok((vec![of_process], vec![requests]))
}

/// `clone` with any flag that makes a namespace, or a child of the caller's parent: that of a forked
/// program is the helper. (`clone3` hides its flags behind a pointer, so it is not known at all;
/// libraries fall back to `clone`.)
fn new_namespaces() -> Conditions {
    let flags = [
        libc::CLONE_PARENT,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWCGROUP,
    ];
    let rule = |flag: c_int| {
        let mask = u64::from(flag.cast_unsigned());
        SeccompRule::new(vec![condition(0, SeccompCmpOp::MaskedEq(mask), flag)?])
    };
    flags.into_iter().map(rule).collect()
}

/// Sockets other than Unix, IPv4, IPv6 and route queries: some, such as vsock, are not bound to
/// the net namespace.
fn other_families() -> Conditions {
    let families = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let not_one = families.map(|family| condition(0, SeccompCmpOp::Ne, family));
    let other_netlink = vec![
        condition(0, SeccompCmpOp::Eq, libc::AF_NETLINK)?,
        condition(2, SeccompCmpOp::Ne, libc::NETLINK_ROUTE)?,
    ];
    Ok(vec![
        SeccompRule::new(not_one.into_iter().collect::<Result<_, _>>()?)?,
        SeccompRule::new(other_netlink)?,
    ])
}

/// Pushing input into a terminal.
fn terminal_input() -> Conditions {
    let request = |request: libc::Ioctl| {
        let value = u64::from(u32::try_from(request).expect("ioctl requests have 32 bits"));
        SeccompRule::new(vec![SeccompCondition::new(
            1,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            value,
        )?])
    };
    // TIOCLINUX has no name in libc.
    Ok(vec![request(libc::TIOCSTI)?, request(0x541C)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys;

    #[test]
    fn the_filters_compile_for_this_processor() {
        let filters = Filters::compile().expect("compiled");
        assert!(!filters.known.is_empty() && !filters.refused.is_empty());
    }

    /// A zygote sees the pids of the host. A call that passes its filters reaches the kernel, which says
    /// that there is no such descriptor.
    #[test]
    fn a_zygote_enters_namespaces_by_their_descriptors_only() {
        let filters = Filters::compile().expect("compiled");
        // Filters are a thread's.
        let filtered = std::thread::spawn(move || {
            filters.install_for_zygote().expect("installed");
            let setns = |kinds: c_int| sys::error_on_nothing(libc::SYS_setns, kinds.into());
            assert_eq!(setns(0), libc::EBADF);
            assert_eq!(setns(libc::CLONE_NEWNET), libc::EPERM);
            let ioctl = |request: c_long| sys::error_on_nothing(libc::SYS_ioctl, request);
            // TCGETS, and PIDFD_GET_USER_NAMESPACE.
            assert_eq!(ioctl(0x5401), libc::EBADF);
            assert_eq!(ioctl(0xFF09), libc::EPERM);
        });
        filtered.join().expect("the filters of a zygote");
    }

    #[test]
    fn no_call_is_both_known_and_refused_without_a_condition() {
        for call in calls::REFUSED {
            assert!(!known().contains_key(call), "{call}");
        }
    }
}
