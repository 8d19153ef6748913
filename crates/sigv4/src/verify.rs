use crate::{
    BodyHash, Error, Kind, MAX_SKEW, PathStyle, Presented, SigningKey,
    canonical::{canonical_request, signature_is},
    encoding::has_escaped_slash,
};
use http::request::Parts;
use types::Timestamp;

impl Presented {
    /// Verifies the signature of the request that it was read from.
    ///
    /// `body` is what the body is known to be: [`BodyHash::of`] the bytes, or for S3, whose bodies
    /// are verified while they stream, [`Presented::s3_body`].
    ///
    /// # Errors
    /// The time, the signed headers, the declared body or the signature do not hold.
    pub fn verify(
        &self,
        key: &SigningKey,
        parts: &Parts,
        body: &BodyHash,
        now: Timestamp,
        style: PathStyle,
    ) -> Result<(), Error> {
        self.check_time(now)?;
        self.check_signed_headers(parts)?;
        if self.declared_body(parts)?.is_some_and(|declared| declared != *body) {
            return Err(Error::ContentSha256Mismatch);
        }
        let is_signed = |style| {
            let canonical = canonical_request(parts, &self.signed_headers, body, style);
            signature_is(&self.signature, key, &self.date, &self.scope, &canonical)
        };
        // Both texts are of the same request; which one was signed is the client's choice.
        let escaped = style == PathStyle::S3 && has_escaped_slash(parts.uri.path());
        match is_signed(style) || escaped && is_signed(PathStyle::S3Escaped) {
            true => Ok(()),
            false => Err(Error::Mismatch),
        }
    }

    /// Checks the time alone, so that an old request is refused before its key is derived.
    ///
    /// # Errors
    /// [`Error::Expired`], [`Error::NotYetCurrent`], [`Error::PresignedExpired`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), Error> {
        let signed = self.signed_at();
        if signed > now + MAX_SKEW {
            return Err(Error::NotYetCurrent { signed, now });
        }
        match self.kind {
            Kind::Header if signed + MAX_SKEW < now => Err(Error::Expired { signed, now }),
            Kind::Presigned { expires } if signed + expires < now => {
                Err(Error::PresignedExpired { until: signed + expires, now })
            }
            _ => Ok(()),
        }
    }

    /// `host` and all `x-amz-*` headers change what a request means: none may be left unsigned.
    fn check_signed_headers(&self, parts: &Parts) -> Result<(), Error> {
        let is_signed = |name: &str| self.signed_headers().any(|signed| signed == name);
        if !is_signed("host") {
            return Err(Error::UnsignedHost);
        }
        let unsigned = parts
            .headers
            .keys()
            .map(|name| name.as_str())
            .find(|name| name.starts_with("x-amz-") && !is_signed(name));
        match unsigned {
            Some(name) => Err(Error::UnsignedHeader { name: name.to_owned() }),
            None => Ok(()),
        }
    }
}
