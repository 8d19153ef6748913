//! Policy documents on their way in and out.

use crate::{Error, config};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{Document, DocumentKind};

/// Checks the text of an identity-based policy.
pub(crate) fn identity_policy(text: &str) -> Result<Document, Error> {
    Ok(Document::parse(text, DocumentKind::Identity)?)
}

/// Checks the text of a managed policy.
pub(crate) fn managed_policy(text: &str) -> Result<(), Error> {
    if identity_policy(text)?.size() > config::MANAGED_POLICY_CHARS {
        return Err(Error::quota("PolicySize", config::MANAGED_POLICY_CHARS));
    }
    Ok(())
}

/// Checks the text of a trust policy.
pub(crate) fn trust_policy(text: &str) -> Result<(), Error> {
    let document = Document::parse(text, DocumentKind::Trust)?;
    if document.size() > config::TRUST_POLICY_CHARS {
        return Err(Error::quota("ACLSizePerRole", config::TRUST_POLICY_CHARS));
    }
    Ok(())
}

/// RFC 3986: everything but the unreserved characters is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A document as IAM returns it.
pub(crate) fn url_encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}
