use crate::{BodyHash, Error, date::AmzDate, scope::Scope};
use http::{HeaderName, request::Parts};
use std::time::Duration;
use types::{Secret, Timestamp};

/// A signature as a client presented it: read, and not yet verified.
#[derive(Clone, Debug)]
pub struct Presented {
    pub(crate) access_key_id: String,
    pub(crate) scope: Scope,
    pub(crate) date: AmzDate,
    pub(crate) signed_headers: String,
    pub(crate) signature: [u8; 32],
    pub(crate) token: Option<Secret>,
    pub(crate) kind: Kind,
    /// `X-Amz-Content-Sha256` as a query parameter.
    pub(crate) query_body: Option<BodyHash>,
}

/// Where the signature was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// In the `Authorization` header.
    Header,
    /// In the query string, valid for a time of its own.
    Presigned {
        /// How long after its date the request is valid.
        expires: Duration,
    },
}

impl Presented {
    /// Who claims to have signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The day of the scope, `YYYYMMDD`.
    #[must_use]
    pub fn date(&self) -> &str {
        self.scope.day()
    }

    /// The region of the scope.
    #[must_use]
    pub fn region(&self) -> &str {
        self.scope.region()
    }

    /// The signing name of the service: `sqs`, `s3`, `execute-api`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.scope.service()
    }

    /// Day, region, service and the ending: what a signing key is derived for.
    #[must_use]
    pub fn scope(&self) -> &str {
        self.scope.as_str()
    }

    /// When the client says that it signed, in whole seconds.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        self.date.at()
    }

    /// The names of the signed headers, sorted.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// The session token of temporary credentials. It is verified as part of the request; whether
    /// it belongs to the access key is for the caller to check.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Header or presigned.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The body hash that the request declares in `x-amz-content-sha256`, if it does.
    ///
    /// # Errors
    /// [`Error::InvalidContentSha256`].
    pub fn declared_body(&self, parts: &Parts) -> Result<Option<BodyHash>, Error> {
        match parts.headers.get(&CONTENT_SHA256) {
            Some(value) => BodyHash::parse(value.as_bytes()).map(Some),
            None => Ok(self.query_body),
        }
    }

    /// The body hash to verify an S3 request with before its body is read: the declared one; for
    /// presigned requests without one [`BodyHash::Unsigned`]. Check the body itself afterwards with
    /// [`BodyHash::check`] or [`crate::ChunkDecoder`].
    ///
    /// # Errors
    /// [`Error::InvalidContentSha256`], [`Error::MissingContentSha256`].
    pub fn s3_body(&self, parts: &Parts) -> Result<BodyHash, Error> {
        match (self.declared_body(parts)?, self.kind) {
            (Some(declared), _) => Ok(declared),
            (None, Kind::Presigned { .. }) => Ok(BodyHash::Unsigned),
            (None, Kind::Header) => Err(Error::MissingContentSha256),
        }
    }

    /// Checks that the request was signed for this region and service.
    ///
    /// # Errors
    /// [`Error::WrongRegion`], [`Error::WrongService`].
    pub fn check_scope(&self, region: &str, service: &str) -> Result<(), Error> {
        if self.region() != region {
            Err(Error::WrongRegion {
                expected: region.to_owned(),
                got: self.region().to_owned(),
                presigned: matches!(self.kind, Kind::Presigned { .. }),
            })
        } else if self.service() != service {
            Err(Error::WrongService { expected: service.to_owned() })
        } else {
            Ok(())
        }
    }
}

pub(crate) static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
pub(crate) static AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(crate) static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
