use egress::Reach;
use serde::{Deserialize, Deserializer};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use types::{AccountId, Region, Secret};

/// How one node is set up. Every value has a default; unknown keys are errors.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where everything is kept. Default `./.pileus`.
    pub data: PathBuf,
    /// The PostgreSQL that holds the store, `postgres://user:password@host:port/database`. Default:
    /// an embedded store in the data folder.
    #[serde(deserialize_with = "secret")]
    pub store: Option<Secret>,
    /// Where large bytes are: a folder, or `s3://bucket/prefix`. Default: `blobs` in the data folder. It has no default where
    /// `store` is set, because all nodes must share it.
    pub blobs: Option<PathBuf>,
    /// Where the object storage of `blobs` is: `https://storage.example.org`. Default: AWS.
    pub blobs_endpoint: Option<String>,
    /// The region of that object storage. Default: `region`.
    pub blobs_region: Option<String>,
    /// The access key for that object storage.
    pub blobs_access_key_id: Option<String>,
    /// Its secret.
    #[serde(deserialize_with = "secret")]
    pub blobs_secret_access_key: Option<Secret>,
    /// The address to listen on. Default `127.0.0.1:4566`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address on which Prometheus may read metrics, with the token in `metrics.token` of the
    /// data folder. Default: none.
    pub metrics: Option<SocketAddr>,
    /// The base of every URL that Pileus mints. Default: the address that it listens on.
    pub public_url: Option<String>,
    /// The region that this installation calls itself. Default `us-east-1`.
    pub region: Region,
    /// The account that it serves. Default `000000000000`.
    pub account: AccountId,
    /// `full` (default) refuses to run functions on a host that lacks a part of the isolation;
    /// `reduced` runs them with what there is.
    pub isolation: Isolation,
    /// What functions may reach beyond the platform: a list of `internet` (every public IPv4
    /// address) and of IPv4 networks such as `10.0.5.0/24`. Default: nothing.
    pub egress: Reach,
    /// How long an instance of a function is kept after its last invocation, in seconds. Default:
    /// 600.
    pub instance_idle_seconds: u64,
    /// How long a process that holds a started Python, from which instances are forked, is kept
    /// after its last use, in seconds, and a parked Node or a ready sandbox after the last
    /// start of its kind. Default: 600; 0: there are none.
    pub zygote_idle_seconds: u64,
    /// How many Nodes may be parked: started ahead of need, in sandboxes, waiting for a function. There
    /// are only as many as were started lately. Default: 4; 0: none.
    pub parked_nodes: usize,
    /// How many sandboxes may be ready: made ahead of need, without a program, waiting for one. There
    /// are only as many as were wanted lately. Default: 8; 0: none.
    pub ready_sandboxes: usize,
    /// The file of the 32-byte master key, as 64 hexadecimal digits. Default: `master.key` in the
    /// data folder, made at first start.
    pub master_key: Option<PathBuf>,
}

/// Which isolation functions need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// All of it.
    #[default]
    Full,
    /// What the host has.
    Reduced,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    String::deserialize(from).map(|text| Some(Secret::new(text)))
}

impl Default for Config {
    fn default() -> Self {
        let parsed = "the constant is valid";
        Self {
            data: PathBuf::from(".pileus"),
            store: None,
            blobs: None,
            blobs_endpoint: None,
            blobs_region: None,
            blobs_access_key_id: None,
            blobs_secret_access_key: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 4566)),
            metrics: None,
            public_url: None,
            region: "us-east-1".parse().expect(parsed),
            account: "000000000000".parse().expect(parsed),
            isolation: Isolation::Full,
            egress: Reach::default(),
            instance_idle_seconds: 600,
            zygote_idle_seconds: 600,
            parked_nodes: 4,
            ready_sandboxes: 8,
            master_key: None,
        }
    }
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// The file cannot be read, or has a key or a value that means nothing.
    pub fn read(path: &Path) -> Result<Self, crate::Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| crate::Error::Folder { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|error| crate::Error::Content {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let error = toml::from_str::<Config>("lisen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let config: Config = toml::from_str("region = \"eu-central-1\"").unwrap();
        assert_eq!(config.region.as_str(), "eu-central-1");
        assert_eq!(config.listen.port(), 4566);
        assert_eq!(config.store, None);
        assert!(config.egress.is_empty());
    }

    #[test]
    fn what_functions_may_reach_is_a_list_of_what_can_be_reached() {
        let config: Config = toml::from_str("egress = [\"internet\", \"10.0.5.0/24\"]").unwrap();
        assert_eq!(config.egress.entries(), ["internet", "10.0.5.0/24"]);
        let error = toml::from_str::<Config>("egress = [\"169.254.0.0/16\"]").unwrap_err();
        assert!(error.to_string().contains("never reachable"), "{error}");
    }

    #[test]
    fn the_password_of_the_store_is_not_printed() {
        let config: Config = toml::from_str("store = \"postgres://me:hunter2@db/x\"").unwrap();
        assert_eq!(config.store, Some(Secret::new("postgres://me:hunter2@db/x")));
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
