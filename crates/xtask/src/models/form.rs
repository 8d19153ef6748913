//! Adds to botocore's S3 model the operation that only browsers ask for, by posting a form: botocore
//! makes such forms and never sends one. The source is "POST Object" of the API reference.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::source::{Model, Shape, Traits};

/// Completes the model.
pub(crate) fn add(model: &mut Model) -> Result<()> {
    let operation: Traits = traits(json!({
        "form": true,
        "http": {"method": "POST", "requestUri": "/{Bucket}", "responseCode": 204},
        "input": {"shape": "PostObjectRequest"},
        "output": {"shape": "PostObjectOutput"},
    }))?;
    model.operations.insert("PostObject".to_owned(), operation);
    let shapes = json!({
        "PostObjectRequest": {
            "type": "structure",
            "required": ["Bucket", "Fields"],
            "payload": "File",
            "members": {
                "Bucket": {"shape": "BucketName", "location": "uri", "locationName": "Bucket"},
                "Fields": {"shape": "PostObjectFields"},
                "FileName": {"shape": "PostObjectFileName"},
                "Tagging": {"shape": "Tagging"},
                "File": {"shape": "Body", "streaming": true},
            },
        },
        "PostObjectFields": {
            "type": "map",
            "key": {"shape": "PostObjectFileName"},
            "value": {"shape": "PostObjectFileName"},
        },
        "PostObjectFileName": {"type": "string"},
        "PostObjectOutput": {
            "type": "structure",
            "payload": "PostResponse",
            "members": {
                "Status": {"shape": "PostObjectStatus", "location": "statusCode"},
                "RedirectTo": header("Location", "Location"),
                "ETag": header("ETag", "ETag"),
                "VersionId": header("ObjectVersionId", "x-amz-version-id"),
                "ServerSideEncryption":
                    header("ServerSideEncryption", "x-amz-server-side-encryption"),
                "PostResponse": {"shape": "PostResponse", "locationName": "PostResponse"},
            },
        },
        "PostObjectStatus": {"type": "integer"},
        "PostResponse": {
            "type": "structure",
            "members": {
                "Location": {"shape": "Location"},
                "Bucket": {"shape": "BucketName"},
                "Key": {"shape": "ObjectKey"},
                "ETag": {"shape": "ETag"},
            },
        },
    });
    for (name, shape) in shapes.as_object().into_iter().flatten() {
        let shape: Shape = serde_json::from_value(shape.clone()).context("a shape")?;
        model.shapes.insert(name.clone(), shape);
    }
    Ok(())
}

fn traits(value: Value) -> Result<Traits> {
    serde_json::from_value(value).context("an operation")
}

fn header(shape: &str, name: &str) -> Value {
    json!({"shape": shape, "location": "header", "locationName": name})
}
