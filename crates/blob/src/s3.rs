use crate::{Error, http::Connector};
use object_store::{ObjectStore, aws::AmazonS3Builder, path::Path, prefix::PrefixStore};
use std::sync::Arc;
use types::Secret;

/// An object storage that speaks S3, and who enters it.
#[derive(Debug, Clone)]
pub struct S3Place {
    /// `s3://bucket` or `s3://bucket/prefix`.
    pub url: String,
    /// Where the storage is, such as `https://storage.example.org`; none: AWS in that region.
    /// Buckets are part of the path there.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The id of the access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
}

impl S3Place {
    pub(crate) fn connect(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        let (bucket, prefix) = self.bucket_and_prefix()?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(self.secret_access_key.expose())
            // One request for one blob: not every storage knows the other.
            .with_disable_bulk_delete(true)
            .with_http_connector(Connector);
        if let Some(endpoint) = &self.endpoint {
            let plain = endpoint.starts_with("http://");
            if !plain && !endpoint.starts_with("https://") {
                return Err(refused(endpoint, "an endpoint begins with http:// or https://"));
            }
            builder = builder.with_endpoint(endpoint.trim_end_matches('/')).with_allow_http(plain);
        }
        let bucket = builder.build().map_err(Error::Storage)?;
        if prefix.as_ref().is_empty() {
            return Ok(Arc::new(bucket));
        }
        Ok(Arc::new(PrefixStore::new(bucket, prefix)))
    }

    fn bucket_and_prefix(&self) -> Result<(&str, Path), Error> {
        let Some(rest) = self.url.strip_prefix("s3://") else {
            return Err(refused(&self.url, "it does not begin with s3://"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(['?', '#', '@', ':']) {
            return Err(refused(&self.url, "it names no bucket"));
        }
        let prefix = Path::parse(prefix.trim_end_matches('/'));
        Ok((bucket, prefix.map_err(|error| refused(&self.url, &error.to_string()))?))
    }
}

fn refused(place: &str, reason: &str) -> Error {
    Error::Place { place: place.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> S3Place {
        S3Place {
            url: url.to_owned(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: Secret::new("hunter2"),
        }
    }

    #[test]
    fn a_url_names_a_bucket_and_perhaps_a_prefix() {
        for (url, bucket, prefix) in [
            ("s3://files", "files", ""),
            ("s3://files/", "files", ""),
            ("s3://files/pileus/one/", "files", "pileus/one"),
        ] {
            let place = place(url);
            let (found, under) = place.bucket_and_prefix().unwrap();
            assert_eq!((found, under.as_ref()), (bucket, prefix));
        }
    }

    #[test]
    fn what_is_no_place_is_refused_by_name() {
        for url in ["files", "https://files", "s3://", "s3:///a", "s3://key@files", "s3://a/b//c"] {
            let error = place(url).connect().unwrap_err().to_string();
            assert!(error.contains(url), "{error}");
        }
        let mut place = place("s3://files");
        place.endpoint = Some("storage.example.org".to_owned());
        let error = place.connect().unwrap_err().to_string();
        assert!(error.contains("http://"), "{error}");
    }

    #[test]
    fn a_place_does_not_print_its_secret() {
        assert!(!format!("{:?}", place("s3://files")).contains("hunter2"));
    }
}
