//! The parts of the isolation, with what to do where one is missing.

use runtime::sandbox::{Isolation, IsolationLevel, IsolationPart};
use serde::{Deserialize, Serialize};

/// A primitive of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Part {
    Namespaces,
    Network,
    Root,
    FileRules,
    SystemCalls,
    OwnUser,
    Memory,
    Processes,
    Processor,
}

impl Part {
    /// In the order in which a sandbox needs them.
    pub(crate) const ALL: [Self; 9] = [
        Self::Network,
        Self::Namespaces,
        Self::Root,
        Self::FileRules,
        Self::SystemCalls,
        Self::OwnUser,
        Self::Memory,
        Self::Processes,
        Self::Processor,
    ];

    /// As a person would say it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "user, pid, mount, ipc and uts namespaces",
            Self::Network => "network namespace",
            Self::Root => "read-only root",
            Self::FileRules => "rules of file access (Landlock)",
            Self::SystemCalls => "system call filter",
            Self::OwnUser => "unprivileged user per instance",
            Self::Memory => "memory limit",
            Self::Processes => "process limit",
            Self::Processor => "processor limit",
        }
    }

    /// The one command or step that provides it.
    fn remedy(self, root: bool) -> &'static str {
        match self {
            Self::Namespaces | Self::Network if root => {
                "run: sysctl -w user.max_user_namespaces=65536 user.max_net_namespaces=65536 (in a container, start it with --privileged)"
            }
            Self::Namespaces | Self::Network => {
                "run as root: sysctl -w user.max_user_namespaces=65536; on Ubuntu: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
            }
            Self::Root => {
                "use Linux 5.12 or newer (in a container, start it with --privileged, so that /proc is not covered)"
            }
            Self::FileRules => {
                "use Linux 5.19 or newer with landlock in the list of its lsm= parameter"
            }
            Self::SystemCalls => "use a kernel built with CONFIG_SECCOMP_FILTER",
            Self::OwnUser => "start Pileus as root: sudo pileus up",
            Self::Memory | Self::Processes | Self::Processor if root => {
                "run: systemd-run --scope -p Delegate=yes pileus up"
            }
            Self::Memory | Self::Processes | Self::Processor => {
                "run: systemd-run --user --scope -p Delegate=yes pileus up (where control groups are of version 1: sudo pileus up)"
            }
        }
    }
}

/// What is missing, and what the system said when it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lack {
    pub(crate) part: Part,
    pub(crate) detail: String,
}

/// The public form of what the helper found.
pub(crate) fn isolation(lacks: &[Lack], root: bool) -> Isolation {
    let part = |part: Part| {
        let lack = lacks.iter().find(|lack| lack.part == part);
        let remedy = match lack {
            Some(lack) => format!("{} (it said: {})", part.remedy(root), lack.detail),
            None => part.remedy(root).to_owned(),
        };
        IsolationPart { name: part.name().to_owned(), achieved: lack.is_none(), remedy }
    };
    let level = if lacks.is_empty() { IsolationLevel::Full } else { IsolationLevel::Reduced };
    Isolation { level, parts: Part::ALL.into_iter().map(part).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolation_is_full_only_when_nothing_is_missing() {
        assert_eq!(isolation(&[], true).level, IsolationLevel::Full);
        assert!(isolation(&[], true).missing().is_none());
        let lacks = [Lack { part: Part::Memory, detail: "EROFS".into() }];
        let reduced = isolation(&lacks, true);
        assert_eq!(reduced.level, IsolationLevel::Reduced);
        let missing = reduced.missing().expect("memory is missing");
        assert_eq!(missing.name, "memory limit");
        assert!(missing.remedy.contains("systemd-run") && missing.remedy.contains("EROFS"));
    }
}
