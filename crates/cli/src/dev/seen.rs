//! What files held when they were last looked at. A build may write where the sources are, as pip
//! does with a package that lies there: what comes out the same is no change.

use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Files that are known.
const MAX_FILES: usize = 100_000;

/// The SHA-256 of a file, and whether its owner may execute it.
type Content = ([u8; 32], bool);

/// The files that are there.
#[derive(Default)]
pub(super) struct Seen {
    /// With their content, where it is known.
    files: BTreeMap<PathBuf, Option<Content>>,
    /// Whether there are more.
    is_full: bool,
}

impl Seen {
    /// Notes a file whose content does not matter yet.
    pub(super) fn add(&mut self, file: PathBuf) {
        self.insert(file, None);
    }

    /// Whether a file is not as it was, or may not be. From then on it is as it is now.
    pub(super) fn differs(&mut self, path: &Path) -> bool {
        if let Some(now) = content(path) {
            return self.insert(path.to_owned(), Some(now)) != Some(now);
        }
        // It is gone, with all below it if it was a folder.
        let below = self.files.range(path.to_owned()..).map(|(file, _)| file);
        let gone: Vec<_> = below.take_while(|file| file.starts_with(path)).cloned().collect();
        for file in &gone {
            self.files.remove(file);
        }
        self.is_full || !gone.is_empty()
    }

    /// Knows the content of no file any more.
    pub(super) fn forget(&mut self) {
        self.files.values_mut().for_each(|content| *content = None);
    }

    /// The answer is what was known.
    fn insert(&mut self, file: PathBuf, content: Option<Content>) -> Option<Content> {
        if self.files.len() >= MAX_FILES && !self.files.contains_key(&file) {
            self.is_full = true;
            return None;
        }
        self.files.insert(file, content).flatten()
    }
}

fn content(path: &Path) -> Option<Content> {
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let (mut hash, mut file) = (Sha256::new(), BufReader::new(File::open(path).ok()?));
    loop {
        let chunk = file.fill_buf().ok()?;
        if chunk.is_empty() {
            break;
        }
        hash.update(chunk);
        let length = chunk.len();
        file.consume(length);
    }
    Some((hash.finalize().into(), metadata.permissions().mode() & 0o100 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_what_is_another_content_differs() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("src")).unwrap();
        for name in ["src/a.py", "src/b.py"] {
            fs::write(path(name), "1").unwrap();
        }
        let mut seen = Seen::default();
        seen.add(path("src/a.py"));
        seen.add(path("src/b.py"));
        assert!(seen.differs(&path("src/a.py")), "nobody knows what it was");
        fs::write(path("src/a.py"), "1").unwrap();
        assert!(!seen.differs(&path("src/a.py")));
        fs::write(path("src/a.py"), "2").unwrap();
        assert!(seen.differs(&path("src/a.py")));
        fs::set_permissions(path("src/a.py"), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(seen.differs(&path("src/a.py")));
        seen.forget();
        assert!(seen.differs(&path("src/a.py")));

        assert!(!seen.differs(&path("src/passing")), "it came and went");
        fs::remove_file(path("src/b.py")).unwrap();
        assert!(seen.differs(&path("src/b.py")));
        assert!(!seen.differs(&path("src/b.py")));
        fs::remove_dir_all(path("src")).unwrap();
        assert!(seen.differs(&path("src")));
        assert!(!seen.differs(&path("src/a.py")));
    }
}
