//! Markers of pages: the last key of the page before, in base64.

use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub(crate) fn write_marker(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

pub(crate) fn read_marker(marker: Option<&str>) -> Result<Option<String>, Error> {
    let Some(marker) = marker else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(|| Error::InvalidParameterValue("Invalid Marker".to_owned()))
}
