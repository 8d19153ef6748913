//! `pileus env`

use crate::{access::Access, error::Error, output, session::Session};
use serde_json::{Map, Value};
use std::process::ExitCode;

pub(crate) const EXAMPLES: &str = "\
Examples:
  eval \"$(pileus env)\"                    in this shell
  eval \"$(pileus env)\"; aws sqs list-queues
  pileus env --data /var/lib/pileus --json

It prints the root's access key: whoever reads it may do everything.";

/// Prints the variables of the data folder's installation.
pub(crate) fn run(session: &Session) -> Result<ExitCode, Error> {
    let data = session.data();
    let access = Access::of_folder(Some(&data))?.ok_or_else(|| {
        Error::new(format!("{} is not the data folder of an installation", data.display()))
            .next("start one with `pileus up`, or name its data folder with --data")
    })?;
    let variables = variables(&access, session.global.endpoint.as_deref());
    if session.json() {
        let map: Map<String, Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        output::json(&map.into())?;
    } else {
        for (name, value) in variables {
            output::line(&format!("export {name}={}", quote(&value)))?;
        }
        // What belongs to other keys would spoil these.
        output::line("unset AWS_SESSION_TOKEN AWS_PROFILE")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn variables(access: &Access, endpoint: Option<&str>) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", endpoint.unwrap_or(&access.endpoint).to_owned()),
        ("AWS_ACCESS_KEY_ID", access.credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", access.credentials.secret.expose().to_owned()),
        ("AWS_REGION", access.region.clone()),
        ("AWS_DEFAULT_REGION", access.region.clone()),
    ]
}

/// A word of a POSIX shell.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_reads_back_whatever_was_quoted() {
        for text in
            ["plain/+=", "", "a b", "it's", "$(rm -rf x)", "`x`\\", "a\nb", "\"", "~", "ä;#"]
        {
            let script = format!("printf %s {}", quote(text));
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
