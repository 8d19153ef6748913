//! A form that a browser posts, as what it says of the new object ("POST Object").

use super::{Algorithm, ChecksumMembers, NewObject, PostPolicy, Tagging};
use crate::Error;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The members: the fields by their names in lower case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct PostForm {
    pub(crate) bucket: String,
    fields: BTreeMap<String, String>,
    file_name: Option<String>,
    /// The field `tagging`, which is a document of its own.
    tagging: Option<Tagging>,
}

/// Fields that are members of a new object, by both names.
const MEMBERS: [(&str, &str); 15] = [
    ("acl", "ACL"),
    ("cache-control", "CacheControl"),
    ("content-disposition", "ContentDisposition"),
    ("content-encoding", "ContentEncoding"),
    ("content-type", "ContentType"),
    ("expires", "Expires"),
    ("x-amz-checksum-algorithm", "ChecksumAlgorithm"),
    ("x-amz-grant-full-control", "GrantFullControl"),
    ("x-amz-grant-read", "GrantRead"),
    ("x-amz-grant-read-acp", "GrantReadACP"),
    ("x-amz-grant-write-acp", "GrantWriteACP"),
    ("x-amz-object-lock-legal-hold", "ObjectLockLegalHoldStatus"),
    ("x-amz-object-lock-mode", "ObjectLockMode"),
    ("x-amz-server-side-encryption", "ServerSideEncryption"),
    ("x-amz-storage-class", "StorageClass"),
];
/// Fields that say something else than what the object is like.
const OTHERS: [&str; 6] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-object-lock-retain-until-date",
    "x-amz-security-token",
    "x-amz-signature",
];
/// The field that is a member as the document that it holds.
const TAGGING: &str = "tagging";
const METADATA: &str = "x-amz-meta-";
/// What stands in a key for the name of the file.
const FILE_NAME: &str = "${filename}";

impl PostForm {
    /// The text of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The object's key, with the name of the file where the form says so. Browsers of former days
    /// sent whole paths.
    pub(crate) fn key(&self) -> Result<String, Error> {
        let key = self.field("key").filter(|key| !key.is_empty()).ok_or_else(|| {
            let text = "Bucket POST must contain a field named 'key'.  If it is specified, please \
                        check the order of the fields.";
            Error::InvalidArgument(text.to_owned())
        })?;
        let name = self.file_name.as_deref().unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        Ok(key.replace(FILE_NAME, name))
    }

    /// The policy, if the form has one. Dispatch has verified who signed it.
    pub(crate) fn policy(&self) -> Result<Option<PostPolicy>, Error> {
        self.field("policy").map(PostPolicy::read).transpose()
    }

    /// The fields as a policy sees them.
    pub(crate) fn seen(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut fields = self.fields.clone();
        fields.insert("key".to_owned(), self.key()?);
        Ok(fields)
    }

    /// What the fields say of the object.
    pub(crate) fn object(&self) -> Result<NewObject, Error> {
        let (mut members, mut metadata) = (Map::new(), Map::new());
        for (name, text) in &self.fields {
            let value = Value::String(text.clone());
            if let Some((_, member)) = MEMBERS.iter().find(|(field, _)| field == name) {
                members.insert((*member).to_owned(), value);
            } else if let Some(name) = name.strip_prefix(METADATA) {
                metadata.insert(name.to_owned(), value);
            } else if let (TAGGING, Some(tagging)) = (name.as_str(), &self.tagging) {
                members.insert("Tagging".to_owned(), Value::String(tagging.to_header()));
            } else if name == TAGGING
                || name.starts_with("x-amz-")
                    && !OTHERS.contains(&name.as_str())
                    && !Algorithm::ALL.iter().any(|one| one.header() == name)
            {
                return Err(Error::NotImplemented(format!("the form field {name}")));
            }
        }
        members.insert("Metadata".to_owned(), Value::Object(metadata));
        let until = self.field("x-amz-object-lock-retain-until-date");
        if let Some(until) = until {
            let at = types::Timestamp::parse_iso8601(until);
            let at = at.map_or_else(|| until.into(), |at| Value::from(at.as_secs_f64()));
            members.insert("ObjectLockRetainUntilDate".to_owned(), at);
        }
        let object: NewObject = serde_json::from_value(Value::Object(members))
            .map_err(|error| Error::InvalidArgument(error.to_string()))?;
        Ok(object)
    }

    /// The checksum that the file must have.
    pub(crate) fn checksums(&self) -> ChecksumMembers {
        let mut members = ChecksumMembers::default();
        for algorithm in Algorithm::ALL {
            *members.member(algorithm) = self.field(algorithm.header()).map(str::to_owned);
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(fields: Value) -> PostForm {
        let members = json!({"Bucket": "b", "Fields": fields, "FileName": "C:\\a b.jpg"});
        serde_json::from_value(members).unwrap()
    }

    #[test]
    fn a_key_may_have_the_name_of_the_file() {
        assert_eq!(form(json!({"key": "u/${filename}"})).key().unwrap(), "u/a b.jpg");
        assert_eq!(form(json!({"key": "u"})).key().unwrap(), "u");
        assert!(form(json!({})).key().is_err());
    }

    #[test]
    fn a_field_that_means_something_unknown_is_refused() {
        let fields = json!({"key": "a", "submit": "Go", "x-amz-meta-A": "1"});
        assert!(form(fields).object().is_ok());
        let redirect = json!({"x-amz-website-redirect-location": "/"});
        assert!(matches!(form(redirect).object(), Err(Error::NotImplemented(_))));
    }
}
