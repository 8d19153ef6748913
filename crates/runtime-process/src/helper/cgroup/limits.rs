//! Writing limits and reading counters.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::layout::{Hierarchy, MEMORY, PROCESSES, PROCESSOR, Version};
use crate::protocol::Limits;
use crate::settings::{CPU_PERIOD, MINIMUM_CPU_QUOTA};

/// Writes the limits that this hierarchy enforces.
pub(super) fn apply(hierarchy: &Hierarchy, dir: &Path, limits: Limits) -> io::Result<()> {
    if hierarchy.has(MEMORY) {
        memory(hierarchy.version, dir, limits.memory_bytes)?;
    }
    if hierarchy.has(PROCESSES) {
        // The sandbox's first process is ours.
        fs::write(dir.join("pids.max"), (u64::from(limits.processes) + 1).to_string())?;
    }
    match limits.cpu_millis {
        Some(millis) if hierarchy.has(PROCESSOR) => processor(hierarchy.version, dir, millis),
        _ => Ok(()),
    }
}

/// Memory without swap.
fn memory(version: Version, dir: &Path, bytes: u64) -> io::Result<()> {
    let bytes = bytes.to_string();
    match version {
        Version::V1 => {
            fs::write(dir.join("memory.limit_in_bytes"), &bytes)?;
            if_present(&dir.join("memory.memsw.limit_in_bytes"), &bytes)
        }
        Version::V2 => {
            fs::write(dir.join("memory.max"), &bytes)?;
            if_present(&dir.join("memory.swap.max"), "0")?;
            if_present(&dir.join("memory.oom.group"), "1")
        }
    }
}

/// The file is missing where the kernel does not account swap.
fn if_present(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() { fs::write(path, text) } else { Ok(()) }
}

fn processor(version: Version, dir: &Path, millis: u32) -> io::Result<()> {
    let quota = (CPU_PERIOD * millis / 1000).max(MINIMUM_CPU_QUOTA).as_micros();
    let period = CPU_PERIOD.as_micros();
    match version {
        Version::V1 => {
            fs::write(dir.join("cpu.cfs_period_us"), period.to_string())?;
            fs::write(dir.join("cpu.cfs_quota_us"), quota.to_string())
        }
        Version::V2 => fs::write(dir.join("cpu.max"), format!("{quota} {period}")),
    }
}

/// How many processes the memory limit has ended.
pub(super) fn oom_kills(version: Version, dir: &Path) -> u64 {
    let file = match version {
        Version::V1 => "memory.oom_control",
        Version::V2 => "memory.events",
    };
    let text = fs::read_to_string(dir.join(file)).unwrap_or_default();
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// The file with the peak, where the kernel has one (version 2: Linux 5.19).
pub(super) fn peak_memory_file(version: Version, dir: &Path) -> Option<PathBuf> {
    let path = dir.join(match version {
        Version::V1 => "memory.max_usage_in_bytes",
        Version::V2 => "memory.peak",
    });
    path.exists().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hierarchy(version: Version, dir: &Path) -> Hierarchy {
        Hierarchy { version, dir: dir.to_owned(), controllers: vec![MEMORY, PROCESSES, PROCESSOR] }
    }

    fn read(dir: &Path, file: &str) -> String {
        fs::read_to_string(dir.join(file)).expect("written")
    }

    const LIMITS: Limits =
        Limits { memory_bytes: 1 << 27, processes: 64, open_files: 64, cpu_millis: Some(500) };

    #[test]
    fn version_2_limits_are_written_in_its_units() {
        let dir = tempfile::tempdir().expect("a folder");
        for file in ["memory.swap.max", "memory.oom.group"] {
            fs::write(dir.path().join(file), "").expect("made");
        }
        apply(&hierarchy(Version::V2, dir.path()), dir.path(), LIMITS).expect("applied");
        assert_eq!(read(dir.path(), "memory.max"), "134217728");
        assert_eq!(read(dir.path(), "memory.swap.max"), "0");
        assert_eq!(read(dir.path(), "memory.oom.group"), "1");
        assert_eq!(read(dir.path(), "pids.max"), "65");
        assert_eq!(read(dir.path(), "cpu.max"), "10000 20000");
    }

    #[test]
    fn version_1_limits_are_written_in_its_units() {
        let dir = tempfile::tempdir().expect("a folder");
        apply(&hierarchy(Version::V1, dir.path()), dir.path(), LIMITS).expect("applied");
        assert_eq!(read(dir.path(), "memory.limit_in_bytes"), "134217728");
        assert_eq!(read(dir.path(), "cpu.cfs_quota_us"), "10000");
        assert_eq!(read(dir.path(), "cpu.cfs_period_us"), "20000");
        assert!(!dir.path().join("memory.memsw.limit_in_bytes").exists());
    }

    #[test]
    fn a_tiny_processor_share_is_the_least_that_the_kernel_takes() {
        let dir = tempfile::tempdir().expect("a folder");
        processor(Version::V2, dir.path(), 1).expect("applied");
        assert_eq!(read(dir.path(), "cpu.max"), "1000 20000");
    }

    #[test]
    fn memory_kills_are_read_from_either_version() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(oom_kills(Version::V2, dir.path()), 0);
        fs::write(dir.path().join("memory.events"), "oom 3\noom_kill 2\n").expect("written");
        fs::write(dir.path().join("memory.oom_control"), "under_oom 0\noom_kill 1\n")
            .expect("written");
        assert_eq!(oom_kills(Version::V2, dir.path()), 2);
        assert_eq!(oom_kills(Version::V1, dir.path()), 1);
    }
}
