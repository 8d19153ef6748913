use types::Secret;

/// Who enters the object storage that holds large bytes, where `--blobs` is `s3://bucket/prefix`.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct BlobAccess {
    /// Where the object storage of --blobs is [default: AWS]
    #[arg(
        id = "blobs_endpoint",
        long = "blobs-endpoint",
        value_name = "URL",
        env = "PILEUS_BLOBS_ENDPOINT"
    )]
    pub endpoint: Option<String>,
    /// The region of the object storage of --blobs [default: the installation's]
    #[arg(
        id = "blobs_region",
        long = "blobs-region",
        value_name = "REGION",
        env = "PILEUS_BLOBS_REGION"
    )]
    pub region: Option<String>,
    /// The access key for the object storage of --blobs
    #[arg(
        id = "blobs_access_key_id",
        long = "blobs-access-key-id",
        value_name = "ID",
        env = "PILEUS_BLOBS_ACCESS_KEY_ID"
    )]
    pub access_key_id: Option<String>,
    /// Its secret; better in the environment, where other users do not see it
    #[arg(
        id = "blobs_secret_access_key", long = "blobs-secret-access-key",
        value_name = "SECRET",
        env = "PILEUS_BLOBS_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_parser = secret
    )]
    pub secret_access_key: Option<Secret>,
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}
