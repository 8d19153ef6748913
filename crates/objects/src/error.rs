use crate::config;
use service::{Constraint, Fault, Violation};

/// What buckets and objects answer instead of doing it. Codes, statuses and texts follow the
/// Amazon S3 API reference ("Error responses") and the replies that the service is known to give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No bucket of that name.
    #[error("The specified bucket does not exist")]
    NoSuchBucket(String),
    /// The caller has a bucket of that name.
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou(String),
    /// The bucket holds objects or versions.
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty(String),
    /// Not a name that a bucket can have.
    #[error("The specified bucket is not valid.")]
    InvalidBucketName(String),
    /// A location that this installation is not.
    #[error(
        "The {0} location constraint is incompatible for the region specific endpoint this request \
         was sent to."
    )]
    IllegalLocationConstraint(String),
    /// No object of that key.
    #[error("The specified key does not exist.")]
    NoSuchKey(String),
    /// No such version of an object.
    #[error("The specified version does not exist.")]
    NoSuchVersion {
        /// The object's key.
        key: String,
        /// The version's id.
        version: String,
    },
    /// The current version, or the one that was asked for, is a delete marker.
    #[error("The specified method is not allowed against this resource.")]
    MethodNotAllowed,
    /// The upload was completed or aborted, or never was.
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have \
         been aborted or completed."
    )]
    NoSuchUpload(String),
    /// The bucket has no configuration of that kind; code and text.
    #[error("{1}")]
    NoSuchConfiguration(&'static str, &'static str),
    /// An object's key is too long.
    #[error("Your key is too long")]
    KeyTooLong(usize),
    /// Too much user-defined metadata.
    #[error("Your metadata headers exceed the maximum allowed metadata size")]
    MetadataTooLarge(usize),
    /// More bytes than one upload can bring.
    #[error("Your proposed upload exceeds the maximum allowed size")]
    EntityTooLarge,
    /// More bytes than the policy of a form allows.
    #[error("Your proposed upload exceeds the maximum allowed size")]
    AboveLength {
        /// Bytes that came, at least.
        proposed: u64,
        /// Bytes that may.
        most: u64,
    },
    /// Fewer bytes than the policy of a form wants.
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    BelowLength {
        /// Bytes that came.
        proposed: u64,
        /// Bytes that must.
        least: u64,
    },
    /// The policy of a form does not allow it; the text says why.
    #[error("{0}")]
    PolicyRefused(String),
    /// The policy of a form that is none; the text says why.
    #[error("{0}")]
    InvalidPolicyDocument(String),
    /// A part that is not the last has too few bytes.
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall {
        /// Its number.
        part: u32,
        /// Its bytes.
        size: u64,
    },
    /// A part of the list is not there, or is another one.
    #[error(
        "One or more of the specified parts could not be found. The part may not have been \
         uploaded, or the specified entity tag may not match the part's entity tag."
    )]
    InvalidPart(u32),
    /// The list of parts does not ascend.
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    InvalidPartOrder,
    /// A part that the object does not have.
    #[error("The requested partnumber is not satisfiable")]
    InvalidPartNumber,
    /// A range that the object does not have.
    #[error("The requested range is not satisfiable")]
    InvalidRange {
        /// What was asked for.
        range: String,
        /// The bytes that there are.
        size: u64,
    },
    /// A condition of the request does not hold; which one.
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed(&'static str),
    /// The object is as the caller knows it.
    #[error("Not Modified")]
    NotModified,
    /// The body has another MD5 than `Content-MD5`.
    #[error("The Content-MD5 you specified did not match what we received.")]
    BadDigest,
    /// The body has another checksum than the request says.
    #[error("The {0} you specified did not match the calculated checksum.")]
    BadChecksum(&'static str),
    /// `Content-MD5` is no MD5.
    #[error("The Content-MD5 you specified is not valid.")]
    InvalidDigest,
    /// The body ended before its length.
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    IncompleteBody,
    /// A header or parameter that requests like this need.
    #[error("{0}")]
    MissingParameter(&'static str),
    /// A parameter's value is not allowed; the text says why.
    #[error("{0}")]
    InvalidArgument(String),
    /// The request makes no sense as a whole; the text says why.
    #[error("{0}")]
    InvalidRequest(String),
    /// A tag is not allowed; the text says why.
    #[error("{0}")]
    InvalidTag(String),
    /// The request asks for too much of something; the text says of what.
    #[error("{0}")]
    BadRequest(String),
    /// Versioning that is neither on nor suspended; the text says why.
    #[error("{0}")]
    IllegalVersioning(&'static str),
    /// A list met more than one request may look at.
    #[error("Please reduce your request rate.")]
    SlowDown,
    /// XML that says something impossible.
    #[error(
        "The XML you provided was not well-formed or did not validate against our published schema"
    )]
    MalformedXml,
    /// A bucket policy that is none; the text says why.
    #[error("{0}")]
    MalformedPolicy(String),
    /// The bucket's state does not allow it; the text says why.
    #[error("{0}")]
    InvalidBucketState(String),
    /// ACLs are off, as on every bucket of today.
    #[error("The bucket does not allow ACLs")]
    AccessControlListNotSupported,
    /// A request to set an ACL that says none.
    #[error("Your request was missing a required header")]
    MissingSecurityHeader,
    /// The bucket belongs to somebody else than the caller expects, or the caller may not see it.
    #[error("Access Denied")]
    AccessDenied,
    /// Object Lock keeps the version.
    #[error("Access Denied because object protected by object lock.")]
    Locked,
    /// The bucket blocks public access; the text says what of it.
    #[error("{0}")]
    PolicyBlocked(String),
    /// What Pileus does not do.
    #[error("Pileus does not support {0}.")]
    NotImplemented(String),
    /// A blob, or what is said of it.
    #[error("an object's bytes cannot be had: {0}")]
    Blob(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] kv::Error),
}

impl Error {
    /// The official code and its status.
    #[must_use]
    pub fn code(&self) -> (&'static str, u16) {
        match self {
            Self::NoSuchBucket(_) => ("NoSuchBucket", 404),
            Self::BucketAlreadyOwnedByYou(_) => ("BucketAlreadyOwnedByYou", 409),
            Self::BucketNotEmpty(_) => ("BucketNotEmpty", 409),
            Self::InvalidBucketName(_) => ("InvalidBucketName", 400),
            Self::IllegalLocationConstraint(_) => ("IllegalLocationConstraintException", 400),
            Self::NoSuchKey(_) => ("NoSuchKey", 404),
            Self::NoSuchVersion { .. } => ("NoSuchVersion", 404),
            Self::MethodNotAllowed => ("MethodNotAllowed", 405),
            Self::NoSuchUpload(_) => ("NoSuchUpload", 404),
            Self::NoSuchConfiguration(code, _) => (code, 404),
            Self::KeyTooLong(_) => ("KeyTooLongError", 400),
            Self::MetadataTooLarge(_) => ("MetadataTooLarge", 400),
            Self::EntityTooLarge | Self::AboveLength { .. } => ("EntityTooLarge", 400),
            Self::EntityTooSmall { .. } | Self::BelowLength { .. } => ("EntityTooSmall", 400),
            Self::PolicyRefused(_) => ("AccessDenied", 403),
            Self::InvalidPolicyDocument(_) => ("InvalidPolicyDocument", 400),
            Self::InvalidPart(_) => ("InvalidPart", 400),
            Self::InvalidPartOrder => ("InvalidPartOrder", 400),
            Self::InvalidPartNumber => ("InvalidPartNumber", 416),
            Self::InvalidRange { .. } => ("InvalidRange", 416),
            Self::PreconditionFailed(_) => ("PreconditionFailed", 412),
            Self::NotModified => ("NotModified", 304),
            Self::BadDigest | Self::BadChecksum(_) => ("BadDigest", 400),
            Self::InvalidDigest => ("InvalidDigest", 400),
            Self::IncompleteBody => ("IncompleteBody", 400),
            Self::InvalidArgument(_) => ("InvalidArgument", 400),
            Self::MissingParameter(_) | Self::InvalidRequest(_) => ("InvalidRequest", 400),
            Self::InvalidTag(_) => ("InvalidTag", 400),
            Self::BadRequest(_) => ("BadRequest", 400),
            Self::IllegalVersioning(_) => ("IllegalVersioningConfigurationException", 400),
            Self::SlowDown => ("SlowDown", 503),
            Self::MalformedXml => ("MalformedXML", 400),
            Self::MalformedPolicy(_) => ("MalformedPolicy", 400),
            Self::InvalidBucketState(_) => ("InvalidBucketState", 409),
            Self::MissingSecurityHeader => ("MissingSecurityHeader", 400),
            Self::AccessControlListNotSupported => ("AccessControlListNotSupported", 400),
            Self::AccessDenied | Self::Locked | Self::PolicyBlocked(_) => ("AccessDenied", 403),
            Self::NotImplemented(_) => ("NotImplemented", 501),
            Self::Blob(_) | Self::Store(_) => ("InternalError", 500),
        }
    }

    /// What the official error document says beside the message.
    fn details(&self, fault: Fault) -> Fault {
        match self {
            Self::NoSuchBucket(name)
            | Self::BucketAlreadyOwnedByYou(name)
            | Self::BucketNotEmpty(name)
            | Self::InvalidBucketName(name) => fault.member("BucketName", name.as_str()),
            Self::NoSuchKey(key) => fault.member("Key", key.as_str()),
            Self::NoSuchVersion { key, version } => {
                fault.member("Key", key.as_str()).member("VersionId", version.as_str())
            }
            Self::NoSuchUpload(id) => fault.member("UploadId", id.as_str()),
            Self::KeyTooLong(size) => fault
                .member("Size", size.to_string())
                .member("MaxSizeAllowed", config::KEY_BYTES.to_string()),
            Self::MetadataTooLarge(size) => fault
                .member("Size", size.to_string())
                .member("MaxSizeAllowed", config::METADATA_BYTES.to_string()),
            Self::EntityTooLarge => {
                fault.member("MaxSizeAllowed", config::UPLOAD_BYTES.to_string())
            }
            Self::AboveLength { proposed, most } => fault
                .member("ProposedSize", proposed.to_string())
                .member("MaxSizeAllowed", most.to_string()),
            Self::BelowLength { proposed, least } => fault
                .member("ProposedSize", proposed.to_string())
                .member("MinSizeAllowed", least.to_string()),
            Self::EntityTooSmall { part, size } => fault
                .member("PartNumber", part.to_string())
                .member("ProposedSize", size.to_string())
                .member("MinSizeAllowed", config::PART_BYTES.to_string()),
            Self::InvalidPart(part) => fault.member("PartNumber", part.to_string()),
            Self::InvalidRange { range, size } => fault
                .member("RangeRequested", range.as_str())
                .member("ActualObjectSize", size.to_string()),
            Self::MissingSecurityHeader => fault.member("MissingHeaderName", "x-amz-acl"),
            Self::PreconditionFailed(condition) => fault.member("Condition", *condition),
            _ => fault,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error.into(),
            Error::Blob(_) => Self::internal(error.to_string()),
            error => {
                let (code, status) = error.code();
                error.details(Self::sender(code, error.to_string()).status(status))
            }
        }
    }
}

/// What a blob's error means to the caller: nothing that they could mend.
pub(crate) fn of_blob(error: blob::Error) -> Error {
    match error {
        blob::Error::Store(error) => Error::Store(error),
        blob::Error::TooLarge => Error::EntityTooLarge,
        error => Error::Blob(error.to_string()),
    }
}

/// The answer to input that breaks its model's constraints. S3 has no common text for them: what
/// is missing or malformed in a document is bad XML, elsewhere a bad argument.
pub(crate) fn from_violations(violations: &[Violation]) -> Fault {
    let Some(first) = violations.first() else { return Fault::internal("no violation") };
    let in_document = first.path.contains('.');
    match &first.constraint {
        _ if in_document => Error::MalformedXml.into(),
        Constraint::Required => {
            Error::InvalidRequest(format!("Missing required parameter {}", first.member)).into()
        }
        _ => Error::InvalidArgument(first.text()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_the_official_code_status_and_members() {
        let fault = Fault::from(Error::NoSuchKey("a/b".to_owned()));
        assert_eq!((fault.code(), fault.http_status()), ("NoSuchKey", 404));
        assert_eq!(fault.message(), "The specified key does not exist.");
        assert_eq!(fault.members().unwrap()["Key"], "a/b");
    }

    #[test]
    fn a_conflict_in_the_store_stays_one() {
        assert!(Fault::from(Error::Store(kv::Error::Conflict)).is_retryable());
        assert!(!Fault::from(Error::Blob("gone".to_owned())).is_retryable());
    }
}
