//! Limits on memory, processes and processor time, by control groups of either version.
//!
//! Every instance has a directory `pileus/<owner>/<id>` in each hierarchy that has one of the
//! controllers, and in the version 2 hierarchy for `cgroup.kill`. `<owner>` names the helper, so
//! that what a killed one left is found and removed by the next.

mod layout;
mod limits;
mod owner;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal};

use super::RETRY_AFTER;
use crate::parts::Lack;
use crate::protocol::Limits;
use layout::{Hierarchy, Version};

/// How often a directory that a dead helper left is tried.
const SWEEP_TRIES: u32 = 100;

/// Where this helper's instances get their directories.
pub(super) struct Groups {
    /// Each `dir` is this helper's own, above those of its instances.
    hierarchies: Vec<Hierarchy>,
}

impl Groups {
    /// Removes what dead helpers left and makes this helper's own directories. What the host
    /// does not allow is returned beside it.
    pub(super) fn set_up() -> (Self, Vec<Lack>) {
        let owner = owner::Owner::this_process();
        let (mut hierarchies, mut problems) = (Vec::new(), Vec::new());
        for found in layout::discover() {
            match found.prepare(&owner) {
                Ok(hierarchy) => hierarchies.push(hierarchy),
                Err(error) => problems.push((found, error)),
            }
        }
        let groups = Self { hierarchies };
        let lacks = layout::CONTROLLERS
            .into_iter()
            .filter(|(_, controller)| groups.with(controller).is_none())
            .map(|(part, controller)| {
                let problem = problems.iter().find(|(hierarchy, _)| hierarchy.has(controller));
                let detail = match problem {
                    Some((hierarchy, error)) => format!("{}: {error}", hierarchy.dir.display()),
                    None => format!("no {controller} controller is mounted here"),
                };
                Lack { part, detail }
            })
            .collect();
        (groups, lacks)
    }

    fn with(&self, controller: &str) -> Option<&Hierarchy> {
        self.hierarchies.iter().find(|hierarchy| hierarchy.has(controller))
    }

    /// Makes the directories of one instance, with its limits.
    ///
    /// # Errors
    /// Of the first step that failed. The group then has what was made before.
    pub(super) fn fill(&self, group: &mut Group, id: u64, limits: Limits) -> io::Result<()> {
        for hierarchy in &self.hierarchies {
            let dir = hierarchy.dir.join(id.to_string());
            fs::create_dir(&dir)?;
            group.dirs.push((hierarchy.version, dir.clone()));
            limits::apply(hierarchy, &dir, limits)?;
            if hierarchy.has(layout::MEMORY) {
                group.peak_memory = limits::peak_memory_file(hierarchy.version, &dir);
            }
        }
        Ok(())
    }

    /// Removes this helper's own directories. Its instances' are gone by now.
    pub(super) fn tear_down(&self) {
        for hierarchy in &self.hierarchies {
            // The next helper sweeps what cannot be removed now.
            let _ = fs::remove_dir(&hierarchy.dir);
        }
    }
}

/// The directories of one instance.
#[derive(Default)]
pub(super) struct Group {
    dirs: Vec<(Version, PathBuf)>,
    /// The file with its peak memory in bytes.
    pub(super) peak_memory: Option<PathBuf>,
}

impl Group {
    /// The version 2 directory, for the first process to be born in. Putting a process into a
    /// group later stops every fork of the host for a moment, which takes milliseconds.
    pub(super) fn birthplace(&self) -> io::Result<Option<File>> {
        let dir = self.dirs.iter().find(|(version, _)| *version == Version::V2);
        dir.map(|(_, dir)| File::open(dir)).transpose()
    }

    /// The doors of version 1, for a process that was born in the version 2 directory.
    pub(super) fn doors_of_version_1(&self) -> io::Result<Vec<File>> {
        let dirs = self.dirs.iter().filter(|(version, _)| *version == Version::V1);
        dirs.map(|(version, dir)| door(*version, dir)).collect()
    }

    /// The files through which a process that has them takes itself into the group.
    pub(super) fn doors(&self) -> io::Result<Vec<File>> {
        self.dirs.iter().map(|(version, dir)| door(*version, dir)).collect()
    }

    /// Ends every process in it. The end of the first process does the same; this one does not
    /// depend on namespaces.
    pub(super) fn kill(&self) {
        for (version, dir) in &self.dirs {
            if *version == Version::V2 {
                // Missing before Linux 5.14.
                let _ = fs::write(dir.join("cgroup.kill"), "1");
            }
        }
    }

    /// Whether the memory limit ended a process in it.
    pub(super) fn out_of_memory(&self) -> bool {
        self.dirs.iter().any(|(version, dir)| limits::oom_kills(*version, dir) > 0)
    }

    /// Removes the directories.
    ///
    /// # Errors
    /// `ResourceBusy` while a process in it is still ending.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        while let Some((_, dir)) = self.dirs.last() {
            match fs::remove_dir(dir) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.dirs.pop(),
            };
        }
        Ok(())
    }
}

/// The file into which a process writes 0 to go into a group. In version 1 it is the one for single
/// threads: a thread that takes itself in does not make the kernel stop every fork of the host,
/// and a process that has just been cloned is one thread.
fn door(version: Version, dir: &Path) -> io::Result<File> {
    let name = match version {
        Version::V1 => "tasks",
        Version::V2 => "cgroup.procs",
    };
    File::options().write(true).open(dir.join(name))
}

/// Ends every process in a directory that a dead helper left, and removes it.
fn sweep(version: Version, dir: &Path) {
    let mut group = Group { dirs: vec![(version, dir.to_owned())], peak_memory: None };
    group.kill();
    for pid in fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default().lines() {
        if let Some(pid) = pid.parse().ok().and_then(Pid::from_raw) {
            // It may have ended since.
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }
    // Busy while they end. What takes longer is left to the next helper.
    for _ in 0..SWEEP_TRIES {
        if group.remove().is_ok() {
            return;
        }
        std::thread::sleep(RETRY_AFTER);
    }
}
