//! Which bytes of an object a read wants.

use crate::Error;
use std::ops::Range;

/// Reads a `Range` header. What is no single range of bytes is as none, as HTTP says.
pub(crate) fn parse(header: &str, size: u64) -> Result<Option<Range<u64>>, Error> {
    let Some((first, last)) =
        header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Ok(None);
    };
    let number = |text: &str| match text {
        "" => Some(None),
        text if text.bytes().all(|b| b.is_ascii_digit()) => Some(Some(text.parse().ok()?)),
        _ => None,
    };
    let (Some(first), Some(last)) = (number(first.trim()), number(last.trim())) else {
        return Ok(None);
    };
    let range: Range<u64> = match (first, last) {
        (None, None) => return Ok(None),
        (None, Some(suffix)) => size.saturating_sub(suffix)..size,
        (Some(first), None) => first..size,
        (Some(first), Some(last)) if first > last => return Ok(None),
        (Some(first), Some(last)) => first..size.min(u64::saturating_add(last, 1)),
    };
    match range.is_empty() {
        false => Ok(Some(range)),
        true => Err(Error::InvalidRange { range: header.to_owned(), size }),
    }
}

/// Reads the range of a copied part, which must be exact.
pub(crate) fn parse_exact(header: &str, size: u64) -> Result<Range<u64>, Error> {
    let range = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let range = range.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    let malformed = "The x-amz-copy-source-range value must be of the form bytes=first-last where \
                     first and last are the zero-based offsets of the first and last bytes to copy";
    match range {
        Some((first, last)) if first <= last && last < size => Ok(first..last + 1),
        Some((first, last)) if first <= last => Err(Error::InvalidArgument(format!(
            "Range specified is not valid for source object of size: {size}"
        ))),
        _ => Err(Error::InvalidArgument(malformed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_writes_them() {
        let of = |header| parse(header, 10).unwrap();
        assert_eq!(of("bytes=2-4"), Some(2..5));
        assert_eq!(of("bytes=8-"), Some(8..10));
        assert_eq!(of("bytes=8-99"), Some(8..10));
        assert_eq!(of("bytes=-3"), Some(7..10));
        assert_eq!(of("bytes=-30"), Some(0..10));
        for ignored in ["bytes=4-2", "bytes=0-1,4-5", "bytes=a-b", "lines=1-2", "bytes=-"] {
            assert_eq!(of(ignored), None, "{ignored}");
        }
    }

    #[test]
    fn a_range_without_a_byte_cannot_be_satisfied() {
        assert!(parse("bytes=10-", 10).is_err());
        assert!(parse("bytes=-0", 10).is_err());
        assert!(parse("bytes=0-", 0).is_err());
    }

    #[test]
    fn the_range_of_a_copy_lies_within_its_source() {
        assert_eq!(parse_exact("bytes=0-9", 10).unwrap(), 0..10);
        assert!(parse_exact("bytes=0-10", 10).is_err());
        assert!(parse_exact("bytes=5-", 10).is_err());
    }
}
