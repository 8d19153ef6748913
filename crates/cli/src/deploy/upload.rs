//! Bringing zips to the installation.

use super::archive::Package;
use crate::error::Error;
use client::{Client, Rest};
use http::Method;
use std::collections::BTreeSet;

/// Uploads each zip once. Gives the keys in the order of the packages. Content has its hash as its
/// name, so an upload may be repeated.
pub(super) async fn all(client: &Client, packages: &[Package]) -> Result<Vec<String>, Error> {
    let mut done = BTreeSet::new();
    for package in packages {
        if !done.insert(&package.sha256) {
            continue;
        }
        let path = format!("/_pileus/code/{}", package.sha256);
        client
            .rest(
                "lambda",
                Rest {
                    method: Method::PUT,
                    path: &path,
                    headers: &[("content-type", "application/zip")],
                    body: package.zip.clone().into(),
                },
            )
            .await?;
    }
    Ok(packages.iter().map(|package| package.sha256.clone()).collect())
}
