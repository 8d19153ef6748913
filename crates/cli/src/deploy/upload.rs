//! Bringing zips, and templates of nested stacks, to the installation.

use super::archive::Package;
use crate::error::Error;
use bytes::Bytes;
use client::{Client, Rest};
use http::Method;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The bucket of the templates of nested stacks, which is made with the first of them.
const TEMPLATES: &str = "pileus-templates";
/// The region whose buckets are made without naming it.
const CLASSIC_REGION: &str = "us-east-1";

/// Uploads each zip once. Gives the keys in the order of the packages. Content has its hash as its
/// name, so an upload may be repeated.
///
/// `done` are those that functions have already, and grows by these.
pub(super) async fn all(
    client: &Client,
    packages: &[Package],
    done: &mut BTreeSet<String>,
) -> Result<Vec<String>, Error> {
    for package in packages {
        if !done.insert(package.sha256.clone()) {
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

/// Uploads the template of a nested stack, and gives its URL. It has its hash as its name too.
pub(super) async fn template(client: &Client, text: String) -> Result<String, Error> {
    let path = format!("/{TEMPLATES}/{}.template", hex::encode(Sha256::digest(&text)));
    let text = Bytes::from(text);
    match put(client, &path, text.clone()).await {
        Err(error) if error.code() == Some("NoSuchBucket") => {
            make_bucket(client).await?;
            put(client, &path, text).await?;
        }
        done => done?,
    }
    Ok(format!("{}{path}", client.endpoint()))
}

async fn make_bucket(client: &Client) -> Result<(), Error> {
    let region = client.region();
    let body = match region {
        CLASSIC_REGION => String::new(),
        _ => format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>\
             </CreateBucketConfiguration>"
        ),
    };
    match put(client, &format!("/{TEMPLATES}"), body.into()).await {
        // Another deployment was faster.
        Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
        done => Ok(done?),
    }
}

async fn put(client: &Client, path: &str, body: Bytes) -> Result<(), client::Error> {
    let headers = &[("content-type", "application/x-yaml")];
    client.rest("s3", Rest { method: Method::PUT, path, headers, body }).await.map(drop)
}
