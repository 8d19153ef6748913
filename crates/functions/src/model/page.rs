//! Markers of pages: the last key of the page before, in base64.

use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The first `limit` of what was found, and the marker of its last one if there is more: the text by
/// which the next page begins behind it.
pub(crate) fn page<T>(
    found: &[T],
    limit: usize,
    mark: impl Fn(&T) -> String,
) -> (&[T], Option<String>) {
    let page = &found[..found.len().min(limit)];
    let last = page.last().filter(|_| found.len() > limit);
    (page, last.map(|last| URL_SAFE_NO_PAD.encode(mark(last))))
}

pub(crate) fn read_marker(marker: Option<&str>) -> Result<Option<String>, Error> {
    let Some(marker) = marker else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(|| Error::InvalidParameterValue("Invalid Marker".to_owned()))
}
