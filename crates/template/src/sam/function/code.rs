//! Where a function's code is.

use super::super::Sam;
use crate::error::{Error, Result};
use crate::node::{Map, Node};

/// The `Code` of a function.
pub(super) fn code(sam: &Sam<'_>) -> Result<Node> {
    let image = match sam.get("PackageType").map(|node| (node, node.as_str())) {
        None | Some((_, Some("Zip"))) => false,
        Some((_, Some("Image"))) => true,
        Some((node, _)) => {
            return Err(sam.invalid(node.at, "PackageType needs to be `Zip` or `Image`"));
        }
    };
    if image {
        let uri =
            sam.filled("ImageUri").ok_or_else(|| sam.invalid(sam.at, "'ImageUri' must be set."))?;
        refuse_with(sam, &["Handler", "Runtime", "Layers"], "Image")?;
        return Ok(Node::map(sam.at, [("ImageUri", uri.clone())]));
    }
    if sam.filled("Runtime").is_none() || sam.filled("Handler").is_none() {
        let message = "Runtime and Handler needs to be present when PackageType is of type `Zip`";
        return Err(sam.invalid(sam.at, message));
    }
    refuse_with(sam, &["ImageUri", "ImageConfig"], "Zip")?;
    let mut code = match (sam.get("InlineCode"), sam.get("CodeUri")) {
        (Some(text), _) => Node::map(sam.at, [("ZipFile", text.clone())]),
        (None, Some(uri)) => location(sam, uri, "CodeUri")?,
        (None, None) => {
            let message = "Only one of 'InlineCode' or 'CodeUri' can be set.";
            return Err(sam.invalid(sam.at, message));
        }
    };
    if let (Some(key), Some(map)) = (sam.filled("SourceKMSKeyArn"), code.as_map_mut()) {
        map.insert("SourceKMSKeyArn".to_owned(), key.clone());
    }
    Ok(code)
}

fn refuse_with(sam: &Sam<'_>, names: &[&str], kind: &str) -> Result<()> {
    match names.iter().find_map(|name| Some((name, sam.filled(name)?))) {
        None => Ok(()),
        Some((name, node)) => {
            let message = format!("{name} cannot be present when PackageType is of type `{kind}`");
            Err(sam.invalid(node.at, message))
        }
    }
}

/// A location in S3, written as `s3://bucket/key?versionId=version` or as a map.
pub(crate) fn location(sam: &Sam<'_>, node: &Node, property: &str) -> Result<Node> {
    let at = node.at;
    if let Some(map) = node.as_map() {
        return from_map(sam, node, map, property);
    }
    let Some(uri) = node.as_str() else {
        return Err(sam.invalid(at, format!("'{property}' must be of type dict or string.")));
    };
    let (bucket, key, version) = parse_uri(uri).ok_or_else(|| {
        let message = format!(
            "'{property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter."
        );
        sam.invalid(at, message)
    })?;
    let mut map = Map::new();
    map.insert("S3Bucket".to_owned(), Node::text(at, bucket));
    map.insert("S3Key".to_owned(), Node::text(at, key));
    map.extend(version.map(|version| ("S3ObjectVersion".to_owned(), Node::text(at, version))));
    Ok(Node::map(at, map))
}

fn from_map(sam: &Sam<'_>, node: &Node, map: &Map, property: &str) -> Result<Node> {
    let mut location = Map::new();
    for (name, value) in map {
        let new = match name.as_str() {
            "Bucket" => "S3Bucket",
            "Key" => "S3Key",
            "Version" => "S3ObjectVersion",
            "StorageMode" => "S3ObjectStorageMode",
            _ if !map.contains_key("Bucket") => break,
            other => {
                let what = format!("The member {other} of {property} (resource {})", sam.id);
                return Err(Error::refused(value.at, what));
            }
        };
        location.insert(new.to_owned(), value.clone());
    }
    if !location.contains_key("S3Bucket") || !location.contains_key("S3Key") {
        let message = format!("'{property}' requires Bucket and Key properties to be specified.");
        return Err(sam.invalid(node.at, message));
    }
    Ok(Node::map(node.at, location))
}

/// Bucket, key and version of an S3 URI.
fn parse_uri(uri: &str) -> Option<(&str, &str, Option<String>)> {
    let rest = uri.strip_prefix("s3://")?;
    let (bucket, path) = rest.split_once('/')?;
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    let (key, query) = path.split_once('?').unwrap_or((path, ""));
    if bucket.is_empty() {
        return None;
    }
    let mut versions = query.split('&').filter_map(|part| part.strip_prefix("versionId="));
    let version = versions.next().filter(|version| !version.is_empty());
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let version = if versions.next().is_none() { version.map(decode) } else { None };
    Some((bucket, key.trim_start_matches('/'), version))
}
