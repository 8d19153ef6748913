//! The upload service: files that are put into its bucket, and what it keeps of them.

use super::Backend;
use anyhow::{Context, Result};
use bytes::Bytes;
use client::{Rest, segment};
use http::Method;
use serde_json::{Value, json};

/// A row of the table of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The key in the bucket.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    /// The key of its thumbnail, for pictures.
    pub thumbnail: Option<String>,
}

impl Backend {
    /// Uploads a file.
    ///
    /// # Errors
    /// It is not acknowledged.
    pub fn upload(&self, name: &str, body: Bytes) -> Result<()> {
        let path = format!("/{}/{}", self.uploads, segment(name));
        let kind = [("content-type", "application/octet-stream")];
        let put = Rest { method: Method::PUT, path: &path, headers: &kind, body };
        self.runtime.block_on(self.client.rest("s3", put))?;
        Ok(())
    }

    /// What the upload service keeps, by name.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn files(&self) -> Result<Vec<File>> {
        let input = json!({"TableName": self.files, "ConsistentRead": true});
        let page = self.json("dynamodb", "DynamoDB_20120810.Scan", &input)?;
        let rows = page["Items"].as_array().context("a scan without items")?;
        let mut files = rows.iter().map(file).collect::<Result<Vec<File>>>()?;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    /// The bytes of a thumbnail.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn thumbnail(&self, name: &str) -> Result<Bytes> {
        let path = format!("/{}/{}", self.thumbnails, segment(name));
        let get = Rest { method: Method::GET, path: &path, ..Rest::default() };
        Ok(self.runtime.block_on(self.client.rest("s3", get))?.body)
    }
}

fn file(row: &Value) -> Result<File> {
    let text = |name: &str| row[name]["S"].as_str().map(str::to_owned);
    Ok(File {
        name: text("name").context("a file without a name")?,
        size: row["size"]["N"].as_str().context("a file without a size")?.parse()?,
        sha256: text("sha256").context("a file without a hash")?,
        thumbnail: text("thumbnail"),
    })
}
