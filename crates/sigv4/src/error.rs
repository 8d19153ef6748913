use crate::{MAX_SKEW, date::AmzDate};
use types::Timestamp;

/// Why a request is not authentic. The text is the official one for services other than S3;
/// [`Error::message`] gives S3's own where it differs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The `Authorization` header lacks parameters; `missing` holds the official sentences.
    #[error("{missing}")]
    IncompleteHeader {
        /// One sentence for each missing parameter.
        missing: String,
    },
    /// A part of the `Authorization` header is no `name=value`, is unknown, or comes twice.
    #[error("'{part}' not a valid key=value pair (missing equal-sign) in Authorization header.")]
    MalformedHeader {
        /// The part, without any signature.
        part: String,
    },
    /// A presigned request lacks one of its six parameters or has one twice.
    #[error(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
         X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    )]
    IncompleteQuery,
    /// A presigned request of version 2 lacks one of its three parameters.
    #[error(
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
    )]
    IncompleteQueryV2,
    /// The end of a presigned request of version 2 is no number of seconds.
    #[error("Invalid date (should be seconds since epoch): {got}")]
    InvalidExpiresV2 {
        /// What was sent.
        got: String,
    },
    /// A form has a policy and lacks what signs it.
    #[error(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the \
         order of the fields."
    )]
    MissingField {
        /// The field.
        name: &'static str,
    },
    /// The credential is not `keyid/date/region/service/aws4_request`.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term, got '{got}'"
    )]
    InvalidCredential {
        /// What was sent.
        got: String,
    },
    /// Signature version 2, or version 4 with another algorithm.
    #[error(
        "The authorization mechanism you have provided is not supported. Please use \
         AWS4-HMAC-SHA256."
    )]
    UnsupportedAlgorithm,
    /// Signed both in the header and in the query.
    #[error(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
         query string parameter or the Authorization header should be specified"
    )]
    TwoMechanisms,
    /// `X-Amz-Expires` is not within 1 and 604,800 seconds.
    #[error("X-Amz-Expires must be a number of seconds from 1 to 604800, got '{got}'")]
    InvalidExpires {
        /// What was sent.
        got: String,
    },
    /// The time of the request cannot be read.
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{got}'. See \
         http://en.wikipedia.org/wiki/ISO_8601"
    )]
    InvalidDate {
        /// What was sent.
        got: String,
    },
    /// `SignedHeaders` is empty, not lower-case, not sorted, or names a header twice.
    #[error("SignedHeaders must be a sorted list of distinct lower-case header names.")]
    InvalidSignedHeaders,
    /// The day of the scope is another than the day of the request.
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
         HTTP: '{scope}' != '{day}', from '{date}'."
    )]
    ScopeDate {
        /// The day in the scope.
        scope: String,
        /// The day of the request.
        day: String,
        /// The time of the request.
        date: String,
    },
    /// Signed for another region.
    #[error("Credential should be scoped to a valid region.")]
    WrongRegion {
        /// The region of this installation.
        expected: String,
        /// The region in the scope.
        got: String,
        /// Whether the signature was in the query.
        presigned: bool,
    },
    /// Signed for another service.
    #[error("Credential should be scoped to correct service: '{expected}'.")]
    WrongService {
        /// The service that the request addresses.
        expected: String,
    },
    /// `host` is not among the signed headers.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    UnsignedHost,
    /// An `x-amz-*` header is present and not signed.
    #[error("There were headers present in the request which were not signed: {name}")]
    UnsignedHeader {
        /// The header.
        name: String,
    },
    /// The request is older than the allowed skew.
    #[error(
        "Signature expired: {} is now earlier than {} ({} - {} min.)",
        amz(*.signed), amz(*.now - MAX_SKEW), amz(*.now), MAX_SKEW.as_secs() / 60
    )]
    Expired {
        /// When it says it was signed.
        signed: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The request is further in the future than the allowed skew.
    #[error(
        "Signature not yet current: {} is still later than {} ({} + {} min.)",
        amz(*.signed), amz(*.now + MAX_SKEW), amz(*.now), MAX_SKEW.as_secs() / 60
    )]
    NotYetCurrent {
        /// When it says it was signed.
        signed: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// A presigned request is past its `X-Amz-Expires`.
    #[error("Signature expired: {} is now earlier than {}", amz(*.until), amz(*.now))]
    PresignedExpired {
        /// Until when it was valid.
        until: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The signature is wrong: another secret, or something signed was changed.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details."
    )]
    Mismatch,
    /// S3 requires `x-amz-content-sha256` on every request signed in its header.
    #[error("Missing required header for this request: x-amz-content-sha256")]
    MissingContentSha256,
    /// `x-amz-content-sha256` holds no known value.
    #[error(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
         STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a \
         valid sha256 value."
    )]
    InvalidContentSha256,
    /// The body is not the one whose hash was signed.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    ContentSha256Mismatch,
    /// An `aws-chunked` body without a readable `x-amz-decoded-content-length`.
    #[error("You must provide the Content-Length HTTP header.")]
    MissingDecodedLength,
    /// An `aws-chunked` body with fewer or more bytes than announced.
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    IncompleteBody,
    /// A chunk other than the last is smaller than [`crate::MIN_CHUNK_BYTES`].
    #[error("Only the last chunk is allowed to have a size less than 8192 bytes")]
    ChunkTooSmall,
    /// The chunks of a body are said to be signed, and the request is not.
    #[error("A body of signed chunks needs a signed request.")]
    MissingSignature,
    /// The framing of an `aws-chunked` body is broken.
    #[error("The aws-chunked body is not well-formed.")]
    MalformedChunk,
    /// The trailer is broken, too long, or holds a header that `x-amz-trailer` does not announce.
    #[error(
        "The request contained trailing data that was not well-formed or did not conform to our \
         published schema."
    )]
    MalformedTrailer,
    /// A request to be signed whose own URI or headers cannot hold a signature.
    #[error("The request cannot be signed: {0}")]
    Unsignable(&'static str),
}

/// The families of services, which name the same errors differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dialect {
    /// Query services: IAM, STS, SQS in its old protocol.
    #[default]
    Query,
    /// JSON 1.0 and 1.1 services: every refusal has status 400.
    Json,
    /// REST-JSON services: the codes of JSON, a wrong signature has status 403.
    RestJson,
    /// S3.
    S3,
}

impl Error {
    /// The official error code in a family of services.
    #[must_use]
    pub fn code(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::S3 => self.s3_code(),
            Dialect::Query if self.is_incomplete() => "IncompleteSignature",
            Dialect::Query => "SignatureDoesNotMatch",
            Dialect::Json | Dialect::RestJson if self.is_incomplete() => {
                "IncompleteSignatureException"
            }
            Dialect::Json | Dialect::RestJson => "InvalidSignatureException",
        }
    }

    /// The HTTP status in a family of services.
    #[must_use]
    pub fn status(&self, dialect: Dialect) -> u16 {
        match dialect {
            Dialect::Json => 400,
            Dialect::Query | Dialect::RestJson if self.is_incomplete() => 400,
            Dialect::Query | Dialect::RestJson => 403,
            Dialect::S3 => match self.s3_code() {
                "SignatureDoesNotMatch" | "RequestTimeTooSkewed" | "AccessDenied" => 403,
                "MissingContentLength" => 411,
                _ => 400,
            },
        }
    }

    /// The official text in a family of services.
    #[must_use]
    pub fn message(&self, dialect: Dialect) -> String {
        match (dialect, self) {
            (Dialect::S3, Self::Mismatch) => {
                "The request signature we calculated does not match the signature you provided. \
                 Check your key and signing method."
                    .to_owned()
            }
            (Dialect::S3, Self::Expired { .. } | Self::NotYetCurrent { .. }) => {
                "The difference between the request time and the current time is too large."
                    .to_owned()
            }
            (Dialect::S3, Self::WrongRegion { expected, got, presigned }) => {
                let what = match presigned {
                    true => "Error parsing the X-Amz-Credential parameter",
                    false => "The authorization header is malformed",
                };
                format!("{what}; the region '{got}' is wrong; expecting '{expected}'")
            }
            (Dialect::S3, Self::InvalidExpires { got }) => match got.parse::<i64>() {
                Ok(secs) if secs > 0 => {
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                     X-Amz-Expires must be less than 604800 seconds"
                }
                Ok(_) => "X-Amz-Expires must be non-negative",
                Err(_) => "X-Amz-Expires should be a number",
            }
            .to_owned(),
            (Dialect::S3, Self::PresignedExpired { .. }) => "Request has expired".to_owned(),
            _ => self.to_string(),
        }
    }

    /// Whether the signature could not even be read.
    fn is_incomplete(&self) -> bool {
        matches!(
            self,
            Self::IncompleteHeader { .. }
                | Self::MalformedHeader { .. }
                | Self::IncompleteQuery
                | Self::IncompleteQueryV2
                | Self::InvalidExpiresV2 { .. }
                | Self::MissingField { .. }
                | Self::InvalidCredential { .. }
                | Self::UnsupportedAlgorithm
                | Self::TwoMechanisms
                | Self::InvalidExpires { .. }
                | Self::InvalidDate { .. }
                | Self::InvalidSignedHeaders
        )
    }

    fn s3_code(&self) -> &'static str {
        match self {
            Self::IncompleteHeader { .. }
            | Self::MalformedHeader { .. }
            | Self::InvalidCredential { .. }
            | Self::InvalidSignedHeaders
            | Self::ScopeDate { .. }
            | Self::WrongRegion { presigned: false, .. }
            | Self::WrongService { .. } => "AuthorizationHeaderMalformed",
            Self::WrongRegion { presigned: true, .. }
            | Self::IncompleteQuery
            | Self::InvalidExpires { .. } => "AuthorizationQueryParametersError",
            Self::UnsupportedAlgorithm | Self::MissingContentSha256 | Self::MissingSignature => {
                "InvalidRequest"
            }
            Self::TwoMechanisms | Self::InvalidContentSha256 | Self::MissingField { .. } => {
                "InvalidArgument"
            }
            Self::InvalidDate { .. }
            | Self::IncompleteQueryV2
            | Self::InvalidExpiresV2 { .. }
            | Self::UnsignedHost
            | Self::UnsignedHeader { .. }
            | Self::PresignedExpired { .. } => "AccessDenied",
            Self::Expired { .. } | Self::NotYetCurrent { .. } => "RequestTimeTooSkewed",
            Self::Mismatch | Self::Unsignable(_) => "SignatureDoesNotMatch",
            Self::ContentSha256Mismatch => "XAmzContentSHA256Mismatch",
            Self::MissingDecodedLength => "MissingContentLength",
            Self::IncompleteBody | Self::MalformedChunk => "IncompleteBody",
            Self::ChunkTooSmall => "InvalidChunkSizeError",
            Self::MalformedTrailer => "MalformedTrailerError",
        }
    }
}

fn amz(at: Timestamp) -> String {
    AmzDate::of(at).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_signature_says_by_how_much() {
        let error = Error::Expired {
            signed: Timestamp::from_secs(1_369_353_600),
            now: Timestamp::from_secs(1_369_353_600 + 960),
        };
        assert_eq!(
            error.to_string(),
            "Signature expired: 20130524T000000Z is now earlier than 20130524T000100Z \
             (20130524T001600Z - 15 min.)"
        );
        assert_eq!(error.code(Dialect::S3), "RequestTimeTooSkewed");
        assert_eq!(error.code(Dialect::Json), "InvalidSignatureException");
    }

    #[test]
    fn each_family_names_a_wrong_signature_its_own_way() {
        let names = [
            (Dialect::Query, "SignatureDoesNotMatch", 403),
            (Dialect::Json, "InvalidSignatureException", 400),
            (Dialect::RestJson, "InvalidSignatureException", 403),
            (Dialect::S3, "SignatureDoesNotMatch", 403),
        ];
        for (dialect, code, status) in names {
            let error = Error::Mismatch;
            assert_eq!((error.code(dialect), error.status(dialect)), (code, status));
        }
        assert_eq!(Error::IncompleteQuery.code(Dialect::Query), "IncompleteSignature");
        assert_eq!(Error::IncompleteQuery.status(Dialect::Query), 400);
    }
}
