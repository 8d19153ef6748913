use super::InstallError;
use std::{
    ffi::OsStr,
    process::{Command, Stdio},
};

/// How much of a failed command's output is shown, in characters.
const OUTPUT_CHARS: usize = 2000;

/// Runs a command to its end and gives what it printed.
pub(super) fn run(command: &mut Command) -> Result<String, InstallError> {
    let program = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| InstallError::Failed {
        command: shown(command),
        output: error.to_string(),
    });
    let output = match output {
        Err(_) if !exists(&program) => {
            return Err(InstallError::Missing {
                what: program.display().to_string(),
                remedy: format!("apt-get install -y {}", program.display()),
            });
        }
        other => other?,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let skip = text.chars().count().saturating_sub(OUTPUT_CHARS);
    let output = text.chars().skip(skip).collect::<String>().trim().to_owned();
    Err(InstallError::Failed { command: shown(command), output })
}

/// Whether a program can be started at all.
pub(super) fn exists(program: &OsStr) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
