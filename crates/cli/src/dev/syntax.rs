//! Whether what was saved is code at all: an editor saves what is not finished, too.

use crate::{environment::search_path, error::Error, host::Interpreter, output};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Parses a file without running it.
const PARSE: &str = "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read(), sys.argv[1])";

/// Refuses a file that cannot be parsed. Files of other languages, and all files where there is no
/// interpreter, pass: the function's log will tell.
pub(super) fn check(path: &Path, installed: &[Interpreter]) -> Result<(), Error> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (family, name, arguments): (_, _, &[&str]) = match extension {
        "py" => ("python", "python3", &["-c", PARSE]),
        "js" | "mjs" | "cjs" => ("node", "node", &["--check"]),
        _ => return Ok(()),
    };
    let Some(program) = program(family, name, installed).filter(|_| path.is_file()) else {
        return Ok(());
    };
    let checked = Command::new(program).args(arguments).arg(path).stdin(Stdio::null()).output();
    // What cannot run does not say that the code is wrong.
    let Ok(checked) = checked else { return Ok(()) };
    if checked.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&checked.stderr);
    let mut lines = text.lines().filter(|line| is_of_the_code(line)).peekable();
    let what = lines.by_ref().collect::<Vec<_>>().join("\n");
    Err(Error::new(format!("{}\n{}", path.display(), output::attention(what.trim_end()))))
}

/// Of what interpreters say, the lines that are not about themselves.
fn is_of_the_code(line: &str) -> bool {
    let own = ["Traceback (most", "  File \"<string>\"", "  File \"/usr", "    return compile("];
    let node = ["    at ", "Node.js v"];
    !own.iter().chain(&node).any(|start| line.starts_with(start)) && !line.contains("/ast.py\"")
}

/// The newest installed interpreter of a family, else the one of the search path.
fn program(family: &str, name: &str, installed: &[Interpreter]) -> Option<PathBuf> {
    let newest = installed.iter().rev().find(|one| one.family == family);
    newest.map(|one| one.program.clone()).or_else(|| {
        search_path().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn unfinished_code_is_refused_with_its_line_and_other_files_pass() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            check(&path, &[])
        };
        for (name, good, bad) in [
            ("a.py", "def f():\n    return 1\n", "def f(:\n    return 1\n"),
            ("a.mjs", "export const f = () => 1;\n", "export const f = ( => 1;\n"),
            ("a.cjs", "exports.f = () => 1;\n", "exports.f = ( => 1;\n"),
        ] {
            assert!(file(name, good).is_ok(), "{name}");
            let error = file(name, bad).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("SyntaxError"), "{error}");
            assert!(!error.contains("    at "), "{error}");
        }
        assert!(file("a.txt", "def f(:").is_ok());
        assert!(check(&folder.path().join("gone.py"), &[]).is_ok());
    }
}
