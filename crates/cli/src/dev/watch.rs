//! Which files were saved.

use crate::{deploy::NEVER_PACKAGED, error::Error};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
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
    /// The data folder, which changes all the time.
    data: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// Begins to watch everything below `root` that can belong to a package, `data` excepted.
    pub(super) fn new(root: &Path, data: &Path) -> Result<Self, Error> {
        // Events come from a thread of the watcher; their number is bounded by what people save.
        let (sender, events) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event| {
            // Nobody is left to be told once the receiver is gone.
            let _ = sender.send(event);
        });
        let root = fs::canonicalize(root).map_err(|error| Error::file(root, &error))?;
        let data = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
        let watcher = watcher.map_err(|error| failed(&root, &error))?;
        let mut watch = Self { watcher, events, root, data, folders: BTreeSet::new() };
        watch.follow(&watch.root.clone(), 0)?;
        Ok(watch)
    }

    /// The files that were saved, made or removed since the last time. Waits for the first.
    pub(super) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        let mut paths = BTreeSet::new();
        loop {
            let event = if paths.is_empty() {
                self.events.recv().await
            } else {
                match tokio::time::timeout(QUIET, self.events.recv()).await {
                    Ok(event) => event,
                    Err(_) => break,
                }
            };
            match event {
                Some(Ok(event)) => paths.extend(self.take(event)),
                // Events were lost: everything may have changed.
                Some(Err(_)) => {
                    paths.insert(self.root.clone());
                }
                // The watcher lives as long as this does.
                None => break,
            }
        }
        paths
    }

    /// The paths of an event that count. New folders are watched from then on.
    fn take(&mut self, event: Event) -> Vec<PathBuf> {
        if matches!(event.kind, EventKind::Access(_)) {
            return Vec::new();
        }
        let mut paths = event.paths;
        paths.retain(|path| !self.is_left_out(path));
        for path in &paths {
            // A folder that is gone again, or cannot be read, has nothing to deploy.
            let _ = self.follow(path, 0);
        }
        paths
    }

    fn follow(&mut self, folder: &Path, depth: usize) -> Result<(), Error> {
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
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.follow(&entry.path(), depth + 1)?;
            }
        }
        Ok(())
    }

    fn is_left_out(&self, path: &Path) -> bool {
        if path.starts_with(&self.data) {
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
        let mut watch = Watch::new(&root, &root.join("data")).unwrap();
        for other in ["data/store/1", "node_modules/x.js", "src/.app.py.swp", "src/app.py~"] {
            fs::write(root.join(other), "1").unwrap();
        }
        fs::write(root.join("src/deep/app.py"), "1").unwrap();
        assert_eq!(watch.changed().await, [root.join("src/deep/app.py")].into());

        // Saved as editors do, in a folder that is new.
        fs::create_dir(root.join("src/new")).unwrap();
        let changed = watch.changed().await;
        assert!(changed.contains(&root.join("src/new")), "{changed:?}");
        fs::write(root.join("src/new/next"), "2").unwrap();
        fs::rename(root.join("src/new/next"), root.join("src/new/app.py")).unwrap();
        let changed = watch.changed().await;
        assert!(changed.contains(&root.join("src/new/app.py")), "{changed:?}");
    }
}
