//! Which Python installs the requirements of a function.

use crate::{environment::search_path, error::Error, host::Interpreter};
use std::path::PathBuf;

/// The Python that will run the function: the installed one of this version, else the nearest newer
/// one, else the newest; else one of the search path.
pub(super) fn python(runtime: &str, installed: &[Interpreter]) -> Result<PathBuf, Error> {
    let found = installed_python(runtime, installed);
    found.or_else(|| on_path(&[runtime, "python3"], &search_path())).ok_or_else(|| {
        Error::new(format!("there is no Python to install the requirements for {runtime}"))
            .next("apt-get install python3 python3-pip, or `pileus runtimes install`")
    })
}

fn installed_python(runtime: &str, installed: &[Interpreter]) -> Option<PathBuf> {
    let mut pythons: Vec<_> = installed
        .iter()
        .filter(|one| one.family == "python")
        .filter_map(|one| Some((release(&one.runtime)?, &one.program)))
        .collect();
    pythons.sort();
    let wanted = release(runtime)?;
    let newer = pythons.iter().find(|(release, _)| *release >= wanted);
    newer.or(pythons.last()).map(|(_, program)| (*program).clone())
}

/// `python3.12` is 3, 12.
fn release(runtime: &str) -> Option<(u32, u32)> {
    let (major, minor) = runtime.strip_prefix("python")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The first program of these names in the folders.
fn on_path(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let mut places =
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interpreter(runtime: &str) -> Interpreter {
        Interpreter {
            family: "python".to_owned(),
            version: String::new(),
            runtime: runtime.to_owned(),
            program: runtime.into(),
        }
    }

    #[test]
    fn the_python_that_runs_the_function_installs_its_requirements() {
        let installed = ["python3.14", "python3.9", "python3.12"].map(interpreter);
        let choose = |runtime| installed_python(runtime, &installed).unwrap();
        assert_eq!(choose("python3.12"), PathBuf::from("python3.12"));
        assert_eq!(choose("python3.10"), PathBuf::from("python3.12"));
        assert_eq!(choose("python3.15"), PathBuf::from("python3.14"));
        assert_eq!(installed_python("python3.12", &[]), None);
    }
}
