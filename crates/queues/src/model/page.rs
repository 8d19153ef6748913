//! Pages of lists.

use crate::{Error, config};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// How many names a page holds.
pub(crate) fn page_size(wanted: Option<u32>) -> Result<usize, Error> {
    let size = wanted.unwrap_or(*config::LIST_RESULTS.end());
    if !config::LIST_RESULTS.contains(&size) {
        return Err(Error::InvalidParameterValue(format!(
            "Value {size} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000."
        )));
    }
    Ok(size as usize)
}

/// The token that continues behind `name`.
pub(crate) fn token(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// The name behind which a token continues.
pub(crate) fn read_token(token: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Error::InvalidParameterValue("Invalid or expired next token.".to_owned()))
}
