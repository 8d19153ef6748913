//! Which members of a bucket's properties are implemented.

use serde_json::{Map, Value};
use service::PropertyError;

/// Every path below a property. Lists are passed through.
const PATHS: [&str; 46] = [
    "AccessControl",
    "BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled",
    "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm",
    "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
    "CorsConfiguration.CorsRules.AllowedHeaders",
    "CorsConfiguration.CorsRules.AllowedMethods",
    "CorsConfiguration.CorsRules.AllowedOrigins",
    "CorsConfiguration.CorsRules.ExposedHeaders",
    "CorsConfiguration.CorsRules.Id",
    "CorsConfiguration.CorsRules.MaxAge",
    "LifecycleConfiguration.Rules.AbortIncompleteMultipartUpload.DaysAfterInitiation",
    "LifecycleConfiguration.Rules.ExpirationDate",
    "LifecycleConfiguration.Rules.ExpirationInDays",
    "LifecycleConfiguration.Rules.ExpiredObjectDeleteMarker",
    "LifecycleConfiguration.Rules.Id",
    "LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NewerNoncurrentVersions",
    "LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NoncurrentDays",
    "LifecycleConfiguration.Rules.NoncurrentVersionExpirationInDays",
    "LifecycleConfiguration.Rules.ObjectSizeGreaterThan",
    "LifecycleConfiguration.Rules.ObjectSizeLessThan",
    "LifecycleConfiguration.Rules.Prefix",
    "LifecycleConfiguration.Rules.Status",
    "LifecycleConfiguration.Rules.TagFilters.Key",
    "LifecycleConfiguration.Rules.TagFilters.Value",
    "NotificationConfiguration.LambdaConfigurations.Event",
    "NotificationConfiguration.LambdaConfigurations.Filter.S3Key.Rules.Name",
    "NotificationConfiguration.LambdaConfigurations.Filter.S3Key.Rules.Value",
    "NotificationConfiguration.LambdaConfigurations.Function",
    "NotificationConfiguration.QueueConfigurations.Event",
    "NotificationConfiguration.QueueConfigurations.Filter.S3Key.Rules.Name",
    "NotificationConfiguration.QueueConfigurations.Filter.S3Key.Rules.Value",
    "NotificationConfiguration.QueueConfigurations.Queue",
    "ObjectLockConfiguration.ObjectLockEnabled",
    "ObjectLockConfiguration.Rule.DefaultRetention.Days",
    "ObjectLockConfiguration.Rule.DefaultRetention.Mode",
    "ObjectLockConfiguration.Rule.DefaultRetention.Years",
    "ObjectLockEnabled",
    "OwnershipControls.Rules.ObjectOwnership",
    "PublicAccessBlockConfiguration.BlockPublicAcls",
    "PublicAccessBlockConfiguration.BlockPublicPolicy",
    "PublicAccessBlockConfiguration.IgnorePublicAcls",
    "PublicAccessBlockConfiguration.RestrictPublicBuckets",
    "Tags.Key",
    "Tags.Value",
    "VersioningConfiguration.Status",
    "BucketName",
];

/// Values that are refused wherever they stand, by the end of their path.
const VALUES: [(&str, &[&str]); 3] = [
    ("AccessControl", &["Private"]),
    ("ServerSideEncryptionByDefault.SSEAlgorithm", &["AES256", "aws:kms"]),
    // A key's ARN is read by the operation, which refuses others.
    ("Rules.ObjectOwnership", &["BucketOwnerEnforced"]),
];

/// Finds the first member that is not implemented, and the first value.
pub(crate) fn check(properties: &Map<String, Value>) -> Result<(), PropertyError> {
    properties.iter().try_for_each(|(name, value)| walk(name, value))
}

fn walk(path: &str, value: &Value) -> Result<(), PropertyError> {
    let is_known = PATHS.iter().any(|known| {
        let rest = known.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    let refuse = |what: &str| {
        Err(PropertyError {
            path: path.to_owned(),
            message: format!("Pileus does not support {what}."),
        })
    };
    match value {
        _ if !is_known => refuse("this property"),
        Value::Object(members) => {
            members.iter().try_for_each(|(name, value)| walk(&format!("{path}.{name}"), value))
        }
        Value::Array(items) => items.iter().try_for_each(|item| walk(path, item)),
        Value::String(text) => {
            let refused = VALUES
                .iter()
                .any(|(end, values)| path.ends_with(end) && !values.contains(&text.as_str()));
            if refused { refuse(&format!("the value {text}")) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(properties: &Value) -> Option<String> {
        check(properties.as_object().unwrap()).err().map(|error| error.path)
    }

    #[test]
    fn members_are_refused_by_their_path() {
        let topics =
            json!({"NotificationConfiguration": {"TopicConfigurations": [{"Topic": "t"}]}});
        let path = "NotificationConfiguration.TopicConfigurations";
        assert_eq!(refused(&topics).as_deref(), Some(path));
        let bridge = json!({"NotificationConfiguration": {"EventBridgeConfiguration": {}}});
        assert!(refused(&bridge).is_some());
        let kms = json!({"BucketEncryption": {"ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse"}}]}});
        assert!(refused(&kms).unwrap().ends_with("SSEAlgorithm"));
        let fine = json!({"BucketName": "a", "Tags": [{"Key": "a", "Value": "b"}],
            "NotificationConfiguration": {"QueueConfigurations": [{"Event": "e", "Queue": "q",
                "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": "x"}]}}}]}});
        assert_eq!(refused(&fine), None);
    }
}
