//! Adds to botocore's S3 model what its clients have in code: the namespace, the names of root
//! elements, the one reply that is text in a root element, and the statuses of replies that S3
//! gives without the model saying so. The source is the API reference.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::source::Model;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The root elements of replies that are not called like their shape.
const ROOTS: &[(&str, &str)] = &[
    ("CompleteMultipartUploadOutput", "CompleteMultipartUploadResult"),
    ("CreateMultipartUploadOutput", "InitiateMultipartUploadResult"),
    ("DeleteObjectsOutput", "DeleteResult"),
    ("GetBucketAccelerateConfigurationOutput", "AccelerateConfiguration"),
    ("GetBucketAclOutput", "AccessControlPolicy"),
    ("GetBucketCorsOutput", "CORSConfiguration"),
    ("GetBucketLifecycleConfigurationOutput", "LifecycleConfiguration"),
    ("GetBucketLocationOutput", "LocationConstraint"),
    ("GetBucketLoggingOutput", "BucketLoggingStatus"),
    ("GetBucketRequestPaymentOutput", "RequestPaymentConfiguration"),
    ("GetBucketTaggingOutput", "Tagging"),
    ("GetBucketVersioningOutput", "VersioningConfiguration"),
    ("GetBucketWebsiteOutput", "WebsiteConfiguration"),
    ("GetObjectAclOutput", "AccessControlPolicy"),
    ("GetObjectAttributesOutput", "GetObjectAttributesResponse"),
    ("GetObjectTaggingOutput", "Tagging"),
    ("ListBucketsOutput", "ListAllMyBucketsResult"),
    ("ListMultipartUploadsOutput", "ListMultipartUploadsResult"),
    ("ListObjectVersionsOutput", "ListVersionsResult"),
    ("ListObjectsOutput", "ListBucketResult"),
    ("ListObjectsV2Output", "ListBucketResult"),
    ("ListPartsOutput", "ListPartsResult"),
];

/// The statuses of the sample responses that are not the model's.
const STATUSES: &[(&str, u16)] = &[("PutBucketPolicy", 204), ("PutBucketTagging", 204)];

/// Completes the model.
pub(crate) fn add(model: &mut Model) -> Result<()> {
    model.metadata.insert("xmlNamespace".to_owned(), json!({"uri": NAMESPACE}));
    for (shape, root) in ROOTS {
        let shape = model.shapes.get_mut(*shape).with_context(|| format!("no shape {shape}"))?;
        shape.traits.insert("locationName".to_owned(), (*root).into());
    }
    for (operation, status) in STATUSES {
        let traits = model.operations.get_mut(*operation);
        let http = traits.and_then(|traits| traits.get_mut("http")?.as_object_mut());
        let http = http.with_context(|| format!("no operation {operation}"))?;
        http.insert("responseCode".to_owned(), (*status).into());
    }
    let location = model.shapes.get_mut("GetBucketLocationOutput");
    let location = location.context("no shape GetBucketLocationOutput")?;
    location.traits.insert("unwrappedXml".to_owned(), Value::Bool(true));
    Ok(())
}
