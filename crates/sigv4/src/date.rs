use time::{Date, Month, OffsetDateTime, format_description::well_known::Rfc2822};
use types::Timestamp;

/// The time of a request in the form that is signed, `20130524T000000Z`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct AmzDate {
    text: [u8; 16],
    at: Timestamp,
}

impl AmzDate {
    pub(crate) fn of(at: Timestamp) -> Self {
        let time = at.to_time();
        let mut text = *b"00000000T000000Z";
        let fields = [
            (0, 4, u32::try_from(time.year()).unwrap_or(0)),
            (4, 2, u32::from(u8::from(time.month()))),
            (6, 2, u32::from(time.day())),
            (9, 2, u32::from(time.hour())),
            (11, 2, u32::from(time.minute())),
            (13, 2, u32::from(time.second())),
        ];
        for (start, width, mut value) in fields {
            for at in (start..start + width).rev() {
                text[at] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
        Self { text, at: Timestamp::from_secs(at.as_secs()) }
    }

    /// Reads the basic ISO 8601 form only, as `X-Amz-Date` requires.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: [u8; 16] = text.as_bytes().try_into().ok()?;
        if text[8] != b'T' || text[15] != b'Z' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            text[range].iter().try_fold(0_u16, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0'))
            })
        };
        let small = |range| number(range).map(|value| value as u8);
        let month = Month::try_from(small(4..6)?).ok()?;
        let date = Date::from_calendar_date(i32::from(number(0..4)?), month, small(6..8)?).ok()?;
        let time = date.with_hms(small(9..11)?, small(11..13)?, small(13..15)?).ok()?;
        let secs = u64::try_from(time.assume_utc().unix_timestamp()).ok()?;
        Some(Self { text, at: Timestamp::from_secs(secs) })
    }

    /// Reads what the `Date` header may hold: the basic ISO form or an HTTP date.
    pub(crate) fn parse_http(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let time = OffsetDateTime::parse(text, &Rfc2822).ok()?;
            let secs = u64::try_from(time.unix_timestamp()).ok()?;
            Some(Self::of(Timestamp::from_secs(secs)))
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The day, `20130524`, as a credential scope names it.
    pub(crate) fn day(&self) -> &str {
        &self.as_str()[..8]
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_back_what_it_writes() {
        let at = Timestamp::from_secs(1_369_353_600);
        assert_eq!(AmzDate::of(at).as_str(), "20130524T000000Z");
        assert_eq!(AmzDate::parse("20130524T000000Z"), Some(AmzDate::of(at)));
        assert_eq!(AmzDate::of(at).day(), "20130524");
    }

    #[test]
    fn an_http_date_is_the_same_instant() {
        let date = AmzDate::parse_http("Fri, 24 May 2013 00:00:00 GMT").unwrap();
        assert_eq!(date.as_str(), "20130524T000000Z");
    }

    #[test]
    fn texts_that_are_no_date_are_refused() {
        for bad in ["", "20130524", "2013-05-24T00:00:00Z", "20131324T000000Z", "20130524T0000xxZ"]
        {
            assert_eq!(AmzDate::parse(bad), None, "{bad}");
        }
        assert_eq!(AmzDate::parse_http("yesterday"), None);
    }
}
