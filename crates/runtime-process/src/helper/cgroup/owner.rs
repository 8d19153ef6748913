//! The name of a helper's directory, by which a later one knows whether it still lives.

use std::fs;

/// Its process: pid namespace, id and start time. Ids are reused, and a container that shares
/// the host's control groups counts its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    namespace: String,
    pid: String,
    started: String,
}

impl Owner {
    /// This process.
    pub(super) fn this_process() -> Self {
        let pid = std::process::id().to_string();
        let started = start_time(&pid).unwrap_or_default();
        Self { namespace: pid_namespace(), pid, started }
    }

    /// The name of its directory.
    pub(super) fn name(&self) -> String {
        format!("{}-{}-{}", self.namespace, self.pid, self.started)
    }

    /// Whether the directory of this name belongs to a process of this pid namespace that has
    /// ended. Names of another form are not ours to judge.
    pub(super) fn is_of_a_dead_sibling(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('-').collect();
        let [namespace, pid, started] = parts[..] else { return false };
        namespace == self.namespace && start_time(pid).as_deref() != Some(started)
    }
}

/// The number of this pid namespace.
fn pid_namespace() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// When a process started, in ticks since boot; `None` when it has ended.
fn start_time(pid: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name is in parentheses and may contain anything; field 22 is the 20th after.
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_one_with_another_start_time_is_dead() {
        let this = Owner::this_process();
        assert!(!this.started.is_empty());
        assert!(!this.is_of_a_dead_sibling(&this.name()));
        let reused = Owner { started: "1".into(), ..this.clone() };
        assert!(this.is_of_a_dead_sibling(&reused.name()));
    }

    #[test]
    fn names_of_another_form_or_pid_namespace_are_left_alone() {
        let this = Owner::this_process();
        assert!(!this.is_of_a_dead_sibling("something"));
        let elsewhere = Owner { namespace: "1".into(), started: "1".into(), ..this.clone() };
        assert!(!this.is_of_a_dead_sibling(&elsewhere.name()));
    }
}
