use crate::Error;

pub(crate) const TERMINATOR: &str = "aws4_request";

/// The scope of a key: `20130524/us-east-1/s3/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    text: String,
    region_end: usize,
}

const DAY: usize = 8;

impl Scope {
    pub(crate) fn new(day: &str, region: &str, service: &str) -> Self {
        Self {
            text: format!("{day}/{region}/{service}/{TERMINATOR}"),
            region_end: DAY + 1 + region.len(),
        }
    }

    /// Splits `keyid/date/region/service/aws4_request` into the key id and the scope.
    pub(crate) fn parse_credential(credential: &str) -> Result<(&str, Self), Error> {
        let refuse = || Error::InvalidCredential { got: credential.to_owned() };
        let mut parts = credential.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(refuse);
        let (key_id, day, region, service, term) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() || term != TERMINATOR {
            return Err(refuse());
        }
        if day.len() != DAY || !day.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let text = credential[key_id.len() + 1..].to_owned();
        let region_end = DAY + 1 + region.len();
        debug_assert_eq!(text[region_end..].len(), service.len() + TERMINATOR.len() + 2);
        Ok((key_id, Self { text, region_end }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn day(&self) -> &str {
        &self.text[..DAY]
    }

    pub(crate) fn region(&self) -> &str {
        &self.text[DAY + 1..self.region_end]
    }

    pub(crate) fn service(&self) -> &str {
        &self.text[self.region_end + 1..self.text.len() - TERMINATOR.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_splits_into_key_and_scope() {
        let (key, scope) =
            Scope::parse_credential("AKID/20130524/us-east-1/s3/aws4_request").unwrap();
        assert_eq!(key, "AKID");
        assert_eq!((scope.day(), scope.region(), scope.service()), ("20130524", "us-east-1", "s3"));
        assert_eq!(scope.as_str(), "20130524/us-east-1/s3/aws4_request");
    }

    #[test]
    fn a_credential_has_exactly_five_elements() {
        for bad in [
            "",
            "AKID",
            "AKID/20130524/us-east-1/s3",
            "AKID/20130524/us-east-1/s3/aws4_request/x",
            "AKID/20130524/us-east-1/s3/other",
            "AKID/2013052x/us-east-1/s3/aws4_request",
            "/20130524/us-east-1/s3/aws4_request",
            "AKID/20130524//s3/aws4_request",
        ] {
            assert!(Scope::parse_credential(bad).is_err(), "{bad}");
        }
    }
}
