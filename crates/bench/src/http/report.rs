use anyhow::{Context, Result};
use std::{fs, path::Path, time::Duration};

use super::{Operation, load::Tally};

/// Prints the size of the binary.
pub(crate) fn binary(path: &Path) -> Result<()> {
    let size = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if cfg!(debug_assertions) {
        line("this is a debug build: its figures say nothing");
    }
    line(&format!("{:<34}{}", "binary", path.display()));
    print("size of the binary", megabytes(size), "MB");
    Ok(())
}

/// Prints the median and the worst of what starting took.
pub(crate) fn start_up(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map_or(f64::NAN, |t| t.as_secs_f64() * 1e3);
    let worst = milliseconds(times.last());
    print(name, milliseconds(times.get(times.len() / 2)), &format!("ms (worst {worst:.1})"));
}

/// Prints the resident memory of a process, and of those that it started.
pub(crate) fn memory(name: &str, pid: u32) -> Result<()> {
    let own = resident(pid)?;
    let descendants = descendants(pid)?;
    // One that ends meanwhile has no memory.
    let others: u64 = descendants.iter().filter_map(|&pid| resident(pid).ok()).sum();
    let (count, others) = (descendants.len(), megabytes(others));
    print(name, megabytes(own), &format!("MB (and {others:.1} MB in {count} child processes)"));
    Ok(())
}

/// Prints the most memory that a process and those that it started had since [`forget_peak`], and
/// gives it in bytes.
pub(crate) fn peak_memory(name: &str, pid: u32) -> Result<u64> {
    let others = descendants(pid)?.iter().filter_map(|&pid| peak(pid).ok()).sum::<u64>();
    let bytes = peak(pid)? + others;
    let what = format!("MB ({:.1} MB of it in child processes)", megabytes(others));
    print(name, megabytes(bytes), &what);
    Ok(bytes)
}

/// The memory that the processes which a process started have for themselves, with their part of
/// what they share, in megabytes.
pub(crate) fn shared_memory(pid: u32) -> Result<f64> {
    Ok(proportional(&descendants(pid)?))
}

/// The same of these processes. One that has ended has none.
pub(crate) fn proportional(pids: &[u32]) -> f64 {
    let part = |pid: &u32| -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    let kilobytes: u64 = pids.iter().filter_map(part).sum();
    megabytes(kilobytes * 1024)
}

/// Begins to look for the most memory again.
pub(crate) fn forget_peak(pid: u32) -> Result<()> {
    for pid in descendants(pid)?.into_iter().chain([pid]) {
        // proc(5): 5 resets the peak to what there is now.
        fs::write(format!("/proc/{pid}/clear_refs"), "5")?;
    }
    Ok(())
}

/// Prints the names of the columns.
pub(crate) fn head() {
    line(&format!(
        "\n{:<24}{:>8}{:>12}{:>10}{:>10}{:>10}",
        "operation", "clients", "requests/s", "p50 µs", "p99 µs", "x floor"
    ));
}

/// Prints one line for each operation; the first one is the floor.
pub(crate) fn operations(operations: &mut [Operation], clients: usize) {
    let floor = operations.first().map_or(f64::NAN, |operation| operation.tally.rate());
    for Operation { name, tally, .. } in operations {
        let (rate, middle, slow) = (tally.rate(), tally.percentile(50), tally.percentile(99));
        let ratio = rate / floor;
        line(&format!("{name:<24}{clients:>8}{rate:>12.0}{middle:>10.0}{slow:>10.0}{ratio:>10.3}"));
    }
}

/// Prints one line of what one thread did without a server.
pub(crate) fn alone(name: &str, tally: &mut Tally) {
    let (rate, middle, slow) = (tally.rate(), tally.percentile(50), tally.percentile(99));
    line(&format!("{name:<24}{:>8}{rate:>12.0}{middle:>10.0}{slow:>10.0}", "-"));
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints a value.
pub(crate) fn print(name: &str, value: f64, unit: &str) {
    line(&format!("{name:<34}{value:>8.1} {unit}"));
}

#[expect(clippy::cast_precision_loss, reason = "a size to print")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// The resident memory of a process, in bytes.
fn resident(pid: u32) -> Result<u64> {
    memory_of(pid, "VmRSS")
}

/// The most resident memory that a process had since [`forget_peak`], in bytes.
fn peak(pid: u32) -> Result<u64> {
    memory_of(pid, "VmHWM")
}

fn memory_of(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.with_context(|| format!("no {name}"))?.parse::<u64>()? * 1024)
}

/// The processes that a process started, and theirs.
pub(crate) fn descendants(pid: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile.
        let children = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
        for child in children.split_ascii_whitespace() {
            let child = child.parse()?;
            found.push(child);
            found.extend(descendants(child).unwrap_or_default());
        }
    }
    Ok(found)
}
