use super::InstallError;
use std::{
    fs::{self, File},
    path::Path,
};

/// What the names of unfinished components begin with.
const UNFINISHED: &str = ".new-";

/// Makes a component and gives it its name when it is complete and on disk. False if it was
/// there already.
pub(super) fn publish(
    runtimes: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), InstallError>,
) -> Result<bool, InstallError> {
    let (unfinished, finished) =
        (runtimes.join(format!("{UNFINISHED}{name}")), runtimes.join(name));
    if finished.is_dir() {
        return Ok(false);
    }
    fs::create_dir_all(&unfinished).map_err(InstallError::folder(&unfinished))?;
    make(&unfinished)?;
    let folder = File::open(&unfinished).map_err(InstallError::folder(&unfinished))?;
    rustix::fs::syncfs(&folder).map_err(|error| InstallError::folder(&unfinished)(error.into()))?;
    fs::rename(&unfinished, &finished).map_err(InstallError::folder(&finished))?;
    Ok(true)
}

/// Removes what broken-off installations left. Only under the folder's lock.
pub(super) fn remove_unfinished(runtimes: &Path) {
    let Ok(entries) = fs::read_dir(runtimes) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // What cannot be removed now is in nobody's way: the next attempt reports it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes a small file of a component.
pub(super) fn write(path: &Path, text: &str) -> Result<(), InstallError> {
    fs::write(path, text).map_err(InstallError::folder(path))
}
