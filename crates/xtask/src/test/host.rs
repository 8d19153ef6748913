//! What only the host's package manager can bring. Missing pieces are asked for in one line; a CI
//! job that runs as root on Debian or Ubuntu gets them by itself.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// One program that the tests need.
struct Need {
    name: &'static str,
    /// The command that succeeds where it is there.
    proof: &'static [&'static str],
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
}

const NEEDS: &[Need] = &[
    Need { name: "cc", proof: &["cc", "--version"], packages: &["gcc", "libc6-dev"] },
    Need {
        name: "python3 with venv",
        proof: &["python3", "-c", "import ensurepip, venv"],
        packages: &["python3-venv"],
    },
    Need { name: "node", proof: &["node", "--version"], packages: &["nodejs"] },
    Need { name: "npm", proof: &["npm", "--version"], packages: &["npm"] },
    Need {
        name: "PostgreSQL",
        proof: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb"],
        packages: &["postgresql"],
    },
    Need { name: "make", proof: &["make", "--version"], packages: &["make"] },
    Need { name: "openssl", proof: &["openssl", "version"], packages: &["openssl"] },
    Need { name: "s3cmd", proof: &["s3cmd", "--version"], packages: &["s3cmd"] },
    Need { name: "strace", proof: &["strace", "--version"], packages: &["strace"] },
    Need { name: "ip", proof: &["ip", "-Version"], packages: &["iproute2"] },
];

/// Fails with the command that helps if something that the tests need is missing.
pub(crate) fn require() -> Result<()> {
    require_all(|_| true)
}

/// As [`require`], for the demo: it traces no system calls, and keeps its data in a folder.
pub(crate) fn require_for_demo() -> Result<()> {
    require_all(|need| {
        !["strace", "PostgreSQL", "make", "openssl", "s3cmd", "ip"].contains(&need.name)
    })
}

fn require_all(wanted: impl Fn(&Need) -> bool) -> Result<()> {
    let missing =
        || -> Vec<&'static Need> { missing().into_iter().filter(|n| wanted(n)).collect() };
    if missing().is_empty() {
        return Ok(());
    }
    if may_install() {
        install(&missing())?;
    }
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|need| need.name).collect();
    bail!("missing: {}. Run:\n  {}", names.join(", "), request(&missing, is_root()))
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !is_there(need)).collect()
}

fn is_there(need: &Need) -> bool {
    let Some((program, arguments)) = need.proof.split_first() else { return true };
    process::succeeds(Command::new(program).args(arguments))
}

/// The one line that a person can paste. A host without package lists knows no package.
fn request(missing: &[&Need], is_root: bool) -> String {
    let sudo = if is_root { "" } else { "sudo " };
    let packages = packages(missing).join(" ");
    format!("{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {packages}")
}

fn packages(missing: &[&Need]) -> Vec<&'static str> {
    missing.iter().flat_map(|need| need.packages).copied().collect()
}

/// Whether nobody watches.
#[expect(clippy::disallowed_methods, reason = "`CI` is how CI systems say that nobody is there")]
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

fn may_install() -> bool {
    in_ci() && is_root() && process::succeeds(Command::new("apt-get").arg("--version"))
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn install(missing: &[&Need]) -> Result<()> {
    process::run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    process::run(
        apt.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages(missing)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_asked_for_in_one_line() {
        let node = Need { name: "node", proof: &["no-such-program"], packages: &["nodejs"] };
        let cc = Need { name: "cc", proof: &["no-such-program"], packages: &["gcc", "libc6-dev"] };
        assert!(!is_there(&node));
        let install = "apt-get install -y --no-install-recommends nodejs gcc libc6-dev";
        let as_root = format!("apt-get update && {install}");
        assert_eq!(request(&[&node, &cc], true), as_root);
        let as_other = format!("sudo apt-get update && sudo {install}");
        assert_eq!(request(&[&node, &cc], false), as_other);
    }
}
