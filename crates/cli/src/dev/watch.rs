//! Which files were saved.

use super::seen::Seen;
use crate::{deploy::NEVER_PACKAGED, error::Error};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::BTreeSet,
    fs,
    future::pending,
    path::{self, Path, PathBuf},
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Editors save in several steps: what comes within this time after another belongs to it.
const QUIET: Duration = Duration::from_millis(30);
/// Folders that are watched.
const MAX_FOLDERS: usize = 10_000;
/// What others install.
const INSTALLED: &str = "node_modules";

/// Watches a folder and those below it.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<notify::Result<Event>>,
    root: PathBuf,
    /// The data folder and that of builds, which are not written by hand.
    left_out: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
    seen: Seen,
    /// Files that have changed and that nobody was told of yet.
    waiting: BTreeSet<PathBuf>,
}

impl Watch {
    /// Begins to watch everything below `root` that can belong to a package, the data folder and
    /// that of builds excepted.
    pub(super) fn new(root: &Path, data: &Path, build: &Path) -> Result<Self, Error> {
        // Events come from a thread of the watcher; their number is bounded by what people save.
        let (sender, events) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event| {
            // Nobody is left to be told once the receiver is gone.
            let _ = sender.send(event);
        });
        let root = fs::canonicalize(root).map_err(|error| Error::file(root, &error))?;
        // Builds may lie in a folder of their own among other things, but not around them.
        let build = Some(resolved(build)).filter(|build| !root.starts_with(build));
        let left_out = [resolved(data)].into_iter().chain(build).collect();
        let watcher = watcher.map_err(|error| failed(&root, &error))?;
        let (folders, seen, waiting) = (BTreeSet::new(), Seen::default(), BTreeSet::new());
        let mut watch = Self { watcher, events, root, left_out, folders, seen, waiting };
        let mut files = Vec::new();
        watch.follow(&watch.root.clone(), 0, &mut files)?;
        files.into_iter().for_each(|file| watch.seen.add(file));
        Ok(watch)
    }

    /// The files that were made, removed or got another content since the last time. Waits for the
    /// first.
    pub(super) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        while self.waiting.is_empty() {
            let Some(event) = self.events.recv().await else {
                // The watcher lives as long as this does.
                return pending().await;
            };
            let paths = self.take(event);
            self.look(paths).await;
        }
        std::mem::take(&mut self.waiting)
    }

    /// Lets every file count that is saved from now on, also as it was before: its deployment has
    /// failed, and people save it again to try again.
    pub(super) async fn forget(&mut self) {
        self.look(Vec::new()).await;
        self.seen.forget();
    }

    /// Waits until nothing more comes, and finds what of it has changed.
    async fn look(&mut self, paths: Vec<PathBuf>) {
        let mut paths: BTreeSet<PathBuf> = paths.into_iter().collect();
        while let Ok(Some(event)) = tokio::time::timeout(QUIET, self.events.recv()).await {
            paths.extend(self.take(event));
        }
        let root = &self.root;
        paths.retain(|path| path == root || self.seen.differs(path));
        self.waiting.extend(paths);
    }

    /// The files of an event that count. New folders are watched from then on.
    fn take(&mut self, event: notify::Result<Event>) -> Vec<PathBuf> {
        let Ok(event) = event else {
            // Events were lost: everything may have changed.
            return vec![self.root.clone()];
        };
        let mut files = Vec::new();
        if matches!(event.kind, EventKind::Access(_)) {
            return files;
        }
        for path in event.paths {
            if self.is_left_out(&path) {
                continue;
            }
            if path.is_dir() {
                // A folder that is gone again, or cannot be read, has nothing to deploy.
                let _ = self.follow(&path, 0, &mut files);
            } else {
                files.push(path);
            }
        }
        files
    }

    /// Watches a folder and those below it, and finds the files in them.
    fn follow(
        &mut self,
        folder: &Path,
        depth: usize,
        files: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        if !folder.is_dir() || self.is_left_out(folder) || depth > 64 {
            return Ok(());
        }
        if self.folders.len() >= MAX_FOLDERS {
            let what = format!("{}: more than {MAX_FOLDERS} folders", self.root.display());
            return Err(Error::new(what).next("move the template into a folder of its own"));
        }
        // Again, also if it is known: one that was removed and made anew is another one.
        let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive);
        watched.map_err(|error| failed(folder, &error))?;
        self.folders.insert(folder.to_owned());
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.follow(&path, depth + 1, files)?;
            } else if !self.is_left_out(&path) {
                files.push(path);
            }
        }
        Ok(())
    }

    fn is_left_out(&self, path: &Path) -> bool {
        if self.left_out.iter().any(|folder| path.starts_with(folder)) {
            return true;
        }
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.components().any(|part| {
            let name = part.as_os_str().to_string_lossy();
            name == INSTALLED || NEVER_PACKAGED.contains(&&*name) || is_scratch(&name)
        })
    }
}

/// The files that editors write beside the one that is edited.
fn is_scratch(name: &str) -> bool {
    name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".swx") || name == "4913"
}

/// A path without links, also if it is not there yet.
fn resolved(path: &Path) -> PathBuf {
    let path = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = path.ancestors().find_map(|above| {
        let rest = path.strip_prefix(above).ok()?;
        Some(fs::canonicalize(above).ok()?.join(rest))
    });
    real.unwrap_or(path)
}

fn failed(path: &Path, error: &notify::Error) -> Error {
    Error::new(format!("{} cannot be watched: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_saved_is_told_and_what_is_never_packaged_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("src/deep")).unwrap();
        fs::create_dir_all(root.join("data/store")).unwrap();
        fs::create_dir(root.join("node_modules")).unwrap();
        let mut watch = Watch::new(&root, &root.join("data"), &root.join("out/build")).unwrap();
        for other in ["data/store/1", "node_modules/x.js", "src/.app.py.swp", "src/app.py~"] {
            fs::write(root.join(other), "1").unwrap();
        }
        // As a deployment does.
        fs::create_dir_all(root.join("out/build/F")).unwrap();
        fs::write(root.join("out/build/F/app.py"), "1").unwrap();
        fs::write(root.join("src/deep/app.py"), "1").unwrap();
        assert_eq!(watch.changed().await, [root.join("src/deep/app.py")].into());

        // Saved as editors do, in a folder that is new.
        fs::create_dir(root.join("src/new")).unwrap();
        fs::write(root.join("src/new/next"), "2").unwrap();
        fs::rename(root.join("src/new/next"), root.join("src/new/app.py")).unwrap();
        let mut changed = watch.changed().await;
        while !changed.contains(&root.join("src/new/app.py")) {
            changed = watch.changed().await;
        }
    }

    #[tokio::test]
    async fn what_is_written_as_it_was_is_told_only_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let (data, build) = (root.join("data"), root.join("build"));
        let mut watch = Watch::new(&root, &data, &build).unwrap();
        let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
        write("made", "1");
        assert_eq!(watch.changed().await, [root.join("made")].into());
        // What the next deployment makes is the same, what somebody saves is not.
        write("made", "1");
        write("saved", "1");
        assert_eq!(watch.changed().await, [root.join("saved")].into());
        // As before, but also what came before its failure was told.
        write("made", "1");
        write("saved", "2");
        watch.forget().await;
        assert_eq!(watch.changed().await, [root.join("saved")].into());
        write("made", "1");
        assert_eq!(watch.changed().await, [root.join("made")].into());
    }
}
