use serde::{Deserialize, Serialize};
use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The given number of milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The given number of seconds after the epoch.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1000)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Seconds since the epoch with their fraction, as the JSON protocols write times.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The time from `earlier` to `self`, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// `2026-11-22T20:17:00.000Z`: ISO 8601 with milliseconds, in UTC.
    #[must_use]
    pub fn to_iso8601(self) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        self.to_time().format(&format).unwrap_or_default()
    }

    /// Reads ISO 8601 / RFC 3339, with any offset.
    #[must_use]
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// `Sun, 22 Nov 2026 20:17:00 GMT`: the date of HTTP headers (RFC 9110), in whole seconds.
    #[must_use]
    pub fn to_http_date(self) -> String {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(self.as_secs()))
    }

    /// Reads a date of HTTP headers in any of its three forms.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let time = httpdate::parse_http_date(text).ok()?;
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Self::from_secs(since.as_secs()))
    }

    /// The value for formatting in other ways.
    #[must_use]
    pub fn to_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_iso8601())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_and_parses_with_milliseconds() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(at.to_iso8601(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Timestamp::parse_iso8601("2023-11-14T23:13:20.123+01:00"), Some(at));
        assert_eq!(Timestamp::parse_iso8601("yesterday"), None);
    }

    #[test]
    fn a_time_prints_and_parses_as_http_headers_write_it() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(at.to_http_date(), "Tue, 14 Nov 2023 22:13:20 GMT");
        let read = Timestamp::parse_http_date("Tue, 14 Nov 2023 22:13:20 GMT");
        assert_eq!(read, Some(Timestamp::from_secs(1_700_000_000)));
        assert_eq!(Timestamp::parse_http_date("2023-11-14T22:13:20Z"), None);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let zero = Timestamp::from_millis(0);
        assert_eq!(zero - Duration::from_secs(1), zero);
        assert_eq!(zero.since(Timestamp::from_secs(5)), Duration::ZERO);
    }
}
