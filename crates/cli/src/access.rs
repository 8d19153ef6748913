//! Which installation a command talks to, and as whom.

use crate::{arguments::Global, environment::variable, error::Error};
use client::Credentials;
use serde::Deserialize;
use std::{fs, io::ErrorKind, path::Path};
use types::Secret;

/// The data folder if nothing else is said.
pub(crate) const DEFAULT_DATA: &str = ".pileus";
/// The region if nothing else is said.
const DEFAULT_REGION: &str = "us-east-1";
/// What `pileus up` writes into the data folder.
const FILE: &str = "credentials.json";

/// An endpoint and an identity.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) endpoint: String,
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
}

#[derive(Deserialize)]
struct File {
    endpoint: String,
    access_key_id: String,
    secret_access_key: String,
    region: String,
}

impl Access {
    /// The installation that the flags name, else that of the environment, else that of `./.pileus`.
    pub(crate) fn find(global: &Global) -> Result<Self, Error> {
        let data = global.data.as_deref();
        let found = choose(global, Self::of_environment(), Self::of_folder(data)?);
        found.ok_or_else(|| {
            let folder = data.unwrap_or(Path::new(DEFAULT_DATA)).display();
            Error::new(format!("{folder} is not the data folder of an installation")).next(
                "start one here with `pileus up`, name its data folder with --data, or set \
                 AWS_ENDPOINT_URL and its access key",
            )
        })
    }

    /// What `pileus up` has written into a data folder, if it has.
    pub(crate) fn of_folder(data: Option<&Path>) -> Result<Option<Self>, Error> {
        let path = data.unwrap_or(Path::new(DEFAULT_DATA)).join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(&path, &error)),
        };
        let file: File = serde_json::from_str(&text)
            .map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
        Ok(Some(Self {
            endpoint: file.endpoint,
            credentials: Credentials::new(file.access_key_id, Secret::new(file.secret_access_key)),
            region: file.region,
        }))
    }

    /// What the SDKs would use, if the variables name an endpoint and a key.
    fn of_environment() -> Option<Self> {
        let secret = Secret::new(variable("AWS_SECRET_ACCESS_KEY")?);
        let mut credentials = Credentials::new(variable("AWS_ACCESS_KEY_ID")?, secret);
        credentials.session_token = variable("AWS_SESSION_TOKEN").map(Secret::new);
        Some(Self {
            endpoint: variable("AWS_ENDPOINT_URL").unwrap_or_default(),
            credentials,
            region: variable("AWS_REGION")
                .or_else(|| variable("AWS_DEFAULT_REGION"))
                .unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        })
    }
}

/// A key of the environment may be one of AWS's: it is used only for an endpoint that the environment
/// or a flag names, and never instead of the data folder's for the data folder's endpoint.
fn choose(global: &Global, shell: Option<Access>, folder: Option<Access>) -> Option<Access> {
    let plain = |url: &str| url.trim_end_matches('/').to_owned();
    if let Some(endpoint) = &global.endpoint {
        let same =
            folder.filter(|f| global.data.is_some() || plain(&f.endpoint) == plain(endpoint));
        return same.or(shell).map(|access| Access { endpoint: endpoint.clone(), ..access });
    }
    if global.data.is_some() {
        return folder;
    }
    shell.filter(|shell| !shell.endpoint.is_empty()).or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(endpoint: &str, key: &str) -> Option<Access> {
        let credentials = Credentials::new(key, Secret::new("s"));
        let region = DEFAULT_REGION.to_owned();
        Some(Access { endpoint: endpoint.to_owned(), credentials, region })
    }

    fn chosen(endpoint: Option<&str>, data: bool, shell: Option<Access>) -> (String, String) {
        let global = Global {
            data: data.then(|| "d".into()),
            endpoint: endpoint.map(str::to_owned),
            json: false,
        };
        let access = choose(&global, shell, access("http://folder:1", "FOLDER")).unwrap();
        (access.endpoint, access.credentials.access_key_id)
    }

    fn pair(endpoint: &str, key: &str) -> (String, String) {
        (endpoint.to_owned(), key.to_owned())
    }

    #[test]
    fn a_key_of_aws_in_the_shell_is_never_used_without_an_endpoint() {
        assert_eq!(chosen(None, false, access("", "AWS")), pair("http://folder:1", "FOLDER"));
    }

    #[test]
    fn flags_win_over_the_shell_and_the_shell_over_the_folder() {
        let shell = || access("http://shell:1", "SHELL");
        assert_eq!(chosen(None, false, shell()), pair("http://shell:1", "SHELL"));
        assert_eq!(chosen(None, true, shell()), pair("http://folder:1", "FOLDER"));
        assert_eq!(chosen(Some("http://x:1"), false, shell()), pair("http://x:1", "SHELL"));
        let same = Some("http://folder:1/");
        assert_eq!(chosen(same, false, shell()), pair("http://folder:1/", "FOLDER"));
    }

    #[test]
    fn a_folder_without_an_installation_is_told_apart_from_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Access::of_folder(Some(folder.path())).unwrap().is_none());
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(Access::of_folder(Some(folder.path())).is_err());
    }
}
